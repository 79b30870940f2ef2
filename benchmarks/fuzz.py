"""Throw bytes at the reading until the time is over: no crash, no hang, no line lost or changed.

Every file is read on both ways and by a slow reader of its own; all three must say the same of
every line. The readings run in a process of their own: a parser that aborts, or never ends, takes
only that one with it, and the file it was given is kept.

usage: python -m benchmarks.fuzz [MINUTES] [SEED]
"""

import multiprocessing
import random
import sys
import tempfile
import time
from collections import Counter
from datetime import datetime
from decimal import Decimal
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

import polars as pl

from benchmarks import data
from handler.arrival import Rejected, copy
from handler.reading import read
from handler.sorting import Origin
from lake.rule import Limits, Settings
from tests.handler import plain_reading
from tests.handler.outcomes import CASES, GOOD, HEADER

MINUTES = 30.0
LONGEST_READING = 60.0
"""Seconds after which a reading hangs: the longest take a second or two."""

RECEIVED = datetime(2025, 11, 10)
# a file of any share of bad rows is taken here: what is asked is where each line goes
SETTINGS = Settings(limits=Limits(bad_share=1))
CHUNK = 1 << 16

PIECES = (
    *(b",", b'"', b'""', b'","', b"\n", b"\r", b"\r\n", b"\r\r\n", b"\0", b"\xff", b"\xef\xbb\xbf"),
    *(b";", b" ", b"\t", b"\x1a", b"\\", b"'", b"#", b"\x0b", b"\x0c", b"\x85", b"\xc2\x85"),
    *("\u2028".encode(), "é".encode(), "\ufeff".encode(), b"\xe2\x80", b"\xed\xa0\x80", b"\n\n\n"),
    *(b"-", b".", b"0", b"9" * 20, b"1e5", b"NaN", b"2025-02-29", b"pending", b"CANCELED", HEADER),
    *(b",,,,", b"x" * 70_000, b'"' * 3, GOOD[0] + b"\n", b"," * 1001),
)
"""What breaks parsers, or means something to this one."""

BIG = 1 << 20
"""Bytes of Polars' chunks, of the blocks that lines are read in, and of the head."""


def content(chance: random.Random) -> bytes:
    """Return the bytes of a file, most of them near to an export."""
    kind = chance.random()
    if kind < 0.03:
        return chance.randbytes(chance.randrange(2000))
    if kind < 0.75:
        found = chance.choice(CASES).content[:20_000]
    else:
        end = chance.choice((b"\n", b"\r\n", b"\r"))
        found = end.join((HEADER, *chance.choices(GOOD, k=chance.randrange(40)), b""))
    if chance.random() < 0.02:
        # one that is longer than a chunk, with what comes beyond its edge
        body = b"\n".join(chance.choices(GOOD, k=50)) + b"\n"
        found += body * ((BIG + chance.randrange(-200, 200)) // len(body) + 1)
    for _ in range(chance.choice((0, 1, 1, 2, 3, 5, 10))):
        found = mutated(found, chance)
    return found


def mutated(given: bytes, chance: random.Random) -> bytes:
    """Return the bytes with one change."""
    start = chance.randrange(len(given) + 1)
    if len(given) > BIG and chance.random() < 0.5:
        start = min(len(given), BIG + chance.randrange(-300, 300))
    end = min(len(given), start + chance.choice((0, 0, 1, 1, 2, 5, 20, 200)))
    before, cut, after = given[:start], given[start:end], given[end:]
    other = chance.choice(CASES).content[:5000]
    instead = (
        chance.choice(PIECES) + cut,
        b"",
        cut + cut,
        cut[::-1],
        chance.randbytes(chance.randrange(4)),
        other[chance.randrange(len(other) + 1) :],
    )
    return before + chance.choice(instead) + after


def taken(given: bytes, work: Path, *, strict: bool) -> object:
    """Return (kept, dropped, quarantined), each by line, or why the file is rejected."""
    for left in work.iterdir():
        left.unlink()
    origin = Origin("raw/x.csv", "v1", RECEIVED, "v1 fuzz")
    chunks = (given[at : at + CHUNK] for at in range(0, len(given), CHUNK))
    try:
        arrival = copy(chunks, RECEIVED, work / "raw.csv")
        outcome = read(arrival, origin, SETTINGS, work, strict=strict)
    except Rejected as reason:
        return str(reason)
    names = ("source_line", "order_id", "customer", "amount", "status", "order_date")
    orders = []
    for file in (outcome.processed_file, outcome.dropped_file):
        rows = pl.read_parquet(file, columns=list(names)).select(names).rows()
        by_line = {row[0]: row[1:] for row in rows}
        assert len(by_line) == len(rows), "a line twice"
        orders.append(by_line)
    lost = pl.read_parquet(outcome.quarantine_file).select("source_line", "raw").rows()
    assert len(orders[0]) + len(orders[1]) + len(lost) == outcome.rows_in
    return (*orders, dict(lost))


def wanted(given: bytes) -> object:
    """Return the same as the slow reader says it."""
    try:
        found = plain_reading.read(given, RECEIVED.date())
    except plain_reading.NoHeader:
        return "rejected"
    cent = Decimal("0.01")
    kept, dropped = (
        {n: (*row[:2], row[2].quantize(cent), *row[3:]) for n, row in rows.items()}
        for rows in (found.kept, found.dropped)
    )
    return kept, dropped, found.quarantined


def check(given: bytes, work: Path) -> str:
    """Read a file in all three ways; return what became of it. Raises AssertionError."""
    plain, strict = (taken(given, work, strict=way) for way in (False, True))
    assert plain == strict, "the two ways differ"
    right = wanted(given)
    if isinstance(plain, str):
        # what is rejected by its first bytes, or by a line without an end, may well have a header
        early = plain.startswith("this is not CSV text") or "columns, the limit" in plain
        assert early or right == "rejected", f"rejected: {plain}"
        return "rejected"
    assert plain == right, "the slow reader says something else"
    return "taken"


def work_through(seed: int, at: "Synchronized[int]", place: Path, minutes: float) -> None:
    """Check one file after another; `at` is the number of the present one, in `place`."""
    chance = random.Random(seed)
    found: Counter[str] = Counter()
    end = time.monotonic() + 60 * minutes
    with tempfile.TemporaryDirectory() as work:
        while time.monotonic() < end:
            given = content(chance)
            place.write_bytes(given)
            at.value += 1
            found[check(given, Path(work))] += 1
    print(f"{found.total():,} files, seed {seed}: {dict(found)}; nothing was lost, nothing hung")


def main(minutes: float, seed: int) -> int:
    """Fuzz that long; return the exit code."""
    place = data.folder().parent / f"fuzz-{seed}.csv"
    spawning = multiprocessing.get_context("spawn")
    at = spawning.Value("q", 0)
    worker = spawning.Process(target=work_through, args=(seed, at, place, minutes))
    worker.start()
    seen, since = 0, time.monotonic()
    while worker.is_alive() and time.monotonic() - since < LONGEST_READING:
        worker.join(1)
        if at.value != seen:
            seen, since = at.value, time.monotonic()
    if worker.is_alive():
        worker.kill()
        worker.join()
        print(f"the reading of file {seen:,} hangs: {place}", file=sys.stderr)
        return 1
    if worker.exitcode:
        print(f"file {seen:,} broke the reading ({worker.exitcode}): {place}", file=sys.stderr)
        return 1
    place.unlink()
    return 0


if __name__ == "__main__":
    given_seed = int(sys.argv[2]) if sys.argv[2:] else time.time_ns() % 1_000_000
    sys.exit(main(float(sys.argv[1]) if sys.argv[1:] else MINUTES, given_seed))
