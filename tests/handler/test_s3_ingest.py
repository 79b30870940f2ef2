"""What becomes of a raw file in a bucket, whatever happens on the way."""

import threading
from datetime import date, timedelta

import polars as pl
import pytest

from handler.identity import Identity, published
from handler.withdraw import withdraw
from lake import names, times
from lake.ledger import Ledger, read_record
from lake.rule import Limits, Rule, Settings
from lake.schema import DROPPED, ORDER_COLUMNS, PROCESSED
from tests.doubles.bucket import refused, unanswered
from tests.handler.invoking import AS_OF, Stack
from tests.handler.outcomes import HEADER, lines, order

KEY = "raw/orders.csv"
DECLARED = {column.name: column.type.duckdb for column in ORDER_COLUMNS}
DENIED = refused("403 Forbidden", "AccessDenied")


@pytest.fixture
def stack(bucket, tmp_path):
    return Stack(bucket, tmp_path)


def rows(content: str) -> bytes:
    return HEADER + b"\n" + content.encode() + b"\n"


# what is written, and in which order


def test_every_order_arrives_typed_with_where_it_came_from(stack):
    version = stack.bucket.upload(KEY, lines(), "2025-11-10T12:30:00Z")

    stack.look(KEY)

    kept, dropped = stack.frame(PROCESSED, KEY), stack.frame(DROPPED, KEY)
    assert stack.declared(PROCESSED, KEY) == stack.declared(DROPPED, KEY) == DECLARED
    received = times.read("2025-11-10 12:30")
    assert [[str(v) for v in row[:5]] + list(row[5:]) for row in kept.rows()] == [
        ["G1", "Ann", "10.00", "shipped", "2025-03-01", KEY, version, 2, received],
        ["G2", "Bob", "-2.50", "confirmed", "2025-03-02", KEY, version, 3, received],
    ]
    assert dropped["order_id"].to_list() == ["G3"]
    assert dropped["source_line"].to_list() == [4]


def test_the_record_comes_last_and_the_dropped_orders_before_those_that_are_kept(stack):
    version = stack.bucket.upload(KEY, lines(order(status="lost")), AS_OF)

    stack.look(KEY)

    [ingest] = stack.ledger.ingests()
    assert stack.bucket.writes() == [
        names.quarantine(KEY, version),
        names.output(DROPPED, KEY),
        names.output(PROCESSED, KEY),
        names.MARKER,
        ingest.place,
    ]


def test_nothing_under_raw_is_ever_written_or_deleted(stack):
    stack.bucket.upload(KEY, lines(), AS_OF)
    stack.bucket.upload("raw/broken.csv", b"\0", AS_OF)
    stack.bucket.upload("raw/withdrawn.csv", lines(), AS_OF)
    withdraw(stack.store, "raw/withdrawn.csv", "wrong file", stack.settings.fingerprint)

    stack.invoke({"action": "sweep"})

    for request in stack.bucket.server.requests:
        assert request.method in ("GET", "HEAD") or not request.key.startswith("raw/"), request
        assert request.method != "DELETE"


def test_f33_a_bad_row_goes_to_the_quarantine_as_it_came_and_the_others_are_taken(stack):
    bad = order(customer='5" pipe')
    version = stack.bucket.upload(KEY, lines(bad), AS_OF)

    record = stack.look(KEY)

    assert (record["rows_in"], record["kept"], record["dropped"], record["quarantined"]) == (
        4, 2, 1, 1,
    )  # fmt: skip
    [row] = stack.quarantine(KEY, version).rows(named=True)
    assert (row["raw"], row["source_line"], row["source_key"]) == (bad, 3, KEY)


def test_f28_a_file_of_which_every_row_is_dropped_has_an_empty_typed_output(stack):
    stack.bucket.upload(KEY, rows("A,Ann,1,pending,2025-01-01"), AS_OF)

    record = stack.look(KEY)

    assert (record["status"], record["kept"], record["dropped"]) == ("committed", 0, 1)
    assert stack.frame(PROCESSED, KEY).height == 0
    assert stack.declared(PROCESSED, KEY) == DECLARED
    assert stack.is_settled()


def test_a_file_with_a_header_only_is_committed_with_two_empty_outputs(stack):
    stack.bucket.upload(KEY, HEADER, AS_OF)

    record = stack.look(KEY)

    assert (record["status"], record["rows_in"]) == ("committed", 0)
    assert [stack.frame(table, KEY).height for table in (PROCESSED, DROPPED)] == [0, 0]


# the rule


@pytest.mark.parametrize(
    ("as_of", "dropped", "kept"),
    [
        ("2025-11-10", "2025-10-11 1900-01-01", "2025-10-12 2025-11-10 2025-12-24"),
        ("2025-11-10T23:59:59.999Z", "2025-10-11", "2025-10-12"),
        ("2025-11-10T01:30:00+02:00", "2025-10-10", "2025-10-11"),
        ("2025-11-09T22:30:00-02:00", "2025-10-11", "2025-10-12"),
        ("2025-03-30T02:30:00Z", "2025-02-28", "2025-03-01"),
        ("2024-03-30", "2024-02-29", "2024-03-01"),
        ("0001-01-05", "", "1900-01-01 2025-11-10"),
    ],
    ids=["a date", "its last moment", "east", "west", "clocks change", "leap year", "year 1"],
)
def test_f32_an_order_is_dropped_from_its_30th_day_on_counted_in_utc(stack, as_of, dropped, kept):
    days = [*dropped.split(), *kept.split()]
    orders = [f"{day},Ann,1,{status},{day}" for day in days for status in ("pending", "cancelled")]
    stack.bucket.upload(KEY, rows("\n".join(orders)), as_of)

    stack.look(KEY)

    assert stack.ids(DROPPED, KEY) == [day for day in dropped.split() for _ in range(2)]
    assert stack.ids(PROCESSED, KEY) == [day for day in kept.split() for _ in range(2)]


def test_only_the_rules_statuses_are_ever_dropped(stack):
    statuses = ("pending", "confirmed", "shipped", "cancelled")
    content = "\n".join(f"{status},Ann,1,{status},2000-01-01" for status in statuses)
    stack.bucket.upload(KEY, rows(content), AS_OF)

    stack.look(KEY)

    assert stack.ids(PROCESSED, KEY) == ["confirmed", "shipped"]
    assert stack.ids(DROPPED, KEY) == ["pending", "cancelled"]


def test_without_an_as_of_a_file_was_received_when_it_was_uploaded(stack):
    stack.bucket.upload(KEY, lines())
    [version] = stack.store.versions(KEY)
    today = version.arrived.date()
    old, new = today - timedelta(days=30), today - timedelta(days=29)
    stack.bucket.upload(KEY, rows(f"old,Ann,1,pending,{old}\nnew,Ann,1,pending,{new}"))

    record = stack.look(KEY)

    assert stack.ids(PROCESSED, KEY) == ["new"]
    assert record["received_at"][:10] in (str(today), str(today + timedelta(days=1)))


def test_another_rule_is_another_outcome_after_a_replay(stack):
    stack.bucket.upload(KEY, lines(), AS_OF)
    stack.look(KEY)
    changed = Stack(stack.bucket, stack.work, Settings(Rule(days=1000)))

    answer = changed.invoke({"action": "replay"})

    assert answer["looked"][KEY][-1]["kept"] == 3
    assert changed.ids(DROPPED, KEY) == []
    assert changed.is_settled()
    stack.invoke({"action": "replay"})
    assert stack.ids(DROPPED, KEY) == ["G3"], "and back again"


# again, late, twice, at once


def test_f1_the_same_event_again_writes_nothing(stack):
    stack.bucket.upload(KEY, lines(order(status="lost")), AS_OF)
    first, outputs = stack.look(KEY), stack.outputs(KEY)

    again = stack.look(KEY)

    assert again == first
    assert stack.bucket.writes() == []
    assert stack.outputs(KEY) == outputs


def test_f1_a_rejected_file_is_rejected_once(stack):
    stack.bucket.upload(KEY, b"")
    stack.look(KEY)

    stack.look(KEY)

    assert stack.bucket.writes() == []


def test_f2_of_two_calls_at_once_one_commits_and_both_succeed(stack):
    stack.bucket.upload(KEY, lines(order(status="lost")), AS_OF)
    both_have_looked = threading.Barrier(2)
    reads = iter([True, True])

    def meddle(request) -> None:
        if (request.method, request.key) == ("GET", KEY) and next(reads, False):
            both_have_looked.wait(timeout=10)

    stack.bucket.server.meddle = meddle
    answers = []
    others = [Stack(stack.bucket, stack.work) for _ in range(2)]
    threads = [
        threading.Thread(target=lambda one=one: answers.append(one.look(KEY))) for one in others
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [answer["status"] for answer in answers] == ["committed"] * 2
    assert stack.is_settled()
    assert stack.ids(PROCESSED, KEY) == ["G1", "G2"]
    stack.look(KEY)
    assert stack.bucket.writes() == []


def test_f3_f4_a_late_event_of_an_older_version_changes_nothing(stack):
    early, late = stack.created(KEY), stack.created(KEY)
    early["Records"][0]["s3"]["object"]["sequencer"] = "0001"
    stack.bucket.upload(KEY, lines(order(id="old")), AS_OF)
    newest = stack.bucket.upload(KEY, lines(order(id="new")), AS_OF)
    stack.invoke(late)

    answer = stack.invoke(early)

    assert stack.bucket.writes() == []
    assert answer["looked"][KEY][-1]["source_version"] == newest
    assert stack.ids(PROCESSED, KEY)[1] == "new"
    statuses = [record.status for record in stack.ledger.newest()]
    assert sorted(statuses) == ["committed", "superseded"]


def test_f8_a_new_version_takes_the_place_of_the_old_one(stack):
    stack.bucket.upload(KEY, lines(order(id="old"), order(status="lost")), AS_OF)
    stack.look(KEY)
    newest = stack.bucket.upload(KEY, lines(order(id="new")), AS_OF)

    stack.look(KEY)

    assert set(stack.frame(PROCESSED, KEY)["source_version"]) == {newest}
    assert len(list(stack.store.list(PROCESSED.prefix))) == 1
    assert stack.ledger.balance().rows_in == 4
    assert stack.is_settled()


def test_f9_a_key_without_an_object_is_done_without_a_fault(stack):
    answer = stack.invoke(stack.created("raw/never.csv"))

    assert answer == {"looked": {"raw/never.csv": []}, "ignored": [], "left_out": 0}
    assert stack.bucket.writes() == []


def test_f9_deleting_a_raw_file_withdraws_nothing(stack):
    stack.bucket.upload(KEY, lines(), AS_OF)
    stack.look(KEY)
    stack.bucket.s3.delete_object(Bucket=stack.bucket.name, Key=KEY)

    assert stack.look(KEY)["status"] == "committed"
    assert stack.bucket.writes() == []


def test_f9_a_version_that_is_deleted_for_good_while_it_is_read_is_let_go(stack):
    version = stack.bucket.upload(KEY, lines(), AS_OF)

    def meddle(request) -> None:
        if (request.method, request.key) == ("GET", KEY):
            stack.bucket.s3.delete_object(Bucket=stack.bucket.name, Key=KEY, VersionId=version)

    stack.bucket.server.meddle = meddle
    answer = stack.invoke(stack.created(KEY))

    assert answer["looked"][KEY] == []
    assert stack.bucket.writes() == []


def test_f10_an_object_that_is_overwritten_while_it_is_read_gives_the_version_that_was_chosen(
    stack,
):
    chosen = stack.bucket.upload(KEY, lines(*[order(id="old")] * 100), AS_OF)
    newer = []

    def meddle(request) -> None:
        if (request.method, request.key) == ("GET", KEY) and not newer:
            newer.append("on its way")
            newer[0] = stack.bucket.upload(KEY, lines(*[order(id="new")] * 90), AS_OF)

    stack.bucket.server.meddle = meddle
    answer = stack.invoke(stack.created(KEY))

    [record] = answer["looked"][KEY]
    assert (record["source_version"], record["rows_in"]) == (chosen, 103)
    assert stack.ids(PROCESSED, KEY).count("old") == 100
    assert set(stack.frame(PROCESSED, KEY)["source_version"]) == {chosen}
    assert stack.look(KEY)["source_version"] == newer[0], "its own event follows"
    assert stack.ids(PROCESSED, KEY).count("new") == 90
    assert stack.is_settled()


def test_f10b_where_the_newest_version_is_rejected_the_older_good_one_is_taken(stack):
    good = stack.bucket.upload(KEY, lines(), AS_OF)
    broken = stack.bucket.upload(KEY, b"\0" * 100)

    answer = stack.invoke(stack.created(KEY))

    assert [(r["source_version"], r["status"]) for r in answer["looked"][KEY]] == [
        (broken, "rejected"),
        (good, "committed"),
    ]
    assert stack.is_settled()


def test_f10b_what_stands_is_not_touched_by_a_newer_version_that_is_rejected(stack):
    good = stack.bucket.upload(KEY, lines(), AS_OF)
    stack.look(KEY)
    before = stack.outputs(KEY)
    broken = stack.bucket.upload(KEY, b"\0" * 100)

    answer = stack.invoke(stack.created(KEY))

    assert [r["source_version"] for r in answer["looked"][KEY]] == [broken, good]
    assert stack.outputs(KEY) == before
    assert not {names.output(t, KEY) for t in (PROCESSED, DROPPED)} & set(stack.bucket.writes())
    assert stack.is_settled()


def test_f20_an_upload_that_breaks_off_between_two_parts_never_was(stack):
    s3, bucket = stack.bucket.s3, stack.bucket.name
    begun = s3.create_multipart_upload(Bucket=bucket, Key=KEY)
    s3.upload_part(
        Bucket=bucket, Key=KEY, PartNumber=1, UploadId=begun["UploadId"], Body=lines() * 100
    )

    assert stack.invoke({"action": "sweep"})["looked"] == {}
    assert stack.invoke(stack.created(KEY))["looked"] == {KEY: []}
    assert stack.bucket.writes() == []


# files that cannot be taken


def test_f16_an_empty_file_is_rejected_with_a_reason_and_a_quarantine_row(stack):
    version = stack.bucket.upload(KEY, b"")

    record = stack.look(KEY)

    assert (record["status"], record["size_bytes"]) == ("rejected", 0)
    assert "the file is empty" in record["reason"]
    [row] = stack.quarantine(KEY, version).rows(named=True)
    assert (row["raw"], row["source_line"], row["reason"]) == (None, None, record["reason"])
    assert stack.outputs(KEY) == {"processed": None, "dropped": None}


def test_f29_a_file_over_the_limit_is_rejected_by_reference_without_being_read(bucket, tmp_path):
    stack = Stack(bucket, tmp_path, Settings(limits=Limits(file_bytes=100)))
    bucket.upload(KEY, lines(), AS_OF)

    record = stack.look(KEY)

    assert record["status"] == "rejected"
    assert (
        "the limit is 100: split it, or raise the limit (ORDERS_MAX_FILE_BYTES)" in record["reason"]
    )
    assert not [r for r in bucket.server.requests if (r.method, r.key) == ("GET", KEY)]


def test_an_as_of_that_is_no_date_rejects_the_file_and_says_how_to_write_it(stack):
    stack.bucket.upload(KEY, lines(), "10.11.2025")

    record = stack.look(KEY)

    assert record["status"] == "rejected"
    assert record["reason"] == ("its metadata as-of is '10.11.2025': give a date like 2025-11-10")


# faults of the store


def test_f18_a_body_that_breaks_off_raises_and_nothing_is_written(stack):
    stack.bucket.upload(KEY, lines(*[order()] * 1000), AS_OF)

    def half(app):
        def answer(environ, start_response):
            body = b"".join(app(environ, start_response))
            return [body[: len(body) // 2]]

        return answer

    stack.bucket.server.meddle = lambda r: half if (r.method, r.key) == ("GET", KEY) else None
    with pytest.raises(ExceptionGroup, match=KEY):
        stack.invoke(stack.created(KEY))

    assert stack.bucket.writes() == []


@pytest.mark.parametrize("place", ["quarantine/", "dropped/", "processed/", "state/", "ingests/"])
@pytest.mark.usefixtures("pauses")
def test_f19_a_write_whose_answer_is_lost_is_found_again(stack, place):
    stack.bucket.upload(KEY, lines(order(status="lost")), AS_OF)
    lost = [unanswered]
    stack.bucket.server.meddle = lambda request: (
        lost.pop() if request.method == "PUT" and request.key.startswith(place) and lost else None
    )

    record = stack.look(KEY)

    assert not lost
    assert record["status"] == "committed"
    assert stack.is_settled()
    stack.look(KEY)
    assert stack.bucket.writes() == []


@pytest.mark.parametrize("place", ["dropped/", "processed/", "state/", "ingests/"])
def test_f21_a_denied_write_raises_and_the_file_stays_pending_until_it_is_allowed(stack, place):
    version = stack.bucket.upload(KEY, lines(), AS_OF)
    stack.bucket.server.meddle = lambda request: (
        DENIED if request.method == "PUT" and request.key.startswith(place) else None
    )

    with pytest.raises(ExceptionGroup, match=f"cannot write {place}.*AccessDenied"):
        stack.invoke(stack.created(KEY))

    assert [waiting.id for waiting in stack.ledger.pending()] == [version]
    stack.bucket.server.begin()
    stack.invoke({"action": "sweep"})
    assert stack.is_settled()


def test_f34_without_its_quarantine_nothing_is_committed(stack):
    stack.bucket.upload(KEY, lines(order(status="lost")), AS_OF)
    stack.bucket.server.meddle = lambda request: (
        DENIED if request.method == "PUT" and request.key.startswith("quarantine/") else None
    )

    with pytest.raises(ExceptionGroup, match="cannot write quarantine/"):
        stack.invoke(stack.created(KEY))

    assert stack.outputs(KEY) == {"processed": None, "dropped": None}
    assert stack.ledger.newest() == []
    assert stack.ledger.state() == ""


# replays


def test_f31_a_replay_months_later_writes_the_same_bytes(stack, monkeypatch):
    stack.bucket.upload(KEY, lines(order(status="lost")))
    stack.look(KEY)
    before = stack.outputs(KEY)
    for prefix in ("processed/", "dropped/", "ingests/"):
        for entry in stack.store.list(prefix):
            stack.bucket.s3.delete_object(Bucket=stack.bucket.name, Key=entry.key)
    later = times.now() + timedelta(days=300)
    monkeypatch.setattr(times, "now", lambda: later)

    stack.invoke({"action": "replay"})

    assert stack.outputs(KEY) == before
    [ingest] = stack.ledger.ingests()
    assert ingest.record.started_at == later, "only the record knows when it was"


def test_f31_the_bytes_of_an_output_depend_on_version_and_settings_alone(stack, tmp_path):
    stack.bucket.upload(KEY, lines(*[order(id=str(n)) for n in range(5000)]), AS_OF)
    stack.look(KEY)
    before = stack.outputs(KEY)
    for prefix in ("processed/", "dropped/", "ingests/"):
        for entry in stack.store.list(prefix):
            stack.bucket.s3.delete_object(Bucket=stack.bucket.name, Key=entry.key)
    (tmp_path / "elsewhere").mkdir()

    Stack(stack.bucket, tmp_path / "elsewhere").look(KEY)

    assert stack.outputs(KEY) == before


def test_an_output_says_in_its_footer_which_version_it_holds_and_how_it_was_read(stack):
    version = stack.bucket.upload(KEY, lines(), AS_OF)
    stack.look(KEY)
    committed = [published(stack.store, table, KEY) for table in (PROCESSED, DROPPED)]
    withdraw(stack.store, KEY, "wrong file", stack.settings.fingerprint)
    stack.look(KEY)
    withdrawn = [published(stack.store, table, KEY) for table in (PROCESSED, DROPPED)]

    assert committed == [Identity(version, stack.settings.fingerprint)] * 2
    assert withdrawn == [Identity(version, "withdrawn")] * 2


def test_two_empty_outputs_are_not_the_same_object(stack):
    for key in ("raw/1.csv", "raw/2.csv"):
        stack.bucket.upload(key, HEADER, AS_OF)
        stack.look(key)

    ids = {entry.etag for table in (PROCESSED, DROPPED) for entry in stack.store.list(table.prefix)}
    assert len(ids) == 2, "the footer says which version they are of"


# withdrawals


def test_a_withdrawn_file_leaves_empty_outputs_and_an_emptied_quarantine(stack):
    old = stack.bucket.upload(KEY, lines(order(status="lost")), AS_OF)
    stack.look(KEY)
    new = stack.bucket.upload(KEY, lines(order(status="found")), AS_OF)
    stack.look(KEY)
    withdraw(stack.store, KEY, "wrong file", stack.settings.fingerprint)

    answer = stack.invoke({"action": "sweep"})

    assert answer["looked"][KEY][-1]["status"] == "withdrawn"
    frames = [stack.frame(PROCESSED, KEY), stack.frame(DROPPED, KEY)]
    frames += [stack.quarantine(KEY, version) for version in (old, new)]
    assert [frame.height for frame in frames] == [0] * 4
    assert stack.is_settled()
    assert stack.invoke({"action": "replay"})["looked"][KEY][-1]["status"] == "withdrawn"
    assert stack.bucket.writes() == []


def test_lines_that_an_overtaken_look_quarantines_after_a_withdrawal_go_with_the_next_sweep(stack):
    old = stack.bucket.upload(KEY, lines(order(status="lost")), AS_OF)
    stack.look(KEY)
    place = names.quarantine(KEY, old)
    written, _ = stack.store.get(place)
    stack.bucket.upload(KEY, lines(), AS_OF)
    withdraw(stack.store, KEY, "an erasure", stack.settings.fingerprint)
    stack.look(KEY)
    before = stack.ledger.state()
    # a look that read the older version before writes what it has found, and dies
    stack.store.overwrite(place, written)

    answer = stack.invoke({"action": "sweep"})

    assert answer["looked"][KEY][-1]["status"] == "withdrawn"
    assert stack.quarantine(KEY, old).height == 0
    assert stack.ledger.state() != before, "who looked at the quarantine meanwhile looks again"
    assert stack.is_settled()


def test_a_withdrawal_leaves_the_reason_why_a_newer_version_was_rejected(stack):
    stack.bucket.upload(KEY, lines(), AS_OF)
    withdraw(stack.store, KEY, "wrong file", stack.settings.fingerprint)
    newer = stack.bucket.upload(KEY, b"")

    records = stack.invoke(stack.created(KEY))["looked"][KEY]

    assert [record["status"] for record in records] == ["rejected", "withdrawn"]
    assert "the file is empty" in stack.quarantine(KEY, newer)["reason"][0]
    assert stack.is_settled()
    stack.look(KEY)
    assert stack.bucket.writes() == []


def test_a_later_version_ends_a_withdrawal(stack):
    stack.bucket.upload(KEY, lines(), AS_OF)
    stack.look(KEY)
    withdraw(stack.store, KEY, "wrong file", stack.settings.fingerprint)
    stack.look(KEY)
    stack.bucket.upload(KEY, lines(order(id="right")), AS_OF)

    assert stack.look(KEY)["status"] == "committed"
    assert stack.ids(PROCESSED, KEY) == ["G1", "right", "G2"]
    assert stack.is_settled()


def test_a_record_that_was_spoilt_is_written_anew(stack):
    version = stack.bucket.upload(KEY, lines(), AS_OF)
    stack.look(KEY)
    [ingest] = stack.ledger.ingests()
    stack.store.overwrite(ingest.place, b"{ broken")

    stack.invoke({"action": "sweep"})

    content, _ = stack.store.get(ingest.place)
    assert read_record(content).source_version == version
    assert Ledger(stack.store).balance().rows_in == 3


def test_received_at_is_a_date_in_the_past_when_the_export_says_so(stack):
    stack.bucket.upload(KEY, lines(), AS_OF)

    record = stack.look(KEY)

    assert record["received_at"] == "2025-11-10 00:00:00.000"
    received = stack.frame(PROCESSED, KEY).select(pl.col("received_at").dt.date()).to_series()
    assert set(received) == {date(2025, 11, 10)}
