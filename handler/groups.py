"""Row groups: how many of a file's rows may wait in memory until they are written together."""

import os
from pathlib import Path

ROWS = 100_000
"""Rows of a row group of usual lines: the default left 337 small groups for 15 M rows, and each
30,000 rows more take 15 MB more memory."""

FEWEST_ROWS = 100
"""Rows of a row group however long the lines are: values end at 128 KiB, the rest is not kept."""

SPAN = 32 << 20
"""Bytes of a raw file that the rows of one group may come from: only lines of over 335 bytes reach
it before there are ROWS of them. In groups of 100,000, 16,000 rows of 60 KB took 1.7 gigabytes, in
these 0.3 to 0.55, however many they are; with twice as many bytes more."""

STRIDE = 1 << 20
"""Bytes between two samples."""

SAMPLE = 16 << 10
"""Bytes of a sample: 32 to a span show lines of 60 KB nine times; all take 14 ms of 1 GB."""


def rows(path: Path, size: int) -> int:
    """Return how many rows a group of a raw file may have: the same for the same bytes."""
    if size <= SPAN:
        return ROWS
    with path.open("rb", buffering=0) as file:
        places = range(0, size, STRIDE)
        ends = [os.pread(file.fileno(), SAMPLE, place).count(b"\n") for place in places]
    width = SPAN // STRIDE
    fewest = min(sum(ends[first : first + width]) for first in range(len(ends) - width + 1))
    return max(FEWEST_ROWS, min(ROWS, fewest * STRIDE // SAMPLE))
