"""What every page works with: the settings, the ledger, the panels and the runs, in one place."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Literal

from flask import current_app

from lake.ledger import Balance
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
"""How long a balance is shown again without adding up: while the lake rests, while it changes."""

LATELY_S = 0.9
"""How long a state is told to pages that look for a change, however many are open: in a bucket each
look has its price. A page looks once a second, so one alone is always told what holds now."""

NEVER = float("-inf")


@dataclass
class Desk:
    """One app's parts."""

    config: Config
    catalog: Catalog
    runs: Runs
    parts: Parts = field(default_factory=Parts)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _looking: threading.Lock = field(default_factory=threading.Lock)
    _looked: tuple[str, float] = ("", NEVER)
    _seen: tuple[str, float] = ("", NEVER)
    _balance: tuple[str, float, Balance] = ("", NEVER, Balance())

    def state(self) -> str:
        """Return the lake's state as it is now. Raises StoreError."""
        began = time.monotonic()
        state = self.config.ledger.state()
        with self._lock:
            if began > self._looked[1]:
                self._looked = (state, began)
        return state

    def state_lately(self) -> str:
        """Return the lake's state as it was at most LATELY_S ago, or longer while one looks.

        Raises StoreError.
        """
        with self._lock:
            state, at = self._looked
        if time.monotonic() - at < LATELY_S:
            return state
        if not self._looking.acquire(blocking=at == NEVER):
            return state
        try:
            return self.state()
        finally:
            self._looking.release()

    def settled(self, state: str) -> bool:
        """Tell whether a state is old enough for its records to be all there."""
        now = time.monotonic()
        with self._lock:
            if self._seen[0] != state:
                self._seen = (state, now)
            return now - self._seen[1] >= SETTLING_S

    def balance(self, state: str) -> Balance:
        """Return the lake's balance.

        Added up anew at once after a change, else once a minute: that lists four prefixes, 20 ms
        for a year of daily files in a folder, and a price in a bucket. Raises StoreError.
        """
        settled = self.settled(state)
        with self._lock:
            now = time.monotonic()
            known, until, balance = self._balance
            if known == state and now < until:
                return balance
        balance = self.config.ledger.balance()
        with self._lock:
            kept_s = BALANCE_S if settled else UNSETTLED_S
            self._balance = (state, time.monotonic() + kept_s, balance)
        return balance

    def open_month(self, state: str) -> date | None:
        """Return the first day of the month that was not over at the newest export."""
        newest = self.balance(state).newest
        return newest.date().replace(day=1) if newest else None

    def question(self, panel: Panel, values: Mapping[str, Value]) -> Question:
        """Return what the engine is asked for a panel with values."""
        return _question(panel, self.config.engine.latest, tuple(values.items()))


@lru_cache(maxsize=512)
def _question(
    panel: Panel, latest: Literal["cte", "table"], values: tuple[tuple[str, Value], ...]
) -> Question:
    # the same few are asked again and again, and a question keeps its key
    sql, binds = compose(panel, dict(values), latest=latest)
    return Question(sql, tuple(binds))


def desk() -> Desk:
    """Return the running app's parts."""
    found: Desk = current_app.extensions["desk"]
    return found
