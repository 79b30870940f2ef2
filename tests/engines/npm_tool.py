"""A tool of npm's, as a lock file beside this one has it: installed into the cache, then run."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.engines.fetched import CACHE, CannotRun

LOCKS = Path(__file__).parent
INSTALL_S = 300


class NpmTool:
    """The tool that tests/engines/<name> names, and the script there that uses it."""

    def __init__(self, name: str) -> None:
        self._folder = LOCKS / name
        about = json.loads((self._folder / "package.json").read_text())
        [version] = about["dependencies"].values()
        self.home = CACHE / f"{name}-{version}"

    def install(self) -> None:
        """Fetch what the lock file names, unless it is there. Raises CannotRun."""
        lock = self._folder / "package-lock.json"
        stamp = self.home / "installed"
        if stamp.exists() and stamp.read_text() == lock.read_text():
            return
        npm = shutil.which("npm")
        if npm is None:
            raise CannotRun("npm is missing: install it, on Debian with `apt-get install npm`")
        partial = self.home.with_name(f"{self.home.name}.partial-{os.getpid()}")
        partial.mkdir(parents=True)
        for file in (lock, self._folder / "package.json"):
            shutil.copy(file, partial)
        # no package's own script runs: none is needed
        words = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        done = subprocess.run(
            words, cwd=partial, check=False, capture_output=True, text=True, timeout=INSTALL_S
        )
        if done.returncode:
            shutil.rmtree(partial)
            raise CannotRun(f"{self.home.name} could not be installed: {done.stderr}")
        (partial / stamp.name).write_text(lock.read_text())
        shutil.rmtree(self.home, ignore_errors=True)
        partial.rename(self.home)

    def run(self, script: str, *words: str, seconds: float, **variables: str) -> Any:
        """Run a script and return the JSON that it prints."""
        # node looks for packages where it runs, if a script comes by standard input
        done = subprocess.run(
            ["node", "--input-type=module", "-", *words],
            cwd=self.home,
            env={**os.environ, **variables},
            input=(self._folder / script).read_text(),
            check=False,
            capture_output=True,
            text=True,
            timeout=seconds,
        )
        assert not done.returncode, done.stderr
        return json.loads(done.stdout)
