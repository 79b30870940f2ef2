"""The one schema: every table, its columns and their types in each language that reads them.

The handler writes it, Glue declares it, DuckDB declares it, the README prints it; none of them
infers anything. Timestamps are naive, UTC and whole milliseconds: Polars' zoned type becomes
another type in DuckDB, and Trino's hive reader cuts to milliseconds.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Literal

STATUSES = ("pending", "confirmed", "shipped", "cancelled")
"""The statuses an order can have, as they are written to the tables."""

INPUT_COLUMNS = ("OrderID", "Customer", "Amount", "Status", "OrderDate")
"""The columns an export must have, by name, in any order; others are ignored and reported."""


class Type(Enum):
    """A column type, with its name in the hive catalog (Glue, Athena) and in DuckDB."""

    TEXT = ("string", "VARCHAR")
    DECIMAL = ("decimal(18,2)", "DECIMAL(18,2)")
    DATE = ("date", "DATE")
    BIGINT = ("bigint", "BIGINT")
    TIMESTAMP = ("timestamp", "TIMESTAMP")
    BINARY = ("binary", "BLOB")
    COUNTS = ("map<string,bigint>", "MAP(VARCHAR, BIGINT)")

    def __init__(self, hive: str, duckdb: str) -> None:
        self.hive = hive
        self.duckdb = duckdb


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    name: str
    type: Type
    description: str


@dataclass(frozen=True)
class Table:
    """A table of the lake: its name is the prefix its objects lie under, and the name SQL says."""

    name: str
    form: Literal["parquet", "json"]
    columns: tuple[Column, ...]
    description: str

    @property
    def prefix(self) -> str:
        """Where the table's objects lie, with the closing slash."""
        return f"{self.name}/"


_WHERE_FROM = (
    Column("source_key", Type.TEXT, "key of the raw file the line came from, under raw/"),
    Column("source_version", Type.TEXT, "version of that raw file"),
    Column("source_line", Type.BIGINT, "physical line in that file; the header is line 1"),
)
_RECEIVED = Column("received_at", Type.TIMESTAMP, "when the file was exported or uploaded, UTC")

ORDER_COLUMNS = (
    Column("order_id", Type.TEXT, "the order's id, as text"),
    Column("customer", Type.TEXT, "the customer, as written"),
    Column("amount", Type.DECIMAL, "the order's value; negative for a refund"),
    Column("status", Type.TEXT, f"one of {', '.join(STATUSES)}"),
    Column("order_date", Type.DATE, "the day of the order"),
    *_WHERE_FROM,
    _RECEIVED,
)

PROCESSED = Table("processed", "parquet", ORDER_COLUMNS, "versions of orders that were kept")
DROPPED = Table("dropped", "parquet", ORDER_COLUMNS, "versions of orders that the rule dropped")
QUARANTINE = Table(
    "quarantine",
    "parquet",
    (
        *_WHERE_FROM,
        Column("raw", Type.BINARY, "the exact bytes of that line; null for a rejected file"),
        Column("reason", Type.TEXT, "why the line, or the whole file, could not be taken"),
        _RECEIVED,
    ),
    "lines and files that could not be taken, as they came",
)
INGESTS = Table(
    "ingests",
    "json",
    (
        Column("source_key", Type.TEXT, "key of the raw file, under raw/"),
        Column("source_version", Type.TEXT, "version of that raw file"),
        Column("status", Type.TEXT, "committed, rejected, superseded or withdrawn"),
        _RECEIVED,
        Column("started_at", Type.TIMESTAMP, "when the work on it began, UTC"),
        Column("finished_at", Type.TIMESTAMP, "when it ended, UTC; missing while it is not done"),
        Column("size_bytes", Type.BIGINT, "size of the raw file in bytes"),
        Column("rows_in", Type.BIGINT, "lines after the header, without blank and header lines"),
        Column("kept", Type.BIGINT, "rows now in processed"),
        Column("dropped", Type.BIGINT, "rows now in dropped"),
        Column("quarantined", Type.BIGINT, "rows now in quarantine"),
        Column("repairs", Type.COUNTS, "what was mended or noticed on the way, counted"),
        Column("reason", Type.TEXT, "why the file was rejected"),
        Column("fingerprint", Type.TEXT, "the settings and schema it was read under"),
    ),
    "what came in, and what became of it: one record per raw version",
)
TABLES = (PROCESSED, DROPPED, QUARANTINE, INGESTS)
