"""The engine interface: what answers SQL. DuckDB on a laptop, Athena on AWS."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from threading import Event
from typing import Any, Literal, Protocol

ColumnType = Literal["text", "integer", "decimal", "double", "date", "timestamp"]
Value = str | int | Decimal | float | date | datetime | None
"""One value of an answer, by column type in that order; None where SQL says NULL."""

READERS: dict[ColumnType, Callable[[Any], Value]] = {
    "text": str,
    "integer": int,
    "decimal": Decimal,
    # NaN, Infinity and 1.0E10 are what Python's float reads too
    "double": float,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
}
"""What turns the text of a value into the value, by column type."""

ROW_LIMIT = 100_000
"""Most rows of an answer; a longer one is cut there and says so."""


@dataclass(frozen=True)
class Column:
    """A column of an answer."""

    name: str
    type: ColumnType


@dataclass(frozen=True)
class Stats:
    """What a run took, as far as the engine can tell; None where it cannot."""

    bytes: int | None = None
    """bytes scanned"""
    cost: Decimal | None = None
    """US dollars"""
    queued_ms: int | None = None
    run_ms: int | None = None
    reused: bool | None = None
    """whether the engine answered from an earlier run"""
    link: str | None = None
    """the address under which the engine itself shows the run"""


@dataclass(frozen=True)
class Answer:
    """What a query gave: typed columns, rows of as many values, and what it took."""

    columns: tuple[Column, ...]
    rows: Sequence[tuple[Value, ...]]
    stats: Stats = Stats()
    truncated: bool = False
    """whether there were more than ROW_LIMIT rows"""


@dataclass
class Watch:
    """A run as its watchers see it: the engine reports here, and stops when `cancel` is set."""

    cancel: Event = field(default_factory=Event)
    progress: float | None = None
    """share done, 0 to 1, where the engine can tell"""
    bytes: int | None = None
    """bytes scanned so far"""
    link: str | None = None
    """the address under which the engine itself shows the run, once there is one"""
    fresh: bool = False
    """whether the engine may not answer from an earlier run: somebody asked for a refresh"""


class EngineError(Exception):
    """The engine refused or failed; `code` is for programs, the message for people.

    Codes: query (the SQL is wrong), away (the engine cannot be reached), cancelled, failed.
    """

    def __init__(self, code: Literal["query", "away", "cancelled", "failed"], message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Engine(Protocol):
    """Answers SQL. One blocking method, called from several threads at once."""

    name: str
    """shown on the page: DuckDB, Athena"""
    latest: Literal["cte", "table"]
    """whether the engine keeps the relation `latest` as a table; passed on to `compose`"""

    def run(self, sql: str, binds: Sequence[Value], watch: Watch) -> Answer:
        """Run one SELECT with positional binds. Raises EngineError, also when cancelled."""
        ...
