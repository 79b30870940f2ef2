"""An answer as a table for the eye: headings, cells as text, bars beside the numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from queries.panel import Chart
from web import show
from web.engine import Answer, Column, Value

PAGE_ROWS = 500
"""Most rows on a panel's page; the exports have them all."""
CARD_ROWS = 10
"""Most rows on the overview."""


@dataclass(frozen=True)
class Heading:
    """A column's heading."""

    label: str
    number: bool


@dataclass(frozen=True)
class Cell:
    """A cell: its text, and the bar beside it."""

    text: str
    number: bool
    bar: float | None = None
    """the bar's length, percent of the longest, or of the whole in a chart of shares"""
    share: bool = False
    """whether the bar is a share of the whole, and the text says how much"""
    whole: bool = False
    """whether no line break may part it: a date, a time, an id"""


@dataclass(frozen=True)
class Table:
    """What is shown of an answer."""

    headings: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...]
    total: int
    """rows of the answer"""
    truncated: bool
    """whether the answer itself was cut"""
    newest: bool
    """whether the rows shown are the last ones, of an answer in time order"""

    @property
    def cut(self) -> bool:
        """Whether the answer has more rows than are shown."""
        return self.total > len(self.rows)


def table(answer: Answer, chart: Chart, currency: str | None, *, card: bool = False) -> Table:
    """Return what is shown of an answer: on a card its head, or its end where time runs down."""
    newest = chart == "line"
    limit = CARD_ROWS if card else PAGE_ROWS
    rows = answer.rows[-limit:] if newest else answer.rows[:limit]
    measured = measure(answer.columns, chart)
    total = _total(answer.rows, measured) if chart == "share" else None
    longest = _longest(answer.rows, measured) if chart == "bar" else total
    months = {
        place
        for place, column in enumerate(answer.columns)
        if column.type == "date" and column.name == "month"
    }

    def cells(place: int, value: Value) -> list[Cell]:
        column = answer.columns[place]
        text = _short(value) if place in months else show.value(value)
        plain = Cell(text, _is_number(column), whole=_is_whole(column, text))
        if place != measured or longest is None:
            return [plain]
        if not isinstance(value, int | float | Decimal):
            return [plain] if total is None else [plain, Cell(show.NOTHING, number=True)]
        part = Decimal(str(value)) / longest * 100
        bar = float(round(min(max(part, Decimal(0)), Decimal(100)), 2))
        if total is None:
            return [Cell(text, number=True, bar=bar)]
        return [plain, Cell(_percent(part), number=True, bar=bar, share=True)]

    headings = [_heading(column, currency) for column in answer.columns]
    if measured is not None and total is not None:
        headings.insert(measured + 1, Heading("Share", number=True))
    return Table(
        tuple(headings),
        tuple(
            tuple(one for place, value in enumerate(row) for one in cells(place, value))
            for row in rows
        ),
        len(answer.rows),
        answer.truncated,
        newest,
    )


def measure(columns: Sequence[Column], chart: Chart) -> int | None:
    """Return the place of the column a chart draws: the last number, in shares the first."""
    if chart == "none":
        return None
    numbers = [place for place, column in enumerate(columns) if _is_number(column)]
    if not numbers:
        return None
    return numbers[0] if chart == "share" else numbers[-1]


def _heading(column: Column, currency: str | None) -> Heading:
    label = column.name.replace("_", " ")
    if currency and column.type == "decimal":
        label += f", {currency}"
    return Heading(show.visible(label[:1].upper() + label[1:]), _is_number(column))


def _is_number(column: Column) -> bool:
    return column.type in ("integer", "decimal", "double")


def _is_whole(column: Column, text: str) -> bool:
    is_id = column.name == "id" or column.name.endswith("_id")
    return column.type in ("date", "timestamp") or (is_id and show.is_short(text))


def _percent(share: Decimal) -> str:
    # a share that is there is never said to be none
    return "<1\N{NO-BREAK SPACE}%" if 0 < share < 1 else f"{share:.0f}\N{NO-BREAK SPACE}%"


def _short(value: Value) -> str:
    return show.short_month(value) if isinstance(value, date) else show.value(value)


def _numbers(rows: Sequence[tuple[Value, ...]], place: int | None) -> list[Decimal]:
    if place is None:
        return []
    given = (row[place] for row in rows)
    values = (Decimal(str(value)) for value in given if isinstance(value, int | float | Decimal))
    return [value for value in values if value.is_finite()]


def _longest(rows: Sequence[tuple[Value, ...]], place: int | None) -> Decimal | None:
    return max((value for value in _numbers(rows, place) if value > 0), default=None)


def _total(rows: Sequence[tuple[Value, ...]], place: int | None) -> Decimal | None:
    return sum((value for value in _numbers(rows, place) if value > 0), Decimal(0)) or None
