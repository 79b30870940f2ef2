"""Exports from their CSV to the five panels, against the same calculated in plain Python.

The exports are the project's own sample, and whatever clean ones ORDERS_LAKE_TEST_FILES names.
"""

import csv
import os
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from lake.schema import DROPPED, PROCESSED, QUARANTINE
from local import sample
from local.pipeline import Pipeline
from tests import reference
from tests.folder_lake import FolderLake

GIVEN = [Path(name) for name in os.environ.get("ORDERS_LAKE_TEST_FILES", "").split(":") if name]
AS_OF = datetime(2025, 11, 10)


class Lake:
    """A lake with the whole pipeline, beside what it should say."""

    def __init__(self, root):
        self.pipeline = Pipeline(root)
        self.duck = FolderLake(self.pipeline.store.root, self.pipeline.store)
        self.versions = []

    def ingest(self, file, as_of, name="orders.csv"):
        record = self.pipeline.ingest(file, f"raw/{name}", as_of)
        assert record.status == "committed", record.reason
        assert record.kept + record.dropped + record.quarantined == record.rows_in
        self.versions += reference.of_csv(file, as_of, source_key=f"raw/{name}")
        return record

    def is_right(self):
        return self.duck.panels() == reference.panels(self.versions)

    def content(self):
        root = self.pipeline.store.root
        return {
            path: path.read_bytes()
            for table in (PROCESSED, DROPPED, QUARANTINE)
            for path in root.glob(f"{table.prefix}*")
        }


@pytest.fixture
def lake(tmp_path):
    lake = Lake(tmp_path / "lake")
    yield lake
    lake.duck.engine.close()


def of_sample(folder):
    """Write the sample's exports without their bad rows; return them with their as-of."""
    files = []
    for name, day, content in sample.exports():
        lines = content.splitlines(keepends=True)
        file = folder / name
        file.write_bytes(b"".join([lines[0], *(line for line in lines if line[:4] == b"SO-0")]))
        files.append((file, datetime(day.year, day.month, day.day)))
    return files


@pytest.fixture(params=["the sample's", *GIVEN], ids=lambda given: Path(given).name)
def export(request, tmp_path):
    """One clean export."""
    if isinstance(request.param, Path):
        return request.param
    return of_sample(tmp_path)[4][0]


def changed(file, target, change):
    """Write an export again with changed rows; return it."""
    with file.open(newline="", encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    with target.open("w", newline="", encoding="utf-8") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        for row in rows:
            change(row)
            writer.writerow(row)
    return target


def later(row):
    """What becomes of an order by the next export."""
    row["Status"] = {"pending": "shipped", "confirmed": "cancelled"}.get(
        row["Status"], row["Status"]
    )


def test_all_panels_of_an_export_equal_the_calculation_in_plain_python(lake, export):
    lake.ingest(export, AS_OF)

    assert lake.is_right()
    assert lake.duck.panels()["order-status"], "there is something to compare"


def test_the_same_file_again_changes_nothing(lake, export):
    first = lake.ingest(export, AS_OF)
    content, state = lake.content(), lake.pipeline.ledger.state()
    again = lake.ingest(export, AS_OF)

    assert again == first
    assert lake.content() == content
    assert lake.pipeline.ledger.state() == state


def test_the_same_file_gives_the_same_bytes_in_another_lake(lake, export, tmp_path):
    lake.ingest(export, AS_OF)
    other = Lake(tmp_path / "other")
    other.ingest(export, AS_OF)
    other.duck.engine.close()

    assert sorted(lake.content().values()) == sorted(other.content().values())


def test_a_later_export_with_other_statuses_changes_what_it_should(lake, export, tmp_path):
    lake.ingest(export, AS_OF)
    before = lake.duck.panels()
    newer = changed(export, tmp_path / "newer.csv", later)
    lake.ingest(newer, AS_OF + timedelta(days=60), name="newer.csv")

    assert lake.is_right()
    assert lake.duck.panels()["order-status"] != before["order-status"]
    assert {status for status, *_ in lake.duck.panels()["order-status"]} == {"shipped"}


def test_an_old_export_loaded_late_overrules_nothing(lake, export, tmp_path):
    newer = changed(export, tmp_path / "newer.csv", later)
    lake.ingest(newer, AS_OF, name="newer.csv")
    before = lake.duck.panels()
    lake.ingest(export, AS_OF - timedelta(days=60), name="older.csv")

    assert lake.is_right()
    # what only the old one kept is an order that the newer one dropped
    assert lake.duck.panels() == before


def test_a_file_replaced_by_another_of_its_name_leaves_nothing_of_the_first(lake, export, tmp_path):
    lake.ingest(export, AS_OF)
    half = tmp_path / "half.csv"
    lines = export.read_bytes().splitlines(keepends=True)
    half.write_bytes(b"".join(lines[: len(lines) // 2]))
    lake.versions.clear()
    lake.ingest(half, AS_OF + timedelta(days=1))

    assert lake.is_right()


def test_all_of_the_sample_together_in_whatever_order_it_comes(lake, tmp_path):
    for file, as_of in reversed(of_sample(tmp_path)):
        lake.ingest(file, as_of, name=file.name)

    assert lake.is_right()
    assert len(lake.duck.panels()["monthly-orders-and-revenue"]) == 24


def test_the_bad_rows_of_the_sample_are_quarantined_as_they_came(lake):
    sample.add_if_empty(lake.pipeline.store)
    for key in lake.pipeline.ledger.unsettled():
        lake.pipeline.looker.look(key)
    found = pl.read_parquet(lake.pipeline.store.root / "quarantine" / "*.parquet")

    assert sorted(raw.split(b",")[0][:4] for raw in found["raw"]) == [b"SO-X"] * 7 + [b"TOTA"]
    assert found["reason"].n_unique() > 4
    assert lake.pipeline.ledger.balance().quarantined == len(sample.BAD_ROWS)
