"""A dashboard over a lake written by hand and an engine that follows a script."""

import time
from pathlib import Path

from jinja2 import BytecodeCache

from tests.doubles.engine import ScriptedEngine
from tests.doubles.lake import HandLake
from tests.eventually import SOON
from tests.panels import copy_five
from web.app import create_app
from web.catalog import LOOK_S
from web.config import Config


class CompiledTemplates(BytecodeCache):
    """Compiles each template once for all apps of a test run."""

    def __init__(self) -> None:
        self.compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket) -> None:
        if bucket.key in self.compiled:
            bucket.bytecode_from_string(self.compiled[bucket.key])

    def dump_bytecode(self, bucket) -> None:
        self.compiled[bucket.key] = bucket.bytecode_to_string()


COMPILED = CompiledTemplates()


class Dashboard:
    """The app and the parts that a test pulls at."""

    def __init__(self, folder: Path, **settings) -> None:
        self.lake = HandLake(folder / "lake")
        self.engine = ScriptedEngine()
        self.panels = folder / "queries"
        self.panels.mkdir()
        copy_five(self.panels)
        self.app = create_app(
            Config(
                **{
                    "engine": self.engine,
                    "ledger": self.lake.ledger,
                    "panels": self.panels,
                    "raw": "the-lake/raw/",
                    "answers": folder / "answers.sqlite",
                    **settings,
                }
            )
        )
        self.app.jinja_env.bytecode_cache = COMPILED
        self.desk = self.app.extensions["desk"]
        if self.desk.config.engine is self.engine:
            runs = self.desk.runs
            runs.ask = self._waits(runs.ask)
            runs.ask_all = self._waits(runs.ask_all)

    def _waits(self, ask):
        """Let it wait for what is answered at once, however busy the machine is.

        Only what a test holds is slow.
        """

        def patient_ask(questions, state, *, wait=0.0, **more):
            soon = SOON if wait and not self.engine.holds else wait
            return ask(questions, state, wait=soon, **more)

        return patient_ask

    def edit(self, slug: str, old: str, new: str) -> None:
        """Replace a text in a panel's file, and wait until whoever asks sees it."""
        file = self.panels / f"{slug}.sql"
        text = file.read_text()
        assert old in text
        file.write_text(text.replace(old, new))
        time.sleep(LOOK_S)

    def close(self) -> None:
        self.desk.runs.close()
