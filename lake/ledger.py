"""The ledger: what came in and what became of it, read from the ingest records in the store.

The records are read through the store and never through an engine, so the ledger answers while an
engine is away. A record never changes after it has `finished_at`, except that a withdrawal or
another fingerprint writes it anew: so what was read is kept by ETag, and a look costs one listing.
Who looks for the first time finds nearly all of it in one object, which a sweep leaves.
"""

import gzip
import hashlib
import json
import threading
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from itertools import groupby, islice, takewhile
from typing import Any, Literal

from lake import names, times
from lake.schema import DROPPED, INGESTS, PROCESSED, QUARANTINE
from lake.store import AT_ONCE, Entry, Store, Version

Status = Literal["committed", "rejected", "superseded", "withdrawn"]


OLDER = "older quarantines"
"""What a record notes of the quarantines of its key's older versions: their digest."""


@dataclass(frozen=True)
class Record:
    """What became of one raw version: a row of the table `ingests`, and the ETags it stands on."""

    source_key: str
    source_version: str
    status: Status
    received_at: datetime
    started_at: datetime
    finished_at: datetime | None
    """None while it is not carried out: such a record counts as missing"""
    size_bytes: int
    rows_in: int
    kept: int
    dropped: int
    quarantined: int
    repairs: dict[str, int]
    reason: str | None
    fingerprint: str
    etags: dict[str, str | None] = field(default_factory=dict)
    """table name -> ETag of its object there, None for no object; not a column of ingests. Of the
    version that stands also OLDER: a look that was overtaken may have written the quarantine of an
    older one after a withdrawal had emptied them all."""

    @property
    def is_ahead(self) -> bool:
        """Whether it was published as of a moment after its look, by a slip."""
        return self.status == "committed" and is_ahead(self.received_at, self.started_at)

    def columns(self) -> dict[str, Any]:
        """Return the record as the table's columns, ready for JSON."""
        return {column.name: _plain(getattr(self, column.name)) for column in INGESTS.columns}

    def to_json(self) -> bytes:
        """Return the record as it lies in the store: one line of JSON."""
        return _line(self.content())

    def content(self) -> dict[str, Any]:
        """Return all of the record, ready for JSON."""
        return self.columns() | {"etags": self.etags}

    @classmethod
    def from_json(cls, content: bytes) -> "Record":
        """Read a record. Raises ValueError for anything that is not one."""
        return cls.from_content(json.loads(content))

    @classmethod
    def from_content(cls, content: Any) -> "Record":
        """Take a record from what its JSON says. Raises ValueError for anything that is not one."""
        try:
            given = dict(content)
            for name in ("received_at", "started_at", "finished_at"):
                if given[name] is not None or name != "finished_at":
                    given[name] = times.read(given[name])
            return cls(**{f.name: given[f.name] for f in fields(cls)})
        except (KeyError, TypeError, AttributeError) as fault:
            raise ValueError(f"not an ingest record: {fault}") from fault


def is_ahead(received_at: datetime, now: datetime) -> bool:
    """Tell whether an export is of the future: until then it overrules every other one.

    Clocks may differ by hours.
    """
    return received_at > now + timedelta(days=1)


def read_record(content: bytes) -> Record | None:
    """Return the record, or None for anything else: like a missing one, it is written anew."""
    try:
        return Record.from_json(content)
    except ValueError:
        return None


def digest(quarantines: Mapping[str, str | None]) -> str | None:
    """Return 16 hex digits that tell quarantines, key -> ETag, from others; None for none."""
    if not quarantines:
        return None
    return hashlib.sha256(json.dumps(sorted(quarantines.items())).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Balance:
    """The lake's rows, added up over the published version of every key."""

    files: int = 0
    rows_in: int = 0
    kept: int = 0
    dropped: int = 0
    quarantined: int = 0
    newest: datetime | None = None
    """the newest received_at among them, UTC"""
    rejected: int = 0
    """files that are not among them: what was last read of them was refused whole"""
    replaced: frozenset[tuple[str, str]] = frozenset()
    """key and version of those that were committed or rejected before a newer version came"""

    @property
    def holds(self) -> bool:
        """Whether every row that came in is in exactly one place."""
        return self.kept + self.dropped + self.quarantined == self.rows_in


@dataclass(frozen=True)
class Ingest:
    """A record and where it lies."""

    place: str
    etag: str
    written: datetime
    record: Record

    def to_json(self) -> bytes:
        """Return it as a line of JSON."""
        about = {"place": self.place, "etag": self.etag, "written": times.write(self.written)}
        return _line(about | {"record": self.record.content()})

    @classmethod
    def from_json(cls, line: bytes) -> "Ingest":
        """Read such a line. Raises ValueError for anything else."""
        try:
            given = json.loads(line)
            written, record = times.read(given["written"]), Record.from_content(given["record"])
            return cls(given["place"], given["etag"], written, record)
        except (KeyError, TypeError, AttributeError) as fault:
            raise ValueError(f"not an ingest: {fault}") from fault


class Ledger:
    """Reads the ingest records of a store. Safe to use from several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._known: dict[str, Ingest] | None = None
        self._kept: dict[str, str] = {}
        """the ETags of the records that lie in names.RECORDS, as far as this ledger knows"""

    def state(self) -> str:
        """Return a text that changes after every visible change of the lake: the marker's ETag."""
        return self._store.etag(names.MARKER) or ""

    def ingests(self) -> list[Ingest]:
        """Return all records, the one written last first."""
        with self._lock:
            listed = {entry.key: entry for entry in self._store.list(INGESTS.prefix)}
            if self._known is None:
                # of a few, reading them is as quick
                self._known = self._recalled() if len(listed) > AT_ONCE else {}
                self._kept = _etags(self._known)
            known = {
                place: ingest
                for place, ingest in self._known.items()
                if place in listed and listed[place].etag == ingest.etag
            }
            new = [entry for place, entry in listed.items() if place not in known]
            self._known = known | {ingest.place: ingest for ingest in self._read(new)}
            found = self._known.values()
            return sorted(found, key=lambda i: (i.written, i.place), reverse=True)

    def keep(self) -> None:
        """Leave what was read last as one object, for who looks for the first time.

        Of a few records nothing is left, nor where it is there already. It can say nothing untrue:
        a record in it counts only while its ETag is the one listed.
        """
        with self._lock:
            known = self._known or {}
            etags = _etags(known)
            if len(known) > AT_ONCE and etags != self._kept:
                lines = b"".join(ingest.to_json() for ingest in known.values())
                self._store.overwrite(names.RECORDS, gzip.compress(lines, mtime=0))
                self._kept = etags

    def _recalled(self) -> dict[str, Ingest]:
        """Return what a sweep has left, by place; nothing where it cannot be read."""
        content, _ = self._store.get(names.RECORDS) or (b"", "")
        try:
            lines = gzip.decompress(content).splitlines()
            return {ingest.place: ingest for ingest in map(Ingest.from_json, lines)}
        except (OSError, EOFError, zlib.error, ValueError):
            return {}

    def _read(self, entries: Sequence[Entry]) -> Iterator[Ingest]:
        """Yield the records that lie there; one that cannot be read counts as missing."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = pool.map(self._store.get, [entry.key for entry in entries])
            for entry, (content, etag) in zip(
                entries, (f or (b"", "") for f in found), strict=True
            ):
                if record := read_record(content):
                    yield Ingest(entry.key, etag, entry.modified, record)

    def newest(self, limit: int = 100) -> list[Record]:
        """Return the records written last, the newest first."""
        return [ingest.record for ingest in self.ingests()[:limit]]

    def pending(self, ingests: Iterable[Ingest] | None = None) -> list[Version]:
        """Return the raw versions without a finished record, oldest first.

        One that is older than the function's longest retry has failed; a sweep looks at it again.
        `ingests` are the records, where they were listed just now.
        """
        finished = {
            (i.record.source_key, i.record.source_version)
            for i in (self.ingests() if ingests is None else ingests)
            if i.record.finished_at
        }
        waiting = [
            version
            for version in self._store.versions(names.RAW)
            if names.is_file(version.key) and (version.key, version.id) not in finished
        ]
        return sorted(waiting, key=lambda version: (version.arrived, version.key))

    def unsettled(self) -> list[str]:
        """Return the keys that need a look, by key.

        Those are keys of which a version has no finished record, whose outputs are not those of
        their newest record, or with a withdrawal that was not carried out.
        """
        listed = self._listed()
        places = sorted(listed)
        records = {(i.record.source_key, i.record.source_version): i.record for i in self.ingests()}
        keys = {key for (key, _), record in records.items() if not record.finished_at}
        for key, versions in groupby(self._store.versions(names.RAW), lambda version: version.key):
            found = [records.get((key, version.id)) for version in versions]
            if names.is_file(key) and not _is_settled(found, listed, places):
                keys.add(key)
        return sorted(keys)

    def _listed(self) -> dict[str, str]:
        """Return the ETags of all outputs by key."""
        return {
            entry.key: entry.etag
            for table in (PROCESSED, DROPPED, QUARANTINE)
            for entry in self._store.list(table.prefix)
        }

    def balance(self) -> Balance:
        """Add up the published version of every key: the record that notes the listed ETags."""
        listed = self._listed()
        published: dict[str, Record] = {}
        last: dict[str, Record] = {}
        finished = [i.record for i in self.ingests() if i.record.finished_at]
        for record in finished:
            last.setdefault(record.source_key, record)
            if record.status == "committed" and _stands(record, listed):
                published.setdefault(record.source_key, record)
        replaced = frozenset(
            (key, record.source_version)
            for record in finished
            for key in [record.source_key]
            if (record.status == "committed" and published.get(key, record) is not record)
            or (record.status == "rejected" and last[key] is not record)
        )
        rejected = sum(record.status == "rejected" for record in last.values())
        return replace(add_up(published.values()), rejected=rejected, replaced=replaced)


def add_up(records: Iterable[Record]) -> Balance:
    """Return the sum of records."""
    total = Balance()
    for record in records:
        newest = total.newest
        total = Balance(
            total.files + 1,
            total.rows_in + record.rows_in,
            total.kept + record.kept,
            total.dropped + record.dropped,
            total.quarantined + record.quarantined,
            max(newest, record.received_at) if newest else record.received_at,
        )
    return total


def _stands(record: Record, listed: dict[str, str]) -> bool:
    key = record.source_key
    return all(
        record.etags.get(table.name) == listed.get(names.output(table, key))
        for table in (PROCESSED, DROPPED)
    )


def _is_settled(records: list[Record | None], listed: dict[str, str], places: list[str]) -> bool:
    """Tell whether a key's records, the newest version's first, are finished and stand.

    `places` are the listed keys in order.
    """
    finished = [record for record in records if record and record.finished_at]
    if len(finished) < len(records):
        return False
    noted = set()
    for record in finished:
        place = names.quarantine(record.source_key, record.source_version)
        noted.add(place)
        if record.etags.get(QUARANTINE.name) != listed.get(place):
            return False
        if record.status != "rejected":
            key = record.source_key
            near = _under(names.quarantine_prefix(key), places)
            found = [place for place in near if names.is_quarantine_of(key, place)]
            older = digest({place: listed[place] for place in found if place not in noted})
            return _stands(record, listed) and record.etags.get(OLDER) == older
    return True


def _etags(ingests: Mapping[str, Ingest]) -> dict[str, str]:
    return {place: ingest.etag for place, ingest in ingests.items()}


def _line(content: Any) -> bytes:
    """Return one line of JSON."""
    return json.dumps(content, ensure_ascii=False).encode() + b"\n"


def _under(prefix: str, places: list[str]) -> Iterator[str]:
    """Yield the keys with a prefix out of many in order, without a look at the others."""
    start = bisect_left(places, prefix)
    return takewhile(lambda place: place.startswith(prefix), islice(places, start, None))


def _plain(value: object) -> object:
    return times.write(value) if isinstance(value, datetime) else value
