"""Orders made up for the tests, and a lake's Parquet files written from them."""

import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars

from lake import names
from lake.schema import DROPPED, PROCESSED, STATUSES, Table
from tests.reference import Version

CUSTOMERS = ("Alice", "Bob", "O'Hara", 'Ann "The" Other', "Łukasz", "漢字", "a;b--c", " ", None)

FORMS = {
    "order_id": polars.String,
    "customer": polars.String,
    "amount": polars.Decimal(18, 2),
    "status": polars.String,
    "order_date": polars.Date,
    "source_key": polars.String,
    "source_version": polars.String,
    "source_line": polars.Int64,
    "received_at": polars.Datetime("ms"),
    "raw": polars.Binary,
    "reason": polars.String,
}


def versions(seed: int, orders: int = 400, files: int = 6) -> list[Version]:
    """Make versions of orders, some of them in many files.

    Among them: refunds, averages that end in half a cent, missing values, mistyped dates far
    ahead, files received in one second, an order twice in a file, and the two versions that a
    reader finds between a writer's two writes: one place, once kept and once dropped.
    """
    chance = random.Random(seed)
    made: dict[tuple[str, str, int, bool], Version] = {}
    for file in range(files):
        # files of one second, and files whose names are not in the order of their times
        received = datetime(2025, 3, 1) + timedelta(days=30 * (file // 2), milliseconds=file % 2)
        if file % 3 == 0:
            received = datetime(2025, 4, 30)
        key = f"raw/export {files - file}.csv"
        for line in range(2, orders // 2):
            version = _version(chance, orders, key, line, received)
            made[version.order_id, key, line, version.kept] = version
            if chance.random() < 0.02:
                other = _version(chance, orders, key, line, received, version.order_id)
                made[other.order_id, key, line, other.kept] = other
    return list(made.values())


def _version(
    chance: random.Random,
    orders: int,
    key: str,
    line: int,
    received: datetime,
    order_id: str | None = None,
) -> Version:
    number = chance.randrange(orders)
    day = date(2024, 11, 1) + timedelta(days=chance.randrange(180))
    return Version(
        order_id=order_id or f"O{number:05}",
        customer=chance.choice(CUSTOMERS),
        amount=_maybe(chance, Decimal(chance.randrange(-5_000, 100_000)).scaleb(-2)),
        status=_maybe(chance, chance.choice(STATUSES)),
        order_date=_maybe(chance, day if chance.random() > 0.02 else date(2205, 1, 31)),
        source_key=key,
        source_line=line,
        received_at=received,
        kept=chance.random() > 0.2,
    )


def _maybe(chance, value):
    return value if chance.random() > 0.03 else None


def write(root: Path, rows: Iterable[Version]) -> None:
    """Write versions as the handler does: a file of each table for each raw key that has rows."""
    files: dict[tuple[Table, str], list[Version]] = defaultdict(list)
    for row in rows:
        files[PROCESSED if row.kept else DROPPED, row.source_key].append(row)
    for (table, key), some in files.items():
        write_file(root / names.output(table, key), table, some)


def write_file(path: Path, table: Table, rows: Iterable[Version]) -> None:
    """Write one Parquet file of a table, whole or not at all."""
    values = [[getattr(row, column.name, "version") for column in table.columns] for row in rows]
    frame = polars.DataFrame(
        values, schema={column.name: FORMS[column.name] for column in table.columns}, orient="row"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_name(".being-written")
    frame.write_parquet(written, compression="zstd")
    written.replace(path)
