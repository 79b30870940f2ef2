"""The watcher: sees to it that what is dropped into raw/ is ingested, once it is whole.

The file system's notices are hints and no more: they may be lost, doubled or early. A hint only
says that a file is to be watched until it is whole; and at the start, and now and then, the sweep
says the same of whatever the lake shows to be undone.
"""

import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import watchfiles

from lake import names
from lake.ledger import Record
from lake.store import StoreError
from local.settling import Settling

TICK_SECONDS = 0.1
"""How often files that wait are looked at: small beside the time that they must stand still."""

SWEEP_SECONDS = 60.0
"""From one sweep to the next, while notices come."""

SWEEP_SECONDS_WITHOUT_NOTICES = 2.0
"""The same where the file system gives no notices: then the sweep is all there is."""

NOTICE_MILLISECONDS = 200
"""The longest that notices are gathered: a file written without a pause is noticed by then."""

NOTICES = "notices"
"""What is said of them is remembered under this word, which is no key."""

NO_TEXT = "Unable to decode path"
"""How watchfiles begins when a name is not UTF-8: whoever touches such a file ends the notices."""

log = logging.getLogger("orders_lake")


class Watcher:
    """Watches the raw/ of a lake in a folder, in two threads of its own."""

    def __init__(
        self,
        root: Path,
        look: Callable[[str], Sequence[Record]],
        undone: Callable[[], Iterable[str]],
        unnamable: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        """Take the lake's folder, what looks at a key, and what names the keys to look at.

        `unnamable` yields sentences about files that no look can be taken at.
        """
        self._root = root
        self._look = look
        self._undone = undone
        self._unnamable = unnamable
        self._hints: queue.SimpleQueue[Path | None] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._between_sweeps = SWEEP_SECONDS
        self._said: dict[str, str] = {}
        self._threads = [
            threading.Thread(target=target, name=f"watcher-{target.__name__}", daemon=True)
            for target in (self._notice, self._work)
        ]

    def start(self) -> None:
        """Begin to watch."""
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: float) -> bool:
        """End after the file that is being worked on; tell whether that was within the timeout."""
        self._stop.set()
        self._hints.put(None)
        end = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    def _notice(self) -> None:
        """Turn the file system's notices into hints; where they end, begin again."""
        while not self._stop.is_set():
            try:
                for changes in watchfiles.watch(
                    self._root / names.RAW,
                    watch_filter=None,
                    debounce=NOTICE_MILLISECONDS,
                    step=NOTICE_MILLISECONDS // 2,
                    stop_event=self._stop,
                    raise_interrupt=False,
                    yield_on_timeout=True,
                ):
                    self._noticed()
                    for _, path in changes:
                        self._hints.put(Path(path))
            except Exception as fault:
                # too few inotify watches, a network share, a name that is not UTF-8: the cause
                # does not matter, the sweep does
                self._unnoticed(fault)
                self._stop.wait(SWEEP_SECONDS_WITHOUT_NOTICES)

    def _unnoticed(self, fault: Exception) -> None:
        """Sweep often while there are no notices."""
        self._between_sweeps = SWEEP_SECONDS_WITHOUT_NOTICES
        self._hints.put(None)
        # that of a name is no lasting one, and the sweep tells of the file
        if not str(fault).startswith(NO_TEXT) and self._is_news(NOTICES, str(fault)):
            log.warning(
                "raw/ gives no notices (%s): looking every %g s", fault, self._between_sweeps
            )

    def _noticed(self) -> None:
        """Sweep once more for what changed without a notice, and rarely from then on."""
        if self._between_sweeps != SWEEP_SECONDS:
            self._between_sweeps = SWEEP_SECONDS
            self._hints.put(None)
            if self._said.pop(NOTICES, None):
                log.info("raw/ gives notices again")

    def _work(self) -> None:
        """Follow the hints and sweep, until the end."""
        settling = Settling()
        swept = float("-inf")
        while not self._stop.is_set():
            if time.monotonic() - swept >= self._between_sweeps:
                for key in self._sweep():
                    if (self._root / key).is_file():
                        settling.note(self._root / key, time.monotonic())
                    else:
                        # a withdrawal whose raw file is gone, or no file that could settle
                        self._ingest(key)
                swept = time.monotonic()
            until_sweep = max(0.0, swept + self._between_sweeps - time.monotonic())
            for path in self._hinted(TICK_SECONDS if len(settling) else until_sweep):
                if path is None:
                    swept = float("-inf")
                else:
                    settling.note(path, time.monotonic())
            for path in settling.whole(time.monotonic()):
                if not self._stop.is_set():
                    self._ingest(path.relative_to(self._root).as_posix())

    def _hinted(self, wait: float) -> Iterator[Path | None]:
        """Yield the files that hints name, after waiting for the first one; None for any file."""
        hints = []
        try:
            hints.append(self._hints.get(timeout=wait))
            while True:
                hints.append(self._hints.get_nowait())
        except queue.Empty:
            pass
        for path in hints:
            if path is not None and path.is_dir():
                # a folder that was moved in brings its files without a notice of their own
                for folder, _, files in os.walk(path):
                    yield from (Path(folder, file) for file in files)
            else:
                yield path

    def _sweep(self) -> list[str]:
        try:
            for refusal in self._unnamable():
                if self._is_news(refusal, refusal):
                    log.warning("%s", refusal)
            return list(self._undone())
        except Exception as fault:
            self._complain("the sweep", fault)
            return []

    def _ingest(self, key: str) -> None:
        if not names.is_file(key):
            return
        try:
            for record in self._look(key):
                log.info("%s", sentence(record))
            self._said.pop(key, None)
        except Exception as fault:
            self._complain(key, fault)

    def _complain(self, what: str, fault: Exception) -> None:
        """Say what went wrong, once: the next sweep tries it again, and would say it again."""
        if not self._is_news(what, str(fault)):
            return
        if isinstance(fault, StoreError):
            log.error("%s (to be tried again)", fault)
        else:
            log.error("%s: %s (to be tried again)", what, fault, exc_info=fault)

    def _is_news(self, what: str, text: str) -> bool:
        """Tell whether this was not the last that was said of it, and remember it."""
        known = self._said.get(what)
        self._said[what] = text
        return known != text


def sentence(record: Record) -> str:
    """Return what became of a file, for a person."""
    if record.reason is not None:
        return f"{record.source_key}: {record.status}, {record.reason}"
    return (
        f"{record.source_key}: {record.status}, {record.kept} kept, {record.dropped} dropped, "
        f"{record.quarantined} quarantined of {record.rows_in} rows"
    )
