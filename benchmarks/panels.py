"""The panels in DuckDB, over lakes that the handler has written.

Over two million orders, the five panels one after the other: at most 1 s together. Over a year of
daily full exports (9 million rows, 50,000 orders): the first build of `latest` at most 5 s, one new
export at most 0.3 s, an unchanged lake next to nothing. Prints a table; exits 1 if one is missed.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from statistics import median

from benchmarks import data
from lake.folder import FolderStore
from local.duck import DuckEngine
from local.pipeline import Pipeline
from queries.catalog import load
from queries.compose import compose
from queries.panel import Panel
from web.engine import Watch

ORDERS = 2_000_000
ROUNDS = 3
NEW_EXPORTS = 3
"""The last exports of the year, folded in one by one."""


@dataclass(frozen=True)
class Measured:
    """A time beside its limit, seconds; without a limit it is there to be known."""

    name: str
    seconds: float
    limit: float | None = None

    @property
    def missed(self) -> bool:
        """Whether it took longer than it may."""
        return self.limit is not None and self.seconds > self.limit

    def __str__(self) -> str:
        limit = "" if self.limit is None else f"{self.limit:10.3f}"
        return f"{self.name:48}{self.seconds:10.3f}{limit}{'  MISSED' if self.missed else ''}"


def many_orders(folder: Path) -> Iterator[Measured]:
    """Measure one export of two million orders."""
    pipeline = Pipeline(folder)
    ingest(pipeline, data.export(ORDERS), _midnight(data.AS_OF))
    with engine_over(pipeline.store) as engine:
        yield Measured(f"build, one export of {ORDERS:,} orders", timed(engine.refresh))
        rounds = [dict(panels(engine)) for _ in range(ROUNDS)]
        for title in rounds[0]:
            yield Measured(f"  {title}", median(taken[title] for taken in rounds))
        together = median(sum(taken.values()) for taken in rounds)
        yield Measured("  the five panels together", together, 1.0)


def year_of_exports(folder: Path) -> Iterator[Measured]:
    """Measure a full export a day for a year, the last ones coming while the engine runs."""
    pipeline = Pipeline(folder)
    days = [
        (path, _midnight(data.FIRST_DAY + timedelta(days=day)))
        for day, path in enumerate(data.daily_exports(), start=1)
    ]
    rows = sum(ingest(pipeline, path, as_of) for path, as_of in days[:-NEW_EXPORTS])

    builds = []
    for _ in range(ROUNDS):
        with engine_over(pipeline.store) as engine:
            builds.append(timed(engine.refresh))
    name = f"build, {len(days) - NEW_EXPORTS} exports of {rows:,} rows"
    yield Measured(name, median(builds), 5.0)

    with engine_over(pipeline.store) as engine:
        engine.refresh()
        folds = []
        for path, as_of in days[-NEW_EXPORTS:]:
            ingest(pipeline, path, as_of)
            folds.append(timed(engine.refresh))
        yield Measured("  a new daily export", median(folds), 0.3)
        yield Measured("  an unchanged lake", timed(engine.refresh), 0.005)
        yield Measured("  the five panels together", sum(s for _, s in panels(engine)), 0.2)


def panels(engine: DuckEngine) -> Iterator[tuple[str, float]]:
    """Run every panel without filters; yield its title and what it took, seconds."""
    for panel in load().values():
        assert isinstance(panel, Panel), panel
        sql, binds = compose(panel, {}, engine.latest)
        start = time.perf_counter()
        answer = engine.run(sql, binds, Watch())
        yield panel.title, time.perf_counter() - start
        assert answer.rows, panel.slug


def ingest(pipeline: Pipeline, export: Path, as_of: datetime) -> int:
    """Ingest an export; return its rows."""
    record = pipeline.ingest(export, f"raw/{export.name}", as_of)
    assert record.status == "committed", record
    return record.rows_in


def timed(work: Callable[[], None]) -> float:
    """Return what a piece of work takes, seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextmanager
def engine_over(store: FolderStore) -> Iterator[DuckEngine]:
    """Open a fresh engine, and close it."""
    engine = DuckEngine(store.root, store)
    try:
        yield engine
    finally:
        engine.close()


def main() -> int:
    """Measure; return the exit code."""
    print(f"{'':48}{'s':>10}{'at most':>10}")
    missed = False
    for measure in (many_orders, year_of_exports):
        with tempfile.TemporaryDirectory(dir=data.folder()) as folder:
            for measured in measure(Path(folder)):
                print(measured, flush=True)
                missed = missed or measured.missed
    return 1 if missed else 0


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


if __name__ == "__main__":
    sys.exit(main())
