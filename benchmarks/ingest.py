"""Ingest against the usual way: whole processes, in turns, on the same file.

2 million rows must be at least 15 times faster, with quarantine and balance; and memory must stay
under 300 MB at 2 and at 20 million. Prints a table; exits 1 if one of these is missed.
"""

import json
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks import data, process

ROWS, MANY_ROWS = 2_000_000, 20_000_000
ROUNDS = 3
LEAST_RATIO = 15.0
MOST_MB = 300.0


def ingest(export: Path) -> tuple[process.Run, dict[str, int]]:
    """Ingest an export into a fresh lake; return what that took, and the record."""
    with tempfile.TemporaryDirectory(dir=data.folder()) as lake:
        run = process.python("-m", "local", "ingest", "--lake", lake, "--as-of", data.AS_OF, export)
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


def main() -> int:
    """Measure; return the exit code."""
    export, long_export = data.export(ROWS), data.export(MANY_ROWS)
    ours, theirs = [], []
    for _ in range(ROUNDS):
        run, record = ingest(export)
        ours.append(run)
        run, kept = baseline(export)
        theirs.append(run)
        # the baseline keeps the bad rows, since it looks at neither amount nor status
        assert kept == record["kept"] + record["quarantined"], (kept, record)
    long_run, long_record = ingest(long_export)
    assert long_record["rows_in"] == MANY_ROWS, long_record

    print(f"{'':24}{'wall s':>10}{'cpu s':>10}{'peak MB':>10}")
    for name, runs in (
        (f"usual way, {ROWS:,}", theirs),
        (f"ingest, {ROWS:,}", ours),
        (f"ingest, {MANY_ROWS:,}", [long_run]),
    ):
        wall, cpu = median(r.seconds for r in runs), median(r.cpu_seconds for r in runs)
        print(f"{name:24}{wall:10.2f}{cpu:10.2f}{max(r.peak_mb for r in runs):10.0f}")
    ratio = median(r.seconds for r in theirs) / median(r.seconds for r in ours)
    peak = max(run.peak_mb for run in (*ours, long_run))
    print(f"{ratio:.1f} times faster (at least {LEAST_RATIO:g}), peak {peak:.0f} MB", end=" ")
    print(f"(at most {MOST_MB:g})")
    return 0 if ratio >= LEAST_RATIO and peak <= MOST_MB else 1


if __name__ == "__main__":
    sys.exit(main())
