"""Pulumi's command line, which holds its engine: found, downloaded, or built from its Go module.

On the PATH it is taken as it is. Else the SDK's own downloader fetches the version that goes with
the SDK; where that cannot be had, Go builds the version that toolchain/go.mod names, from the
modules whose hashes stand in toolchain/go.sum. Both land in ~/.cache/orders-lake, once.

usage: python -m tests.engines.pulumi_cli
"""

# what it says goes to the person at the terminal, so it prints
# ruff: noqa: T201

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version as installed
from pathlib import Path

from pulumi.automation import PulumiCommand

from tests.engines.fetched import CACHE, CannotRun

TOOLCHAIN = Path(__file__).parent / "toolchain"
PACKAGE = "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version"
"""Set by the linker: a CLI that cannot name its version is refused by the Automation API."""
DOWNLOAD_S = 180
BUILD_S = 1800
"""Longest build, seconds; 4 to 6 minutes are usual on two cores, 10 s with Go's cache filled."""
STILL_AT_IT_S = 30
"""How often a build says that it goes on, seconds: a silent terminal looks like a hung one."""

Say = Callable[[str], None]


def find(say: Say) -> PulumiCommand:
    """Return the command line; `say` takes what the person should know. Raises CannotRun."""
    with contextlib.suppress(OSError, subprocess.CalledProcessError, RuntimeError, ValueError):
        if shutil.which("pulumi"):
            return PulumiCommand()
    homes = [CACHE / f"pulumi-{version}" for version in (installed("pulumi"), built_version())]
    for home in homes:
        if _executable(home).exists():
            return PulumiCommand(root=str(home))
    # two test processes may want it: the second waits, then finds what the first has made
    with _alone(say):
        for home in homes:
            if _executable(home).exists():
                return PulumiCommand(root=str(home))
        downloaded, built = homes
        reasons = []
        for way, home in ((download, downloaded), (build, built)):
            try:
                way(home, say)
            except CannotRun as fault:
                reasons.append(str(fault))
            else:
                return PulumiCommand(root=str(home))
    raise CannotRun(
        f"Pulumi's CLI is not on the PATH and could not be had: {' '.join(reasons)} Install it "
        "(https://www.pulumi.com/docs/install/), or Go 1.25 or newer to have it built here."
    )


def built_version() -> str:
    """Return the version that toolchain/go.mod names, as `3.259.0`."""
    found = re.search(
        r"github\.com/pulumi/pulumi/pkg/v3 v([0-9.]+)", (TOOLCHAIN / "go.mod").read_text()
    )
    if found is None:
        raise CannotRun(f"{TOOLCHAIN / 'go.mod'} names no version of Pulumi's CLI.")
    return found[1]


def download(home: Path, say: Say) -> None:
    """Fetch the version of the SDK into `home`, as the SDK does it. Raises CannotRun."""
    say(f"Downloading Pulumi's CLI {installed('pulumi')} into {home} ...")
    partial = _partial(home)
    # in a process of its own: the SDK's downloader knows no deadline
    install = (
        "import sys; from pulumi.automation import PulumiCommand; "
        "PulumiCommand.install(root=sys.argv[1])"
    )
    try:
        subprocess.run(
            [sys.executable, "-c", install, partial],
            check=True,
            capture_output=True,
            text=True,
            timeout=DOWNLOAD_S,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as fault:
        shutil.rmtree(partial, ignore_errors=True)
        raise CannotRun(f"Its download failed ({_last_line(fault)}).") from fault
    partial.rename(home)


def build(home: Path, say: Say) -> None:
    """Build the version that go.mod names into `home`. Raises CannotRun."""
    go = shutil.which("go")
    if go is None:
        raise CannotRun("Go, which would build it, is missing.")
    version = built_version()
    say(f"Building Pulumi's CLI {version} into {home} (4 to 6 minutes, once) ...")
    partial = _partial(home)
    words = [
        *(go, "build", "-trimpath", "-mod=readonly"),
        *("-ldflags", f"-s -w -X {VERSION_VARIABLE}=v{version}"),
        *("-o", str(_executable(partial)), PACKAGE),
    ]
    start = time.monotonic()
    with subprocess.Popen(
        words, cwd=TOOLCHAIN, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        while True:
            try:
                said, _ = process.communicate(timeout=STILL_AT_IT_S)
                break
            except subprocess.TimeoutExpired:
                seconds = time.monotonic() - start
                if seconds > BUILD_S:
                    process.kill()
                say(f"... still building Pulumi's CLI, {seconds:.0f} s")
    if process.returncode:
        last = said.strip().splitlines()[-1:] or [f"exit code {process.returncode}"]
        raise CannotRun(f"Its build failed ({last[0]}).")
    partial.rename(home)


def _executable(home: Path) -> Path:
    return home / "bin" / "pulumi"


def _partial(home: Path) -> Path:
    """An empty folder beside `home`: only a whole installation ever stands under its name."""
    partial = home.with_name(f"{home.name}.partial")
    for stale in (partial, home):
        shutil.rmtree(stale, ignore_errors=True)
    partial.mkdir(parents=True)
    return partial


def _last_line(fault: subprocess.CalledProcessError | subprocess.TimeoutExpired) -> str:
    said = fault.stderr or b""
    text = said if isinstance(said, str) else said.decode(errors="replace")
    return (text.strip().splitlines() or [str(fault)])[-1]


@contextlib.contextmanager
def _alone(say: Say) -> Iterator[None]:
    CACHE.mkdir(parents=True, exist_ok=True)
    folder = os.open(CACHE, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for another process that installs Pulumi's CLI ...")
            fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


if __name__ == "__main__":
    try:
        print(find(lambda text: print(text, file=sys.stderr)).command)
    except CannotRun as reason:
        sys.exit(f"orders-lake: {reason}")
