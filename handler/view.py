"""What one look sees of a key: its outputs' ETags, its versions, their records."""

from dataclasses import dataclass

from lake import names
from lake.ledger import OLDER, Ledger, Record, digest, read_record
from lake.schema import DROPPED, PROCESSED, QUARANTINE
from lake.store import Store, Version


@dataclass(frozen=True)
class Filed:
    """What the store shows of one version: its record, None if that is missing."""

    version: str
    place: str
    """key of the record"""
    etag: str | None
    record: Record | None

    @property
    def finished(self) -> Record | None:
        """The record if it was carried out: one without `finished_at` counts as missing."""
        return self.record if self.record and self.record.finished_at else None


class View:
    """A key as one look sees it.

    The outputs' ETags are read first and the versions after them: so a version whose outputs
    already show is never missed. Records are read when asked for, and then kept. What the look
    writes, it notes here.
    """

    def __init__(self, store: Store, key: str) -> None:
        self._store = store
        self.key = key
        self.outputs = {
            table.name: etag(store, names.output(table, key)) for table in (DROPPED, PROCESSED)
        }
        self.quarantines: dict[str, str | None] = {
            entry.key: entry.etag
            for entry in store.list(names.quarantine_prefix(key))
            if names.is_quarantine_of(key, entry.key)
        }
        """key -> ETag of the quarantines of all its versions"""
        self.versions = [version for version in store.versions(key) if version.key == key]
        self._filed: dict[str, Filed] = {}

    def filed(self, version: Version) -> Filed:
        """Return what the store showed of a version when it was first asked for."""
        if version.id not in self._filed:
            place = names.record(self.key, version.id, version.arrived)
            content, tag = self._store.get(place) or (b"", None)
            self._filed[version.id] = Filed(version.id, place, tag, read_record(content))
        return self._filed[version.id]

    def standing(self, fingerprint: str) -> Version | None:
        """Return the newest version that is not recorded as rejected under this fingerprint."""
        for version in self.versions:
            record = self.filed(version).finished
            if not (
                record
                and record.status == "rejected"
                and record.fingerprint == fingerprint
                and record.etags.get(QUARANTINE.name) == self.quarantine(version.id)
            ):
                return version
        return None

    def unfinished_before(self, version: str) -> list[Version]:
        """Return the older versions without a finished record, the oldest first.

        They are finished in that order: so below one that is finished and was not rejected, which
        would have led the look on to an older one, none is missing.
        """
        ids = [v.id for v in self.versions]
        unfinished = []
        for older in self.versions[ids.index(version) + 1 :] if version in ids else ():
            record = self.filed(older).finished
            if record is None:
                unfinished.append(older)
            elif record.status != "rejected":
                break
        return unfinished[::-1]

    def quarantine(self, version: str) -> str | None:
        """Return the ETag of a version's quarantine, or None if there is none."""
        return self.quarantines.get(names.quarantine(self.key, version))

    def etags(self, version: str) -> dict[str, str | None]:
        """Return what the record of the version that stands notes."""
        older = digest(self.older_quarantines(version))
        return self.outputs | {QUARANTINE.name: self.quarantine(version), OLDER: older}

    def older_quarantines(self, version: str) -> dict[str, str | None]:
        """Return the quarantines, key -> ETag, of versions that came before this one."""
        ids = [v.id for v in self.versions]
        newer = ids[: ids.index(version)] if version in ids else []
        others = {names.quarantine(self.key, id_) for id_ in (*newer, version)}
        return {place: etag for place, etag in self.quarantines.items() if place not in others}

    def shows(self, record: Record) -> bool:
        """Tell whether a record's outputs and quarantine are the ones that stand."""
        return self._otherwise(record) <= {OLDER}

    def is_noted(self, record: Record) -> bool:
        """Tell whether a record notes all that stands, its older versions' quarantines too."""
        return not self._otherwise(record)

    def _otherwise(self, record: Record) -> set[str]:
        """Return the names of what stands otherwise than a record notes."""
        stands = self.etags(record.source_version)
        return {name for name, etag in stands.items() if record.etags.get(name) != etag}

    def no_outputs(self, version: str) -> dict[str, str | None]:
        """Return what the record of a version notes that does not stand."""
        return {DROPPED.name: None, PROCESSED.name: None, QUARANTINE.name: self.quarantine(version)}

    def unfinished_withdrawal(self) -> Filed | None:
        """Return a withdrawal still to be carried out, where the raw file is no longer there."""
        for ingest in Ledger(self._store).ingests():
            record = ingest.record
            if (record.source_key, record.status, record.finished_at) == (
                self.key,
                "withdrawn",
                None,
            ):
                return Filed(record.source_version, ingest.place, ingest.etag, record)
        return None


def etag(store: Store, key: str) -> str | None:
    """Return an object's ETag, or None if there is no such object."""
    entry = store.head(key)
    return entry.etag if entry else None
