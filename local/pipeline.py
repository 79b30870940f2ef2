"""The pipeline over a folder: the code that runs in Lambda, with a folder for the bucket."""

import os
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from lake.folder import FolderStore
from lake.ledger import Ledger, Record
from lake.rule import Settings

if TYPE_CHECKING:
    from handler.look import Looker


class Pipeline:
    """A lake in a folder, or a new one there, and what works on it.

    The rule comes from the environment. Raises SettingError for one that cannot be, StoreError for
    a folder that cannot be used.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str] = os.environ) -> None:
        self.settings = Settings.from_environment(environment)
        self.store = FolderStore(folder)
        self.ledger = Ledger(self.store)

    @cached_property
    def looker(self) -> "Looker":
        """What takes looks at keys; it brings polars, which costs more to import than all else."""
        from handler.look import Looker  # noqa: PLC0415

        return Looker(self.store, self.settings, self.store.root / "tmp")

    def ingest(self, source: Path, key: str, as_of: datetime | None) -> Record:
        """Copy a file to a raw key and ingest it; return what became of it."""
        # copying 100 MB takes as long as importing polars, and leaves the interpreter free
        Thread(target=import_module, args=["handler.look"]).start()
        version = self.store.add(source, key, as_of)
        records = self.looker.look(key)
        # where a newer version came in meanwhile, its record says what stands
        mine = [record for record in records if record.source_version == version.id]
        return (mine or records)[-1]
