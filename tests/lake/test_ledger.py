"""The ledger: what came in and what became of it, from the records alone."""

import gzip
import json
import os
import time
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from lake import names
from lake.folder import FolderStore
from lake.ledger import Balance, Ledger, Record, read_record
from lake.schema import DROPPED, INGESTS, PROCESSED, QUARANTINE
from lake.store import Version
from tests.doubles.memory import START, MemoryStore

KEY = "raw/orders.csv"


@pytest.fixture
def store():
    return MemoryStore(etags_by_content=False)


@pytest.fixture
def ledger(store):
    return Ledger(store)


def record_of(version: Version, **given) -> Record:
    return Record(
        **{
            "source_key": version.key,
            "source_version": version.id,
            "status": "committed",
            "received_at": version.arrived,
            "started_at": START,
            "finished_at": START,
            "size_bytes": version.size,
            "rows_in": 10,
            "kept": 7,
            "dropped": 2,
            "quarantined": 1,
            "repairs": {"blank_lines": 3},
            "reason": None,
            "fingerprint": "f" * 16,
            **given,
        }
    )


def file(store: MemoryStore, record: Record, arrived: datetime = START) -> Record:
    """Write a record as the handler does."""
    place = names.record(record.source_key, record.source_version, arrived)
    store.overwrite(place, record.to_json())
    return record


def commit(store: MemoryStore, version: Version, **given) -> Record:
    """Write outputs, a quarantine and the record that notes their ETags."""
    key = version.key
    etags = {
        DROPPED.name: store.overwrite(names.output(DROPPED, key), b"d"),
        PROCESSED.name: store.overwrite(names.output(PROCESSED, key), b"p"),
        QUARANTINE.name: store.overwrite(names.quarantine(key, version.id), b"q"),
    }
    return file(store, record_of(version, etags=etags, **given), version.arrived)


def reject(store: MemoryStore, version: Version) -> Record:
    etag = store.overwrite(names.quarantine(version.key, version.id), b"why")
    etags = {PROCESSED.name: None, DROPPED.name: None, QUARANTINE.name: etag}
    nothing = {"rows_in": 0, "kept": 0, "dropped": 0, "quarantined": 0}
    rejected = record_of(version, status="rejected", reason="why", etags=etags, **nothing)
    return file(store, rejected, version.arrived)


# records


def test_a_record_is_read_as_it_was_written():
    record = record_of(Version(KEY, "v1", 5, START), reason="ä", etags={"processed": None})

    assert read_record(record.to_json()) == record


def test_a_record_is_one_line_of_json_with_the_columns_of_its_table():
    content = record_of(Version(KEY, "v1", 5, START), finished_at=None).to_json()

    given = json.loads(content)
    assert content.endswith(b"}\n")
    assert content.count(b"\n") == 1
    assert list(given) == [*(column.name for column in INGESTS.columns), "etags"]
    assert given["received_at"] == "2025-11-10 00:00:00.000"
    assert given["finished_at"] is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b'{"source_key": "raw/a.csv"}',
        record_of(Version(KEY, "v1", 5, START)).to_json().replace(b"2025-11-10", b"yesterday"),
        record_of(Version(KEY, "v1", 5, START))
        .to_json()
        .replace(b'"received_at": "2025-11-10 00:00:00.000"', b'"received_at": null'),
    ],
)
def test_what_is_no_record_is_none(content):
    assert read_record(content) is None


# the state


def test_a_lake_in_which_nothing_happened_has_the_empty_state(ledger):
    assert ledger.state() == ""


def test_the_state_changes_with_the_marker(store, ledger):
    store.overwrite(names.MARKER, b"1")
    before = ledger.state()
    store.overwrite(names.MARKER, b"2")

    assert before != ledger.state()


# the newest


def test_the_record_written_last_comes_first(tmp_path):
    # a folder: its entries have the times at which they were written
    store = FolderStore(tmp_path)
    for second, name in enumerate(("b", "c", "a")):
        version = Version(f"raw/{name}.csv", "v1", 5, START)
        place = names.record(version.key, "v1", START)
        store.overwrite(place, record_of(version).to_json())
        os.utime(store.path(place), (second, second))

    ledger = Ledger(store)

    assert [r.source_key for r in ledger.newest()] == ["raw/a.csv", "raw/c.csv", "raw/b.csv"]
    assert [r.source_key for r in ledger.newest(limit=1)] == ["raw/a.csv"]


def test_a_record_that_is_written_anew_is_read_anew_and_no_other_one(store, ledger, monkeypatch):
    first = commit(store, store.upload("raw/a.csv", b"1"))
    commit(store, store.upload("raw/b.csv", b"1"))
    ledger.newest()
    asked = []
    get = store.get
    monkeypatch.setattr(store, "get", lambda key: asked.append(key) or get(key))

    file(store, replace(first, status="withdrawn"))

    assert {record.status for record in ledger.newest()} == {"withdrawn", "committed"}
    assert asked == [names.record("raw/a.csv", "v1", START)]


# many


def many(store: MemoryStore, count: int = 100) -> None:
    for number in range(count):
        commit(store, store.upload(f"raw/{number}.csv", b"1"), kept=number, quarantined=3 - number)


@pytest.fixture
def asked(store, monkeypatch):
    """The keys that are read, in a store whose every answer takes a moment."""
    asked = []
    get = store.get

    def slow(key):
        asked.append(key)
        time.sleep(0.02)
        return get(key)

    monkeypatch.setattr(store, "get", slow)
    return asked


def test_many_records_are_read_side_by_side(store, ledger, asked):
    many(store)

    began = time.monotonic()
    found = ledger.newest(limit=1000)

    assert len(found) == 100
    assert time.monotonic() - began < 100 * 0.02 / 2
    assert sorted(asked)[:-1] == sorted(key for key in store.objects if key.startswith("ingests/"))


def test_what_one_ledger_leaves_another_reads_at_once(store, ledger, asked):
    many(store)
    first = ledger.ingests()
    ledger.keep()
    asked.clear()

    again = Ledger(store)

    assert again.ingests() == first
    assert asked == [names.RECORDS]
    assert again.balance() == ledger.balance()


def test_what_was_left_counts_only_for_records_that_are_still_the_same(store, ledger, asked):
    many(store)
    ledger.ingests()
    ledger.keep()
    changed = replace(ledger.newest(limit=1)[0], status="withdrawn")
    place = names.record(changed.source_key, "v1", START)
    file(store, changed)
    gone = next(key for key in store.objects if key.startswith("ingests/") and key != place)
    del store.objects[gone], store.etags[gone]
    new = commit(store, store.upload("raw/new.csv", b"1"))
    asked.clear()

    found = Ledger(store).newest(limit=1000)

    assert sorted(asked) == sorted([names.RECORDS, place, names.record("raw/new.csv", "v1", START)])
    assert len(found) == 100
    assert changed in found
    assert new in found


@pytest.mark.parametrize(
    "left",
    [b"", b"no gzip", gzip.compress(b"{}\n"), gzip.compress(b"no JSON"), None],
    ids=["nothing", "no gzip", "no ingest", "no JSON", "half of it"],
)
def test_what_was_left_and_cannot_be_read_is_read_from_the_records(store, ledger, asked, left):
    many(store)
    first = ledger.ingests()
    ledger.keep()
    whole = store.objects[names.RECORDS]
    store.overwrite(names.RECORDS, whole[: len(whole) // 2] if left is None else left)

    assert Ledger(store).ingests() == first
    assert len(asked) == 1 + 100 + 1 + 100


def test_nothing_is_left_twice_and_nothing_of_a_few(store, ledger):
    many(store, 5)
    ledger.ingests()
    ledger.keep()
    assert names.RECORDS not in store.objects

    many(store)
    ledger.ingests()
    ledger.keep()
    first = store.etags[names.RECORDS]
    ledger.keep()
    again = Ledger(store)
    again.ingests()
    again.keep()
    assert store.etags[names.RECORDS] == first

    commit(store, store.upload("raw/new.csv", b"1"))
    again.ingests()
    again.keep()
    assert store.etags[names.RECORDS] != first


def test_a_record_that_is_deleted_is_forgotten(store, ledger):
    commit(store, store.upload(KEY, b"1"))
    ledger.newest()

    store.objects.clear()

    assert ledger.newest() == []


def test_a_record_that_is_spoilt_counts_as_missing_from_then_on(store, ledger):
    version = store.upload(KEY, b"1")
    commit(store, version)
    assert ledger.pending() == []

    store.overwrite(names.record(KEY, version.id, START), b"{ broken")

    assert ledger.newest() == []
    assert ledger.pending() == [version]
    assert ledger.unsettled() == [KEY]
    assert ledger.balance() == Balance()


# what is pending


def test_a_version_without_a_finished_record_is_pending_the_oldest_first(store, ledger):
    done = store.upload(KEY, b"1")
    commit(store, done)
    newer = store.upload(KEY, b"2")
    other = store.upload("raw/b.csv", b"1")
    begun = store.upload("raw/c.csv", b"1")
    file(store, record_of(begun, finished_at=None))

    assert ledger.pending() == [other, begun, newer]


def test_what_is_no_file_is_not_waited_for(store, ledger):
    store.upload("raw/shop/", b"")
    store.upload("raw/.part.csv", b"")

    assert ledger.pending() == []
    assert ledger.unsettled() == []


# what is unsettled


def test_a_committed_key_is_settled(store, ledger):
    commit(store, store.upload(KEY, b"1"))

    assert ledger.unsettled() == []


def test_f23_a_key_that_no_event_told_of_is_unsettled(store, ledger):
    store.upload(KEY, b"1")
    commit(store, store.upload("raw/other.csv", b"1"))

    assert ledger.unsettled() == [KEY]


def test_a_key_whose_older_version_has_no_record_is_unsettled(store, ledger):
    store.upload(KEY, b"1")
    commit(store, store.upload(KEY, b"2"))

    assert ledger.unsettled() == [KEY]


@pytest.mark.parametrize("table", [PROCESSED, DROPPED, QUARANTINE], ids=lambda table: table.name)
@pytest.mark.parametrize("what", ["overwritten", "deleted"])
def test_a_key_whose_objects_are_not_those_of_its_record_is_unsettled(store, ledger, table, what):
    version = store.upload(KEY, b"1")
    commit(store, version)
    [place] = [key for key in store.objects if key.startswith(table.prefix)]

    if what == "overwritten":
        store.overwrite(place, b"theirs")
    else:
        del store.objects[place]

    assert ledger.unsettled() == [KEY]


def test_f10b_a_rejected_version_over_a_committed_one_is_settled(store, ledger):
    commit(store, store.upload(KEY, b"1"))
    reject(store, store.upload(KEY, b"2"))

    assert ledger.unsettled() == []


def test_a_key_of_which_every_version_is_rejected_is_settled(store, ledger):
    reject(store, store.upload(KEY, b"1"))

    assert ledger.unsettled() == []


def test_a_withdrawal_that_was_not_carried_out_is_unsettled_also_without_its_raw_file(
    store, ledger
):
    version = store.upload(KEY, b"1")
    record = commit(store, version)
    file(store, replace(record, status="withdrawn", finished_at=None))
    store.raw.clear()

    assert ledger.unsettled() == [KEY]


def test_a_key_whose_raw_file_is_gone_stays_as_it_is(store, ledger):
    commit(store, store.upload(KEY, b"1"))
    store.raw.clear()

    assert ledger.unsettled() == []
    assert ledger.balance().files == 1


# the balance


def test_an_empty_lake_has_an_empty_balance_that_holds(ledger):
    assert ledger.balance() == Balance()
    assert ledger.balance().holds


def test_the_balance_sums_what_is_published_of_each_key(store, ledger):
    commit(store, store.upload(KEY, b"1"))
    store.upload("raw/b.csv", b"1")
    later = store.upload("raw/b.csv", b"2")
    commit(store, later, rows_in=5, kept=5, dropped=0, quarantined=0)

    balance = ledger.balance()

    assert balance == Balance(2, 15, 12, 2, 1, START + timedelta(days=1))
    assert balance.holds
    assert balance.newest.date() == date(2025, 11, 11)


def test_of_two_committed_versions_only_the_one_that_stands_is_counted(store, ledger):
    commit(store, store.upload(KEY, b"1"), rows_in=100, kept=97)
    commit(store, store.upload(KEY, b"2"))

    assert ledger.balance().rows_in == 10


@pytest.mark.parametrize("status", ["rejected", "superseded", "withdrawn"])
def test_only_committed_records_are_counted(store, ledger, status):
    commit(store, store.upload(KEY, b"1"), status=status)

    assert ledger.balance() == Balance(rejected=int(status == "rejected"))


def test_a_file_is_rejected_as_long_as_that_is_its_last_record(store, ledger):
    commit(store, store.upload(KEY, b"1"))
    reject(store, store.upload(KEY, b"2"))
    assert (ledger.balance().files, ledger.balance().rejected) == (1, 1), "the older one stands"

    commit(store, store.upload(KEY, b"3"))
    assert ledger.balance().rejected == 0


def test_what_a_newer_version_has_replaced_is_told(store, ledger):
    first = commit(store, store.upload(KEY, b"1"))
    second = reject(store, store.upload(KEY, b"2"))
    assert ledger.balance().replaced == frozenset(), "the first stands, the second is to be mended"

    commit(store, store.upload(KEY, b"3"))
    commit(store, store.upload("raw/b.csv", b"1"))
    replaced = {(KEY, record.source_version) for record in (first, second)}
    assert ledger.balance().replaced == replaced


def test_a_record_that_is_not_finished_is_not_counted(store, ledger):
    commit(store, store.upload(KEY, b"1"), finished_at=None)

    assert ledger.balance() == Balance()


def test_a_record_whose_outputs_were_replaced_is_not_counted(store, ledger):
    commit(store, store.upload(KEY, b"1"))
    store.overwrite(names.output(PROCESSED, KEY), b"theirs")

    assert ledger.balance() == Balance()


@pytest.mark.parametrize("lost", [{"kept": 6}, {"quarantined": 2}, {"rows_in": 11}])
def test_a_balance_with_a_row_too_few_or_too_many_does_not_hold(store, ledger, lost):
    commit(store, store.upload(KEY, b"1"), **lost)

    assert not ledger.balance().holds
