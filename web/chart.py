"""What is drawn of an answer: which columns, as what, and how far.

The numbers are not repeated for the chart: the page's script reads them from the table that stands
beside it, whose cells hold the exact values. Without a script there is the table.
"""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from lake.schema import STATUSES
from queries.panel import Chart as Kind
from web import show
from web.engine import Answer
from web.table import CARD_ROWS, LIST_ROWS, measure

BARS = 20
"""Most bars: beyond that the smallest are hairlines, and the table ranks them better."""

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
    last: str
    """the month after which nothing is drawn, as YYYY-MM; empty draws all"""
    later: int
    """how many months with orders lie after it"""


def chart(answer: Answer, kind: Kind, open_month: date | None, *, card: bool) -> Chart | None:
    """Return an answer's chart, or None if it has no number, no names, or fewer than two points.

    A chart over time ends with `open_month`, the newest export's: an order dated far ahead by a
    slip would stretch the axis over years without orders, and push the real months out.
    """
    value = measure(answer.columns, kind)
    if value is None or value == 0:
        return None
    rows = len(answer.rows)
    later = 0
    last = ""
    months = kind == "line" and answer.columns[0].type == "date"
    if months and open_month is not None:
        later = sum(isinstance(row[0], date) and row[0] > open_month for row in answer.rows)
        last = f"{open_month:%Y-%m}"
    if rows - later < 2:
        return None
    most = (CARD_ROWS if card else BARS) if kind == "bar" else None
    by = answer.columns[0].name.replace("_", " ")
    name = answer.columns[value].name.replace("_", " ")
    caption = show.visible(f"{name[:1].upper()}{name[1:]} by {by}")
    if most and rows > most:
        caption += f", the first {most}"
    return Chart(kind, 0, value, caption, _size(kind, min(rows, most or rows)), most, last, later)


def room(kind: Kind, *, card: bool) -> Room:
    """Return the room for an answer that nobody knows yet, taking it to be as long as may be."""
    on_card = {"bar": CARD_ROWS, "share": len(STATUSES)}
    rows = on_card.get(kind, LIST_ROWS) if card else LIST_ROWS
    return Room(kind, _size(kind, CARD_ROWS if card else BARS), rows)


def _size(kind: Kind, points: int) -> Size:
    if kind != "bar":
        return "middle"
    return "low" if points <= CARD_ROWS else "high"
