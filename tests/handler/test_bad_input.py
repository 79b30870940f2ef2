"""Every kind of bad input has its outcome, on the plain way and on the strict one."""

from functools import partial

import polars as pl
import pytest

from handler import draft
from handler.look import Looker
from handler.reading import read
from lake import names, times
from lake.folder import FolderStore
from lake.rule import Limits, Settings
from lake.schema import DROPPED, PROCESSED
from tests.handler.outcomes import CASES, Case, lines

KEY = "raw/orders.csv"


@pytest.fixture(params=["as it comes", "strictly"])
def strict(request, monkeypatch):
    if request.param == "strictly":
        monkeypatch.setattr(draft, "read", partial(read, strict=True))


def ingest(tmp_path, content, settings=None):
    (tmp_path / "orders.csv").write_bytes(content)
    store = FolderStore(tmp_path / "lake")
    store.add(tmp_path / "orders.csv", KEY, times.read("2025-11-10"))
    looker = Looker(store, settings or Settings(), tmp_path)
    return store, looker.look(KEY)[-1]


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_bad_input_gets_its_outcome_and_no_other_row_is_touched(case: Case, tmp_path):
    store, record = ingest(tmp_path, case.content)

    lost = (
        pl.read_parquet(store.path(names.quarantine(KEY, record.source_version)))
        if (case.rejected or case.quarantined)
        else None
    )
    if case.rejected:
        assert record.status == "rejected"
        assert case.rejected in (record.reason or "")
        assert store.head(names.output(PROCESSED, KEY)) is None, "nothing may be published"
        assert lost["reason"].to_list() == [record.reason]
        assert lost["raw"].to_list() == [None]
        return
    assert record.status == "committed", record.reason
    assert record.rows_in == record.kept + record.dropped + record.quarantined
    assert (record.kept, record.dropped) == (case.kept, case.dropped)
    assert record.quarantined == len(case.quarantined)
    if lost is not None:
        assert lost["raw"].to_list() == list(case.quarantined), "the exact bytes, in order"
        for reason, expected in zip(lost["reason"], case.quarantined.values(), strict=True):
            assert expected in reason
    assert set(record.repairs) == set(case.repairs)
    arrived = pl.concat(
        pl.read_parquet(store.path(names.output(table, KEY))) for table in (PROCESSED, DROPPED)
    )
    rows = {
        (row[0], row[1], str(row[2]), row[3], str(row[4]))
        for row in arrived.select("order_id", "customer", "amount", "status", "order_date").rows()
    }
    assert rows >= set(case.rows)
    numbered = case.content.replace(b"\r", b"\n").split(b"\n")
    if b"\r" not in case.content:
        for id_, line in arrived.select("order_id", "source_line").rows():
            assert id_.encode() in numbered[line - 1], "a row names the line it came from"


def test_a_file_over_the_size_limit_is_rejected_before_it_is_read(tmp_path):
    settings = Settings(limits=Limits(file_bytes=10))

    _, record = ingest(tmp_path, lines(), settings)

    assert record.status == "rejected"
    assert "the limit is 10" in (record.reason or "")


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("orders.txt", "rename it if it is an export"),
        ("orders", "rename it if it is an export"),
        ("orders.csv.gz", "unpack the .gz and drop the CSV that is in it"),
        ("orders.ZIP", "unpack the .ZIP and drop the CSV that is in it"),
        ("orders.tsv", "export the orders as CSV, with commas, and not as .tsv"),
        ("orders.xlsx", "export the orders as CSV, with commas, and not as .xlsx"),
    ],
)
def test_a_name_that_does_not_end_in_csv_is_rejected_with_what_helps(tmp_path, name, advice):
    store = FolderStore(tmp_path / "lake")
    (tmp_path / name).write_bytes(lines())
    store.add(tmp_path / name, f"raw/{name}")

    [record] = Looker(store, Settings(), tmp_path).look(f"raw/{name}")

    assert (record.status, record.rows_in) == ("rejected", 0)
    assert record.reason == f"the name does not end in .csv: {advice}"


def test_a_symbolic_link_is_refused_and_not_followed(tmp_path):
    store = FolderStore(tmp_path / "lake")
    (tmp_path / "secret.csv").write_bytes(lines())
    store.path("raw/link.csv").symlink_to(tmp_path / "secret.csv")

    [record] = Looker(store, Settings(), tmp_path).look("raw/link.csv")

    assert record.status == "rejected"
    assert "symbolic link" in (record.reason or "")
