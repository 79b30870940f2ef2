"""An answer as a table for the eye: headings, and cells as text beside their exact values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import takewhile

from queries.panel import Chart
from web import show
from web.engine import Answer, Column, Value

PAGE_ROWS = 500
"""Most rows on a panel's page; the exports have them all."""
CARD_ROWS = 8
"""Most rows of a ranking on the overview: the days of a week fit, and its chart is still low."""
LIST_ROWS = 10
"""Most rows of any other table there."""


@dataclass(frozen=True)
class Heading:
    """A column's heading."""

    label: str
    number: bool


@dataclass(frozen=True)
class Cell:
    """A cell: its text, and its exact value where that is a number or a time."""

    text: str
    number: bool = False
    exact: str = ""
    """the value as programs read it: 1234.50, 2025-03-31, 2025-03 for a month"""
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
    hidden: int = 0
    """how many of the first rows only the chart shows"""
    later: int = 0
    """how many rows after those shown lie beyond what a chart of months draws"""

    @property
    def shown(self) -> int:
        """How many rows are seen."""
        return len(self.rows) - self.hidden

    @property
    def cut(self) -> bool:
        """Whether the answer has more rows than are seen."""
        return self.total > self.shown


def table(
    answer: Answer,
    chart: Chart,
    currency: str | None,
    *,
    open_month: date | None = None,
    card: bool = False,
) -> Table:
    """Return what is shown of an answer: on a card its head, or its end where time runs down.

    Of more months than are shown those after `open_month`, the newest export's, are left out first:
    the chart does not draw them either.
    """
    newest = chart == "line"
    on_card = CARD_ROWS if chart == "bar" else LIST_ROWS
    limit = on_card if card and not newest else PAGE_ROWS
    measured = measure(answer.columns, chart)
    total = whole(answer.rows, measured) if chart == "share" else None
    months = {
        place
        for place, column in enumerate(answer.columns)
        if are_months(column, (row[place] for row in answer.rows))
    }
    later = 0
    if newest and 0 in months and open_month:
        beyond = takewhile(lambda row: _is_after(row[0], open_month), reversed(answer.rows))
        most = LIST_ROWS if card else limit
        later = min(sum(1 for _ in beyond), max(0, len(answer.rows) - most))
    end = len(answer.rows) - later
    rows = answer.rows[max(0, end - limit) : end] if newest else answer.rows[:limit]
    names = {
        place
        for place, column in enumerate(answer.columns)
        if place != measured and _is_name(column, labels=place == 0 and measured is not None)
    }

    def cells(place: int, value: Value) -> list[Cell]:
        if place in months and isinstance(value, date):
            return [Cell(show.short_month(value), exact=show.exact(value)[:7], whole=True)]
        if place in names and isinstance(value, int):
            return [Cell(show.number(value, grouped=False), number=True)]
        cell = _cell(answer.columns[place], value)
        if place != measured or total is None:
            return [cell]
        if not isinstance(value, int | float | Decimal):
            return [cell, Cell(show.NOTHING, number=True)]
        part = min(max(Decimal(str(value)) / total, Decimal(0)), Decimal(1))
        return [cell, Cell(_percent(part * 100), number=True)]

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
        max(0, len(rows) - LIST_ROWS) if card and newest else 0,
        later,
    )


def measure(columns: Sequence[Column], chart: Chart) -> int | None:
    """Return the place of the column a chart draws: the last number, in shares the first."""
    if chart == "none":
        return None
    numbers = [place for place, column in enumerate(columns) if _is_number(column)]
    if not numbers:
        return None
    return numbers[0] if chart == "share" else numbers[-1]


def are_months(column: Column, values: Iterable[Value]) -> bool:
    """Tell whether a column holds months: first days of one, called so or two of them neighbours.

    Quarters and years are such days as well, but never a month apart.
    """
    if column.type != "date":
        return False
    months: set[int] = set()
    for value in values:
        if isinstance(value, date):
            if value.day != 1:
                return False
            months.add(12 * value.year + value.month)
    return "month" in column.name.lower() or any(month + 1 in months for month in months)


def _is_after(value: Value, month: date) -> bool:
    return isinstance(value, date) and value > month


def _heading(column: Column, currency: str | None) -> Heading:
    label = column.name.replace("_", " ")
    if currency and column.type == "decimal":
        label += f", {currency}"
    return Heading(show.visible(label[:1].upper() + label[1:]), _is_number(column))


def _cell(column: Column, value: Value) -> Cell:
    text = show.value(value)
    exact = "" if isinstance(value, str) else show.exact(value)
    return Cell(text, _is_number(column), exact, _is_whole(column, text))


def _is_number(column: Column) -> bool:
    return column.type in ("integer", "decimal", "double")


def _is_name(column: Column, *, labels: bool) -> bool:
    """Tell whether whole numbers name what they stand for, as a year does, and count nothing."""
    is_year = column.name == "year" or column.name.endswith("_year")
    return column.type == "integer" and (labels or is_year)


def _is_whole(column: Column, text: str) -> bool:
    is_id = column.name == "id" or column.name.endswith("_id")
    return column.type in ("date", "timestamp") or (is_id and show.is_short(text))


def _percent(share: Decimal) -> str:
    # a share that is there is never said to be none
    return "<1\N{NO-BREAK SPACE}%" if 0 < share < 1 else f"{share:.0f}\N{NO-BREAK SPACE}%"


def _numbers(rows: Sequence[tuple[Value, ...]], place: int | None) -> list[Decimal]:
    if place is None:
        return []
    given = (row[place] for row in rows)
    values = (Decimal(str(value)) for value in given if isinstance(value, int | float | Decimal))
    return [value for value in values if value.is_finite()]


def whole(rows: Sequence[tuple[Value, ...]], place: int | None) -> Decimal | None:
    """Return what numbers are shares of: their sum, None where one is negative or all are 0."""
    numbers = list(_numbers(rows, place))
    return None if any(number < 0 for number in numbers) else sum(numbers, Decimal(0)) or None
