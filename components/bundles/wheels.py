"""The third-party packages of a bundle: wheels for the machine that runs it, by the lock's hashes.

They are fetched with pip for a named Python and platform, so that a laptop of any kind builds for
Linux on arm64 or x86_64, and are kept under ~/.cache/orders-lake.
"""

import hashlib
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from components.bundles.bundle import BundleError

CACHE = Path.home() / ".cache" / "orders-lake" / "wheels"

ARCHITECTURES = {"arm64": "aarch64", "x86_64": "x86_64"}
"""AWS's name of an architecture -> the one in the names of wheels."""

FUNCTION_PYTHON = "3.13"
"""Lambda's: on Amazon Linux 2023, supported until 2029. 3.11 there is on Amazon Linux 2, whose life
ended in June 2026. What the function runs with is built for no version in particular."""
HOST_PYTHON = "3.11"
"""The dashboard host's, of Amazon Linux 2023's own packages; its own 3.9 is too old."""

OLDEST_GLIBC, GLIBC = 17, 34
"""Wheels for glibc 2.17 to 2.34, which is Amazon Linux 2023's."""

_PINNED = re.compile(r"^([a-z0-9._-]+)==(\S+)(.*)$", re.MULTILINE)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True)
class Target:
    """What a wheel is to run on."""

    python: str
    """such as 3.11"""
    architecture: str
    """one of ARCHITECTURES"""

    def options(self) -> list[str]:
        """Return pip's words for it."""
        machine = ARCHITECTURES[self.architecture]
        glibc = [f"manylinux_2_{minor}_{machine}" for minor in range(GLIBC, OLDEST_GLIBC - 1, -1)]
        platforms = [f"--platform={tag}" for tag in (*glibc, f"manylinux2014_{machine}")]
        abi = f"--abi=cp{self.python.replace('.', '')}"
        return [*platforms, f"--python-version={self.python}", "--implementation=cp", abi]


def wheels(lock: Path, target: Target, cache: Path = CACHE) -> list[Path]:
    """Return the wheels that a lock file names, sorted by name; fetch what is not there yet.

    Raises BundleError when that cannot be done.
    """
    text = lock.read_text()
    key = hashlib.sha256(f"{target}\n{text}".encode()).hexdigest()[:16]
    folder = cache / f"{lock.stem}-{target.python}-{target.architecture}-{key}"
    found = _complete(folder, text)
    if found is None:
        _fetch(lock, target, folder)
        found = _complete(folder, text)
    if found is None:
        raise BundleError(
            f"{folder} does not hold what requirements/{lock.name} names: "
            "delete this folder and try again"
        )
    return found


def _complete(folder: Path, lock: str) -> list[Path] | None:
    """Return the wheels in a folder if they are all that the lock names, and none is another."""
    named, hashes = _PINNED.findall(lock), set(_HASH.findall(lock))
    for name, _, rest in named:
        # a marker would be decided by the machine that builds, not by the one that runs
        if ";" in rest:
            raise BundleError(f"{name} is locked with a condition: a bundle needs one list for all")
    found = sorted(folder.glob("*.whl"))
    is_complete = len(found) == len(named) and all(
        hashlib.sha256(wheel.read_bytes()).hexdigest() in hashes for wheel in found
    )
    return found if is_complete else None


def _fetch(lock: Path, target: Target, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        quiet = ["--quiet", "--disable-pip-version-check", "--no-input", "--progress-bar=off"]
        only = ["--no-deps", "--require-hashes", "--only-binary=:all:", *target.options()]
        words = [sys.executable, "-m", "pip", "download", *quiet, *only]
        done = subprocess.run(
            [*words, f"--requirement={lock}", f"--dest={temporary}"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise BundleError(
                f"pip could not fetch the wheels that requirements/{lock.name} names for Python "
                f"{target.python} on {target.architecture}: "
                f"{done.stderr.strip() or done.stdout.strip()}"
            )
        # a folder of the same name that is not complete is moved aside with what is wrong in it
        if folder.exists():
            folder.rename(Path(temporary) / "incomplete")
        whole = Path(temporary) / "wheels"
        whole.mkdir()
        for wheel in Path(temporary).glob("*.whl"):
            wheel.rename(whole / wheel.name)
        try:
            whole.rename(folder)
        except OSError:
            # somebody else was quicker with the same
            if not folder.is_dir():
                raise
