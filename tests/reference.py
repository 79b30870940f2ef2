"""The five panels calculated a second time, in plain Python, without the code under test."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

CENT = Decimal("0.01")

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Version:
    """One version of an order, as one line of one export says it."""

    order_id: str
    customer: str | None
    amount: Decimal | None
    status: str | None
    order_date: date | None
    source_key: str
    source_line: int
    received_at: datetime
    kept: bool
    """False where the rule dropped this version"""


def of_csv(
    file: Path,
    received_at: datetime,
    *,
    source_key: str | None = None,
    statuses: Sequence[str] = ("pending", "cancelled"),
    days: int = 30,
) -> Iterator[Version]:
    """Yield the versions in a clean export whose lines are all as they should be."""
    last_dropped_day = received_at.date() - timedelta(days=days)
    with file.open(newline="", encoding="utf-8") as lines:
        for row in (reader := csv.DictReader(lines)):
            day, status = date.fromisoformat(row["OrderDate"]), row["Status"].lower()
            yield Version(
                row["OrderID"],
                row["Customer"],
                Decimal(row["Amount"]),
                status,
                day,
                source_key or f"raw/{file.name}",
                reader.line_num,
                received_at,
                kept=not (status in statuses and day <= last_dropped_day),
            )


def panels(
    versions: Iterable[Version],
    filters: Mapping[str, Any] | None = None,
    month: date | None = None,
) -> dict[str, list[Row]]:
    """Return every panel's rows by slug.

    Filters: from, to (dates, both included), customer, status. `month` is a first day, for
    largest-orders, which no span narrows.
    """
    filters = filters or {}
    latest = newest(versions)
    without_span = [
        order
        for order in latest
        if order.kept
        and filters.get("customer") in (None, order.customer)
        and filters.get("status") in (None, order.status)
    ]
    orders = [
        order
        for order in without_span
        if _in_span(order.order_date, filters.get("from"), filters.get("to"))
    ]
    return {
        "total-sales-by-customer": _ranked(
            (customer, _sum(some)) for customer, some in _groups(orders, lambda o: o.customer)
        ),
        "monthly-orders-and-revenue": [
            (first, len(some), _sum(some))
            for first, some in _groups(orders, lambda o: _month(o.order_date))
        ],
        "order-status": sorted(
            (
                (status, len(some), _sum(some))
                for status, some in _groups(orders, lambda o: o.status)
            ),
            key=lambda row: (-row[1], _last(row[0])),
        ),
        "average-order-value": _ranked(
            (customer, _average(some)) for customer, some in _groups(orders, lambda o: o.customer)
        ),
        "largest-orders": _largest(without_span, month or _default_month(latest, without_span)),
    }


def newest(versions: Iterable[Version]) -> list[Version]:
    """Return the version of every order that came last; of two at one place, the dropped one."""
    latest: dict[str, Version] = {}
    for version in versions:
        other = latest.get(version.order_id)
        if other is None or _age(version) > _age(other):
            latest[version.order_id] = version
    return list(latest.values())


def _age(version: Version) -> tuple[datetime, str, int, bool]:
    return version.received_at, version.source_key, version.source_line, not version.kept


def _default_month(latest: list[Version], orders: list[Version]) -> date | None:
    months = [_month(order.order_date) for order in orders if order.order_date]
    until = _month(max(version.received_at for version in latest).date()) if latest else None
    return max((first for first in months if first <= until), default=None)


def _largest(orders: list[Version], month: date | None) -> list[Row]:
    found = [o for o in orders if o.order_date and month and _month(o.order_date) == month]
    found.sort(key=lambda o: (_most_first(o.amount), o.order_id))
    return [(o.order_date, o.order_id, o.customer, o.amount) for o in found[:10]]


def _groups(
    orders: list[Version], key: Callable[[Version], Any]
) -> Iterator[tuple[Any, list[Version]]]:
    for value in sorted({key(order) for order in orders}, key=_last):
        yield value, [order for order in orders if key(order) == value]


def _ranked(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: (_most_first(row[1]), _last(row[0])))


def _sum(orders: list[Version]) -> Decimal | None:
    amounts = [order.amount for order in orders if order.amount is not None]
    return sum(amounts, Decimal("0.00")) if amounts else None


def _average(orders: list[Version]) -> Decimal | None:
    total = _sum(orders)
    if total is None:
        return None
    count = sum(order.amount is not None for order in orders)
    return (total / count).quantize(CENT, ROUND_HALF_UP)


def _month(day: date | None) -> date | None:
    return day.replace(day=1) if day else None


def _in_span(day: date | None, first: date | None, last: date | None) -> bool:
    """Tell whether a day lies in a span; a missing one lies in none."""
    if first is None and last is None:
        return True
    return day is not None and (first or date.min) <= day <= (last or date.max)


def _most_first(number: Decimal | None) -> tuple[bool, Decimal]:
    return number is None, -(number or Decimal(0))


def _last(value: Any) -> tuple[bool, Any]:
    """Sort by the value, a missing one last."""
    return value is None, value if value is not None else ""
