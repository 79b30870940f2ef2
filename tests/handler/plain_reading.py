"""What should become of each line of a file, worked out a second time: byte by byte, slowly.

It owes nothing to the handler and nothing to Polars: a loop over lines, a loop over characters.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

BLANK = b" \t\r\x1a"
COLUMNS = ("orderid", "customer", "amount", "status", "orderdate")
STATUSES = ("pending", "confirmed", "shipped", "cancelled")
LONGEST = 64 * 1024
AMOUNT = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,2})?", re.ASCII)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)

Row = tuple[str, str, Decimal, str, date]
"""id, customer, amount, status, date"""


@dataclass(frozen=True)
class Reading:
    """Each physical line below the header is in one of these, or says nothing."""

    kept: dict[int, Row]
    dropped: dict[int, Row]
    quarantined: dict[int, bytes]


class NoHeader(Exception):
    """There is no line with the five columns where the header must be."""


def read(content: bytes, received: date) -> Reading:
    """Read a file; line numbers count from 1. Raises NoHeader."""
    if b"\n" not in content:
        content = content.replace(b"\r", b"\n")
    # an end of the last line begins no line
    lines = content.removesuffix(b"\n").split(b"\n")
    lines[0] = lines[0].removeprefix(b"\xef\xbb\xbf")
    numbered = zip(count(1), lines, strict=False)
    header = next((line for _, line in numbered if line.strip(BLANK)), b"")
    try:
        # a column is only known by its name: a mark within one is part of it, and costs nothing
        text = header.decode().rstrip("\r")
        names = [name(field) for field in fields(text, marks_in_bare=True)]
    except ValueError:
        raise NoHeader from None
    if any(names.count(column) != 1 for column in COLUMNS):
        raise NoHeader
    if any(names.count(name_) > 1 for name_ in names if name_):
        raise NoHeader
    found = Reading({}, {}, {})
    for number, line in numbered:
        raw = line.removesuffix(b"\r")
        if not raw.strip(BLANK) or is_repeated_header(raw, len(names)):
            continue
        try:
            row, is_dropped = order(raw, names, received)
        except ValueError:
            found.quarantined[number] = raw
        else:
            (found.dropped if is_dropped else found.kept)[number] = row
    return found


def order(raw: bytes, names: list[str], received: date) -> tuple[Row, bool]:
    """Return the order on a line, and whether it is dropped. Raises ValueError for no order."""
    if len(raw) > LONGEST or b"\0" in raw:
        raise ValueError
    given = fields(raw.decode().rstrip("\r"))
    if len(given) != len(names):
        raise ValueError
    id_, customer, amount, status, day = (given[names.index(column)] for column in COLUMNS)
    blank = BLANK.decode()
    amount, status, day = (text.strip(blank) for text in (amount, status, day))
    status = {"canceled": "cancelled"}.get(status.lower(), status.lower())
    if not (id_.strip(blank) and customer.strip(blank) and AMOUNT.fullmatch(amount)):
        raise ValueError
    if status not in STATUSES or not DAY.fullmatch(day):
        raise ValueError
    ordered = date.fromisoformat(day)
    if not date(1900, 1, 1) <= ordered <= date(2199, 12, 31):
        raise ValueError
    old = ordered <= received - timedelta(days=30)
    row = (id_, customer, Decimal(amount), status, ordered)
    return row, old and status in ("pending", "cancelled")


def fields(text: str, *, marks_in_bare: bool = False) -> list[str]:
    """Return the fields of one record. Raises ValueError where quoting is broken."""
    found, at = [], 0
    while True:
        field = ""
        if text[at : at + 1] == '"':
            at += 1
            while text[at : at + 2] == '""' or text[at : at + 1] not in ('"', ""):
                field += text[at]
                at += 2 if text[at] == '"' else 1
            if text[at : at + 1] != '"':
                raise ValueError
            at += 1
        else:
            while text[at : at + 1] not in (",", ""):
                if text[at] == '"' and not marks_in_bare:
                    raise ValueError
                field += text[at]
                at += 1
        if "\r" in field:
            raise ValueError
        found.append(field)
        if at == len(text):
            return found
        if text[at] != ",":
            raise ValueError
        at += 1


def name(field: str) -> str:
    return "".join(field.split()).casefold()


def is_repeated_header(raw: bytes, width: int) -> bool:
    """Tell whether a sound line holds the five columns' names again."""
    try:
        text = raw.decode()
        sound = len(fields(text.rstrip("\r"))) == width and len(raw) <= LONGEST
    except ValueError:
        return False
    return sound and "\0" not in text and {name(part) for part in text.split(",")} >= set(COLUMNS)
