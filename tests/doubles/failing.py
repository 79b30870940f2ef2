"""A store whose n-th call fails: before it does anything, or after, so that its answer is lost."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from lake.store import Body, Entry, Store, StoreError, Version

T = TypeVar("T")


class FailingStore:
    """The store port over another store. Everything counts as a call: every read, every chunk."""

    def __init__(self, store: Store, fails_at: int, *, done: bool) -> None:
        """Fail at that call, counted from 1; `done` says whether it was done all the same."""
        self._store = store
        self._fails_at = fails_at
        self._done = done
        self._calls = 0
        self.failed: str | None = None
        """the call that failed"""

    def versions(self, prefix: str) -> Iterator[Version]:
        yield from self._call("versions", lambda: list(self._store.versions(prefix)))

    def received_at(self, version: Version) -> datetime:
        return self._call("received_at", lambda: self._store.received_at(version))

    @contextmanager
    def open(self, version: Version) -> Iterator[Body]:
        with self._call("open", lambda: self._store.open(version)) as body:
            chunks = iter(body.chunks)

            def read() -> Iterator[bytes]:
                while chunk := self._call("read", lambda: next(chunks, b"")):
                    yield chunk

            yield Body(body.received_at, read())

    def list(self, prefix: str) -> Iterator[Entry]:
        yield from self._call(f"list {prefix}", lambda: list(self._store.list(prefix)))

    def head(self, key: str) -> Entry | None:
        return self._call(f"head {key}", lambda: self._store.head(key))

    def etag(self, key: str) -> str | None:
        return self._call(f"etag {key}", lambda: self._store.etag(key))

    def get(self, key: str) -> tuple[bytes, str] | None:
        return self._call(f"get {key}", lambda: self._store.get(key))

    def tail(self, key: str, size: int) -> bytes | None:
        return self._call(f"tail {key}", lambda: self._store.tail(key, size))

    def put(self, key: str, content: bytes | Path, *, replaces: str | None) -> str:
        return self._call(f"put {key}", lambda: self._store.put(key, content, replaces=replaces))

    def overwrite(self, key: str, content: bytes | Path) -> str:
        return self._call(f"overwrite {key}", lambda: self._store.overwrite(key, content))

    def _call(self, name: str, call: Callable[[], T]) -> T:
        self._calls += 1
        fails = self._calls == self._fails_at
        if fails:
            self.failed = f"call {self._calls}, {name}, {'after' if self._done else 'before'} it"
        if fails and not self._done:
            raise StoreError(f"{name} failed")
        answer = call()
        if fails:
            raise StoreError(f"the answer to {name} was lost")
        return answer
