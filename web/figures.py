"""The overview's key figures, reckoned from the answers of two panels.

A change is only told between two whole months: a month that was not over when the newest file was
exported, or that the span cuts, is no month to compare.
"""

from collections.abc import Callable, Sequence
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
class Month:
    """A figure in the last whole month, beside the month before."""

    name: str
    value: int | Decimal
    before: str
    """the name of the month before"""
    change: Decimal | None
    """the change against it as a share: 0.042; None where there was nothing"""


@dataclass(frozen=True)
class Figure:
    """A number to be read first."""

    label: str
    value: int | Decimal | None
    """None where there is nothing to reckon it from"""
    money: bool = False
    """whether the currency belongs to it"""
    firm: int | Decimal | None = None
    """how much of it is confirmed or shipped"""
    month: Month | None = None
    """None where no whole month lies in the span"""


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
    sums = _Sums(
        sum(month.orders for month in months.values()),
        sum((month.revenue for month in months.values()), Decimal(0)),
    )
    firm = _firm(status) if status else None
    whole = [month for month in months if _is_whole(month, span, newest)]
    last = max(whole, default=None)
    here = there = None
    before = date.min
    if last:
        before = (last - timedelta(days=1)).replace(day=1)
        here, there = months[last], _months(all_months).get(before, _Sums(0, Decimal(0)))

    def month(pick: Callable[[_Sums], int | Decimal | None]) -> Month | None:
        if last is None or here is None or there is None:
            return None
        value, earlier = pick(here), pick(there)
        if value is None:
            return None
        change = _change(value, earlier) if earlier and earlier > 0 else None
        return Month(show.short_month(last), value, show.short_month(before), change)

    return [
        Figure(
            "Revenue",
            sums.revenue,
            money=True,
            firm=firm.revenue if firm else None,
            month=month(lambda sums: sums.revenue),
        ),
        Figure(
            "Orders",
            sums.orders,
            firm=firm.orders if firm else None,
            month=month(lambda sums: sums.orders),
        ),
        Figure("Average order", sums.average, money=True, month=month(lambda sums: sums.average)),
    ]


@dataclass(frozen=True)
class _Sums:
    orders: int
    revenue: Decimal

    @property
    def average(self) -> Decimal | None:
        """The revenue an order brings, to the cent, halves up."""
        if not self.orders:
            return None
        return (self.revenue / self.orders).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _change(value: int | Decimal, earlier: int | Decimal) -> Decimal:
    """Return a change as a share, to the tenth of a percent that is shown."""
    return (Decimal(value) / Decimal(earlier) - 1).quantize(Decimal("0.001"), ROUND_HALF_UP)


def _is_whole(month: date, span: tuple[date | None, date | None], newest: date | None) -> bool:
    first, last = span
    end = next_month(month)
    return (
        (first is None or first <= month)
        and (last is None or end - timedelta(days=1) <= last)
        and (newest is None or end <= newest)
    )


def _months(answer: Answer) -> dict[date, _Sums]:
    """Return orders and revenue by month."""
    return {row["month"]: _sums(row) for row in _rows(answer) if isinstance(row["month"], date)}


def _firm(answer: Answer) -> _Sums:
    rows = [_sums(row) for row in _rows(answer) if row["status"] in FIRM]
    return _Sums(sum(row.orders for row in rows), sum((row.revenue for row in rows), Decimal(0)))


def _sums(row: dict[str, object]) -> _Sums:
    return _Sums(_whole(row["orders"]), _amount(row["revenue"]))


def _rows(answer: Answer) -> Sequence[dict[str, object]]:
    names = [column.name for column in answer.columns]
    return [dict(zip(names, row, strict=True)) for row in answer.rows]


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def _amount(value: object) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(0)
