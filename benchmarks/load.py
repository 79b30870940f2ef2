"""Many files and several sweeps at once over one folder: each line ends in one place all the same.

Processes race for every file, die of nothing, and at the end the lake must be settled, its balance
must be that of the files, and no file may show rows of another. Prints what it took; raises
AssertionError where something is wrong.

usage: python -m benchmarks.load [FILES]
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from lake import names
from lake.ledger import Ledger
from lake.schema import DROPPED, PROCESSED
from local.pipeline import Pipeline

FILES = 500
SWEEPS = 4
KINDS = ("shipped,2025-06-01", "pending,2020-06-01", "lost,2025-06-01")
"""How the rows of every file go round: kept, dropped, quarantined."""

ROWS = 30


def lay(raw: Path, number: int) -> None:
    """Write a file of its own customer, in one of a few folders."""
    place = raw / f"shop {number % 7}" / f"orders-{number}.csv"
    place.parent.mkdir(parents=True, exist_ok=True)
    rows = [f"O{row},Customer {number},1.00,{KINDS[row % 3]}" for row in range(ROWS)]
    place.write_text("\n".join(["OrderID,Customer,Amount,Status,OrderDate", *rows, ""]))


def main(files: int) -> None:
    """Sweep them all, several times at once."""
    with tempfile.TemporaryDirectory() as folder:
        lake = Path(folder, "lake")
        for number in range(files):
            lay(lake / names.RAW, number)
        started = time.perf_counter()
        words = [sys.executable, "-m", "local", "sweep", "--lake", str(lake)]
        sweeps = [subprocess.Popen(words, stdout=subprocess.PIPE) for _ in range(SWEEPS)]
        told = [sweep.communicate()[0].count(b"\n") for sweep in sweeps]
        seconds = time.perf_counter() - started
        assert [sweep.returncode for sweep in sweeps] == [0] * SWEEPS
        ledger = Ledger(Pipeline(lake).store)
        balance = ledger.balance()
        assert (ledger.unsettled(), ledger.pending()) == ([], [])
        assert (balance.files, balance.rows_in, balance.holds) == (files, files * ROWS, True)
        assert balance.kept == balance.dropped == balance.quarantined == files * ROWS // 3
        for number in range(files):
            key = f"raw/shop {number % 7}/orders-{number}.csv"
            for table in (PROCESSED, DROPPED):
                customers = pl.read_parquet(lake / names.output(table, key))["customer"].to_list()
                assert customers == [f"Customer {number}"] * (ROWS // 3), (table.name, number)
    print(
        f"{files:,} files by {SWEEPS} sweeps at once in {seconds:.1f} s, {sum(told):,} looks had "
        "something to say; each line is in one place"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else FILES)
