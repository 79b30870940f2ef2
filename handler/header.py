"""The header: what a file's first bytes say it is, and where its columns stand."""

import codecs
import csv
from collections import Counter
from dataclasses import dataclass, field

from handler.arrival import Arrival, Rejected
from lake.schema import INPUT_COLUMNS

MAX_COLUMNS = 1000
"""Most columns of a file: an orders export has five; more is some other file."""

PREAMBLE_LINES = 20
"""How many lines are searched for a header that does not stand first."""

SAMPLE_LINES = 1000
"""Lines that are looked at to guess how the others are written."""

BLANK = " \t\r\x1a"
"""What may stand around a value or fill a blank line; Ctrl-Z is how DOS ends a text."""

_KINDS = (
    (b"\x1f\x8b", "it is compressed with gzip: unpack it first"),
    (b"PK\x03\x04", "it is a zip archive or an Excel workbook: save the sheet as CSV (UTF-8)"),
    (b"\xd0\xcf\x11\xe0", "it is an old Excel workbook: save the sheet as CSV (UTF-8)"),
    (b"PAR1", "it is a Parquet file: export the orders as CSV"),
    (b"%PDF", "it is a PDF: export the orders as CSV"),
    (b"\x28\xb5\x2f\xfd", "it is compressed with zstd: unpack it first"),
    (b"BZh", "it is compressed with bzip2: unpack it first"),
    (codecs.BOM_UTF16_LE, "it is UTF-16: save it as CSV in UTF-8"),
    (codecs.BOM_UTF16_BE, "it is UTF-16: save it as CSV in UTF-8"),
    (b"<", "it is HTML or XML, perhaps an error page saved under that name: export it again"),
    (b"{", "it is JSON: export the orders as CSV"),
    (b"[", "it is JSON: export the orders as CSV"),
)

_SEPARATORS = {";": "semicolons", "\t": "tabs", "|": "bars"}

_EXPECTED = ",".join(INPUT_COLUMNS)


@dataclass(frozen=True)
class Layout:
    """Where the columns of a file stand."""

    columns: tuple[str, ...]
    """by position: a name of INPUT_COLUMNS, or `extra <position>` for one that is ignored"""
    line: int
    """the header's physical line, from 1"""
    size: int
    """bytes up to the end of the header, without line ends"""
    repairs: dict[str, int] = field(default_factory=dict)

    @property
    def ends_with_known(self) -> bool:
        """Whether the last column is one that must have a value."""
        return self.columns[-1] in INPUT_COLUMNS


def read_header(arrival: Arrival) -> Layout:
    """Read the header of a file. Raises Rejected with the reason."""
    _refuse_other_kinds(arrival.head)
    repairs = {}
    head = arrival.head
    if head.startswith(codecs.BOM_UTF8):
        head = head.removeprefix(codecs.BOM_UTF8)
        repairs["byte_order_mark"] = 1
    first = _first_line(head)
    if first is None:
        raise Rejected(f"the file is empty: export it again, with the header {_EXPECTED}")
    lines = head.split(b"\n", first + PREAMBLE_LINES + 1)
    if first == len(lines) - 1 and arrival.size > len(arrival.head):
        raise Rejected(f"the first line is longer than {len(arrival.head):,} bytes: it is no CSV")
    names = _fields(lines[first], first + 1)
    _refuse_other_headers(names, lines, first)
    columns = tuple(
        _KNOWN.get(_normal(name), f"extra {position}") for position, name in enumerate(names)
    )
    mended = sum(
        name in _KNOWN.values() and name != given
        for name, given in zip(columns, names, strict=True)
    )
    if mended:
        repairs["header_names"] = mended
    for name in names:
        if _normal(name) not in _KNOWN:
            repairs[f"ignored_column {name.strip()[:64]}".strip()] = 1
    size = sum(
        len(line.removesuffix(b"\r")) for line in arrival.head.split(b"\n", first + 1)[: first + 1]
    )
    return Layout(columns, first + 1, size, repairs)


def is_blank(line: bytes) -> bool:
    """Tell whether nothing stands on a line."""
    return not line.strip(BLANK.encode())


def is_header(line: str) -> bool:
    """Tell whether a line without quotation marks is a header: it may be repeated inside a file."""
    return _KNOWN.keys() <= set(_normal(line).split(","))


def needs_mending(head: bytes, layout: Layout) -> bool:
    """Guess from the first lines whether values have blanks around them or a status has capitals.

    Only a guess about speed: a file that turns out to need it after all is read again.
    """
    at = [layout.columns.index(name) for name in ("Amount", "Status", "OrderDate")]
    last = layout.line + SAMPLE_LINES
    for line in head.split(b"\n", last)[layout.line : last]:
        fields = line.rstrip(b"\r").split(b",")
        values = [fields[i] for i in at if i < len(fields)]
        if any(value != value.strip(BLANK.encode()).lower() for value in values):
            return True
    return False


_KNOWN = {name.casefold(): name for name in INPUT_COLUMNS}


def _first_line(head: bytes) -> int | None:
    """Return which line, from 0, is the first that is not blank."""
    rest = head.lstrip(BLANK.encode() + b"\n")
    return head.count(b"\n", 0, len(head) - len(rest)) if rest else None


def _normal(name: str) -> str:
    """Return a column's name without case and blanks."""
    return "".join(name.split()).casefold()


def _fields(line: bytes, number: int) -> list[str]:
    """Split the header line into its fields. Raises Rejected."""
    try:
        text = line.decode().rstrip("\r")
    except UnicodeDecodeError:
        raise Rejected(f"line {number} is not UTF-8: save the file as CSV in UTF-8") from None
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error as fault:
        raise Rejected(f"the header in line {number} cannot be read: {fault}") from None


def _refuse_other_kinds(head: bytes) -> None:
    start = head.lstrip()
    for magic, sentence in _KINDS:
        if start.startswith(magic) or head.startswith(magic):
            raise Rejected(f"this is not CSV text: {sentence}")
    if head.count(0) * 10 > len(head):
        raise Rejected("this is not CSV text: it is full of NUL bytes; save it as CSV in UTF-8")


def _refuse_other_headers(names: list[str], lines: list[bytes], first: int) -> None:
    where = f"line {first + 1}"
    if len(names) > MAX_COLUMNS:
        raise Rejected(f"{where} has {len(names):,} columns, the limit is {MAX_COLUMNS:,}")
    given = Counter(_normal(name) for name in names)
    twice = sorted(name for name, count in given.items() if name and count > 1)
    if twice:
        raise Rejected(f"{where} names the column {twice[0]!r} twice: which one is meant?")
    missing = [name for known, name in _KNOWN.items() if known not in given]
    if not missing:
        return
    for separator, word in _SEPARATORS.items():
        if is_header(",".join(names).replace(separator, ",")):
            raise Rejected(f"the fields are separated by {word}: export with commas")
    for number, line in enumerate(lines[first + 1 : first + 1 + PREAMBLE_LINES], first + 2):
        if is_header(line.decode(errors="replace")):
            raise Rejected(
                f"the header stands in line {number}, not in {where}: remove what is before it"
            )
    if len(missing) == len(INPUT_COLUMNS):
        raise Rejected(f"{where} is not the header {_EXPECTED}: add it, or export again")
    raise Rejected(f"the header in {where} lacks {', '.join(missing)}: it must have {_EXPECTED}")
