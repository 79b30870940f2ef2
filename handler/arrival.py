"""A raw version on its way in: a local file, or a copy in one, whose bytes are then counted.

The counts are taken from the bytes and owe nothing to the parser: what the parser says is held
against them. They are taken beside the parser's pass, which leaves the interpreter free.
"""

from array import array
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl

from lake.store import Store, Version

HEAD_SIZE = 1 << 20
"""Bytes of the start that are kept for the header: 20,000 columns take about a fifth of it."""

LONGEST_LINE = 16 << 20
"""Bytes without a line end at which a file is taken for something else; bounds the memory."""

STEP = 4096
"""Bytes between two entries of the line index: some 75 lines to split where one is wanted."""

READ_SIZE = 256 * STEP
"""Bytes a read of what is counted: whole steps, and not all that the interpreter is kept for."""


class Rejected(Exception):
    """The whole file cannot be taken; the message is one sentence that says why and what to do."""


@dataclass(frozen=True)
class Counts:
    """What was counted in a file's bytes."""

    feeds: "array[int]"
    """the line index: how many line feeds come before byte 0, STEP, 2 STEP, ..., and in all"""
    carriage_returns: int


@dataclass(frozen=True)
class Arrival:
    """A raw version as a local file. What is counted is waited for where it is asked for."""

    path: Path
    received_at: datetime
    head: bytes
    """the first HEAD_SIZE bytes"""
    size: int
    has_feeds: bool
    has_returns: bool
    odd: bool
    """whether there is a quotation mark or a NUL byte anywhere"""
    open_end: bool
    """whether the last line has no line end of its own"""
    counts: "Future[Counts]"

    @property
    def feeds(self) -> "array[int]":
        """The line index."""
        return self.counts.result().feeds

    @property
    def newlines(self) -> int:
        """How many line feeds the file has."""
        return self.feeds[-1]

    @property
    def carriage_returns(self) -> int:
        """How many carriage returns the file has."""
        return self.counts.result().carriage_returns

    @property
    def lines(self) -> int:
        """How many physical lines the file has."""
        return self.newlines + self.open_end


@contextmanager
def fetched(store: Store, version: Version, target: Path, largest: int) -> Iterator[Arrival]:
    """Yield a version as a local file, a copy at `target` where the store has none, and count it.

    Raises Rejected over `largest` bytes, and Gone in the end if the file changed meanwhile.
    """
    if version.size > largest:
        raise Rejected(
            f"the file has {version.size:,} bytes, the limit is {largest:,}: split it, or raise "
            "the limit (ORDERS_MAX_FILE_BYTES)"
        )
    with store.open(version) as body:
        if body.in_place is None:
            yield copy(body.chunks, body.received_at, target)
        else:
            with body.in_place as path:
                yield survey(body.chunks, body.received_at, path)


def copy(chunks: Iterable[bytes], received_at: datetime, target: Path) -> Arrival:
    """Write chunks to `target`, see what kinds of bytes there are, and have them counted."""

    def written() -> Iterator[bytes]:
        with target.open("wb") as file:
            for chunk in chunks:
                file.write(chunk)
                yield chunk

    return survey(written(), received_at, target)


def survey(chunks: Iterable[bytes], received_at: datetime, path: Path) -> Arrival:
    """See what kinds of bytes there are in the chunks of a file, and have them counted."""
    head = b""
    size = unbroken = 0
    has_feeds = has_returns = odd = False
    last = b"\n"
    for chunk in chunks:
        if len(head) < HEAD_SIZE:
            head += chunk[: HEAD_SIZE - len(head)]
        # a search ends with the first find, and where there is none it is ten times as fast as a
        # count
        feeds, returns = b"\n" in chunk, b"\r" in chunk
        unbroken = 0 if feeds or returns else unbroken + len(chunk)
        if unbroken > LONGEST_LINE:
            raise Rejected(
                f"line {_count(path).feeds[-1] + 1:,} goes on for more than "
                f"{LONGEST_LINE:,} bytes: this is no CSV of orders"
            )
        size += len(chunk)
        has_feeds, has_returns = has_feeds or feeds, has_returns or returns
        odd = odd or b'"' in chunk or b"\0" in chunk
        last = chunk[-1:] or last
    beside = ThreadPoolExecutor(max_workers=1, thread_name_prefix="count")
    counts = beside.submit(_count, path)
    beside.shutdown(wait=False)
    return Arrival(
        path,
        received_at,
        head,
        size,
        has_feeds,
        has_returns,
        odd,
        last != b"\n",
        counts,
    )


def _count(path: Path) -> Counts:
    feeds = array("q", [0])
    carriage_returns = 0
    with path.open("rb") as file:
        while content := file.read(READ_SIZE):
            numbers = _numbers(content)
            in_steps = (numbers == ord("\n")).reshape((-1, STEP)).arr.sum().cast(pl.Int64)
            feeds.extend((in_steps.cum_sum() + feeds[-1]).to_list())
            carriage_returns += int((numbers == ord("\r")).sum())
    return Counts(feeds, carriage_returns)


def _numbers(content: bytes) -> pl.Series:
    """Return bytes as numbers, filled up with zeros to whole steps.

    Of these polars counts what bytes.count() does in a third of the time.
    """
    size = -(-len(content) // STEP) * STEP
    whole = pl.Series([content.ljust(size, b"\0")])
    return whole.bin.reinterpret(dtype=pl.Array(pl.UInt8, size)).explode()
