"""The store port: what a bucket and a folder must both be able to do.

Two adapters: `lake.folder.FolderStore` and `lake.s3.S3Store`. Everything above talks to this port,
so that the code that runs on a laptop is the code that runs in the function.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

AS_OF = "as-of"
"""User metadata of a raw object: the moment its content describes, where that is not its upload."""


AT_ONCE = 32
"""Calls that a store takes side by side. One by one the records of two years take 15 s in a bucket:
each waits 20 ms for its answer."""


class StoreError(Exception):
    """The store could not do it: an infrastructure fault. Trying again later may help."""


class Conflict(StoreError):
    """A compare-and-swap lost: the object is not, or no longer, the one that was named."""


class Gone(StoreError):
    """What was to be read is no longer there, or changed while it was read."""


class NoFile(StoreError):
    """What lies there has no content of its own; the message says what it is and what to do."""


@dataclass(frozen=True)
class Entry:
    """An object as a listing shows it."""

    key: str
    etag: str
    size: int
    """bytes"""
    modified: datetime
    """when it was written, UTC"""


@dataclass(frozen=True)
class Version:
    """One version of a raw file."""

    key: str
    id: str
    size: int
    """bytes"""
    arrived: datetime
    """LastModified in a bucket, the modification time in a folder, UTC"""


@dataclass(frozen=True)
class Body:
    """The bytes of one version while they are read."""

    received_at: datetime
    """the object's `as-of` if it has one, else when it arrived, UTC"""
    chunks: Iterator[bytes]
    """the content, in order; raises Gone when the file changed under the reader, or came short"""
    in_place: AbstractContextManager[Path] | None = None
    """where the store has the content as a local file: that, to be read as often as one likes;
    raises Gone in the end when it is no longer that file, or was written to"""


class Store(Protocol):
    """A lake's objects. All methods raise StoreError for infrastructure faults."""

    def versions(self, prefix: str) -> Iterator[Version]:
        """Yield the versions of all keys with the prefix: key by key, the newest version first.

        A bucket's delete markers are not versions: deleting a raw file withdraws nothing.
        """
        ...

    def received_at(self, version: Version) -> datetime:
        """Return the version's `as-of`, else when it arrived. Raises Gone."""
        ...

    def open(self, version: Version) -> AbstractContextManager[Body]:
        """Open exactly that version. Raises NoFile, and Gone, at once or while it is read."""
        ...

    def list(self, prefix: str) -> Iterator[Entry]:
        """Yield the objects under a prefix, by key."""
        ...

    def head(self, key: str) -> Entry | None:
        """Return the object's entry, or None if there is no such object."""
        ...

    def etag(self, key: str) -> str | None:
        """Return a small object's ETag, or None: in a bucket a read costs less than a look."""
        ...

    def get(self, key: str) -> tuple[bytes, str] | None:
        """Return an object's content and ETag, or None if there is no such object."""
        ...

    def tail(self, key: str, size: int) -> bytes | None:
        """Return the last `size` bytes of an object (all of a shorter one), or None."""
        ...

    def put(self, key: str, content: bytes | Path, *, replaces: str | None) -> str:
        """Write an object if it still is what `replaces` says; return its ETag.

        `replaces` is the ETag that was read, or None for "there is none yet". Raises Conflict.
        Readers see the old object or the new one, never a part. A file given as content must not
        be written to afterwards: it may have become the object.
        """
        ...

    def overwrite(self, key: str, content: bytes | Path) -> str:
        """Write an object whatever was there; return its ETag."""
        ...
