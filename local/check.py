"""Check: every panel, run on the lake as it is."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

from lake.folder import FolderStore
from local.duck import DuckEngine
from queries import catalog
from queries.catalog import PanelError
from queries.compose import compose
from queries.panel import Panel
from web.engine import Answer, EngineError, Watch
from web.located import place
from web.show import visible

FIRST_ROWS = 5
"""Rows of a panel that are shown: enough to see that they are sensible."""

END_SECONDS = 0.5
"""How long the end waits for DuckDB to stop: Ctrl-C is to end a check within a second."""


@dataclass(frozen=True)
class Finding:
    """What a panel gave."""

    title: str
    text: str
    """its first rows, or `file:line: reason`"""
    sound: bool


class Stopped(Exception):
    """Ctrl-C came while a panel ran; the message is its title."""


def check(folder: Path, panels: Path = catalog.FOLDER) -> Iterator[Finding]:
    """Run every panel of a folder on a lake. Raises StoreError and Stopped."""
    store = FolderStore(folder)
    engine = DuckEngine(store.root, store)
    # a thread that waits for a lock hears of Ctrl-C at once, one that DuckDB works in does not
    worker = ThreadPoolExecutor(1)
    try:
        for slug, panel in catalog.load(panels).items():
            if isinstance(panel, PanelError):
                yield Finding(slug, str(panel), sound=False)
            else:
                yield _run(engine, panel, worker)
    finally:
        worker.shutdown(wait=False)
        closing = Thread(target=engine.close, daemon=True)
        closing.start()
        closing.join(END_SECONDS)


def _run(engine: DuckEngine, panel: Panel, worker: ThreadPoolExecutor) -> Finding:
    sql, binds = compose(panel, {}, latest=engine.latest)
    try:
        answer = worker.submit(engine.run, sql, binds, Watch()).result()
    except KeyboardInterrupt:
        raise Stopped(panel.title) from None
    except EngineError as fault:
        return Finding(panel.title, _located(fault.message, sql, panel), sound=False)
    return Finding(panel.title, _table(answer), sound=True)


def _table(answer: Answer) -> str:
    shown = answer.rows[:FIRST_ROWS]
    names = [visible(column.name) for column in answer.columns]
    rows = [names, *([_text(v) for v in row] for row in shown)]
    widths = [max(len(cell) for cell in cells) for cells in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    more = "more than " if answer.truncated else ""
    return "\n".join([*lines, f"({more}{len(answer.rows):,} rows)"])


def _located(message: str, sql: str, panel: Panel) -> str:
    """Return `file:line: reason` for what DuckDB says of the composed text."""
    reason, line = place(message, sql, panel)
    return f"{panel.file}:{line or panel.line}: {reason}".replace("\n", " ")


def _text(value: object) -> str:
    return "" if value is None else visible(str(value))
