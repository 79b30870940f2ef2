"""What is drawn of an answer: which columns, as what, and how far.

The numbers are not repeated for the chart: the page's script reads them from the table that stands
beside it, whose cells hold the exact values. Without a script there is the table.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Literal

from lake.schema import STATUSES
from queries.panel import Chart as Kind
from web import show
from web.engine import Answer
from web.table import CARD_ROWS, LIST_ROWS, PAGE_ROWS, are_months, measure, whole

BARS = 20
"""Most bars: beyond that the smallest are hairlines, and the table ranks them better."""
MOST_MONTHS = 120
"""Ten years of months: beyond that they are hairlines."""
LONG_GAP = 12
"""Months without orders, after which the fewer ones before it are taken for slips."""

Size = Literal["low", "middle", "high"]


@dataclass(frozen=True)
class Room:
    """The room that an answer most likely takes: kept free while it is waited for."""

    kind: Kind
    size: Size
    rows: int
    """of the table beside the chart"""


@dataclass(frozen=True)
class Chart:
    """A chart beside its table."""

    kind: Kind
    label: int
    """place of the column that names the points"""
    value: int
    """place of the column that is drawn"""
    caption: str
    size: Size
    most: int | None
    """how many of the table's rows are drawn; None draws all"""
    first: str
    """the month with which the drawing begins, as YYYY-MM; empty where no months are drawn"""
    last: str
    """the month after which nothing is drawn, as YYYY-MM; empty draws all"""
    earlier: int
    later: int
    """how many months with orders lie before and after what is drawn"""


def chart(answer: Answer, kind: Kind, open_month: date | None, *, card: bool) -> Chart | None:
    """Return an answer's chart, or None where there is nothing to draw.

    That is without a number, without names, with fewer than two points, and of shares with a
    negative number among them.

    A chart of months ends with `open_month`, the newest export's, and begins after a long gap: an
    order dated far off by a slip would stretch the axis over years without orders, and squeeze or
    push out the real months. Points of other times stand side by side, so nothing is left out.
    """
    value = measure(answer.columns, kind)
    if value is None or value == 0 or (kind == "share" and not whole(answer.rows, value)):
        return None
    rows = len(answer.rows)
    first = last = ""
    earlier = later = 0
    points = rows
    if kind == "line" and are_months(answer.columns[0], (row[0] for row in answer.rows)):
        months = sorted({row[0] for row in answer.rows if isinstance(row[0], date)})
        until = [month for month in months if open_month is None or month <= open_month]
        earlier, later = _begin(until), len(months) - len(until)
        points = len(until) - earlier
        first = show.exact(until[earlier])[:7] if until else ""
        last = show.exact(open_month)[:7]
    if points < 2:
        return None
    most = (CARD_ROWS if card else BARS) if kind == "bar" else None
    by = answer.columns[0].name.replace("_", " ")
    name = answer.columns[value].name.replace("_", " ")
    caption = show.visible(f"{name[:1].upper()}{name[1:]} by {by}")
    if most and rows > most:
        caption += f", the first {most}"
    elif kind == "line" and points > PAGE_ROWS:
        caption += f", the last {PAGE_ROWS}"
    size = _size(kind, min(rows, most or rows))
    return Chart(kind, 0, value, caption, size, most, first, last, earlier, later)


def room(kind: Kind, *, card: bool) -> Room:
    """Return the room for an answer that nobody knows yet, taking it to be as long as may be."""
    on_card = {"bar": CARD_ROWS, "share": len(STATUSES)}
    rows = on_card.get(kind, LIST_ROWS) if card else LIST_ROWS
    return Room(kind, _size(kind, CARD_ROWS if card else BARS), rows)


def _begin(months: Sequence[date]) -> int:
    """Return how many of the first months are not drawn: few before a long gap, or too long ago."""
    begin = 0
    for place, (before, month) in enumerate(pairwise(months), 1):
        if _apart(before, month) > LONG_GAP and place < len(months) - place:
            begin = place
    while begin < len(months) and _apart(months[begin], months[-1]) >= MOST_MONTHS:
        begin += 1
    return begin


def _apart(one: date, other: date) -> int:
    return 12 * (other.year - one.year) + other.month - one.month


def _size(kind: Kind, points: int) -> Size:
    if kind != "bar":
        return "middle"
    return "low" if points <= CARD_ROWS else "high"
