"""Physical lines: which ones are no record of their own, what is wrong with them, their bytes.

A line is a record. An export of orders has no field with a legal line end in it, so a quotation
mark that is not closed on its line is broken quoting, and it must cost that line only.
"""

import csv
import re
from array import array
from bisect import bisect_left
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from itertools import islice
from operator import eq
from pathlib import Path

import polars as pl

from handler.arrival import STEP, Arrival
from handler.header import BLANK

BLOCK_SIZE = 1 << 20
"""Bytes of a block."""

LEAST_SHOWN = 2 * STEP - 2
"""Bytes: the line index shows only lines longer than this, which have a whole step in them."""

Instead = tuple[int, bytes]
"""A line's number, and what shall stand there; without the line end."""

_VALUE = r'(?:[^",\r\x00]*|"(?:[^"\r\x00]|"")*")'
_RECORD = re.compile(rf"{_VALUE}(?:,{_VALUE})*\Z")
_LINE_END = re.compile(rb"\r*\n")


def read_blocks(path: Path) -> Iterator[tuple[int, int, bytes]]:
    """Yield (number of the first line, count of lines, the lines with their ends), by the chunk.

    The last block may end without a line end.
    """
    number = 1
    with path.open("rb") as file:
        while block := file.read(BLOCK_SIZE):
            block += file.readline()
            count = block.count(b"\n") + (not block.endswith(b"\n"))
            yield number, count, block
            number += count


def pick(arrival: Arrival, wanted: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, bytes]]:
    """Yield (number, tag, bytes without the line end) for (number, tag) in rising order."""
    feeds = arrival.feeds
    with arrival.path.open("rb") as file:
        step, here = 0, 1
        for number, tag in wanted:
            # line n begins behind the line feed n - 1: in the last step with fewer before it
            step = bisect_left(feeds, number - 1, lo=step) - 1 if number > 1 else 0
            # only forwards: a step of blank lines holds thousands
            if feeds[step] >= here:
                file.seek(step * STEP)
                here = feeds[step] + 1
            for _ in range(number - here):
                file.readline()
            here = number + 1
            yield number, tag, file.readline().removesuffix(b"\n").removesuffix(b"\r")


def may_be_long(arrival: Arrival, longest: int) -> bool:
    """Tell whether a line may be longer than `longest` bytes, as far as the line index shows.

    `longest` is at least LEAST_SHOWN.
    """
    # wherever it begins, so many whole steps at least are in such a line, without a line feed
    steps = (longest + 2) // STEP - 1
    feeds = arrival.feeds
    return any(map(eq, feeds, islice(feeds, steps, None)))


def unreadable(path: Path, longest: int) -> "array[int]":
    """Return the numbers of the lines that are not UTF-8 or longer than `longest` bytes."""
    found = array("q")
    for first, count, block in read_blocks(path):
        lines = block.split(b"\n")[:count]
        if max(map(len, lines)) > longest or not _is_text(block):
            found.extend(
                number
                for number, line in enumerate(lines, first)
                if len(line) > longest or not _is_text(line)
            )
    return found


def broken(path: Path, width: int) -> "array[int]":
    """Return the numbers of the lines that are neither blank nor one record of `width` fields.

    The file must be UTF-8. Measured at 0.15 s for 2 M lines.
    """
    whole = rf"^{_VALUE}(?:,{_VALUE}){{{width - 1}}}\r*$"
    lines = pl.scan_lines(path, row_index_name="number", row_index_offset=1, glob=False)
    odd = ~pl.col("line").str.contains(whole) & (pl.col("line").str.strip_chars(BLANK) != "")
    found = lines.filter(odd).select(pl.col("number").cast(pl.Int64))
    return array("q", found.collect(engine="streaming")["number"])


def blanked(numbers: Iterable[int]) -> Iterator[Instead]:
    """Yield what leaves nothing on those lines, so that every other line keeps its number."""
    return ((number, b"") for number in numbers)


def marked_twice(arrival: Arrival, number: int) -> Iterator[Instead]:
    """Yield what gives a line that starts with a byte order mark a second one.

    Polars takes one away from the line that it begins with.
    """
    [(_, _, line)] = pick(arrival, [(number, 0)])
    if line.startswith(BOM_UTF8):
        yield number, BOM_UTF8 + line


def rewritten(path: Path, instead: Iterable[Instead], target: Path) -> Path:
    """Write a copy that has other lines instead of some, given in rising order.

    Of two for one line the last one stands. Line ends become plain line feeds.
    """
    others = iter(instead)
    other = next(others, None)
    with target.open("wb") as file:
        for first, count, block in read_blocks(path):
            # with its line end a last line counts as one even when it is emptied
            content = block if block.endswith(b"\n") else block + b"\n"
            if other is not None and other[0] < first + count:
                lines = content.split(b"\n")
                while other is not None and other[0] < first + count:
                    number, lines[number - first] = other
                    other = next(others, None)
                content = b"\n".join(lines)
            file.write(_LINE_END.sub(b"\n", content))
    return target


def fault(line: bytes, width: int, longest: int) -> str | None:
    """Return what keeps a line from being one record of `width` fields, or None."""
    if len(line) > longest:
        return f"the line is longer than {longest:,} bytes"
    if b"\0" in line:
        return "the line holds a NUL byte"
    try:
        return _shape_fault(line.decode().rstrip("\r"), width)
    except UnicodeDecodeError:
        return "the line is not UTF-8"


def _shape_fault(text: str, width: int) -> str | None:
    if "\r" in text:
        return "a carriage return stands inside the line"
    if '"' not in text:
        count = text.count(",") + 1
    elif _RECORD.match(text):
        count = len(next(csv.reader([text], strict=True)))
    else:
        return "broken quoting: a quotation mark is not closed, or stands inside a bare field"
    if count < width:
        return "fewer fields than the header has"
    return "more fields than the header has" if count > width else None


def _is_text(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True
