"""Spans of time by name, counted from the newest export: the lake's today."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from web import show
from web.asked import Asked

SPAN = ("from", "to")
"""The filters that make a span."""


@dataclass(frozen=True)
class Preset:
    """A span of time by name."""

    title: str
    url: str
    current: bool


@dataclass(frozen=True)
class Spans:
    """The spans that a page offers."""

    presets: list[Preset]
    clear: str
    """the address where nothing is chosen; empty where nothing is"""


def presets(
    asked: Asked, newest: datetime | None, address: Callable[[Mapping[str, str]], str]
) -> list[Preset]:
    """Return the spans, each with the address that it leads to; `newest` is the newest export."""
    if newest is None:
        return []
    # an export made at midnight ends with the day before
    last = (newest - timedelta(milliseconds=1)).date()
    spans = {
        "All time": {},
        f"{last.year}": _span(date(last.year, 1, 1), date(last.year, 12, 31)),
        f"{last.year - 1}": _span(date(last.year - 1, 1, 1), date(last.year - 1, 12, 31)),
        "Last 12 months": _span(_months_before(last, 11), last),
        "Last 3 months": _span(_months_before(last, 2), last),
        show.short_month(last): _span(last.replace(day=1), last),
    }
    others = {name: text for name, text in asked.texts.items() if name not in SPAN}
    now = {name: text for name, text in asked.texts.items() if name in SPAN}
    return [
        Preset(title, address({**span, **others}), now == span) for title, span in spans.items()
    ]


def _span(first: date, last: date) -> dict[str, str]:
    return {"from": first.isoformat(), "to": last.isoformat()}


def _months_before(day: date, count: int) -> date:
    """Return the first day of the month so many months before."""
    months = day.year * 12 + day.month - 1 - count
    return date(months // 12, months % 12 + 1, 1)
