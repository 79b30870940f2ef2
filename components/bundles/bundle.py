"""A built bundle, and how one is taken again while what it is made of stays the same."""

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pulumi

from components.bundles.archive import Entry, packed

BUILDER = Path(__file__).parent


class BundleError(pulumi.RunError):
    """A bundle cannot be built; the message says why and what to do.

    Pulumi shows such an error's message alone.
    """


@dataclass(frozen=True)
class Bundle:
    """A zip file that lies ready."""

    path: Path
    sha256: str
    """of the file, in hex"""
    size: int
    """bytes of the file"""
    unpacked: int
    """bytes of what it holds"""


def digest(made_of: Iterable[tuple[str, bytes]]) -> str:
    """Return what stands for named contents, and for how they are made into a bundle."""
    whole = hashlib.sha256()
    builder = ((path.name, path.read_bytes()) for path in sorted(BUILDER.glob("*.py")))
    for name, content in (*builder, *sorted(made_of)):
        whole.update(f"{name}\0{len(content)}\0".encode() + content)
    return whole.hexdigest()


def built(path: Path, digest: str) -> Bundle | None:
    """Return the bundle at `path` if it was built from what `digest` stands for, and is whole."""
    try:
        note = json.loads(_note(path).read_bytes())
        there = path.stat()
        # the file itself is not read again: a layer is 55 MB, and this is asked at every start
        if (note["digest"], note["size"], 0) == (digest, there.st_size, there.st_mtime_ns):
            return Bundle(path, note["sha256"], note["size"], note["unpacked"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def build(path: Path, digest: str, entries: Callable[[], Iterable[Entry]]) -> Bundle:
    """Write a bundle and the note by which `built` knows it. Raises BundleError.

    Whoever builds the same at the same time writes the same bytes; each file is there whole or not.
    """
    contents = list(entries())
    whole = hashlib.sha256()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            for part in packed(contents):
                whole.update(part)
                file.write(part)
        # the time marks it as ours and untouched: who writes into it moves it
        os.utime(temporary, ns=(0, 0))
        temporary.replace(path)
    except ValueError as fault:
        raise BundleError(f"{path.name} cannot be built: {fault}") from fault
    finally:
        temporary.unlink(missing_ok=True)
    unpacked = sum(entry.size for entry in contents)
    bundle = Bundle(path, whole.hexdigest(), path.stat().st_size, unpacked)
    note = {"digest": digest, "sha256": bundle.sha256, "size": bundle.size, "unpacked": unpacked}
    _note(path).write_text(json.dumps(note, indent=1) + "\n")
    return bundle


def _note(path: Path) -> Path:
    return path.with_name(f"{path.stem}.json")
