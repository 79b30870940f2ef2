"""An engine that answers by script: at once, late, never, wrongly; it knows a panel by its SQL."""

import threading
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from functools import cache

from tests.panels import five
from web.engine import Answer, Column, EngineError, Stats, Value, Watch

QUARANTINE = "quarantine"
LINES = (
    "received_at timestamp, source_key text, source_version text, source_line integer,"
    " reason text, raw text, digits integer"
)
"""The columns of the quarantine's query."""
PATIENCE_S = 30.0
"""Longest a held run waits for its test."""


def answer(columns: str, *rows: tuple[Value, ...], **stats) -> Answer:
    """An answer whose columns are written `name type, name type`."""
    named = [column.split() for column in columns.split(", ")]
    return Answer(tuple(Column(name, kind) for name, kind in named), rows, Stats(**stats))


def quarantined(
    key: str, number: int | None, reason: str, raw: bytes | None, version: str = "a version"
) -> tuple[Value, ...]:
    """A row of the quarantine as its query gives it."""
    digits = raw.hex().upper() if raw is not None else None
    return datetime(2025, 11, 10, 12), key, version, number, reason, digits, digits and len(digits)


def month(number: int) -> date:
    return date(2024 + (number - 1) // 12, (number - 1) % 12 + 1, 1)


ANSWERS = {
    "total-sales-by-customer": answer(
        "customer text, total_sales decimal",
        ("Northwind Traders", Decimal("128450.20")),
        ("Contoso GmbH", Decimal("97210.00")),
        ("Åsa & Söner AB", Decimal("54100.75")),
        ("Fabrikam", Decimal("-120.50")),
        run_ms=12,
        bytes=1_250_000,
    ),
    "monthly-orders-and-revenue": answer(
        "month date, orders integer, revenue decimal",
        *(
            (month(n), 40 + n, Decimal(12_000 + 531 * (n % 7)) + Decimal("0.25"))
            for n in range(1, 24)
        ),
        run_ms=9,
    ),
    "order-status": answer(
        "status text, orders integer, revenue decimal",
        ("shipped", 812, Decimal("201400.10")),
        ("confirmed", 301, Decimal("70210.40")),
        ("pending", 44, Decimal("8029.95")),
    ),
    "average-order-value": answer(
        "customer text, average_order_value decimal",
        ("Contoso GmbH", Decimal("412.05")),
        ("Northwind Traders", Decimal("301.11")),
    ),
    "largest-orders": answer(
        "order_date date, order_id text, customer text, amount decimal",
        (date(2025, 11, 7), "10421", "Contoso GmbH", Decimal("4120.00")),
        (date(2025, 11, 2), "10388", "Northwind Traders", Decimal("3999.99")),
    ),
    QUARANTINE: answer(
        LINES,
        quarantined(
            "raw/november.csv",
            17,
            "OrderDate '2025-13-01' is no date",
            b"10422,Contoso GmbH,12.00,shipped,2025-13-01",
        ),
    ),
}


@cache
def _parts() -> dict[str, str]:
    """What a panel's composed text is known by: its end, since compose has its own beginning."""
    return {slug: panel.sql[-80:] for slug, panel in five().items()} | {
        QUARANTINE: "FROM quarantine"
    }


class ScriptedEngine:
    """Answers the five panels from ANSWERS until told otherwise, and notes what it was asked."""

    name = "a scripted engine"
    latest = "cte"

    def __init__(self) -> None:
        self._sql = _parts()
        self._scripts: dict[str, Callable[[Watch, Sequence[Value]], Answer]] = {}
        self._lock = threading.Lock()
        self.calls: list[tuple[str, tuple[Value, ...]]] = []
        self.watches: list[Watch] = []
        self.busiest = 0
        self.holds = 0
        """how many panels are held just now"""
        self._running = 0

    def run(self, sql: str, binds: Sequence[Value], watch: Watch) -> Answer:
        slug = next((slug for slug, part in self._sql.items() if part in sql), sql)
        with self._lock:
            self.calls.append((slug, tuple(binds)))
            self.watches.append(watch)
            self._running += 1
            self.busiest = max(self.busiest, self._running)
            script = self._scripts.get(slug)
        try:
            return script(watch, binds) if script else ANSWERS[slug]
        finally:
            with self._lock:
                self._running -= 1

    def count(self, slug: str) -> int:
        """How often a panel was run."""
        with self._lock:
            return sum(called == slug for called, _ in self.calls)

    def gives(self, slug: str, given: Answer | Callable[[Sequence[Value]], Answer]) -> None:
        self._scripts[slug] = lambda watch, binds: given(binds) if callable(given) else given

    def fails(self, slug: str, code: str, message: str) -> None:
        def fail(watch: Watch, binds: Sequence[Value]) -> Answer:
            raise EngineError(code, message)

        self._scripts[slug] = fail

    def breaks(self, slug: str) -> None:
        """Fail in a way that an engine must not."""

        def fail(watch: Watch, binds: Sequence[Value]) -> Answer:
            raise RuntimeError("an unforeseen fault, with /secret/inner/paths")

        self._scripts[slug] = fail

    def recovers(self, slug: str) -> None:
        self._scripts.pop(slug, None)

    @contextmanager
    def held(self, slug: str, given: Answer | None = None, *, deaf: bool = False):
        """Hold the runs of a panel until the block ends, or until they are cancelled.

        Yields the event that lets them go. A deaf engine does not hear the cancel.
        """
        go = threading.Event()

        def hold(watch: Watch, binds: Sequence[Value]) -> Answer:
            for _ in range(int(PATIENCE_S / 0.01)):
                if go.wait(0.01):
                    return given or ANSWERS[slug]
                if watch.cancel.is_set() and not deaf:
                    raise EngineError("cancelled", "The engine stopped it.")
            raise EngineError("failed", "the test forgot this run")

        self._scripts[slug] = hold
        self.holds += 1
        try:
            yield go
        finally:
            go.set()
            self.holds -= 1
            self._scripts.pop(slug, None)
