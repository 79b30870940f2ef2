"""The overview's key figures, reckoned from the answers of two panels.

A change is only told between two whole months: a month that was not over when the newest file was
exported, or that the span cuts, is no month to compare.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from queries.compose import next_month
from web import show
from web.engine import Answer

MONTHLY = "monthly-orders-and-revenue"
STATUS = "order-status"
FIRM = ("confirmed", "shipped")
"""The statuses that no longer hang in the balance."""


@dataclass(frozen=True)
class Figure:
    """A number to be read first."""

    label: str
    text: str
    note: str = ""
    change: str = ""
    """the change with its sign; what it is measured against stands in the note"""
    falls: bool = False
    money: bool = False
    """whether the currency belongs to it"""


def figures(
    monthly: Answer,
    all_months: Answer,
    status: Answer | None,
    *,
    span: tuple[date | None, date | None],
    newest: date | None,
) -> list[Figure]:
    """Return the figures.

    `monthly` and `status` are narrowed by the whole filter, `all_months` not by its span. `newest`
    is the day of the newest export.
    """
    months = _months(monthly)
    orders = sum(count for count, _ in months.values())
    revenue = sum((amount for _, amount in months.values()), Decimal(0))
    firm = _firm(status) if status else None
    found = [
        Figure(
            "Revenue",
            show.number(revenue),
            f"{show.number(firm[1])} of it confirmed or shipped" if firm else "",
            money=True,
        ),
        Figure(
            "Orders",
            show.number(orders),
            f"{show.number(firm[0])} of them confirmed or shipped" if firm else "",
        ),
        Figure(
            "Average order",
            show.number(_cents(revenue / orders)) if orders else show.NOTHING,
            money=True,
        ),
    ]
    return [*found, _last_month(months, _months(all_months), span, newest)]


def _last_month(
    months: dict[date, tuple[int, Decimal]],
    all_months: dict[date, tuple[int, Decimal]],
    span: tuple[date | None, date | None],
    newest: date | None,
) -> Figure:
    whole = [month for month in months if _is_whole(month, span, newest)]
    if not whole:
        return Figure("Last whole month", show.NOTHING, "no whole month in this span")
    month = max(whole)
    amount = months[month][1]
    label = f"Revenue in {show.month(month)}"
    before = (month - timedelta(days=1)).replace(day=1)
    earlier = all_months.get(before, (0, Decimal(0)))[1]
    if earlier <= 0:
        note = f"nothing in {show.month(before)} to compare"
        return Figure(label, show.number(amount), note, money=True)
    change = amount / earlier - 1
    return Figure(
        label,
        show.number(amount),
        f"on {show.month(before)}",
        show.percent(change),
        falls=change < 0,
        money=True,
    )


def _is_whole(month: date, span: tuple[date | None, date | None], newest: date | None) -> bool:
    first, last = span
    end = next_month(month)
    return (
        (first is None or first <= month)
        and (last is None or end - timedelta(days=1) <= last)
        and (newest is None or end <= newest)
    )


def _months(answer: Answer) -> dict[date, tuple[int, Decimal]]:
    """Return orders and revenue by month."""
    return {
        row["month"]: (_whole(row["orders"]), _amount(row["revenue"]))
        for row in _rows(answer)
        if isinstance(row["month"], date)
    }


def _firm(answer: Answer) -> tuple[int, Decimal]:
    rows = [row for row in _rows(answer) if row["status"] in FIRM]
    return (
        sum(_whole(row["orders"]) for row in rows),
        sum((_amount(row["revenue"]) for row in rows), Decimal(0)),
    )


def _rows(answer: Answer) -> Sequence[dict[str, object]]:
    names = [column.name for column in answer.columns]
    return [dict(zip(names, row, strict=True)) for row in answer.rows]


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _amount(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(0)


def _cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)
