"""The identity of an output: which raw version it holds, read under which settings.

It stands in the Parquet footer, so that no two outputs are the same bytes, not even empty ones.
"""

import io
from dataclasses import dataclass

import polars as pl

from lake import names
from lake.schema import Table
from lake.store import Store

KEY = "identity"

FOOTER_GUESS = 64 * 1024
"""Bytes that hold the footer of most outputs; more is read where it is longer."""


@dataclass(frozen=True)
class Identity:
    """What an output holds: a raw version, and how it was read."""

    version: str
    manner: str
    """a settings' fingerprint, `withdrawn`, or `rejected`: these two are empty; `foreign`"""

    def __str__(self) -> str:
        """Return it as it stands in the footer."""
        return f"{self.version} {self.manner}"


FOREIGN = Identity("", "foreign")
"""Of what lies there and is no output of ours: no Parquet file, or another one."""


def published(store: Store, table: Table, key: str) -> Identity | None:
    """Return the identity of what stands under a raw key's output, or None for nothing."""
    output = names.output(table, key)
    tail = store.tail(output, FOOTER_GUESS)
    if tail is None:
        return None
    # a Parquet file ends in its footer, the footer's length in 4 bytes, and PAR1
    needed = int.from_bytes(tail[-8:-4], "little") + 8
    if needed > len(tail):
        tail = store.tail(output, needed) or tail
    try:
        identity = pl.read_parquet_metadata(io.BytesIO(tail))[KEY]
    except (pl.exceptions.PolarsError, KeyError, OSError):
        return FOREIGN
    version, _, manner = identity.partition(" ")
    return Identity(version, manner)
