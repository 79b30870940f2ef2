"""What every page works with: the settings, the ledger, the panels and the runs, in one place."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from flask import current_app

from lake.ledger import Balance, Ledger
from queries.compose import compose
from queries.panel import Panel, Value
from web.catalog import Catalog
from web.config import Config
from web.parts import Parts
from web.question import Question
from web.runs import Runs

PAGE_WAIT_S = 0.3
"""Longest a page or a fragment waits for answers: a browser sends six requests to a host at once,
and six that wait longer hold up the click behind them."""

SETTLING_S = 5.0
"""A record is written just after the lake's state changes: what shows records is asked for again
so long after a change was first seen."""

BALANCE_S = 60.0
UNSETTLED_S = 1.0
"""How long a stock is shown again without adding up: while the lake rests, while it changes."""


@dataclass(frozen=True)
class Stock:
    """What the lake holds, row by row and file by file."""

    balance: Balance
    rejected: int
    """files that are not in it: what was last read of them was refused whole"""


@dataclass
class Desk:
    """One app's parts."""

    config: Config
    catalog: Catalog
    runs: Runs
    parts: Parts = field(default_factory=Parts)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _seen: tuple[str, float] = ("", float("-inf"))
    _stock: tuple[str, float, Stock] = ("", float("-inf"), Stock(Balance(), 0))

    def state(self) -> str:
        """Return the lake's state as it is now. Raises StoreError."""
        return self.config.ledger.state()

    def settled(self, state: str) -> bool:
        """Tell whether a state is old enough for its records to be all there."""
        now = time.monotonic()
        with self._lock:
            if self._seen[0] != state:
                self._seen = (state, now)
            return now - self._seen[1] >= SETTLING_S

    def stock(self, state: str) -> Stock:
        """Return the lake's balance and how many files were rejected.

        Added up anew at once after a change, else once a minute: that lists four prefixes, 20 ms
        for a year of daily files in a folder, and a price in a bucket. Raises StoreError.
        """
        settled = self.settled(state)
        with self._lock:
            now = time.monotonic()
            known, until, stock = self._stock
            if known == state and now < until:
                return stock
        ledger = self.config.ledger
        stock = Stock(ledger.balance(), _rejected(ledger))
        with self._lock:
            kept_s = BALANCE_S if settled else UNSETTLED_S
            self._stock = (state, time.monotonic() + kept_s, stock)
        return stock

    def open_month(self, state: str) -> date | None:
        """Return the first day of the month that was not over at the newest export."""
        newest = self.stock(state).balance.newest
        return newest.date().replace(day=1) if newest else None

    def question(self, panel: Panel, values: Mapping[str, Value]) -> Question:
        """Return what the engine is asked for a panel with values."""
        sql, binds = compose(panel, values, latest=self.config.engine.latest)
        return Question(sql, tuple(binds))


def _rejected(ledger: Ledger) -> int:
    """Count the files of which the record written last says rejected."""
    last: dict[str, str] = {}
    for ingest in ledger.ingests():
        if ingest.record.finished_at:
            last.setdefault(ingest.record.source_key, ingest.record.status)
    return sum(status == "rejected" for status in last.values())


def desk() -> Desk:
    """Return the running app's parts."""
    found: Desk = current_app.extensions["desk"]
    return found
