"""A lake in a folder whose records are written by hand: what the pages read, without a handler."""

import secrets
from datetime import datetime
from pathlib import Path

from lake import names
from lake.folder import FolderStore
from lake.ledger import Ledger, Record
from lake.schema import DROPPED, PROCESSED

NEWEST = datetime(2025, 11, 10, 12)


class HandLake:
    """A folder store with records that were never ingested."""

    def __init__(self, root: Path) -> None:
        self.store = FolderStore(root)
        self.ledger = Ledger(self.store)

    def changes(self) -> str:
        """Let the lake change, and return its new state."""
        self.store.overwrite(names.MARKER, secrets.token_hex(8).encode())
        return self.ledger.state()

    def takes(self, key: str = "raw/november.csv", **given) -> Record:
        """Let a file have come in."""
        version = secrets.token_hex(8)
        status = given.get("status", "committed")
        etags = {}
        if status == "committed":
            for table in (PROCESSED, DROPPED):
                place = names.output(table, key)
                etags[table.name] = self.store.overwrite(place, secrets.token_bytes(8))
        record = Record(
            **{
                "source_key": key,
                "source_version": version,
                "status": status,
                "received_at": NEWEST,
                "started_at": NEWEST,
                "finished_at": NEWEST,
                "size_bytes": 54_000,
                "rows_in": 1_000,
                "kept": 900,
                "dropped": 99,
                "quarantined": 1,
                "repairs": {},
                "reason": None,
                "fingerprint": "f" * 16,
                "etags": etags,
                **given,
            }
        )
        self.changes()
        place = names.record(key, version, record.received_at)
        self.store.overwrite(place, record.to_json())
        return record

    def waits(self, name: str, content: bytes = b"OrderID\n") -> None:
        """Let a raw file lie there that nobody has looked at."""
        place = self.store.path(names.RAW + name)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
