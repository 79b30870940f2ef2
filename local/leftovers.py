"""What killed processes left behind in a lake's tmp/: nobody reads it, it only takes room."""

import shutil
import time
from contextlib import suppress
from pathlib import Path

from lake.store import StoreError

OLD_SECONDS = 24 * 3600.0
"""Whatever has not changed for so long is nobody's any more: the longest work takes minutes."""

LOCK = "lock"
"""The file that writers of a lake lock; its age says nothing."""


def clear(folder: Path) -> None:
    """Remove what is old in a lake's tmp/. Raises StoreError when it cannot be listed."""
    try:
        entries = list(folder.iterdir())
    except OSError as fault:
        raise StoreError(f"cannot list {folder}: {fault.strerror}") from fault
    for entry in entries:
        if entry.name != LOCK and time.time() - _changed(entry) > OLD_SECONDS:
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry, ignore_errors=True)
            else:
                with suppress(OSError):
                    entry.unlink()


def _changed(entry: Path) -> float:
    """Return when anything in a folder, or a file, last changed; now for what cannot be read."""
    try:
        return max(path.lstat().st_mtime for path in (entry, *entry.rglob("*")))
    except OSError:
        return time.time()
