"""Stops DuckDB's work for runs that were cancelled: one thread, however many run."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

TICK_S = 0.02
"""How often the cancel events of the running are looked at, seconds."""


class Closed(Exception):
    """The engine was closed; nothing runs any more."""


class Interrupts:
    """Watches the cancel events of runs and interrupts their cursors."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._running: dict[object, tuple[threading.Event, duckdb.DuckDBPyConnection]] = {}
        self._closed = False
        self._thread: threading.Thread | None = None

    @contextmanager
    def watching(
        self, cancel: threading.Event, cursor: duckdb.DuckDBPyConnection
    ) -> Iterator[None]:
        """Interrupt the cursor when `cancel` is set, until the block ends. Raises Closed."""
        token = object()
        with self._change:
            if self._closed:
                raise Closed
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="interrupts", daemon=True)
                self._thread.start()
            self._running[token] = cancel, cursor
            self._change.notify()
        try:
            yield
        finally:
            # from here on nobody interrupts: the cursor may be closed
            with self._change:
                del self._running[token]
                self._change.notify()

    def close(self) -> None:
        """Interrupt everything that runs, and return when nothing does."""
        with self._change:
            self._closed = True
            self._change.notify()
        if self._thread is not None:
            self._thread.join()

    def _watch(self) -> None:
        with self._change:
            while self._running or not self._closed:
                for cancel, cursor in self._running.values():
                    if self._closed or cancel.is_set():
                        # again and again: one that came before the work began would be lost
                        cursor.interrupt()
                self._change.wait(TICK_S if self._running else None)
