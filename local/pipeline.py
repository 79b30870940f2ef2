"""The pipeline over a folder: the code that runs in Lambda, with a folder for the bucket."""

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from handler.look import Looker
from lake.folder import FolderStore
from lake.ledger import Ledger, Record
from lake.rule import Settings


@dataclass(frozen=True)
class Pipeline:
    """A lake in a folder, and what works on it."""

    settings: Settings
    store: FolderStore
    ledger: Ledger
    looker: Looker

    @classmethod
    def open(cls, folder: Path) -> "Pipeline":
        """Open the lake in a folder, or begin one there. The rule comes from the environment.

        Raises SettingError for a rule that cannot be, StoreError for a folder that cannot be used.
        """
        settings = Settings.from_environment(os.environ)
        store = FolderStore(folder)
        looker = Looker(store, settings, store.root / "tmp")
        return cls(settings, store, Ledger(store), looker)

    def ingest(self, source: Path, key: str, as_of: datetime | None) -> Record:
        """Copy a file to a raw key and ingest it; return what became of it."""
        version = self.store.add(source, key, as_of)
        records = self.looker.look(key)
        # where a newer version came in meanwhile, its record says what stands
        mine = [record for record in records if record.source_version == version.id]
        return (mine or records)[-1]
