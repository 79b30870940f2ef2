import csv
import hashlib
import io
import json
import subprocess
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from lake import times
from lake.folder import FolderStore
from lake.schema import INPUT_COLUMNS, STATUSES
from local import sample
from local.command import main
from local.pipeline import Pipeline
from tests.handler.outcomes import lines

ROOT = Path(__file__).parents[2]


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


@pytest.fixture
def full(tmp_path):
    """A lake with the sample."""
    pipeline = Pipeline(tmp_path)
    sample.add_if_empty(pipeline.store)
    assert len(list(pipeline.look(pipeline.ledger.unsettled()))) == len(sample.EXPORT_DAYS)
    return pipeline


def withdraw_sample(pipeline):
    return CliRunner().invoke(main, ["withdraw-sample", "--lake", str(pipeline.store.root)])


def test_the_sample_goes_out_again_and_files_of_ones_own_stay(full, tmp_path):
    names = [f"raw/{name}" for name, _, _ in sample.exports()]
    # raw files that are gone brought something all the same, and a file under one's name is mine
    full.store.path(names[0]).unlink()
    (tmp_path / "mine.csv").write_bytes(lines())
    full.ingest(tmp_path / "mine.csv", names[1], None)
    mine = full.ingest(tmp_path / "mine.csv", "raw/mine.csv", None)

    done = withdraw_sample(full)

    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0, done.output
    assert [(r["source_key"], r["status"]) for r in records] == [
        (name, "withdrawn") for name in names if name != names[1]
    ]
    assert (full.ledger.balance().files, full.ledger.balance().kept) == (2, 2 * mine.kept)
    assert "no sample orders" in withdraw_sample(full).stderr


def test_a_file_of_ones_own_that_waits_under_a_name_of_the_sample_is_left_alone(full):
    name, _, _ = next(sample.exports())
    full.store.path(f"raw/{name}").write_bytes(lines())

    withdraw_sample(full)

    [(_, [record])] = full.look(full.ledger.unsettled())
    assert (record["source_key"], record["status"]) == (f"raw/{name}", "committed")


def test_the_sample_goes_out_before_it_was_ever_read(tmp_path):
    pipeline = Pipeline(tmp_path)
    sample.add_if_empty(pipeline.store)

    withdraw_sample(pipeline)

    assert (pipeline.ledger.unsettled(), pipeline.ledger.balance().files) == ([], 0)


@pytest.mark.parametrize(
    ("words", "given"),
    [
        ([], False),
        *(([f"SAMPLE={yes}"], False) for yes in ("yes", "Yes", "YES", "true", "1")),
        *(([f"SAMPLE={no}"], True) for no in ("no", "No", "NO", "false", "0")),
    ],
)
def test_make_run_leaves_the_sample_out_when_it_is_told_so(words, given):
    told = subprocess.run(
        ["make", "--dry-run", "run", *words], cwd=ROOT, check=True, capture_output=True, text=True
    )

    assert ("--no-sample" in told.stdout) == given


@pytest.mark.parametrize("word", ["nope", ""])
def test_make_run_refuses_a_word_that_is_neither_yes_nor_no(word):
    told = subprocess.run(
        ["make", "--dry-run", "run", f"SAMPLE={word}"],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )

    assert told.returncode == 2
    assert f"SAMPLE={word} is neither yes nor no: SAMPLE=no leaves an empty lake" in told.stderr
    assert "local serve" not in told.stdout


def test_a_hidden_file_makes_no_lake_full(tmp_path):
    store = FolderStore(tmp_path)
    (tmp_path / "raw" / ".DS_Store").write_bytes(b"")

    assert sample.add_if_empty(store) == len(sample.EXPORT_DAYS)
