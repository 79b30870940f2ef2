"""What the records say of one file: which version stands, and what became of the others."""

from dataclasses import dataclass

from lake import names
from lake.ledger import Record
from lake.store import Version
from local.lakes import Lake


@dataclass(frozen=True)
class History:
    """A key's versions that are in the bucket or folder, and its records."""

    key: str
    versions: list[Version]
    """the newest first"""
    records: list[Record]
    """finished ones, the one written last first; also of versions that are no longer there"""

    @property
    def waiting(self) -> list[Version]:
        """The versions without a finished record."""
        known = {record.source_version for record in self.records}
        return [version for version in self.versions if version.id not in known]

    @property
    def standing(self) -> Record | None:
        """The record of the newest version that is not rejected, else of the newest one."""
        by_version = {record.source_version: record for record in self.records}
        in_order = [by_version[v.id] for v in self.versions if v.id in by_version]
        # a folder holds one version: what an older one left is told by its record alone
        in_order += [record for record in self.records if record not in in_order]
        taken = [record for record in in_order if record.status != "rejected"]
        return next(iter([*taken, *in_order]), None)

    @property
    def withdrawal(self) -> Record | None:
        """The record of the newest version where that one was withdrawn."""
        record = self.standing
        return record if record and record.status == "withdrawn" and not self.waiting else None


def of(lake: Lake, key: str) -> History:
    """Return the history of a key; one that never was has neither versions nor records."""
    versions = [version for version in lake.store.versions(key) if version.key == key]
    return History(key, versions, [r for r in _finished(lake) if r.source_key == key])


def of_all(lake: Lake) -> list[History]:
    """Return the histories of all files, by key."""
    found: dict[str, History] = {}

    def history(key: str) -> History:
        return found.setdefault(key, History(key, [], []))

    for version in lake.store.versions(names.RAW):
        if names.is_file(version.key):
            history(version.key).versions.append(version)
    for record in _finished(lake):
        history(record.source_key).records.append(record)
    return [found[key] for key in sorted(found)]


def _finished(lake: Lake) -> list[Record]:
    return [i.record for i in lake.ledger.ingests() if i.record.finished_at]
