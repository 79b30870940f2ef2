"""A look at a key: see what the store holds and bring it up to date, whatever the event said.

Every write is a compare-and-swap on what the look read first. So of two looks at once, or a late
one, or one after a crash, the loser starts again, and the two outputs of a key never stay those of
two versions.
"""

import errno
import random
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import polars as pl

from handler.draft import Draft, blank_record, emptied, taken_in
from handler.identity import FOREIGN, published
from handler.view import Filed, View
from lake import names, times
from lake.ledger import Record
from lake.rule import Settings
from lake.schema import DROPPED, PROCESSED
from lake.store import Conflict, Gone, NoFile, Store, StoreError, Version

ATTEMPTS = 20
"""Times a look starts again: each time somebody else's write has won, so the key moves on."""

PAUSE = 0.02
"""Seconds times the attempt's number: the longest wait before a look starts again."""

WORKPLACE = "look-"
"""How the folders begin in which looks work."""


class NotRaw(ValueError):
    """The key is no raw file; the message says why."""


class Looker:
    """Takes looks at the keys of one store, under one set of settings."""

    def __init__(self, store: Store, settings: Settings, work: Path) -> None:
        self._store = store
        self._settings = settings
        self.fingerprint = settings.fingerprint
        self._work = work

    def look(self, key: str) -> list[Record]:
        """Bring a key up to date; return the records of the versions that decided it.

        The last one is of the version that stands, or of the newest where none does; before it
        come others that were rejected. Empty if the key has no version. Raises NotRaw, and
        StoreError for infrastructure faults.
        """
        if not names.is_file(key):
            raise NotRaw(f"{key!r} is no raw file: those lie under {names.RAW} and are not hidden")
        for attempt in range(ATTEMPTS):
            try:
                # a version that was rejected in this very look, and is the newest, comes twice
                decided: dict[str, Record] = {}
                for record in self._settle(key):
                    decided.pop(record.source_version, None)
                    decided[record.source_version] = record
                return list(decided.values())
            except (Conflict, Gone):
                time.sleep(random.uniform(0, PAUSE * attempt))  # noqa: S311
        raise StoreError(f"{key} was changed {ATTEMPTS} times while it was looked at: try again")

    def _settle(self, key: str) -> Iterator[Record]:
        """Yield the records that decide the key, writing those that are missing."""
        while True:
            view = View(self._store, key)
            version = view.standing(self.fingerprint)
            if version is None:
                yield from self._settle_without_standing(view)
                return
            filed = view.filed(version)
            if filed.record and filed.record.status == "withdrawn":
                yield self._settle_withdrawn(view, filed, filed.record)
                return
            current = self._current(view, filed)
            if current:
                self._finish_all_older(view, filed)
                if not view.is_noted(current):
                    # a look that was overtaken has left the quarantine of an older version
                    self._mark()
                    current = self._finish(view, filed, current)
                yield current
                return
            with self._workplace() as work:
                draft = taken_in(self._store, version, self._settings, work)
                record = self._write(view, filed, draft)
            yield record
            if record.status == "committed":
                return

    def _current(self, view: View, filed: Filed) -> Record | None:
        """Return the version's record if nothing is left to do for it."""
        record = filed.finished
        if (
            record
            and record.status == "committed"
            and record.fingerprint == self.fingerprint
            and view.shows(record)
        ):
            return record
        return None

    def _settle_withdrawn(self, view: View, filed: Filed, record: Record) -> Record:
        if record.finished_at and view.is_noted(record):
            return record
        with self._workplace() as work:
            draft = emptied(record, work)
            # those of newer versions stay: a withdrawal reaches as far as the version it names
            for place in view.older_quarantines(filed.version):
                if draft.quarantine:
                    self._put_quarantine(view, place, draft.quarantine)
            return self._write(view, filed, draft)

    def _settle_without_standing(self, view: View) -> Iterator[Record]:
        """Settle a key of whose versions none is acceptable, or that has none any more."""
        if not view.versions:
            left = view.unfinished_withdrawal()
            if left and left.record:
                yield self._settle_withdrawn(view, left, left.record)
            return
        filed = view.filed(view.versions[0])
        record = filed.record
        if record is None:
            raise Conflict(f"the record of {view.key} is no longer there")
        if self._shows_what_must_go(view):
            with self._workplace() as work:
                draft = Draft(record, quarantine=None, outputs=emptied(record, work).outputs)
                record = self._write(view, filed, draft)
        yield record

    def _shows_what_must_go(self, view: View) -> bool:
        """Tell whether rows of a version in the bucket stand, all of which are rejected now.

        Or something that is no output: a file of another form breaks every query on its table.
        """
        ids = {version.id for version in view.versions}
        shown = (published(self._store, table, view.key) for table in (DROPPED, PROCESSED))
        return any(
            one and (one == FOREIGN or (one.version in ids and one.manner != "rejected"))
            for one in shown
        )

    def _write(self, view: View, filed: Filed, draft: Draft) -> Record:
        """Write a draft's objects, then the older versions' records, the marker, the record.

        `dropped` goes before `processed`: between the two an order may be missing for a moment,
        but is never counted twice.
        """
        place = names.quarantine(view.key, filed.version)
        if draft.quarantine and (draft.has_quarantined or view.quarantines.get(place)):
            self._put_quarantine(view, place, draft.quarantine)
        if draft.outputs:
            for table, file in zip((DROPPED, PROCESSED), draft.outputs, strict=True):
                view.outputs[table.name] = self._store.put(
                    names.output(table, view.key), file, replaces=view.outputs[table.name]
                )
            self._finish_all_older(view, filed)
        self._mark()
        return self._finish(view, filed, draft.record)

    def _put_quarantine(self, view: View, place: str, file: Path) -> None:
        view.quarantines[place] = self._store.put(place, file, replaces=view.quarantines.get(place))

    def _finish(self, view: View, filed: Filed, record: Record) -> Record:
        """Write a version's record, with what now stands."""
        stands = record.status != "rejected"
        etags = view.etags(filed.version) if stands else view.no_outputs(filed.version)
        record = replace(record, etags=etags, finished_at=times.now())
        self._store.put(filed.place, record.to_json(), replaces=filed.etag)
        return record

    def _finish_all_older(self, view: View, filed: Filed) -> None:
        """Write the records that are missing of older versions, the oldest first.

        Also where the newer one is done already: a withdrawal of the older one, decided before the
        newer one came, can be marked after it.
        """
        for older in view.unfinished_before(filed.version):
            self._finish_older(view, older)

    def _finish_older(self, view: View, version: Version) -> None:
        """Write the record of a version that a newer one has overtaken."""
        filed = view.filed(version)
        record = filed.record or replace(
            blank_record(version, "superseded", self.fingerprint),
            received_at=self._received_at(version),
        )
        place = names.quarantine(view.key, version.id)
        if record.status == "withdrawn" and view.quarantines.get(place):
            # a withdrawal that nobody carried out before a newer version came: its quarantine
            # must go all the same
            with self._workplace() as work:
                draft = emptied(record, work)
                if draft.quarantine:
                    self._put_quarantine(view, place, draft.quarantine)
                    self._mark()
        record = replace(
            record,
            etags=view.no_outputs(version.id),
            finished_at=times.now(),
        )
        self._store.put(filed.place, record.to_json(), replaces=filed.etag)

    def _mark(self) -> None:
        """Say that the lake has changed: a fresh random value each time."""
        self._store.overwrite(names.MARKER, secrets.token_hex(16).encode())

    def _received_at(self, version: Version) -> datetime:
        try:
            return self._store.received_at(version)
        except NoFile:
            return version.arrived

    @contextmanager
    def _workplace(self) -> Iterator[Path]:
        try:
            with tempfile.TemporaryDirectory(dir=self._work, prefix=WORKPLACE) as folder:
                yield Path(folder)
        except OSError as fault:
            # the disk is full, or cannot be written: the file is not to blame
            why = f"{fault.strerror or fault}"
            if fault.errno == errno.ENOSPC:
                why += "; make room there, on AWS by a larger diskMiB"
            raise StoreError(f"cannot work in {self._work}: {why}") from fault
        except pl.exceptions.PanicException as panic:
            # no Exception, and so it would end a sweep: it must cost this key alone
            raise RuntimeError(f"Polars gave up: {panic}") from panic
