"""When is a file whole? Files that may still be being written wait here until they are.

A file is whole when its size and modification time have stood still for a moment and nobody has
it open for writing. The second is what the kernel knows on Linux: it grants a read lease on a file
only then. So a copy may stall as long as it likes. Where there are no leases (other systems, files
of other people, some network shares) standing still has to do.
"""

import errno
import os
import signal
import stat
import sys
from pathlib import Path

if sys.platform == "linux":
    import fcntl

QUIET_SECONDS = 0.4
"""How long a file must have stood still: longer than the pauses of a copy that is under way, and
short enough that a person does not notice."""

Look = tuple[int, int, int]
"""A file as it was seen: size, modification time in ns, inode."""


class Settling:
    """The files that wait. Times are seconds of one clock that only goes forward."""

    def __init__(self) -> None:
        self._waiting: dict[Path, tuple[Look, float]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def note(self, path: Path, now: float) -> None:
        """Let a file wait; one that waits already, and looks as it did, waits on."""
        look = _look(path)
        if look is None:
            self._waiting.pop(path, None)
        elif path not in self._waiting or self._waiting[path][0] != look:
            self._waiting[path] = look, now

    def whole(self, now: float) -> list[Path]:
        """Return the files that are whole, the longest waiting first; they wait no more."""
        found = []
        for path in list(self._waiting):
            self.note(path, now)
            if path in self._waiting:
                since = self._waiting[path][1]
                if now - since >= QUIET_SECONDS and not is_being_written(path):
                    found.append((since, path))
                    del self._waiting[path]
        return [path for _, path in sorted(found)]


def is_being_written(path: Path) -> bool:
    """Tell whether somebody has the file open for writing, as far as this system can tell."""
    if sys.platform != "linux":
        return False
    try:
        # neither a link nor a pipe may lead or hold us anywhere
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return False
    try:
        # who opens it for writing while the lease stands makes the kernel send a signal; the
        # usual one ends the process, this one is ignored
        fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as fault:
        return fault.errno == errno.EAGAIN
    finally:
        os.close(descriptor)
    return False


def _look(path: Path) -> Look | None:
    """Return how a file looks now; None when there is none, or it is a folder."""
    try:
        status = path.lstat()
    except OSError:
        return None
    if stat.S_ISDIR(status.st_mode):
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino
