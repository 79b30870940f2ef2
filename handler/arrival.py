"""A raw version on its way in: copied to a local file while its bytes are counted.

The counts are taken from the bytes and owe nothing to the parser: what the parser says is held
against them.
"""

from array import array
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lake.store import Store, Version

HEAD_SIZE = 1 << 20
"""Bytes of the start that are kept for the header: 20,000 columns take about a fifth of it."""

LONGEST_LINE = 16 << 20
"""Bytes without a line end at which a file is taken for something else; bounds the memory."""


class Rejected(Exception):
    """The whole file cannot be taken; the message is one sentence that says why and what to do."""


STEP = 4096
"""Bytes between two entries of the line index: some 75 lines to split where one is wanted."""


@dataclass(frozen=True)
class Arrival:
    """A raw version as a local file."""

    path: Path
    received_at: datetime
    head: bytes
    """the first HEAD_SIZE bytes"""
    size: int
    feeds: "array[int]"
    """the line index: how many line feeds come before byte 0, STEP, 2 STEP, ..., and in all"""
    carriage_returns: int
    odd: bool
    """whether there is a quotation mark or a NUL byte anywhere"""
    open_end: bool
    """whether the last line has no line end of its own"""

    @property
    def newlines(self) -> int:
        """How many line feeds the file has."""
        return self.feeds[-1]

    @property
    def lines(self) -> int:
        """How many physical lines the file has."""
        return self.newlines + self.open_end


def fetch(store: Store, version: Version, target: Path, largest: int) -> Arrival:
    """Copy a version to `target` and count its bytes. Raises Rejected over `largest` bytes."""
    if version.size > largest:
        raise Rejected(
            f"the file has {version.size:,} bytes, the limit is {largest:,}: split it, or raise "
            "the limit (ORDERS_MAX_FILE_BYTES)"
        )
    with store.open(version) as body:
        return copy(body.chunks, body.received_at, target)


def copy(chunks: Iterable[bytes], received_at: datetime, target: Path) -> Arrival:
    """Write chunks to `target` and count on the way."""
    head = rest = b""
    feeds = array("q", [0])
    size = carriage_returns = unbroken = 0
    odd = False
    last = b"\n"
    with target.open("wb") as file, ThreadPoolExecutor(max_workers=1) as beside:
        written: Future[int] | None = None
        for chunk in chunks:
            # writing leaves the interpreter free: a chunk is written while it is counted
            if written:
                written.result()
            written = beside.submit(file.write, chunk)
            if len(head) < HEAD_SIZE:
                head += chunk[: HEAD_SIZE - len(head)]
            # a search ends at once where there are none, and counting takes as long as copying
            returns = chunk.count(b"\r") if b"\r" in chunk else 0
            unbroken = 0 if returns or b"\n" in chunk else unbroken + len(chunk)
            if unbroken > LONGEST_LINE:
                raise Rejected(
                    f"line {feeds[-1] + 1:,} goes on for more than {LONGEST_LINE:,} bytes: this "
                    "is no CSV of orders"
                )
            size += len(chunk)
            carriage_returns += returns
            odd = odd or b'"' in chunk or b"\0" in chunk
            last = chunk[-1:] or last
            rest = _index(rest + chunk, feeds)
        if written:
            written.result()
    feeds.append(feeds[-1] + rest.count(b"\n"))
    return Arrival(
        target,
        received_at,
        head,
        size,
        feeds,
        carriage_returns,
        odd,
        open_end=last != b"\n",
    )


def _index(content: bytes, feeds: "array[int]") -> bytes:
    """Count the line feeds of every whole step into the index; return what is left over."""
    whole = len(content) - len(content) % STEP
    total = feeds[-1]
    for start in range(0, whole, STEP):
        total += content.count(b"\n", start, start + STEP)
        feeds.append(total)
    return content[whole:]
