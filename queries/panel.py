"""A panel and its parameters: what a file in this folder says, and how a person's input is read."""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from lake.schema import STATUSES
from queries.literal import literal

ParameterType = Literal["month", "date", "text", "status", "integer"]
Chart = Literal["line", "bar", "share", "none"]
"""What fits an answer: a line over time, bars from most to least, shares of a whole, or nothing."""
Span = Literal["span", "customer", "status"]
"""The parts of the filter bar that a panel can ignore."""
Value = str | int | date | None
"""A parameter's value by its type (a month is its first day); None is an absent one."""

TEXT_LIMIT = 500
"""Longest text, characters: quoted it stays within the 1024 that Athena takes for a parameter."""
SHOWN = 40
"""Most characters of a wrong input that its message repeats."""


@dataclass(frozen=True)
class Parameter:
    """Something a person can choose."""

    name: str
    """as in the address: ?name=..."""
    type: ParameterType
    title: str
    default: Value = None

    @property
    def binds(self) -> int:
        """How many placeholders the parameter fills: a month its start and its end, others one."""
        return 2 if self.type == "month" else 1

    def parse(self, text: str) -> Value:
        """Read what a person typed; an empty text is an absent value, None.

        Raises ValueError with a sentence for that person.
        """
        if not text:
            return None
        if self.type == "month":
            return self._month(text)
        if self.type == "date":
            return self._date(text)
        if self.type == "integer":
            return self._integer(text)
        if self.type == "status":
            return self._status(text)
        return self._text(text)

    def _month(self, text: str) -> date:
        # the last month of all has no month after it, where its orders would end
        if re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", text) and "0001-01" <= text < "9999-12":
            return date(int(text[:4]), int(text[5:]), 1)
        raise self._wrong(text, "a month: write it as YYYY-MM, such as 2025-03")

    def _date(self, text: str) -> date:
        if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            try:
                return date.fromisoformat(text)
            except ValueError:
                pass
        raise self._wrong(text, "a date: write it as YYYY-MM-DD, such as 2025-03-31")

    def _integer(self, text: str) -> int:
        # 18 digits always fit the engines' bigint
        if re.fullmatch(r"-?[0-9]{1,18}", text):
            return int(text)
        raise self._wrong(text, "a whole number of at most 18 digits")

    def _status(self, text: str) -> str:
        if text in STATUSES:
            return text
        raise self._wrong(text, f"a status: choose one of {', '.join(STATUSES)}")

    def _text(self, text: str) -> str:
        if len(text) > TEXT_LIMIT:
            raise self._wrong(text, f"a text of at most {TEXT_LIMIT} characters")
        try:
            literal(text)
        except ValueError as fault:
            raise ValueError(f"{self.title}: {fault}.") from None
        return text

    def _wrong(self, text: str, right: str) -> ValueError:
        shown = text if len(text) <= SHOWN else text[:SHOWN] + "…"
        return ValueError(f"{self.title}: {shown!r} is not {right}.")


@dataclass(frozen=True)
class Panel:
    """One question about the orders: a head for people, a SELECT for the engines."""

    slug: str
    """the file's name without .sql; the panel's address"""
    title: str
    description: str
    chart: Chart
    parameters: tuple[Parameter, ...]
    ignores: tuple[Span, ...]
    """parts of the filter bar that do not narrow this panel; the page says so"""
    position: int
    """places the panel on the overview, smallest first"""
    sql: str
    """the SELECT without the head, with a ? per bind of its parameters, in their order"""
    file: str
    line: int
    """the line of the file where `sql` begins"""
