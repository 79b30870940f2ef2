"""What ingest takes of memory: on one processor as on a small function, and whatever the size.

A file with one bad row in a thousand, 2, 20 and 60 million rows. 20 million may take 220 MB on one
processor, and 300 MB on all; 60 million no more than a fifth more than 2 million. 16,000 lines as
long as may be, every second one bad, may take 600 MB: how threads take turns decides. Prints a
table; exits 1 if one of these is missed.
"""

import os
import sys

from benchmarks import data
from benchmarks.ingest import ingest

ROWS = (2_000_000, 20_000_000, 60_000_000)
MOST_MB_ON_ONE = 220.0
MOST_MB = 300.0
MOST_GROWTH = 1.2
MOST_MB_OF_LONG_LINES = 600.0


def main() -> int:
    """Measure; return the exit code."""
    one = {min(os.sched_getaffinity(0))}
    print(f"{'rows':>12}{'processors':>12}{'wall s':>10}{'peak MB':>10}")
    peaks = {}
    for rows in ROWS:
        export = data.export(rows)
        for cpus in (one, None):
            run, record = ingest(export, cpus)
            assert record["quarantined"] == rows // data.BAD_EVERY, record
            peaks[rows, cpus is one] = run.peak_mb
            shown = "one" if cpus else "all"
            print(f"{rows:12,}{shown:>12}{run.seconds:10.1f}{run.peak_mb:10.0f}", flush=True)
    run, record = ingest(data.long_lines())
    assert record["quarantined"] == data.LONG_LINES // 2, record
    print(f"{'of 60 KB':>12}{'all':>12}{run.seconds:10.1f}{run.peak_mb:10.0f}", flush=True)
    few, many, most = ROWS
    highest = max(peaks.values())
    growth = peaks[most, True] / peaks[few, True]
    found = (
        (f"{many:,} rows on one processor", peaks[many, True], "MB", MOST_MB_ON_ONE),
        ("the most of all", highest, "MB", MOST_MB),
        ("lines of 60 KB", run.peak_mb, "MB", MOST_MB_OF_LONG_LINES),
        (f"{most:,} rows against {few:,} on one processor", growth, "times", MOST_GROWTH),
    )
    for title, value, unit, limit in found:
        sentence = f"{title}: {value:.3g} {unit} (at most {limit:g})"
        print(sentence if value <= limit else f"MISSED {sentence}")
    return 0 if all(value <= limit for _, value, _, limit in found) else 1


if __name__ == "__main__":
    sys.exit(main())
