import csv
import hashlib
import io
from collections import Counter
from datetime import timedelta

import pytest

from lake import times
from lake.folder import FolderStore
from lake.schema import INPUT_COLUMNS, STATUSES
from local import sample
from local.pipeline import Pipeline
from tests.handler.outcomes import lines


def test_the_sample_is_the_same_bytes_on_every_machine():
    digest = hashlib.sha256()
    for name, _, content in sample.exports():
        digest.update(name.encode() + content)

    assert digest.hexdigest() == "c3f1ed3854e432eb08391a9db3f10052ca679c3735586df18931130456d92f9d"


def test_orders_come_again_with_a_new_status():
    statuses: dict[str, list[str]] = {}
    for _, _, content in sample.exports():
        for row in csv.DictReader(io.StringIO(content.decode())):
            if row["OrderDate"]:
                statuses.setdefault(row["OrderID"], []).append(row["Status"])

    changed = Counter((a, b) for a, b in (v for v in statuses.values() if len(v) == 2) if a != b)

    assert len(statuses) > 4000
    assert changed[("pending", "shipped")] > 20
    assert changed[("confirmed", "cancelled")] > 10
    assert not changed[("shipped", "pending")], "a status never goes back"


def test_each_export_has_one_bad_row_and_is_otherwise_in_order():
    for name, day, content in sample.exports():
        rows = list(csv.DictReader(io.StringIO(content.decode(), newline="")))
        good = [row for row in rows if row["OrderID"].startswith("SO-0")]

        assert tuple(rows[0]) == INPUT_COLUMNS
        assert len(rows) - len(good) == 1, name
        assert {row["Status"] for row in good} <= set(STATUSES)
        assert max(row["OrderDate"] for row in good) == str(day - timedelta(days=1))


def test_the_sample_is_laid_into_an_empty_lake_once_with_its_own_as_of(tmp_path):
    store = FolderStore(tmp_path)

    assert sample.add_if_empty(store) == len(sample.EXPORT_DAYS)
    received = [store.received_at(version) for version in store.versions("raw/")]

    assert received == [times.read(str(day)) for day in sample.EXPORT_DAYS]
    assert sample.add_if_empty(store) == 0


@pytest.mark.parametrize(
    "key",
    [
        "raw/mine.csv",
        "raw/\udcfcber.csv",
        "processed/mine.parquet",
        "dropped/mine.parquet",
        "quarantine/mine.parquet",
        "ingests/2025-11-10/mine.json",
    ],
)
def test_a_lake_with_anything_of_its_own_gets_no_sample(tmp_path, key):
    store = FolderStore(tmp_path)
    path = store.path(key)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"")

    assert sample.add_if_empty(store) == 0
    assert [entry.key for entry in store.list("")] == [key]


def test_a_lake_whose_raw_files_were_deleted_gets_no_sample(tmp_path):
    (tmp_path / "mine.csv").write_bytes(lines())
    pipeline = Pipeline(tmp_path / "lake")
    pipeline.ingest(tmp_path / "mine.csv", "raw/mine.csv", None)
    pipeline.store.path("raw/mine.csv").unlink()

    assert sample.add_if_empty(pipeline.store) == 0


def test_a_hidden_file_makes_no_lake_full(tmp_path):
    store = FolderStore(tmp_path)
    (tmp_path / "raw" / ".DS_Store").write_bytes(b"")

    assert sample.add_if_empty(store) == len(sample.EXPORT_DAYS)
