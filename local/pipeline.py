"""The pipeline over a folder: the code that runs in Lambda, with a folder for the bucket."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from lake import names
from lake.folder import FolderStore
from lake.ledger import Ledger, Record
from lake.rule import Settings
from lake.schema import PROCESSED
from lake.store import StoreError
from local.lakes import Told, not_there
from local.settling import is_being_written

if TYPE_CHECKING:
    from handler.look import Looker


TURN = 0.0005
"""Seconds a thread keeps the interpreter while another waits; by default ten times that."""


class Pipeline:
    """A lake in a folder, or a new one there, and what works on it.

    The rule comes from the environment. Raises SettingError for one that cannot be, StoreError for
    a folder that cannot be used.
    """

    def __init__(self, folder: Path, environment: Mapping[str, str] = os.environ) -> None:
        self.settings = Settings.from_environment(environment)
        self.store: FolderStore = FolderStore(folder)
        self.ledger = Ledger(self.store)

    @cached_property
    def looker(self) -> "Looker":
        """What takes looks at keys; it brings polars, which costs more to import than all else."""
        from handler.look import Looker  # noqa: PLC0415

        return Looker(self.store, self.settings, self.store.root / "tmp")

    def knows(self, key: str) -> bool:
        """Tell whether a file of that name is in raw/, or left something in the lake."""
        return any(
            self.store.etag(place) is not None for place in (key, names.output(PROCESSED, key))
        )

    def ingest(self, source: Path, key: str, as_of: datetime | None) -> Record:
        """Copy a file to a raw key and ingest it; return what became of it."""
        # copying 100 MB takes as long as importing polars, and leaves the interpreter free: but
        # after every chunk it waits for its turn again, and that is a tenth of the whole time
        sys.setswitchinterval(TURN)
        Thread(target=import_module, args=["handler.look"]).start()
        version = self.store.add(source, key, as_of)
        records = self.looker.look(key)
        # where a newer version came in meanwhile, its record says what stands
        mine = [record for record in records if record.source_version == version.id]
        return (mine or records)[-1]

    def refusals(self) -> list[str]:
        """Return a sentence about each file that no look can be taken at."""
        return list(self.store.unnamable())

    def look(self, keys: Iterable[str]) -> Iterator[tuple[str, list[Told]]]:
        """Look at keys; a file that somebody is still writing is left for later, and told.

        Raises an ExceptionGroup in the end of what kept keys from their look.
        """
        from handler.sweep import look_at  # noqa: PLC0415

        unfinished = []

        def whole() -> Iterator[str]:
            for key in keys:
                if is_being_written(self.store.path(key)):
                    # what a writer has written so far can look like a whole file
                    unfinished.append(
                        StoreError(f"{key} is still being written: look again when it is whole")
                    )
                else:
                    yield key

        faults: list[Exception] = []
        try:
            for key, records in look_at(self.looker, whole()):
                yield key, [record.columns() for record in records]
        except ExceptionGroup as group:
            faults.extend(group.exceptions)
        if faults or unfinished:
            raise ExceptionGroup("could not look at all keys", [*unfinished, *faults])

    def withdraw(self, key: str, reason: str) -> list[Told]:
        """Withdraw a key. Raises WrongUse for one that cannot be withdrawn."""
        from handler.withdraw import NothingToWithdraw, withdraw  # noqa: PLC0415

        try:
            withdraw(self.store, key, reason, self.settings.fingerprint)
        except NothingToWithdraw:
            raise not_there(self, key) from None
        return [record.columns() for record in self.looker.look(key)]
