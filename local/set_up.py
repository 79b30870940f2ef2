"""Set up what `make` needs: Python packages, the page's assets, a browser for the tests.

Run by the machine's own Python before anything is installed, so it uses the standard library alone
and no syntax that an old Python could not read: that one is to be told, in a sentence, that it is
too old. What was set up is remembered beside it under the digest of the lock file it came from; so
a second run looks at two small files and is done.

usage: python3 local/set_up.py run | lint | test | assets
"""

# what it says goes to the person at the terminal, so it prints
# ruff: noqa: T201

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20

STARTS_CHROMIUM = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    playwright.chromium.launch(args=["--no-sandbox"]).close()
"""
"""What proves that Playwright's own Chromium is there and finds its libraries."""


class Missing(Exception):
    """Something is missing; the message says what, and what to do."""


def main(goal: str) -> int:
    """Set up for `run`, `lint` or `test`, or the `assets` alone; return the exit code."""
    try:
        with _alone():
            if goal != "assets":
                packages("run" if goal == "run" else "test")
            if goal != "lint":
                assets()
            if goal == "test":
                browser()
                headless_browser()
                systemd()
    except Missing as fault:
        print(f"orders-lake: {fault}", file=sys.stderr)
        return 1
    return 0


def packages(lock_name: str) -> None:
    """Install the packages that requirements/<lock_name>.txt names, and no others."""
    version = sys.version_info[:2]
    if version < OLDEST_PYTHON:
        raise Missing(
            "Python {}.{} is too old: install Python 3.11 or newer, and name it, as in "
            "`make run PYTHON=python3.12`".format(*version)
        )
    lock = ROOT / "requirements" / f"{lock_name}.txt"
    stamp = VENV / f"set-up-{lock_name}"
    digest = _digest([lock], "{}.{}".format(*version))
    if _holds(stamp, digest):
        return
    try:
        import ensurepip  # noqa: F401, PLC0415
    except ImportError:
        raise Missing(
            "Python's venv module is missing: install it, on Debian with "
            "`apt-get install python3-venv`"
        ) from None
    print(f"Setting up Python packages in {VENV.name} (about a minute, once) ...", flush=True)
    # an environment of another Python is of no use: its packages lie where this one never looks
    configuration = VENV / "pyvenv.cfg"
    stale = configuration.exists() and "\nversion = {}.{}.".format(*version) not in (
        configuration.read_text()
    )
    _run([sys.executable, "-m", "venv", *(["--clear"] if stale else []), str(VENV)], "make a venv")
    install = ["-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", str(lock)]
    quiet = ["--disable-pip-version-check", "--no-input", "--progress-bar", "off"]
    _run([str(PYTHON), *install, *quiet], f"install what {lock.relative_to(ROOT)} names")
    stamp.write_text(digest)


def assets() -> None:
    """Install what the page serves from npm, and lay it where the page looks for it."""
    copies = ROOT / "web" / "vendor.py"
    named = [ROOT / "package.json", ROOT / "package-lock.json", copies]
    stamp = ROOT / "node_modules" / ".set-up"
    digest = _digest(named)
    if _holds(stamp, digest) and (ROOT / "web" / "static" / "vendor").is_dir():
        return
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise Missing(
            "node or npm is missing: install both, node 20 or newer, on Debian with "
            "`apt-get install nodejs npm`"
        )
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
    if int(version.stdout.strip().lstrip("v").split(".")[0]) < OLDEST_NODE:
        raise Missing(f"node {version.stdout.strip()} is too old: install node 20 or newer")
    print("Setting up the page's assets (some seconds, once) ...", flush=True)
    quiet = ["--no-audit", "--no-fund", "--loglevel=error"]
    _run([npm, "ci", "--ignore-scripts", *quiet], "install what package-lock.json names")
    # it needs no packages, and the stack's program asks for the assets in an environment of its own
    _run([sys.executable, "-m", "web.vendor"], "lay out the page's assets")
    stamp.write_text(digest)


def browser() -> None:
    """See to it that the tests find a Chromium: the machine's, Debian's or Playwright's."""
    if os.environ.get("CHROMIUM") or shutil.which("chromium") or _starts_chromium():
        return
    print("Setting up Chromium for the browser tests (about a minute, once) ...", flush=True)
    take_from_debian("chromium")
    if shutil.which("chromium"):
        return
    subprocess.run([str(PYTHON), "-m", "playwright", "install", "chromium"], check=False)
    if not _starts_chromium():
        raise Missing(
            "Chromium is missing, the browser tests need it: install it, on Debian with "
            "`apt-get install chromium`, or name one, as in `make test CHROMIUM=/opt/chromium`"
        )


def headless_browser() -> None:
    """See to it that the tests need half the time: with Debian's Chromium that has no windows.

    It is asked for once, beside the one with windows, and they pass without it.
    """
    asked = VENV / "asked-for-headless-chromium"
    there = os.environ.get("CHROMIUM") or shutil.which("chromium-headless-shell")
    if there or not shutil.which("chromium") or asked.exists():
        return
    take_from_debian("chromium-headless-shell")
    asked.touch()


def systemd() -> None:
    """See to it that the tests find systemd-analyze, which checks the dashboard's service."""
    if shutil.which("systemd-analyze"):
        return
    take_from_debian("systemd")
    if not shutil.which("systemd-analyze"):
        raise Missing(
            "systemd-analyze is missing, the test of the dashboard's service needs it: install it, "
            "on Debian with `apt-get install systemd`"
        )


def take_from_debian(package: str) -> None:
    """Install a package of Debian's where that can be done."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update"], ["install", "--yes", "--no-install-recommends", package]):
        subprocess.run(["apt-get", "-qq", *words], env=quiet, stdin=subprocess.DEVNULL, check=False)


def _starts_chromium() -> bool:
    started = subprocess.run([str(PYTHON), "-c", STARTS_CHROMIUM], capture_output=True, check=False)
    return started.returncode == 0


def _run(words: list[str], what: str) -> None:
    try:
        # what goes well is of no interest; what does not is said on standard error
        quiet = subprocess.DEVNULL
        subprocess.run(words, cwd=ROOT, check=True, stdin=quiet, stdout=quiet)
    except subprocess.CalledProcessError:
        raise Missing(f"could not {what}: the lines above say why; then try again") from None


def _digest(files: list[Path], more: str = "") -> str:
    content = b"".join(file.read_bytes() for file in files)
    return hashlib.sha256(content + more.encode()).hexdigest()


def _holds(stamp: Path, digest: str) -> bool:
    return stamp.exists() and stamp.read_text() == digest


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Hold the checkout for this process: two at once would install into each other's way."""
    folder = os.open(str(ROOT), os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


if __name__ == "__main__":
    if sys.argv[1:] not in (["run"], ["lint"], ["test"], ["assets"]):
        sys.exit("usage: python3 local/set_up.py run | lint | test | assets")
    sys.exit(main(sys.argv[1]))
