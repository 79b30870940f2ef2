"""A raw version on its way in: copied to a local file while its bytes are counted.

The counts are taken from the bytes and owe nothing to the parser: what the parser says is held
against them.
"""

from collections.abc import Iterable
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


@dataclass(frozen=True)
class Arrival:
    """A raw version as a local file."""

    path: Path
    received_at: datetime
    head: bytes
    """the first HEAD_SIZE bytes"""
    size: int
    newlines: int
    carriage_returns: int
    odd: bool
    """whether there is a quotation mark or a NUL byte anywhere"""
    open_end: bool
    """whether the last line has no line end of its own"""

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
    head = b""
    size = newlines = carriage_returns = unbroken = 0
    odd = False
    last = b"\n"
    with target.open("wb", buffering=0) as file:
        for chunk in chunks:
            file.write(chunk)
            if len(head) < HEAD_SIZE:
                head += chunk[: HEAD_SIZE - len(head)]
            feeds = chunk.count(b"\n")
            # a search ends at once where there are none, and counting takes as long as copying
            returns = chunk.count(b"\r") if b"\r" in chunk else 0
            unbroken = 0 if feeds or returns else unbroken + len(chunk)
            if unbroken > LONGEST_LINE:
                raise Rejected(
                    f"line {newlines + 1:,} goes on for more than {LONGEST_LINE:,} bytes: this "
                    "is no CSV of orders"
                )
            size += len(chunk)
            newlines += feeds
            carriage_returns += returns
            odd = odd or b'"' in chunk or b"\0" in chunk
            last = chunk[-1:] or last
    return Arrival(
        target,
        received_at,
        head,
        size,
        newlines,
        carriage_returns,
        odd,
        open_end=last != b"\n",
    )
