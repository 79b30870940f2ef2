"""A lake in a folder: the store port over a file system, safe between threads and processes.

An object's ETag is its modification time and size. Every write sets a modification time later
than that of the object it replaces: so an ETag never comes back, and a copy of the lake that keeps
times keeps the ETags.
"""

import fcntl
import hashlib
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from lake import names, times
from lake.store import Body, Conflict, Entry, Gone, NoFile, StoreError, Version

CHUNK_SIZE = 1 << 20
"""Bytes a read: past 1 MiB copying gets no faster."""

HASH_SIZE = 8 << 20
"""Bytes a read of what is hashed: after each the interpreter is waited for, which polars has while
it is imported."""

COARSEST_TIME = 2_000_000_000
"""Nanoseconds: the coarsest time that a disk notes. One that is further off was cut: ext4's times
end in 2446, and begin in 1901."""

ABSENT = (FileNotFoundError, NotADirectoryError)
"""What the file system says where there is no such object."""

_UNREADABLE = "unreadable" + "0" * 54


class FolderStore:
    """The store port over the folder `root`, which is made when it is not there."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self._temporary = self.root / "tmp"
        # a raw file's hash by what stat says of it: a look at an unchanged file reads nothing
        self._hashes: dict[tuple[str, int, int, int], str] = {}
        with _faults(f"make the lake's folder {self.root}"):
            for folder in (self._temporary, self.root / names.RAW):
                folder.mkdir(parents=True, exist_ok=True)

    def path(self, key: str) -> Path:
        """Return where an object lies. Raises StoreError for a key that leads out of the lake."""
        if not _is_key(key):
            raise StoreError(f"{key!r} is not a key of the lake: it must name a file below it")
        return self.root.joinpath(*key.split("/"))

    def add(self, source: Path, key: str, as_of: datetime | None = None) -> Version:
        """Copy a file to a raw key, whole or not at all, and return its version.

        `as_of` becomes its modification time; without it the source's own is kept.
        Raises StoreError, also when the source changes while it is copied.
        """
        with _faults(f"copy {source} into the lake"):
            before = source.stat()
            with self._new_file() as (temporary, copy):
                # one processor copies and flushes while another one hashes
                with ThreadPoolExecutor(max_workers=1) as beside:
                    hashing = beside.submit(_hash, source)
                    shutil.copyfile(source, temporary)
                    os.fsync(copy.fileno())
                digest = hashing.result()
                if _identity(source.stat()) != _identity(before):
                    raise StoreError(f"{source} changed while it was copied: try again")
                modified = before.st_mtime_ns if as_of is None else _to_ns(as_of)
                target = self.path(key)
                target.parent.mkdir(parents=True, exist_ok=True)
                _settle(copy, modified)
                if abs(os.fstat(copy.fileno()).st_mtime_ns - modified) > COARSEST_TIME:
                    raise StoreError(
                        f"this disk cannot note {times.from_ns(modified)} as a file's time, and so "
                        "not as an as-of: give one nearer to today"
                    )
                temporary.replace(target)
            _sync_folder(target.parent)
            status = target.stat()
            self._hashes[(key, *_identity(status))] = digest
            return self._version(key, status)

    def versions(self, prefix: str) -> Iterator[Version]:
        """Yield the files with the prefix: a folder holds one version of each, the present one.

        One whose name is not UTF-8 has none: no record could name it.
        """
        for key, path in self._walk(prefix):
            # such a file is not even opened: that would end the notices of who watches the folder
            if names.is_text(key):
                with suppress(*ABSENT), _faults(f"look at {key}", *ABSENT):
                    yield self._version(key, path.lstat())

    def unnamable(self) -> Iterator[str]:
        """Yield a sentence about each raw file whose name is not UTF-8: no record can name it."""
        for key, _ in self._walk(names.RAW):
            if not names.is_text(key):
                name = os.fsencode(key).decode(errors="backslashreplace")
                yield f"{name} is not ingested: its name is not UTF-8; rename it"

    def received_at(self, version: Version) -> datetime:
        """Return the file's modification time: that is where a folder keeps the as-of."""
        return version.arrived

    @contextmanager
    def open(self, version: Version) -> Iterator[Body]:
        """Open exactly that version: Gone when the file is, or becomes, another one."""
        path = self.path(version.key)
        try:
            mode = path.lstat().st_mode
            if not stat.S_ISREG(mode):
                # a symbolic link could lead out of the lake, a pipe would be waited for
                kind = "a symbolic link" if stat.S_ISLNK(mode) else "no ordinary file"
                raise NoFile(f"is {kind}: copy the file itself there")
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            raise Gone(f"{version.key} is no longer there") from None
        except OSError as fault:
            raise StoreError(f"cannot read {version.key}: {fault.strerror}") from fault
        with os.fdopen(descriptor, "rb", buffering=0) as file:
            before = os.fstat(descriptor)
            try:
                found = self._version(version.key, before)
            except FileNotFoundError:
                found = None
            if found != version:
                raise Gone(f"{version.key} is another version by now")

            def chunks() -> Iterator[bytes]:
                with _faults(f"read {version.key}"):
                    while chunk := file.read(CHUNK_SIZE):
                        yield chunk
                if _identity(os.fstat(descriptor)) != _identity(before):
                    raise Gone(f"{version.key} changed while it was read")

            yield Body(version.arrived, chunks(), _in_place(path, before, version.key))

    def list(self, prefix: str) -> Iterator[Entry]:
        """Yield the objects under a prefix, by key."""
        for key, path in self._walk(prefix):
            with suppress(*ABSENT), _faults(f"look at {key}", *ABSENT):
                yield _entry(key, path.lstat())

    def head(self, key: str) -> Entry | None:
        """Return the object's entry, or None if there is no such object."""
        with suppress(*ABSENT), _faults(f"look at {key}", *ABSENT):
            return _entry(key, self.path(key).stat())
        return None

    def etag(self, key: str) -> str | None:
        """Return an object's ETag, or None if there is no such object."""
        with suppress(*ABSENT), _faults(f"look at {key}", *ABSENT):
            return _etag(self.path(key).stat())
        return None

    def get(self, key: str) -> tuple[bytes, str] | None:
        """Return an object's content and ETag, or None if there is no such object."""
        with suppress(*ABSENT), _faults(f"read {key}", *ABSENT), self.path(key).open("rb") as file:
            return file.read(), _etag(os.fstat(file.fileno()))
        return None

    def tail(self, key: str, size: int) -> bytes | None:
        """Return the last `size` bytes of an object, or None if there is no such object."""
        with suppress(*ABSENT), _faults(f"read {key}", *ABSENT), self.path(key).open("rb") as file:
            file.seek(-min(size, os.fstat(file.fileno()).st_size), os.SEEK_END)
            return file.read()
        return None

    def put(self, key: str, content: bytes | Path, *, replaces: str | None) -> str:
        """Write an object if it still is what `replaces` says; return its ETag. Raises Conflict."""
        return self._write(key, content, expected=(replaces,))

    def overwrite(self, key: str, content: bytes | Path) -> str:
        """Write an object whatever was there; return its ETag."""
        return self._write(key, content, expected=None)

    def _write(self, key: str, content: bytes | Path, expected: tuple[str | None] | None) -> str:
        target = self.path(key)
        with _faults(f"write {key}"), self._new_file(content) as (temporary, copy):
            copy.flush()
            os.fsync(copy.fileno())
            target.parent.mkdir(parents=True, exist_ok=True)
            # compare and rename are one step for everybody who writes: the lock is the lake's,
            # held for that moment only, and the kernel lets go of it when a process dies
            with (self._temporary / "lock").open("w") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                old = self.head(key)
                if expected is not None and expected[0] != (old.etag if old else None):
                    raise Conflict(f"{key} was written by somebody else meanwhile")
                earliest = target.stat().st_mtime_ns + 1 if old else 0
                _settle(copy, max(time.time_ns(), earliest))
                etag = _etag(os.fstat(copy.fileno()))
                temporary.replace(target)
            _sync_folder(target.parent)
            return etag

    @contextmanager
    def _new_file(self, content: bytes | Path = b"") -> Iterator[tuple[Path, BinaryIO]]:
        """Open a file of that content under tmp/ that is gone afterwards unless it was renamed."""
        temporary = self._temporary / secrets.token_hex(8)
        try:
            if isinstance(content, Path) and _linked(content, temporary):
                with temporary.open("r+b") as file:
                    yield temporary, file
            else:
                with temporary.open("xb") as file:
                    if isinstance(content, bytes):
                        file.write(content)
                    else:
                        with content.open("rb") as source:
                            shutil.copyfileobj(source, file, CHUNK_SIZE)
                    yield temporary, file
        finally:
            temporary.unlink(missing_ok=True)

    def _walk(self, prefix: str) -> Iterator[tuple[str, Path]]:
        """Yield every file whose key starts with the prefix, by key; links are not followed."""
        folder, _, _ = prefix.rpartition("/")
        if folder and not _is_key(folder):
            return
        top = self.root / folder
        found = []
        for folder, _, files in os.walk(top):
            for name in files:
                path = Path(folder, name)
                key = path.relative_to(self.root).as_posix()
                if key.startswith(prefix):
                    found.append((key, path))
        yield from sorted(found)

    def _version(self, key: str, status: os.stat_result) -> Version:
        identity = (key, *_identity(status))
        digest = self._hashes.get(identity)
        if digest is None:
            digest = self._hashes[identity] = self._hash(key)
        id_ = f"{status.st_mtime_ns}-{digest[:16]}"
        return Version(key, id_, status.st_size, times.from_ns(status.st_mtime_ns))

    def _hash(self, key: str) -> str:
        path = self.path(key)
        if not stat.S_ISREG(path.lstat().st_mode):
            return _UNREADABLE
        try:
            return _hash(path)
        except PermissionError:
            # its look will say so; a listing must not fail for the others because of it
            return _UNREADABLE


@contextmanager
def _faults(what: str, *passed: type[OSError]) -> Iterator[None]:
    """Turn the file system's faults into the store's, but for those that are passed on."""
    try:
        yield
    except passed:
        raise
    except OSError as fault:
        raise StoreError(f"cannot {what}: {fault.strerror or fault}") from fault


@contextmanager
def _in_place(path: Path, before: os.stat_result, key: str) -> Iterator[Path]:
    """Yield a file to be read where it lies. Raises Gone in the end if it was touched."""

    def must_be_untouched() -> None:
        with _faults(f"look at {key}", *ABSENT), suppress(*ABSENT):
            now = path.lstat()
            # the modification time can be set back, that of the last change cannot
            if (*_identity(now), now.st_ctime_ns) == (*_identity(before), before.st_ctime_ns):
                return
        raise Gone(f"{key} changed while it was read")

    try:
        yield path
    except Exception:
        # whatever went wrong with a file that changed, the change is the cause
        must_be_untouched()
        raise
    must_be_untouched()


def _is_key(key: str) -> bool:
    """Tell whether a key names a file below the lake."""
    parts = key.split("/")
    return all(parts) and not any(part in (".", "..") or "\0" in part for part in parts)


def _identity(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_mtime_ns, status.st_size, status.st_ino


def _etag(status: os.stat_result) -> str:
    return f"{status.st_mtime_ns:x}-{status.st_size:x}"


def _entry(key: str, status: os.stat_result) -> Entry:
    return Entry(key, _etag(status), status.st_size, times.from_ns(status.st_mtime_ns))


def _to_ns(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1)) // timedelta(microseconds=1) * 1000


def _settle(file: BinaryIO, modified_ns: int) -> None:
    """Bring a written file to the disk, with that modification time."""
    file.flush()
    os.utime(file.fileno(), ns=(modified_ns, modified_ns))
    os.fsync(file.fileno())


def _linked(source: Path, target: Path) -> bool:
    """Link a file instead of copying it, if that can be done and no other object shares it."""
    if source.stat().st_nlink > 1:
        return False
    try:
        target.hardlink_to(source)
    except OSError:
        # another disk, or one without links
        return False
    return True


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb", buffering=0) as file:
        while content := file.read(HASH_SIZE):
            digest.update(content)
    return digest.hexdigest()


def _sync_folder(folder: Path) -> None:
    """Bring a rename to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
