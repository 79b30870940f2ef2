"""What goes into each bundle, and whether Lambda takes it."""

# what it says goes to the person at the terminal, so it prints
# ruff: noqa: T201

import re
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from components.bundles.archive import Entry, entries_of
from components.bundles.bundle import Bundle, BundleError, build, built, digest
from components.bundles.sources import sources
from components.bundles.wheels import (
    ARCHITECTURES,
    FUNCTION_PYTHON,
    HOST_PYTHON,
    Target,
    wheels,
)

ROOT = Path(__file__).parent.parent.parent

MOST_UNPACKED = 262_144_000
"""Bytes that function and layers may unpack to (Lambda's quotas: 250 MB)."""
MOST_UPLOADED = 52_428_800
"""Bytes of a function's zip file that is uploaded directly (Lambda's quotas: 50 MB)."""

FUNCTION_FOLDERS = ("lake", "handler")
APP_FOLDERS = ("lake", "queries", "web")
HOST_FOLDER = "components/host"
"""What lies on the dashboard's host beside the app: the service, and how it is installed."""
ASSETS_LOCK = "package-lock.json"

_IN_WHEEL = re.compile(r"[^/]+\.data/(?:purelib|platlib)/(.+)")
_NOT_MODULES = re.compile(r"[^/]+\.data/(?:scripts|headers|data)/")
"""Where a wheel keeps what an installer puts elsewhere (PyPA's binary distribution format)."""

Files = list[tuple[str, bytes]]


def function(root: Path = ROOT) -> Bundle:
    """Return the function's bundle: lake, handler and the boto3 of the lock file.

    It holds no machine code, so it is one for all architectures. Raises BundleError.
    """
    lock = root / "requirements" / "function.txt"
    ours = list(sources(root, *FUNCTION_FOLDERS))

    def entries() -> Iterator[Entry]:
        yield from _plain(ours)
        # none of its wheels is made for one architecture; a test holds that
        yield from _unpacked(wheels(lock, Target(FUNCTION_PYTHON, "arm64")))

    bundle = _bundle(root, "function", lambda: [*ours, _content(lock)], entries)
    if bundle.size > MOST_UPLOADED:
        raise BundleError(
            f"the function's bundle has {bundle.size:,} bytes and Lambda takes {MOST_UPLOADED:,}: "
            "choose smaller packages in requirements/function.in"
        )
    return bundle


def layer(architecture: str, root: Path = ROOT) -> Bundle:
    """Return the function's layer: polars for one of ARCHITECTURES, below python/.

    Raises BundleError, also when it and the function together are more than Lambda takes.
    """
    target = Target(FUNCTION_PYTHON, _checked(architecture))
    lock = root / "requirements" / "layer.txt"

    def entries() -> Iterator[Entry]:
        yield from _unpacked(wheels(lock, target), below="python/")

    named = [("target", str(target).encode()), _content(lock)]
    bundle = _bundle(root, f"layer-{architecture}", lambda: named, entries)
    together = bundle.unpacked + function(root).unpacked
    if together > MOST_UNPACKED:
        raise BundleError(
            f"function and layer unpack to {together:,} bytes and Lambda takes {MOST_UNPACKED:,}: "
            "choose smaller packages in requirements/layer.in or function.in"
        )
    return bundle


def app(architecture: str, root: Path = ROOT, python: str = HOST_PYTHON) -> Bundle:
    """Return the dashboard's bundle for a host with one of ARCHITECTURES. Raises BundleError.

    app/ holds lake, queries and web with its assets; wheels/ and requirements.txt all packages;
    the rest is the host's: the service and how it is installed. Another Python than the host's is
    for trying the bundle on a machine that has not that one.
    """
    target = Target(python, _checked(architecture))
    lock = root / "requirements" / "app.txt"

    def ours() -> Files:
        host = [(Path(name).name, content) for name, content in sources(root, HOST_FOLDER)]
        code = [(f"app/{name}", content) for name, content in sources(root, *APP_FOLDERS)]
        return [*host, *code, ("requirements.txt", lock.read_bytes())]

    def made_of() -> Files:
        # the page's assets are laid out from npm's lock: where that changed, they are made anew
        return [*ours(), ("target", str(target).encode()), _content(root / ASSETS_LOCK)]

    def entries() -> Iterator[Entry]:
        yield from _plain(ours())
        for wheel in wheels(lock, target):
            yield Entry.plain(f"wheels/{wheel.name}", wheel.read_bytes())

    name = f"app-{architecture}" if python == HOST_PYTHON else f"app-{architecture}-{python}"
    return _bundle(root, name, made_of, entries, lambda: _set_up_assets(root))


def _bundle(
    root: Path,
    name: str,
    made_of: Callable[[], Files],
    entries: Callable[[], Iterable[Entry]],
    prepare: Callable[[], None] = lambda: None,
) -> Bundle:
    """Return the bundle that lies ready, or build it."""
    path = root / "build" / f"{name}.zip"
    found = built(path, digest(made_of()))
    if found is not None:
        return found
    print(f"Building {path.relative_to(root)} (some seconds, once) ...", flush=True)
    prepare()
    return build(path, digest(made_of()), entries)


def _set_up_assets(root: Path) -> None:
    """Lay out the page's third-party files as `make run` does: quick where they lie already."""
    done = subprocess.run(
        [sys.executable, str(root / "local" / "set_up.py"), "assets"],
        stdin=subprocess.DEVNULL,
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        said = done.stderr.strip().removeprefix("orders-lake: ")
        raise BundleError(f"the dashboard's bundle holds the page's assets: {said}")


def _unpacked(wheels: Iterable[Path], below: str = "") -> Iterator[Entry]:
    """Yield what an installer would lay out of the wheels, without notes and scripts of its own."""
    for wheel in wheels:
        for entry in entries_of(wheel):
            if _NOT_MODULES.match(entry.name):
                continue
            inside = _IN_WHEEL.fullmatch(entry.name)
            yield replace(entry, name=below + (inside[1] if inside else entry.name))


def _plain(files: Iterable[tuple[str, bytes]]) -> Iterator[Entry]:
    return (Entry.plain(name, content) for name, content in files)


def _content(path: Path) -> tuple[str, bytes]:
    return path.name, path.read_bytes()


def _checked(architecture: str) -> str:
    if architecture not in ARCHITECTURES:
        known = " and ".join(ARCHITECTURES)
        raise BundleError(f"{architecture!r} is no architecture of a bundle: there are {known}")
    return architecture
