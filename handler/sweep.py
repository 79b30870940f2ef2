"""Looks at many keys: those that are not settled, or all that a replay names."""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby

from handler.look import Looker
from lake import names
from lake.ledger import Ledger, Record
from lake.store import Store, StoreError

Looked = tuple[str, list[Record]]
"""a key, and the records that decided it"""


def sweep(looker: Looker, ledger: Ledger) -> Iterator[Looked]:
    """Look at every key that is not settled: events can get lost, and runs can die.

    Raises an ExceptionGroup of StoreErrors in the end, after all keys have had their look.
    """
    return _look_at(looker, ledger.unsettled())


def replay(
    store: Store,
    looker: Looker,
    *,
    prefix: str = names.RAW,
    since: date | None = None,
    until: date | None = None,
) -> Iterator[Looked]:
    """Look at every key with the prefix of which a version arrived in the span, ends included.

    A look does nothing where the settings are the same; changed ones replace what was published.
    Raises an ExceptionGroup of StoreErrors in the end, after all keys have had their look.
    """

    def in_span(day: date) -> bool:
        return (since is None or since <= day) and (until is None or day <= until)

    keys = (
        key
        for key, versions in groupby(store.versions(prefix), lambda version: version.key)
        if names.is_file(key) and any(in_span(version.arrived.date()) for version in versions)
    )
    return _look_at(looker, list(keys))


def _look_at(looker: Looker, keys: Iterable[str]) -> Iterator[Looked]:
    faults = []
    for key in keys:
        try:
            yield key, looker.look(key)
        except StoreError as fault:
            faults.append(fault)
    if faults:
        raise ExceptionGroup("some keys could not be looked at", faults)
