"""Pulumi's own engine over the AWS provider's double: stacks that are previewed, made, destroyed.

The program is run as `pulumi up` runs it, from its folder with its Pulumi.yaml and its stack's
file, by an inline program of the Automation API: the engine's Python language host needs a whole
installation of Pulumi, this needs the command alone.
"""

import asyncio
import contextlib
import gc
import json
import os
import runpy
import shutil
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import CoroutineType
from typing import Any
from unittest.mock import patch

import yaml
from pulumi import automation
from pulumi.automation.errors import CommandError

from tests.doubles.provider import Provider
from tests.engines.pulumi_run import Run

ROOT = Path(__file__).parents[2]
PASSPHRASE = "correct horse battery staple"
PARALLEL = 8
LET_GO_S = 5
"""How long the thread that ran a program may go on after the command has ended, seconds."""
OWN = ("bootstrap", "components", "handler", "lake", "local", "queries", "web")
"""Top-level modules that a copy of the project has its own of."""
FOLDERS = (*OWN, "requirements")
"""With the files beside them all that the program runs from."""


class PulumiEngine:
    """One backend and one account, for as many stacks as a test wants."""

    def __init__(self, folder: Path, command: automation.PulumiCommand) -> None:
        self.folder = folder
        self.command = command
        self.provider = Provider()
        (folder / "backend").mkdir(parents=True)

    def stop(self) -> None:
        """End the provider."""
        self.provider.stop()

    def stack(self, name: str, source: Path = ROOT, config: str | None = None) -> "Stack":
        """Return a stack of the program in `source`, with its stack's file or with that text."""
        work = self.folder / source.name / name
        work.mkdir(parents=True)
        shutil.copy(source / "Pulumi.yaml", work)
        file = source / f"Pulumi.{name}.yaml"
        (work / file.name).write_text(config if config is not None else file.read_text())
        return Stack(self, name, source, work)

    @property
    def environment(self) -> dict[str, str]:
        """What the command sees, beside what the test process has."""
        return {
            "PULUMI_BACKEND_URL": f"file://{self.folder / 'backend'}",
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_DEBUG_PROVIDERS": f"aws:{self.provider.port}",
            "PULUMI_HOME": str(self.folder / "home"),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # the real provider, which the state names, is not looked for
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            # no colour, no wish to be asked for anything
            "NO_COLOR": "1",
        }


class Stack:
    """One stack of a program."""

    def __init__(self, engine: PulumiEngine, name: str, source: Path, work: Path) -> None:
        self._engine = engine
        self.file = work / f"Pulumi.{name}.yaml"
        self.name = name
        self.source = source
        self.work = work
        project = yaml.safe_load((work / "Pulumi.yaml").read_text())["name"]
        self.project = project
        self._stack = automation.create_or_select_stack(
            name,
            project_name=project,
            program=lambda: None,
            opts=automation.LocalWorkspaceOptions(
                work_dir=str(work),
                pulumi_command=engine.command,
                env_vars=engine.environment,
            ),
        )

    def preview(self, settings: Mapping[str, Any] | None = None, source: Path | None = None) -> Run:
        """Preview the program, with settings of the stack changed, or from another folder."""
        return self._run("preview", source or self.source, settings)

    def up(self, settings: Mapping[str, Any] | None = None, source: Path | None = None) -> Run:
        """Make the stack what the program says."""
        return self._run("up", source or self.source, settings)

    def destroy(self, *words: str) -> Run:
        """Destroy what the stack has made, as a person does: the command previews it first."""
        try:
            done = self._engine.command.run(
                ["destroy", "--yes", "--stack", self.name, "--color", "never", *words],
                str(self.work),
                self._engine.environment,
            )
        except CommandError as fault:
            return Run(failed=True, output=str(fault))
        return Run(output=done.stdout)

    def unprotect(self, name: str | None = None) -> None:
        """Take the protection from one resource, or from all, as `pulumi state unprotect` does."""
        urns = [r["urn"] for r in self.resources() if r["urn"].rpartition("::")[2] == name]
        self._engine.command.run(
            ["state", "unprotect", *(urns or ["--all"]), "--yes", "--stack", self.name],
            str(self.work),
            self._engine.environment,
        )

    def set_secret(self, key: str, value: str) -> None:
        """Set a secret setting as a person does; it stands encrypted in the stack's file."""
        self._stack.set_config(f"{self.project}:{key}", automation.ConfigValue(value, secret=True))

    def refresh(self) -> Run:
        """Compare the state with the account, changing neither."""
        run = Run()
        self._stack.preview_refresh(color="never", program=lambda: None, on_event=run.note)
        return run

    def outputs(self) -> dict[str, Any]:
        """Return the stack's outputs as they lie in the state."""
        [root] = [r for r in self.resources() if r["type"] == "pulumi:pulumi:Stack"]
        return dict(root["outputs"])

    def state(self) -> dict[str, Any]:
        """Return the state as it lies in the backend: secrets are ciphertext."""
        stacks = self._engine.folder / "backend" / ".pulumi" / "stacks"
        kept = json.loads((stacks / self.project / f"{self.name}.json").read_text())
        return dict(kept["checkpoint"]["latest"])

    def resources(self) -> list[dict[str, Any]]:
        """Return the resources of the state."""
        return list(self.state().get("resources") or ())

    def _run(self, verb: str, source: Path | None, settings: Mapping[str, Any] | None) -> Run:
        run = Run()
        words: dict[str, Any] = {"on_event": run.note, "color": "never"}
        if source is not None:
            words["program"] = lambda: _main(source)
            words["parallel"] = PARALLEL
        if settings is not None:
            words["config_file"] = str(self._changed(settings))
        with contextlib.ExitStack() as around:
            if source is not None:
                around.enter_context(_program_of(source))
                around.enter_context(_nothing_left_open())
                # after an up the SDK asks for outputs and history: three commands that nobody reads
                around.enter_context(patch.object(self._stack, "outputs", dict))
                around.enter_context(patch.object(self._stack, "info", lambda _: True))
            try:
                run.output = getattr(self._stack, verb)(**words).stdout
            except CommandError as fault:
                run.failed = True
                run.output = str(fault)
        return run

    def _changed(self, settings: Mapping[str, Any]) -> Path:
        """Write the stack's file with settings changed, None for one that goes."""
        content = yaml.safe_load(self.file.read_text()) or {}
        config = content.setdefault("config", {})
        for key, value in settings.items():
            full = key if ":" in key else f"{self.project}:{key}"
            config.pop(full, None)
            if value is not None:
                config[full] = value
        path = self.work / "changed.yaml"
        path.write_text(yaml.safe_dump(content))
        return path


def copy_of_the_project(folder: Path) -> Path:
    """Copy what the program runs from, built bundles too; return the copy."""
    for name in FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, folder / name, ignore=ignored)
    for file in ROOT.glob("[!.]*"):
        if file.is_file():
            shutil.copy(file, folder)
    if (ROOT / "build").is_dir():
        shutil.copytree(ROOT / "build", folder / "build")
    return folder


def _main(source: Path) -> None:
    # the process of these tests is to let go of what it has made
    with patch("gc.freeze"):
        runpy.run_path(str(source / "__main__.py"), run_name="__main__")


@contextlib.contextmanager
def _program_of(source: Path) -> Iterator[None]:
    """Let a program find the modules of its own folder, as in a process of its own."""
    kept = {name: module for name, module in sys.modules.items() if name.split(".")[0] in OWN}
    here, path = os.getcwd(), list(sys.path)  # noqa: PTH109
    for name in kept:
        del sys.modules[name]
    sys.path.insert(0, str(source))
    os.chdir(source)
    try:
        with warnings.catch_warnings():
            # pulumi_aws warns of its own deprecated names when a service is imported
            warnings.filterwarnings("ignore", category=DeprecationWarning, module="pulumi_aws")
            yield
    finally:
        os.chdir(here)
        sys.path[:] = path
        for name in [name for name in sys.modules if name.split(".")[0] in OWN]:
            del sys.modules[name]
        sys.modules.update(kept)


@contextlib.contextmanager
def _nothing_left_open() -> Iterator[None]:
    """End what the SDK leaves open when a program fails: as a rule its process ends then.

    Else a later test finds it, as a loop that nobody closed.
    """
    made: list[asyncio.AbstractEventLoop] = []
    real = asyncio.new_event_loop

    def noted() -> asyncio.AbstractEventLoop:
        made.append(real())
        return made[-1]

    asyncio.new_event_loop = noted
    try:
        yield
    finally:
        asyncio.new_event_loop = real
        left = [loop for loop in made if not loop.is_closed()]
        for loop in left:
            until = time.monotonic() + LET_GO_S
            while loop.is_running() and time.monotonic() < until:
                time.sleep(0.02)
            loop.close()
        for thing in gc.get_objects() if left else ():
            if isinstance(thing, CoroutineType) and thing.cr_code.co_name == "run_pulumi_func":
                # it waits for a loop that is no more
                with contextlib.suppress(RuntimeError):
                    thing.close()
