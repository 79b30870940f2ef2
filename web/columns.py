"""A chart over time, drawn here as SVG: a column a month, no script and no inline style.

The table with the same numbers always stands below it.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from web import show
from web.engine import Answer
from web.table import measure

WIDTH = 1000
HEIGHT = 200
GAP = 0.28
"""Share of a month's width that stays empty."""
MOST = 120
"""Most columns: ten years of months; beyond that they are hairlines."""


@dataclass(frozen=True)
class Bar:
    """A column: its place in a picture of WIDTH by HEIGHT, and what it says."""

    x: float
    y: float
    width: float
    height: float
    text: str
    open: bool
    """whether its month was not over when the newest file was exported"""


@dataclass(frozen=True)
class Chart:
    """Columns from the first month to the last, months without orders included."""

    name: str
    bars: tuple[Bar, ...]
    top: str
    """the highest value, as text"""
    labels: tuple[str, ...]
    """the first month, the one in the middle, the last"""
    later: int
    """how many months with orders lie after the last one drawn"""


def chart(answer: Answer, open_month: date | None) -> Chart | None:
    """Return an answer's chart, or None if it is not one over months, or draws fewer than two.

    It ends with `open_month`, the newest export's: an order dated far ahead by a slip would
    stretch the axis over years without orders, and push the real months out.
    """
    place = measure(answer.columns, "line")
    if place is None or not answer.columns or answer.columns[0].type != "date":
        return None
    values: dict[date, Decimal] = {}
    for row in answer.rows:
        month, value = row[0], row[place]
        if isinstance(month, date) and isinstance(value, int | Decimal):
            values[month.replace(day=1)] = Decimal(value)
    drawn = [month for month in values if open_month is None or month <= open_month]
    if len(drawn) < 2:
        return None
    months = _months(min(drawn), max(drawn))[-MOST:]
    top = max(values[month] for month in months if month in values)
    if top <= 0:
        return None
    step = WIDTH / len(months)
    bars = []
    for index, month in enumerate(months):
        value = values.get(month, Decimal(0))
        height = float(max(value, Decimal(0)) / top) * HEIGHT
        bars.append(
            Bar(
                round(step * (index + GAP / 2), 2),
                round(HEIGHT - height, 2),
                round(step * (1 - GAP), 2),
                round(height, 2),
                f"{show.month(month)}: {show.number(value)}",
                month == open_month,
            )
        )
    middle = months[len(months) // 2]
    labels = [months[0], middle, months[-1]] if len(months) > 2 else [months[0], months[-1]]
    return Chart(
        answer.columns[place].name.replace("_", " "),
        tuple(bars),
        show.number(top),
        tuple(show.short_month(month) for month in labels),
        len(values) - len(drawn),
    )


def _months(first: date, last: date) -> list[date]:
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    start = first.year * 12 + first.month - 1
    return [date((start + n) // 12, (start + n) % 12 + 1, 1) for n in range(count)]
