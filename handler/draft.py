"""A draft: what a version will become, made without touching the store."""

from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from handler import quarantine, sorting
from handler.arrival import Rejected, fetched
from handler.identity import Identity
from handler.reading import read
from handler.sorting import Origin
from lake import names, times
from lake.ledger import Record, Status
from lake.rule import Settings
from lake.store import NoFile, Store, Version

PACKED = (".gz", ".zip", ".bz2", ".xz", ".zst", ".7z", ".tar", ".tgz")
"""Endings of files that hold others: renamed they would be refused again."""

OTHER_FORMATS = (".tsv", ".tab", ".xlsx", ".xls", ".ods", ".json", ".parquet", ".xml", ".html")
"""Endings of files that hold orders otherwise than a CSV does."""


@dataclass(frozen=True)
class Draft:
    """A record without `finished_at`, and the objects that come with it, as local files."""

    record: Record
    quarantine: Path | None
    """None leaves the one that stands as it is"""
    outputs: tuple[Path, Path] | None
    """dropped and processed; None leaves those that stand as they are"""

    @property
    def has_quarantined(self) -> bool:
        """Whether the quarantine has rows, and so must be there."""
        return self.record.quarantined > 0 or self.record.status == "rejected"


def blank_record(version: Version, status: Status, fingerprint: str) -> Record:
    """Return a record of a version, without counts and not finished."""
    return Record(
        source_key=version.key,
        source_version=version.id,
        status=status,
        received_at=version.arrived,
        started_at=times.now(),
        finished_at=None,
        size_bytes=version.size,
        rows_in=0,
        kept=0,
        dropped=0,
        quarantined=0,
        repairs={},
        reason=None,
        fingerprint=fingerprint,
    )


def taken_in(store: Store, version: Version, settings: Settings, work: Path) -> Draft:
    """Read a version: the draft of its commit, or of its rejection."""
    fingerprint = settings.fingerprint
    record = blank_record(version, "committed", fingerprint)
    identity = str(Identity(version.id, fingerprint))
    try:
        if not names.is_csv(version.key):
            raise Rejected(f"the name does not end in .csv: {_advice(version.key)}")
        largest = settings.limits.file_bytes
        with fetched(store, version, work / "raw.csv", largest) as arrival:
            record = replace(record, received_at=arrival.received_at)
            origin = Origin(version.key, version.id, arrival.received_at, identity)
            outcome = read(arrival, origin, settings, work)
    except (Rejected, NoFile) as reason:
        origin = Origin(version.key, version.id, record.received_at, identity)
        row = quarantine.rejected(origin, str(reason), work / "rejected.parquet")
        return Draft(replace(record, status="rejected", reason=str(reason)), row, outputs=None)
    return Draft(
        replace(
            record,
            rows_in=outcome.rows_in,
            kept=outcome.kept,
            dropped=outcome.dropped,
            quarantined=outcome.quarantined,
            repairs=outcome.repairs,
        ),
        outcome.quarantine_file,
        (outcome.dropped_file, outcome.processed_file),
    )


def _advice(key: str) -> str:
    """Return what to do about a file whose name ends otherwise: a new name alone may not help."""
    ending = PurePosixPath(key).suffix
    if ending.lower() in PACKED:
        return f"unpack the {ending} and drop the CSV that is in it"
    if ending.lower() in OTHER_FORMATS:
        return f"export the orders as CSV, with commas, and not as {ending}"
    return "rename it if it is an export"


def emptied(record: Record, work: Path) -> Draft:
    """Return the draft of a record whose version shows nothing: withdrawn, or now rejected."""
    identity = str(Identity(record.source_version, record.status))
    output = sorting.empty(identity, work / "empty.parquet")
    return Draft(
        replace(record, rows_in=0, kept=0, dropped=0, quarantined=0, repairs={}),
        quarantine.empty(identity, work / "quarantine.parquet"),
        (output, output),
    )
