"""The outputs as files: what any reader of Parquet finds in them."""

import polars as pl
import pytest

from handler.look import Looker
from handler.withdraw import withdraw
from lake.folder import FolderStore
from lake.rule import Settings
from lake.schema import DROPPED, PROCESSED, STATUSES
from tests.handler.outcomes import lines

TYPES = {
    "order_id": pl.String,
    "customer": pl.String,
    "amount": pl.Decimal(18, 2),
    "status": pl.String,
    "order_date": pl.Date,
    "source_key": pl.String,
    "source_version": pl.String,
    "source_line": pl.Int64,
    "received_at": pl.Datetime("ms"),
}


@pytest.mark.parametrize("table", [PROCESSED, DROPPED], ids=lambda table: table.name)
def test_files_of_different_exports_are_read_together_whatever_became_of_them(tmp_path, table):
    store = FolderStore(tmp_path / "lake")
    looker = Looker(store, Settings(), tmp_path)
    for name in ("first", "second", "withdrawn"):
        (tmp_path / name).write_bytes(lines())
        store.add(tmp_path / name, f"raw/{name}.csv")
        looker.look(f"raw/{name}.csv")
    withdraw(store, "raw/withdrawn.csv", "a test", looker.fingerprint)
    looker.look("raw/withdrawn.csv")

    found = pl.read_parquet(store.root / table.prefix / "*.parquet")

    assert dict(found.schema) == TYPES
    assert set(found["source_key"]) == {"raw/first.csv", "raw/second.csv"}
    assert set(found["status"]) <= set(STATUSES)
