"""A lake in memory: the store port, small enough to be stepped through.

It keeps all versions of a raw key, and its ETags are S3's (the same bytes, the same ETag) or those
of a folder (every write another one).
"""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from lake import names
from lake.store import Body, Conflict, Entry, Gone, Version

START = datetime(2025, 11, 10)


@dataclass
class MemoryStore:
    """The store port over dictionaries; `changes` are the keys whose ETag changed, in order."""

    etags_by_content: bool = True
    objects: dict[str, bytes] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)
    raw: dict[str, list[tuple[Version, bytes]]] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    written: list[tuple[str, bytes]] = field(default_factory=list)
    """every write of an object, in order"""

    def upload(self, key: str, content: bytes) -> Version:
        """Add a version of a raw key, a day later than the one before."""
        older = self.raw.setdefault(key, [])
        arrived = START + timedelta(days=len(older))
        version = Version(key, f"v{len(older) + 1}", len(content), arrived)
        older.insert(0, (version, content))
        return version

    def copy(self) -> "MemoryStore":
        """Return a store that goes its own way from here."""
        raw = {key: list(versions) for key, versions in self.raw.items()}
        return replace(
            self,
            objects=dict(self.objects),
            etags=dict(self.etags),
            raw=raw,
            changes=list(self.changes),
            written=list(self.written),
        )

    def history(self, prefix: str) -> dict[str, list[bytes]]:
        """Return all that was ever written under a prefix, by key, the first first."""
        found: dict[str, list[bytes]] = {}
        for key, content in self.written:
            if key.startswith(prefix):
                found.setdefault(key, []).append(content)
        return found

    def versions(self, prefix: str) -> Iterator[Version]:
        for key in sorted(self.raw):
            if key.startswith(prefix):
                yield from [version for version, _ in self.raw[key]]

    def received_at(self, version: Version) -> datetime:
        return version.arrived

    @contextmanager
    def open(self, version: Version) -> Iterator[Body]:
        content = dict(self.raw.get(version.key, ())).get(version)
        if content is None:
            raise Gone(f"{version.key} is no longer there")
        yield Body(version.arrived, iter([content]))

    def list(self, prefix: str) -> Iterator[Entry]:
        for key in sorted(self.objects):
            if key.startswith(prefix):
                yield self._entry(key)

    def head(self, key: str) -> Entry | None:
        return self._entry(key) if key in self.objects else None

    def etag(self, key: str) -> str | None:
        return self.etags.get(key)

    def get(self, key: str) -> tuple[bytes, str] | None:
        return (self.objects[key], self._entry(key).etag) if key in self.objects else None

    def tail(self, key: str, size: int) -> bytes | None:
        return self.objects[key][-size:] if key in self.objects else None

    def put(self, key: str, content: bytes | Path, *, replaces: str | None) -> str:
        entry = self.head(key)
        if replaces != (entry.etag if entry else None):
            raise Conflict(f"{key} was written by somebody else meanwhile")
        return self.overwrite(key, content)

    def overwrite(self, key: str, content: bytes | Path) -> str:
        new = content if isinstance(content, bytes) else content.read_bytes()
        # a record holds the time at which it was written: no two writes of it are the same
        if self.etags_by_content and not key.startswith("ingests/"):
            etag = hashlib.sha256(new).hexdigest()
        else:
            etag = f"write {self.changes.count(key) + 1} of {key}"
        if etag != self.etags.get(key):
            self.changes.append(key)
        self.written.append((key, new))
        self.objects[key], self.etags[key] = new, etag
        return etag

    def _entry(self, key: str) -> Entry:
        return Entry(key, self.etags[key], len(self.objects[key]), START)


def is_visible(key: str) -> bool:
    """Tell whether a write of this key changes what a reader of the tables sees."""
    return not key.startswith((names.MARKER, "ingests/"))
