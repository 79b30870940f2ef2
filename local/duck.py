"""DuckDB over a folder lake: what answers SQL on a laptop.

DuckDB may read the lake's folder and write nothing but its temporary files; nothing can be
attached, installed or set. Panels find the tables of the lake under their bare names, and `latest`
as a table in memory.
"""

import glob
import secrets
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import duckdb

from lake.store import Store, StoreError
from local import tables
from local.interrupts import Closed, Interrupts
from local.kept import Cancelled, Kept
from queries.literal import literal
from web.engine import (
    ROW_LIMIT,
    Answer,
    Column,
    ColumnType,
    EngineError,
    Stats,
    Value,
    Watch,
)

MEMORY_LIMIT = "2GB"
"""What DuckDB keeps in memory before it uses the disk: two million orders take about a third."""

_WRONG_SQL = (
    duckdb.ProgrammingError,
    duckdb.DataError,
    duckdb.NotSupportedError,
)
"""What DuckDB raises about the text or the values of a query, not about files or memory."""

_TYPES: dict[str, ColumnType] = {
    "varchar": "text",
    "enum": "text",
    **dict.fromkeys(
        (
            *("tinyint", "smallint", "integer", "bigint", "hugeint"),
            *("utinyint", "usmallint", "uinteger", "ubigint", "uhugeint"),
        ),
        "integer",
    ),
    "decimal": "decimal",
    "float": "double",
    "double": "double",
    "date": "date",
    **dict.fromkeys(("timestamp", "timestamp_s", "timestamp_ms", "timestamp_ns"), "timestamp"),
}


class DuckEngine:
    """The engine over the folder lake `root`. Safe to use from several threads."""

    name = "DuckDB"
    latest: Literal["cte", "table"] = "table"

    def __init__(self, root: Path, store: Store) -> None:
        self._connection = _open(root.resolve())
        self._connecting = threading.Lock()
        self._interrupts = Interrupts()
        self._kept = Kept(self._connection, self._interrupts, root.resolve(), store)

    def run(self, sql: str, binds: Sequence[Value], watch: Watch) -> Answer:
        """Run one SELECT on the lake as it is now, or newer. Raises EngineError."""
        started = time.monotonic()
        self.refresh(watch.cancel)
        began = time.monotonic()
        try:
            with self._connecting:
                cursor = self._connection.cursor()
            with cursor, self._interrupts.watching(watch.cancel, cursor):
                columns, rows = _select(cursor, sql, binds)
        except Closed:
            raise _closed() from None
        except duckdb.Error as error:
            raise _translated(error, watch.cancel) from error
        if watch.cancel.is_set():
            raise _cancelled()
        ended = time.monotonic()
        return Answer(
            columns,
            rows[:ROW_LIMIT],
            Stats(queued_ms=round((began - started) * 1000), run_ms=round((ended - began) * 1000)),
            truncated=len(rows) > ROW_LIMIT,
        )

    def refresh(self, cancel: threading.Event | None = None) -> None:
        """Bring `latest` up to date with the lake, as every run does first. Raises EngineError."""
        cancel = cancel or threading.Event()
        try:
            self._kept.refresh(cancel)
        except Cancelled:
            raise _cancelled() from None
        except Closed:
            raise _closed() from None
        except tables.WrongForm as error:
            raise EngineError("failed", str(error)) from error
        except (StoreError, OSError) as error:
            raise EngineError("away", f"The lake cannot be read: {error}") from error
        except duckdb.Error as error:
            raise EngineError("failed", f"The lake's files cannot be read: {error}") from error

    def close(self) -> None:
        """Stop what runs and free the memory."""
        self._kept.close()
        self._interrupts.close()
        self._connection.close()


def _open(root: Path) -> duckdb.DuckDBPyConnection:
    """Open a database in memory that reads this folder only. What is set here stays set."""
    connection = duckdb.connect(":memory:")
    temporary = root / "tmp" / f"duckdb-{secrets.token_hex(4)}"
    # a pattern is held against the list too, as it is written
    readable = {str(root), glob.escape(str(root))}
    for setting, value in (
        ("memory_limit", literal(MEMORY_LIMIT)),
        ("temp_directory", literal(str(temporary))),
        ("TimeZone", "'UTC'"),
        ("allowed_directories", f"[{', '.join(map(literal, readable))}]"),
        ("autoinstall_known_extensions", "false"),
        ("autoload_known_extensions", "false"),
        ("allow_community_extensions", "false"),
        ("python_enable_replacements", "false"),
        ("enable_external_access", "false"),
    ):
        connection.execute(f"SET GLOBAL {setting} = {value}")
    tables.create_views(connection, root)
    connection.execute("SET GLOBAL lock_configuration = true")
    return connection


def _select(
    cursor: duckdb.DuckDBPyConnection, sql: str, binds: Sequence[Value]
) -> tuple[tuple[Column, ...], list[tuple[Value, ...]]]:
    """Run one SELECT; return its columns and at most one row more than an answer may have."""
    # DuckDB runs several statements in one go, and others than SELECT
    statements = cursor.extract_statements(sql)
    if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
        raise EngineError("query", "A query is one SELECT.")
    cursor.execute(statements[0], list(binds))
    columns = tuple(Column(name, _type(name, kind.id)) for name, kind, *_ in cursor.description)
    return columns, cursor.fetchmany(ROW_LIMIT + 1)


def _type(column: str, duckdb_type: str) -> ColumnType:
    found = _TYPES.get(duckdb_type)
    if found is None:
        raise EngineError(
            "query",
            f"The column {column} is of type {duckdb_type}; an answer holds text, integer, "
            "decimal, double, date and timestamp: CAST it to one of them.",
        )
    return found


def _translated(error: duckdb.Error, cancel: threading.Event) -> EngineError:
    if cancel.is_set() or isinstance(error, duckdb.InterruptException):
        return _cancelled()
    if isinstance(error, duckdb.ConnectionException):
        return _closed()
    return EngineError("query" if isinstance(error, _WRONG_SQL) else "failed", str(error).strip())


def _closed() -> EngineError:
    return EngineError("away", "DuckDB is closed.")


def _cancelled() -> EngineError:
    return EngineError("cancelled", "The query was cancelled.")
