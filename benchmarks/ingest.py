"""Ingest against the usual way: whole processes, in turns, on the same files.

It must be at least 18 times as fast with 2 million rows, 24 times with 20 million and 4 times where
quotation marks are broken, quarantine and balance included; and 200,000 rows may take twice as long
as importing Polars alone. Prints a table; exits 1 if one of these is missed.
"""

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import data, process


@dataclass(frozen=True)
class Duel:
    """Two commands in turns, and how much faster the first must be."""

    title: str
    export: Callable[[], Path]
    rounds: int
    least_ratio: float


DUELS = (
    Duel("2 million rows", lambda: data.export(2_000_000), 3, 18),
    Duel("20 million rows", lambda: data.export(20_000_000), 1, 24),
    Duel("broken quotation marks", lambda: data.export(2_000_000, quotes=True), 3, 4),
)

SMALL_ROWS = 200_000
SMALL_ROUNDS = 15
MOST_IMPORTS = 2.0
"""Times an import of Polars that a small file may take, the whole process."""


def ingest(export: Path, cpus: set[int] | None = None) -> tuple[process.Run, dict[str, int]]:
    """Ingest an export into a fresh lake; return what that took, and the record."""
    with tempfile.TemporaryDirectory(dir=data.folder()) as lake:
        words = ["-m", "local", "ingest", "--lake", lake, "--as-of", data.AS_OF, export]
        run = process.python(*words, cpus=cpus)
    record = json.loads(run.output)
    rows = record["rows_in"]
    assert record["kept"] + record["dropped"] + record["quarantined"] == rows, record
    return run, record


def baseline(export: Path) -> tuple[process.Run, int]:
    """Do the same the usual way; return what that took, and how many rows were kept."""
    with tempfile.TemporaryDirectory(dir=data.folder()) as folder:
        out = Path(folder, "kept.csv")
        run = process.python("-m", "benchmarks.baseline", export, out, data.AS_OF)
    return run, int(run.output)


def fight(duel: Duel) -> float:
    """Measure a duel, print its lines and return how many times faster ingest was."""
    export = duel.export()
    ours, theirs = [], []
    for _ in range(duel.rounds):
        run, record = ingest(export)
        ours.append(run)
        run, kept = baseline(export)
        theirs.append(run)
        # the baseline keeps the bad rows, since it looks at neither amount nor status
        assert kept == record["kept"] + record["quarantined"], (kept, record)
    # once more: it is the faster one, and so the one that a pause of the machine hits harder
    ours.append(ingest(export)[0])
    show(f"{duel.title}, the usual way", theirs)
    show(f"{duel.title}, ingest", ours)
    return median(r.seconds for r in theirs) / median(r.seconds for r in ours)


def small() -> float:
    """Measure a small file, and return how many times an import of Polars it takes."""
    export = data.export(SMALL_ROWS)
    ours, imports = [], []
    for _ in range(SMALL_ROUNDS):
        ours.append(ingest(export)[0])
        imports.append(process.python("-c", "import polars"))
    show("200,000 rows, ingest", ours)
    show("import polars", imports)
    return median(r.seconds for r in ours) / median(r.seconds for r in imports)


def show(title: str, runs: list[process.Run]) -> None:
    """Print a line of the table."""
    wall, cpu = median(r.seconds for r in runs), median(r.cpu_seconds for r in runs)
    print(f"{title:40}{wall:10.2f}{cpu:10.2f}{max(r.peak_mb for r in runs):10.0f}", flush=True)


def verdicts() -> Iterator[tuple[str, bool]]:
    """Yield a sentence for each demand, and whether it is met."""
    for duel in DUELS:
        ratio = fight(duel)
        sentence = f"{duel.title}: {ratio:.1f} times faster (at least {duel.least_ratio:g})"
        yield sentence, ratio >= duel.least_ratio
    ratio = small()
    yield (
        f"{SMALL_ROWS:,} rows: {ratio:.2f} times an import of Polars (at most {MOST_IMPORTS:g})",
        ratio <= MOST_IMPORTS,
    )


def main() -> int:
    """Measure; return the exit code."""
    print(f"{'':40}{'wall s':>10}{'cpu s':>10}{'peak MB':>10}")
    found = list(verdicts())
    for sentence, met in found:
        print(sentence if met else f"MISSED {sentence}")
    return 0 if all(met for _, met in found) else 1


if __name__ == "__main__":
    sys.exit(main())
