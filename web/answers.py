"""The answers' cache: one bounded SQLite file, and the last answers once more in memory.

An answer's key is its question and the state of the lake that was read before the run, so nothing
here ever goes stale: a changed lake asks with another key. The file is only a cache. When it is
broken, full or cannot be written, that costs a log line and a run, never a page.
"""

import json
import logging
import sqlite3
import threading
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from web.engine import READERS, Answer, Column, Stats, Value

FILE_BYTES = 128 * 1024**2
"""Size cap of the answers in the file, bytes: some thousand pages of answers, or a dozen of the
longest; the least recently used go first."""

MEMORY_BYTES = 16 * 1024**2
"""Packed size of what is also kept unpacked in memory; unpacked it takes about ten times that."""

TOUCH_S = 60.0
"""An answer's last use is noted at most this often: reading shall not mean writing."""

KEPT_S = 24 * 3600.0
"""An answer that nobody has asked for goes after so long: it may hold what was erased since."""

FORM = 1
"""Raised when the file's form changes; a file of another form is replaced."""

_log = logging.getLogger(__name__)
_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Kept:
    """An answer, the state of the lake it is true for at least, and when it was made."""

    answer: Answer
    state: str
    made_at: float
    """seconds since 1970"""


class Answers:
    """Keeps answers by question and state. Safe to use from several threads.

    Without a file it keeps them in memory only.
    """

    def __init__(
        self,
        file: Path | None,
        *,
        file_bytes: int = FILE_BYTES,
        memory_bytes: int = MEMORY_BYTES,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._file = file
        self._file_bytes = file_bytes
        self._memory_bytes = memory_bytes
        self._wall = wall
        self._lock = threading.Lock()
        self._memory: OrderedDict[tuple[str, str], tuple[Kept, int]] = OrderedDict()
        self._newest: dict[str, str] = {}
        self._base: sqlite3.Connection | None = None
        self._open()

    def get(self, question: str, state: str) -> Kept | None:
        """Return the answer that was kept for a question's key under a state, or None."""
        with self._lock:
            found = self._memory.get((question, state))
            if found:
                self._memory.move_to_end((question, state))
                return found[0]
            return self._read(
                "SELECT state, made, used, body FROM answers WHERE question = ? AND state = ?",
                (question, state),
            )

    def newest(self, question: str) -> Kept | None:
        """Return the newest answer to a question under whatever state, or None."""
        with self._lock:
            found = self._memory.get((question, self._newest.get(question, "")))
            if found:
                return found[0]
            return self._read(
                "SELECT state, made, used, body FROM answers WHERE question = ?"
                " ORDER BY made DESC LIMIT 1",
                (question,),
            )

    def put(self, question: str, state: str, answer: Answer) -> Kept:
        """Keep an answer; return it as it is kept."""
        kept = Kept(answer, state, self._wall())
        body = pack(answer)
        with self._lock:
            self._remember(question, kept, len(body))
            if len(body) <= self._file_bytes:
                self._guarded(lambda base: self._write(base, question, kept, body))
        return kept

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._base:
                self._base.close()
                self._base = None

    def _remember(self, question: str, kept: Kept, size: int) -> None:
        self._memory.pop((question, kept.state), None)
        self._memory[question, kept.state] = (kept, size)
        self._newest[question] = kept.state
        total = sum(size for _, size in self._memory.values())
        # the last one always stays: it is what a waiting page is about to ask for
        while total > self._memory_bytes and len(self._memory) > 1:
            (oldest, state), (_, gone) = self._memory.popitem(last=False)
            total -= gone
            if self._newest.get(oldest) == state:
                del self._newest[oldest]

    def _read(self, sql: str, parameters: tuple[str, ...]) -> Kept | None:
        row = self._guarded(lambda base: base.execute(sql, parameters).fetchone())
        if row is None:
            return None
        state, made, used, body = row
        question = parameters[0]
        try:
            kept = Kept(unpack(body), state, made)
        except (ValueError, TypeError, KeyError, ArithmeticError, zlib.error) as fault:
            _log.warning("an answer in %s cannot be read and is dropped: %s", self._file, fault)
            self._guarded(lambda base: self._drop(base, question, state))
            return None
        if self._wall() - used > TOUCH_S:
            self._guarded(lambda base: self._touch(base, question, state))
        self._remember(question, kept, len(body))
        return kept

    def _write(self, base: sqlite3.Connection, question: str, kept: Kept, body: bytes) -> None:
        with base:
            _forget(base, kept.made_at - KEPT_S)
            base.execute(
                "INSERT OR REPLACE INTO answers (question, state, made, used, size, body)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (question, kept.state, kept.made_at, kept.made_at, len(body), body),
            )
            total = base.execute("SELECT sum(size) FROM answers").fetchone()[0]
            if total <= self._file_bytes:
                return
            rows = base.execute("SELECT rowid, size FROM answers ORDER BY used, rowid").fetchall()
            for rowid, size in rows:
                if total <= self._file_bytes:
                    break
                base.execute("DELETE FROM answers WHERE rowid = ?", (rowid,))
                total -= size

    def _touch(self, base: sqlite3.Connection, question: str, state: str) -> None:
        with base:
            base.execute(
                "UPDATE answers SET used = ? WHERE question = ? AND state = ?",
                (self._wall(), question, state),
            )

    def _drop(self, base: sqlite3.Connection, question: str, state: str) -> None:
        with base:
            base.execute("DELETE FROM answers WHERE question = ? AND state = ?", (question, state))

    def _guarded(self, act: Callable[[sqlite3.Connection], _Result]) -> _Result | None:
        """Do it with the file; a broken file is replaced, any other fault costs a log line."""
        if self._base is None:
            return None
        try:
            return act(self._base)
        except sqlite3.OperationalError as fault:
            # locked by another process, a full disk, a read-only one: the file itself is sound
            _log.warning("the answers' file %s cannot be used now: %s", self._file, fault)
        except sqlite3.DatabaseError as fault:
            self._replace(fault)
        return None

    def _open(self) -> None:
        if self._file is None:
            return
        try:
            self._base = _connect(self._file)
            with self._base as base:
                _forget(base, self._wall() - KEPT_S)
        except sqlite3.OperationalError as fault:
            _log.warning("answers are kept in memory only: %s: %s", self._file, fault)
        except sqlite3.DatabaseError as fault:
            self._replace(fault)

    def _replace(self, fault: sqlite3.DatabaseError) -> None:
        if self._file is None:
            return
        _log.warning("the answers' file %s is broken and is replaced: %s", self._file, fault)
        if self._base:
            self._base.close()
            self._base = None
        try:
            for ending in ("", "-wal", "-shm"):
                self._file.with_name(self._file.name + ending).unlink(missing_ok=True)
            self._base = _connect(self._file)
        except (OSError, sqlite3.Error) as worse:
            _log.warning("answers are kept in memory only: %s: %s", self._file, worse)


def pack(answer: Answer) -> bytes:
    """Return an answer as bytes that `unpack` turns back into it, exactly."""
    content = {
        "columns": [[column.name, column.type] for column in answer.columns],
        "rows": [[_plain(value) for value in row] for row in answer.rows],
        "stats": [_plain(value) for value in vars(answer.stats).values()],
        "truncated": answer.truncated,
    }
    return zlib.compress(json.dumps(content, separators=(",", ":")).encode(), 1)


def unpack(body: bytes) -> Answer:
    """Return the packed answer. Raises ValueError and its like for other bytes."""
    content: dict[str, Any] = json.loads(zlib.decompress(body))
    columns = tuple(Column(name, kind) for name, kind in content["columns"])
    readers = [READERS[column.type] for column in columns]
    rows = [
        tuple(
            None if value is None else read(value) for read, value in zip(readers, row, strict=True)
        )
        for row in content["rows"]
    ]
    # an answer from before the last field was added has one value less
    scanned, cost, *others = content["stats"]
    stats = Stats(scanned, None if cost is None else Decimal(cost), *others)
    return Answer(columns, rows, stats, content["truncated"])


def _plain(value: Value | bool) -> str | int | float | None:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def _forget(base: sqlite3.Connection, before: float) -> None:
    """Delete the answers that were last used before a moment, in seconds since 1970."""
    base.execute("DELETE FROM answers WHERE used < ?", (before,))


def _connect(file: Path) -> sqlite3.Connection:
    file.parent.mkdir(parents=True, exist_ok=True)
    base = sqlite3.connect(file, timeout=1.0, check_same_thread=False)
    try:
        # a cache may lose its last answers with the power, but not be broken by a second process
        base.execute("PRAGMA journal_mode = WAL").fetchone()
        base.execute("PRAGMA synchronous = NORMAL")
        # what is deleted is overwritten: it can hold what somebody wants erased
        base.execute("PRAGMA secure_delete = ON").fetchone()
        form = base.execute("PRAGMA user_version").fetchone()[0]
        if form not in (0, FORM):
            raise sqlite3.DatabaseError(f"its form is {form}, this version reads {FORM}")
        base.executescript(f"""
            CREATE TABLE IF NOT EXISTS answers (
                question TEXT NOT NULL, state TEXT NOT NULL,
                made REAL NOT NULL, used REAL NOT NULL, size INTEGER NOT NULL, body BLOB NOT NULL,
                PRIMARY KEY (question, state));
            CREATE INDEX IF NOT EXISTS answers_by_use ON answers (used);
            PRAGMA user_version = {FORM};
        """)
        with closing(base.execute("PRAGMA quick_check(1)")) as check:
            verdict = check.fetchone()[0]
        if verdict != "ok":
            raise sqlite3.DatabaseError(str(verdict))
    except BaseException:
        base.close()
        raise
    return base
