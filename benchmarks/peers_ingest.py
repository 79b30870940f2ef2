"""What Polars alone and DuckDB with store_rejects make of the same files: time, memory, lost rows.

The first table is of one export of two million rows, whole processes in turns. The second has a
line for each kind of mistake: a hundred of them in an export of 50,000 rows, and how many rows each
tool then lost without a word or took with other values than the file has. A slow reader in plain
Python says what should have become of each line. Nothing here can fail: it tells.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

import polars as pl

from benchmarks import data, process
from benchmarks.peers import PEERS
from lake import names
from lake.schema import PROCESSED, QUARANTINE
from tests.handler import plain_reading

ROWS, FEW_ROWS = 2_000_000, 50_000
MISTAKES = 100
ROUNDS = 3
OURS = "this one"

Mistake = Callable[[bytes], bytes]


def on(position: int, change: Callable[[bytes], bytes]) -> Mistake:
    """Return the mistake of a changed field."""

    def mistaken(line: bytes) -> bytes:
        fields = line.split(b",")
        fields[position] = change(fields[position])
        return b",".join(fields)

    return mistaken


KINDS: dict[str, Mistake] = {
    "none": lambda line: line,
    "a row too short": lambda line: line.rpartition(b",")[0],
    "a row too long": lambda line: line.replace(b",", b",,", 1),
    "a quotation mark lost": on(1, lambda customer: b'"' + customer),
    "a byte that is not UTF-8": on(1, lambda customer: customer + b"\xe9"),
    "an amount like 1.005": on(2, lambda amount: amount + b"5"),
    "an amount like n/a": on(2, lambda _: b"n/a"),
    "a date like 31/12/2024": on(4, lambda day: b"/".join(day.split(b"-")[::-1])),
    "a blank line": lambda line: line + b"\n",
}


@dataclass(frozen=True)
class Taken:
    """What a tool made of a file."""

    orders: set[tuple[Any, ...]]
    """(id, customer, amount, status, date) of the rows that it kept"""
    rows: int
    told: set[int]
    """the lines that it says it could not take"""


def ours(export: Path, folder: Path) -> Taken:
    """Ingest an export."""
    words = ("ingest", "--lake", folder / "lake", "--as-of", data.AS_OF, export)
    record = json.loads(process.python("-m", "local", *words).output)
    key = record["source_key"]
    kept = pl.read_parquet(folder / "lake" / names.output(PROCESSED, key))
    place = folder / "lake" / names.quarantine(key, record["source_version"])
    told = pl.read_parquet(place)["source_line"].to_list() if place.exists() else []
    assert place.is_relative_to(folder / "lake" / QUARANTINE.name)
    columns = ("order_id", "customer", "amount", "status", "order_date")
    return Taken(set(kept.select(columns).rows()), kept.height, set(told))


def theirs(peer: str, export: Path, folder: Path) -> Taken | None:
    """Let a peer do the same; None where it refuses the file."""
    out = folder / "out.parquet"
    words = [sys.executable, "-m", "benchmarks.peers", peer, export, out, str(data.AS_OF)]
    run = subprocess.run(words, capture_output=True, text=True, check=False)
    if run.returncode:
        return None
    kept = pl.read_parquet(out)
    return Taken(set(kept.rows()), kept.height, set(json.loads(run.stdout)))


def account(taken: Taken, right: plain_reading.Reading) -> tuple[int, int]:
    """Return how many rows were lost without a word, and how many are not as the file has them."""
    wanted = set(right.kept.values())
    missing = [line for line, row in right.kept.items() if row not in taken.orders]
    silent = [line for line in (*missing, *right.quarantined) if line not in taken.told]
    wrong = taken.rows - len(taken.orders & wanted)
    # a bad line that was taken all the same is not lost, it is wrong
    return max(0, len(silent) - wrong), wrong


def mistaken(kind: str) -> bytes:
    """Return an export with a kind of mistake on every so many lines."""
    lines = data.export(FEW_ROWS).read_bytes().replace(b"\r\n", b"\n").split(b"\n")
    # without the bad rows that the export has of its own
    lines = [line for line in lines if b"n/a" not in line and b"on hold" not in line]
    # where a row is dropped by the rule, nobody could see that it is lost
    kept = [number for number, line in enumerate(lines) if b"shipped" in line]
    for number in kept[:: len(kept) // MISTAKES][:MISTAKES]:
        lines[number] = KINDS[kind](lines[number])
    return b"\n".join(lines)


def told_of(taken: Taken | None, right: plain_reading.Reading) -> str:
    """Return the cell of a table."""
    if taken is None:
        return "refuses the file"
    lost, wrong = account(taken, right)
    said = f"{lost:,} lost, {wrong:,} wrong" if lost or wrong else "all right"
    return f"{said}, {len(taken.told):,} told"


def mistakes(kinds: Iterable[str]) -> None:
    """Print the table of mistakes."""
    print(f"\n{'mistake':32}" + "".join(f"{name:34}" for name in (OURS, *PEERS)))
    for kind in kinds:
        with tempfile.TemporaryDirectory(dir=data.folder()) as place:
            export = Path(place, "orders.csv")
            export.write_bytes(mistaken(kind))
            right = plain_reading.read(export.read_bytes(), date.fromisoformat(str(data.AS_OF)))
            found = [ours(export, Path(place))]
            found += [theirs(peer, export, Path(place)) for peer in PEERS]
        print(f"{kind:32}" + "".join(f"{told_of(taken, right):34}" for taken in found), flush=True)


def speed() -> None:
    """Print the table of time and memory."""
    export = data.export(ROWS)
    runs: dict[str, list[process.Run]] = {name: [] for name in (OURS, *PEERS)}
    for _ in range(ROUNDS):
        for name, done in runs.items():
            with tempfile.TemporaryDirectory(dir=data.folder()) as place:
                if name == OURS:
                    words = ("-m", "local", "ingest", "--lake", place, "--as-of", data.AS_OF)
                    done.append(process.python(*words, export))
                else:
                    out = Path(place, "out.parquet")
                    words = ("-m", "benchmarks.peers", name, export, out, data.AS_OF)
                    done.append(process.python(*words))
    print(f"{ROWS:,} rows{'':14}{'wall s':>10}{'cpu s':>10}{'peak MB':>10}")
    for name, done in runs.items():
        wall, cpu = median(r.seconds for r in done), median(r.cpu_seconds for r in done)
        print(f"{name:24}{wall:10.2f}{cpu:10.2f}{max(r.peak_mb for r in done):10.0f}")


if __name__ == "__main__":
    speed()
    mistakes(sys.argv[1:] or KINDS)
