"""Kill ingests at random moments; after each, one look must bring the lake to a whole version.

Every round drops another version of one file into raw/ and kills the process that ingests it,
somewhere between its start and a little after its usual end. A reader who looks between the kill
and the next look must see whole files; after that look the balance must hold, the outputs must be
exactly the newest version's, and nothing else may lie in the tables.

usage: python -m benchmarks.kills [KILLS]
"""

import random
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import polars as pl

from lake import names
from lake.ledger import Ledger
from lake.schema import DROPPED, PROCESSED
from local.pipeline import Pipeline

KILLS = 200
ROWS = 20_000
"""Enough that reading and writing take their share of the process's time."""

KEY = "raw/orders.csv"
FIRST = datetime(2026, 1, 1)
SEED = 20_260_101


def version(number: int) -> bytes:
    """Return a version of the file: its number is in every row; a third each kept, dropped, bad."""
    kinds = ("shipped,2025-06-01", "pending,2025-06-01", "lost,2025-06-01")
    lines = [f"O{row},Customer {number},1.00,{kinds[row % 3]}" for row in range(ROWS)]
    # under half of the rows may be bad
    return "\r\n".join(["OrderID,Customer,Amount,Status,OrderDate", *lines, ""]).encode()


def whole(lake: Path) -> None:
    """See to it that a reader finds whole Parquet files, each of one version."""
    for table in (PROCESSED, DROPPED):
        for path in (lake / table.name).glob("*"):
            frame = pl.read_parquet(path)
            assert frame["source_version"].n_unique() <= 1, path


def settled(lake: Path, number: int) -> None:
    """See to it that the lake is that version's, and nothing else's."""
    pipeline = Pipeline(lake)
    record = pipeline.looker.look(KEY)[-1]
    balance = Ledger(pipeline.store).balance()
    assert (record.status, balance.holds, balance.rows_in) == ("committed", True, ROWS), record
    for table, rows in ((PROCESSED, record.kept), (DROPPED, record.dropped)):
        frame = pl.read_parquet(lake / names.output(table, KEY))
        assert frame.height == rows
        assert set(frame["customer"]) == {f"Customer {number}"}, (table.name, number)
        assert len(list((lake / table.name).iterdir())) == 1


def main(kills: int) -> None:
    """Kill that often. Raises AssertionError where something was not whole."""
    chance = random.Random(SEED)
    killed = 0
    with tempfile.TemporaryDirectory() as folder:
        export, lake = Path(folder, "orders.csv"), Path(folder, "lake")
        usual = 0.0
        for number in count():
            if killed == kills:
                break
            export.write_bytes(version(number))
            as_of = (FIRST + timedelta(days=number)).date().isoformat()
            words = ["ingest", "--lake", str(lake), "--as-of", as_of, str(export)]
            started = time.perf_counter()
            # each replaces the one before, and would say so
            process = subprocess.Popen(
                [sys.executable, "-m", "local", *words],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            # the first is left alone: it says how long one takes
            with suppress(subprocess.TimeoutExpired):
                process.wait(chance.uniform(0.3, 1.1) * usual if number else None)
                usual = time.perf_counter() - started
            process.kill()
            killed += process.wait() < 0
            whole(lake)
            # killed before the file was in raw/: then this version never came
            pipeline = Pipeline(lake)
            with pipeline.store.open(next(iter(pipeline.store.versions(KEY)))) as body:
                there = b"".join(body.chunks).split(b"\r\n")[1].split(b",")[1]
            settled(lake, int(there.removeprefix(b"Customer ")))
    print(f"{killed} of {number} ingests were killed before their end; each time all was whole")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else KILLS)
