"""actionlint, built from its Go module: it is in no package index and in no distribution."""

import shutil
import subprocess
import tempfile
from pathlib import Path

VERSION = "1.7.12"
MODULE = "github.com/rhysd/actionlint/cmd/actionlint"
TOOLCHAIN = Path(__file__).parent / "toolchain"
"""go.mod and go.sum: which version, of which content."""
BINARY = Path.home() / ".cache" / "orders-lake" / f"actionlint-{VERSION}" / "actionlint"
BUILT_WITHIN = 300
"""Seconds; 13 are usual on two cores."""


class CannotBuild(Exception):
    """actionlint cannot be built here; the message says what to do."""


def actionlint() -> Path:
    """Return the binary; build it if it is not there yet. Raises CannotBuild."""
    if BINARY.exists():
        return BINARY
    go = shutil.which("go")
    if go is None:
        raise CannotBuild(
            f"actionlint {VERSION} is built with Go, which is missing: install Go 1.25 or newer, on"
            " Debian with `apt-get install golang-1.25`, or as go.dev says"
        )
    BINARY.parent.mkdir(parents=True, exist_ok=True)
    # built beside its place and moved there: two builds at once do not disturb each other
    with tempfile.TemporaryDirectory(dir=BINARY.parent) as folder:
        built = Path(folder) / "actionlint"
        done = subprocess.run(
            [go, "build", "-trimpath", "-mod=readonly", "-o", str(built), MODULE],
            cwd=TOOLCHAIN,
            capture_output=True,
            text=True,
            timeout=BUILT_WITHIN,
            check=False,
        )
        if done.returncode:
            raise CannotBuild(f"actionlint {VERSION} could not be built: {done.stderr.strip()}")
        built.rename(BINARY)
    return BINARY
