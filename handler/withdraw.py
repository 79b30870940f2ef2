"""Withdrawing a key: the wrong file, or an erasure."""

from dataclasses import replace

from handler.draft import blank_record
from handler.view import View
from lake import names
from lake.ledger import Ledger, Record
from lake.store import Conflict, Store

ATTEMPTS = 20
"""Times it starts again after somebody else wrote the record."""


class NothingToWithdraw(ValueError):
    """The key has no version and no record."""


def withdraw(store: Store, key: str, reason: str, fingerprint: str) -> Record:
    """Mark a key's newest version as withdrawn; the next look at the key carries it out.

    The mark holds under every setting, until a later version of the key comes. The raw file stays:
    only its owner deletes there. Raises NothingToWithdraw, and StoreError.
    """
    if not names.is_file(key):
        raise NothingToWithdraw(f"{key} is no raw file: keys begin with {names.RAW}")
    for _ in range(ATTEMPTS):
        try:
            return _mark(store, key, reason, fingerprint)
        except Conflict:
            continue
    raise Conflict(f"the record of {key} was written {ATTEMPTS} times meanwhile: try again")


def _mark(store: Store, key: str, reason: str, fingerprint: str) -> Record:
    view = View(store, key)
    if view.versions:
        newest = view.versions[0]
        filed = view.filed(newest)
        place, etag = filed.place, filed.etag
        record = filed.record or blank_record(newest, "withdrawn", fingerprint)
    else:
        # the raw file is gone: what is left of it is told by its newest record
        left = [i for i in Ledger(store).ingests() if i.record.source_key == key]
        if not left:
            raise NothingToWithdraw(f"{key} is not in the lake, and never was")
        place, etag, record = left[0].place, left[0].etag, left[0].record
    record = replace(record, status="withdrawn", reason=reason, finished_at=None)
    store.put(place, record.to_json(), replaces=etag)
    return record
