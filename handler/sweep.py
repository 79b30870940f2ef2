"""Looks at many keys: those that are not settled, or all that a replay names."""

import secrets
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby

from handler.look import Looker
from lake import names
from lake.ledger import Ledger, Record
from lake.store import Store, StoreError

CAUSES = 5
"""Causes in the message of many: they tend to be the same one."""

Looked = tuple[str, list[Record]]
"""a key, and the records that decided it"""


def sweep(looker: Looker, ledger: Ledger) -> Iterator[Looked]:
    """Look at every key that is not settled: events can get lost, and runs can die.

    Each begins at another key: one that ends the process itself, by its memory or its time, keeps
    those behind it from one sweep and not from all. What was read of the ledger is left for others.
    Raises an ExceptionGroup in the end, after all keys have had their look.
    """
    keys = ledger.unsettled()
    ledger.keep()
    begin = secrets.randbelow(len(keys)) if keys else 0
    return look_at(looker, keys[begin:] + keys[:begin])


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
    Raises an ExceptionGroup in the end, after all keys have had their look.
    """
    return look_at(looker, arrived(store, prefix=prefix, since=since, until=until))


def arrived(
    store: Store, *, prefix: str = names.RAW, since: date | None = None, until: date | None = None
) -> list[str]:
    """Return the keys with the prefix of which a version arrived in the span, ends included."""

    def in_span(day: date) -> bool:
        return (since is None or since <= day) and (until is None or day <= until)

    return [
        key
        for key, versions in groupby(store.versions(prefix), lambda version: version.key)
        if names.is_file(key) and any(in_span(version.arrived.date()) for version in versions)
    ]


def look_at(looker: Looker, keys: Iterable[str]) -> Iterator[Looked]:
    """Look at keys; whatever a fault is, it keeps no other key from its look.

    Raises an ExceptionGroup in the end, whose message gives the first causes: it is all that stands
    in the function's error and at its failure destination.
    """
    faults = []
    for key in keys:
        try:
            yield key, looker.look(key)
        except Exception as fault:
            fault.add_note(f"while looking at {key}")
            faults.append(fault)
    if faults:
        causes = "; ".join(_sentence(fault) for fault in faults[:CAUSES])
        raise ExceptionGroup(f"could not look at {len(faults)} of the keys: {causes}", faults)


def _sentence(fault: Exception) -> str:
    return str(fault) if isinstance(fault, StoreError) else f"{type(fault).__name__}: {fault}"
