"""The function's entry: what it takes for a call to work, and what it answers."""

import json
import logging
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from handler import entry
from handler.entry import Function, handle
from handler.withdraw import NothingToWithdraw
from lake import names, times
from lake.rule import SettingError
from lake.schema import DROPPED, INGESTS, PROCESSED
from tests.doubles.bucket import refused
from tests.handler.invoking import AS_OF, Stack, event
from tests.handler.outcomes import lines, order

ROOT = Path(__file__).parents[2]
KEY = "raw/orders.csv"


@pytest.fixture
def stack(bucket, tmp_path):
    return Stack(bucket, tmp_path)


@pytest.fixture
def idle():
    """A function over the bucket of events/ that has no store: whoever asks it anything fails."""
    return Function(store=None, looker=None, bucket="the-bucket")


@pytest.mark.parametrize("name", ["put", "multipart_upload"])
def test_an_object_that_was_created_is_looked_at(stack, name):
    version = stack.bucket.upload(KEY, lines(), AS_OF)

    answer = stack.invoke(stack.created(KEY, name=name))

    [record] = answer["looked"][KEY]
    assert (record["status"], record["source_version"]) == ("committed", version)
    assert (record["rows_in"], record["kept"], record["dropped"]) == (3, 2, 1)
    assert answer["ignored"] == []


def test_f5_an_event_without_version_or_sequencer_is_as_good(stack):
    stack.bucket.upload(KEY, lines(), AS_OF)

    answer = stack.invoke(stack.created(KEY, name="without_version"))

    assert answer["looked"][KEY][-1]["status"] == "committed"


def test_the_answer_holds_the_records_as_their_table_has_them_and_is_json(stack):
    stack.bucket.upload(KEY, lines(), AS_OF)

    answer = stack.invoke(stack.created(KEY))

    [record] = answer["looked"][KEY]
    assert list(record) == [column.name for column in INGESTS.columns]
    assert json.loads(json.dumps(answer)) == answer


NOT_FOR_US = {
    "test event of S3": event("test_event"),
    "removed object": event("removed"),
    "message of a queue": event("queue_message"),
    "event of EventBridge": event("bridge_event"),
    "empty": {},
    "null": None,
    "text": "raw/orders.csv",
    "list": [],
    "records null": {"Records": None},
    "records a dict": {"Records": {}},
    "record null": {"Records": [None]},
    "record empty": {"Records": [{}]},
    "record without an object": {"Records": [{"eventName": "ObjectCreated:Put", "s3": {}}]},
    "record with a key null": {
        "Records": [
            {
                "eventName": "ObjectCreated:Put",
                "s3": {"bucket": {"name": "the-bucket"}, "object": {"key": None}},
            }
        ]
    },
    "unknown action": {"action": "delete everything"},
    "look at nothing": {"action": "look"},
    "look at a text": {"action": "look", "keys": KEY},
    "withdraw nothing": {"action": "withdraw", "reason": "wrong file"},
    "withdraw for no reason": {"action": "withdraw", "key": KEY, "reason": ""},
}


@pytest.mark.parametrize("asked", NOT_FOR_US.values(), ids=NOT_FOR_US.keys())
def test_f11_what_is_no_event_for_us_is_ignored_with_a_reason_and_asks_nothing_of_the_store(
    idle, asked, caplog
):
    answer = handle(asked, idle)

    assert answer["looked"] == {}
    [why] = answer["ignored"]
    assert why
    assert f"ignored: {why}" in caplog.messages


def test_f11_an_event_without_records_is_done_at_once(idle):
    assert handle({"Records": []}, idle) == {"looked": {}, "ignored": [], "left_out": 0}


def test_f11_a_record_that_is_ignored_keeps_no_other_from_its_look(stack):
    stack.bucket.upload(KEY, lines(), AS_OF)
    mixed = stack.created(KEY)
    mixed["Records"][:0] = [None, *event("queue_message")["Records"], *event("put")["Records"]]

    answer = stack.invoke(mixed)

    assert answer["looked"].keys() == {KEY}
    assert len(answer["ignored"]) == 3


@pytest.mark.parametrize(
    "key",
    [
        "processed/orders-0123.parquet",
        "ingests/2025-11-10/a.json",
        "orders.csv",
        "raw/shop/",
        "raw/.part.csv",
        "raw/../processed/a.csv",
    ],
)
def test_f14_f15_a_key_that_is_no_raw_file_is_refused(idle, key):
    asked = event("put")
    asked["Records"][0]["s3"]["object"]["key"] = key

    answer = handle(asked, idle)

    assert (answer["looked"], answer["ignored"]) == ({}, [f"{key!r} is no raw file"])


def test_f14_a_record_of_another_bucket_is_refused(idle):
    answer = handle(event("put"), replace(idle, bucket="another"))

    assert answer["looked"] == {}
    assert answer["ignored"] == ["a record of the bucket the-bucket, not another"]


def test_f6_keys_are_decoded_once_and_have_outputs_of_their_own(stack):
    files = ["a b", "a+b", "a%2Bb", "a%25", "a%252Fb", "注文"]
    keys = [f"raw/{name}.csv" for name in files]
    for number, key in enumerate(keys):
        stack.bucket.upload(key, lines(order(id=f"N{number}")), AS_OF)

    answer = stack.invoke(stack.created(*keys))

    assert list(answer["looked"]) == keys
    for number, key in enumerate(keys):
        assert stack.ids(PROCESSED, key) == ["G1", f"N{number}", "G2"]
        assert set(stack.frame(PROCESSED, key)["source_key"]) == {key}


def test_f6_a_key_with_a_slash_and_one_with_its_code_are_two(stack):
    stack.bucket.upload("raw/a/b.csv", lines(order(id="slash")), AS_OF)
    stack.bucket.upload("raw/a%2Fb.csv", lines(order(id="code")), AS_OF)

    stack.invoke(stack.created("raw/a/b.csv", "raw/a%2Fb.csv"))

    assert stack.ids(PROCESSED, "raw/a/b.csv")[1] == "slash"
    assert stack.ids(PROCESSED, "raw/a%2Fb.csv")[1] == "code"


def test_f7_files_of_one_name_in_two_folders_have_two_outputs(stack):
    keys = ["raw/bonn/orders.csv", "raw/cologne/orders.csv"]
    for key in keys:
        stack.bucket.upload(key, lines(), AS_OF)

    stack.invoke(stack.created(*keys))

    assert len(list(stack.store.list(PROCESSED.prefix))) == 2
    assert stack.ledger.balance().rows_in == 6


def test_a_key_that_an_event_names_twice_is_looked_at_once(stack):
    stack.bucket.upload(KEY, lines(), AS_OF)

    stack.invoke(stack.created(KEY, KEY))

    asked = [r for r in stack.bucket.server.requests if "versions" in r.query]
    assert len(asked) == 1


# several records


KEYS = ["raw/1.csv", "raw/2.csv", "raw/3.csv"]


def test_f12_of_three_files_the_corrupt_one_is_rejected_and_the_others_are_committed(stack):
    for key, content in zip(KEYS, [lines(), b"\0" * 1000, lines()], strict=True):
        stack.bucket.upload(key, content, AS_OF)

    answer = stack.invoke(stack.created(*KEYS))

    statuses = [records[-1]["status"] for records in answer["looked"].values()]
    assert statuses == ["committed", "rejected", "committed"]
    assert stack.is_settled()


def test_f13_of_three_files_the_one_that_cannot_be_read_raises_and_a_retry_does_only_that(stack):
    for key in KEYS:
        stack.bucket.upload(key, lines(), AS_OF)
    stack.bucket.server.meddle = lambda request: (
        refused("403 Forbidden", "AccessDenied")
        if (request.method, request.key) == ("GET", KEYS[1])
        else None
    )

    with pytest.raises(ExceptionGroup, match=r"cannot read raw/2\.csv.*AccessDenied"):
        stack.invoke(stack.created(*KEYS))

    assert [bool(stack.outputs(key)["processed"]) for key in KEYS] == [True, False, True]
    stack.bucket.server.begin()
    stack.invoke(stack.created(*KEYS))
    written = stack.bucket.writes()
    assert len(written) == 4
    assert all(names.stem(KEYS[1]) in key or key == names.MARKER for key in written), written
    assert stack.is_settled()


def test_f13_a_fault_of_ours_keeps_no_other_file_from_its_look_and_is_told(
    stack, monkeypatch, caplog
):
    for key in KEYS:
        stack.bucket.upload(key, lines(), AS_OF)
    look = stack.function.looker.look
    monkeypatch.setattr(
        stack.function.looker, "look", lambda key: 1 / 0 if key == KEYS[1] else look(key)
    )

    with pytest.raises(ExceptionGroup, match="ZeroDivisionError: division by zero") as raised:
        stack.invoke(stack.created("processed/x", *KEYS))

    assert raised.value.exceptions[0].__notes__ == [f"while looking at {KEYS[1]}"]
    assert [bool(stack.outputs(key)["processed"]) for key in KEYS] == [True, False, True]
    assert "ignored: 'processed/x' is no raw file" in caplog.messages


# looks, sweeps, replays


def test_a_look_takes_keys_as_they_are(stack):
    stack.bucket.upload("raw/a+b%20c.csv", lines(), AS_OF)

    answer = stack.invoke({"action": "look", "keys": ["raw/a+b%20c.csv", "processed/x"]})

    assert answer["looked"].keys() == {"raw/a+b%20c.csv"}
    assert answer["ignored"] == ["'processed/x' is no raw file"]


def test_f23_a_sweep_finds_what_no_event_told_of_and_nothing_else(stack):
    for key in KEYS:
        stack.bucket.upload(key, lines(), AS_OF)
    stack.look(KEYS[0])

    answer = stack.invoke({"action": "sweep"})

    assert sorted(answer["looked"]) == KEYS[1:]
    assert stack.invoke({"action": "sweep"})["looked"] == {}
    assert stack.bucket.writes() == []
    assert stack.is_settled()


def test_a_key_that_ends_the_process_keeps_no_other_from_every_sweep(stack, monkeypatch):
    for key in KEYS:
        stack.bucket.upload(key, lines(), AS_OF)
    look = stack.function.looker.look

    def killed(key):
        if key == KEYS[0]:
            raise SystemExit
        return look(key)

    monkeypatch.setattr(stack.function.looker, "look", killed)
    for _ in range(50):
        with suppress(SystemExit):
            stack.invoke({"action": "sweep"})

    assert [bool(stack.outputs(key)["processed"]) for key in KEYS] == [False, True, True]


def test_a_sweep_reads_the_records_of_a_lake_at_rest_in_one_request(stack, monkeypatch):
    monkeypatch.setattr("lake.ledger.AT_ONCE", 2)
    for key in KEYS:
        stack.bucket.upload(key, lines(), AS_OF)
        stack.look(key)
    stack.invoke({"action": "sweep"})
    assert stack.bucket.writes() == [names.RECORDS]

    assert stack.invoke({"action": "sweep"})["looked"] == {}

    read = [r.key for r in stack.bucket.server.requests if r.method == "GET" and r.key]
    assert read == [names.RECORDS]
    assert stack.bucket.writes() == []


def test_a_sweep_reads_every_name_but_those_that_are_no_files(stack):
    for key in ("raw/orders.txt", "raw/orders.CSV", "raw/.part.csv", "raw/shop/"):
        stack.bucket.upload(key, lines(), AS_OF)

    looked = stack.invoke({"action": "sweep"})["looked"]

    assert {key: records[-1]["status"] for key, records in looked.items()} == {
        "raw/orders.CSV": "committed",
        "raw/orders.txt": "rejected",
    }


def test_a_sweep_goes_on_after_a_key_that_cannot_be_looked_at(stack):
    for key in KEYS:
        stack.bucket.upload(key, lines(), AS_OF)
    stack.bucket.server.meddle = lambda request: (
        refused("403 Forbidden", "AccessDenied")
        if (request.method, request.key) == ("GET", KEYS[0])
        else None
    )

    with pytest.raises(ExceptionGroup, match=r"at 1 of the keys: cannot read raw/1\.csv"):
        stack.invoke({"action": "sweep"})

    assert [bool(stack.outputs(key)["processed"]) for key in KEYS] == [False, True, True]


def test_a_sweep_mends_an_output_that_was_deleted_or_overwritten(stack):
    for key in KEYS[:2]:
        stack.bucket.upload(key, lines(), AS_OF)
        stack.look(key)
    before = [stack.outputs(key) for key in KEYS[:2]]
    stack.bucket.s3.delete_object(Bucket=stack.bucket.name, Key=names.output(PROCESSED, KEYS[0]))
    stack.store.overwrite(names.output(DROPPED, KEYS[1]), b"somebody else's")

    stack.invoke({"action": "sweep"})

    assert [stack.outputs(key) for key in KEYS[:2]] == before
    assert stack.is_settled()


def test_a_replay_looks_at_a_prefix_or_at_all(stack):
    for key in ("raw/bonn/1.csv", "raw/bonn/2.csv", "raw/cologne/1.csv"):
        stack.bucket.upload(key, lines(), AS_OF)

    part = stack.invoke({"action": "replay", "prefix": "raw/bonn/"})
    whole = stack.invoke({"action": "replay"})

    assert list(part["looked"]) == ["raw/bonn/1.csv", "raw/bonn/2.csv"]
    assert len(whole["looked"]) == 3


@pytest.mark.parametrize(
    ("span", "looked"),
    [
        ({}, True),
        ({"since": "today"}, True),
        ({"until": "today"}, True),
        ({"since": "today", "until": "today"}, True),
        ({"since": "9999-01-01"}, False),
        ({"until": "2000-01-01"}, False),
    ],
)
def test_a_replay_looks_at_what_arrived_in_a_span_ends_included(stack, span, looked):
    stack.bucket.upload(KEY, lines(), AS_OF)
    [version] = stack.store.versions(KEY)
    today = version.arrived.date().isoformat()
    span = {name: day.replace("today", today) for name, day in span.items()}

    answer = stack.invoke({"action": "replay", **span})

    assert bool(answer["looked"]) == looked


def test_a_withdrawal_is_marked_and_carried_out_in_one_call(stack):
    stack.bucket.upload(KEY, lines(), AS_OF)
    stack.look(KEY)

    answer = stack.invoke({"action": "withdraw", "key": KEY, "reason": "wrong file"})

    [record] = answer["looked"][KEY]
    assert (record["status"], record["reason"]) == ("withdrawn", "wrong file")
    assert stack.ids(PROCESSED, KEY) == []
    assert stack.is_settled()


@pytest.mark.parametrize("key", ["raw/never.csv", "processed/orders.parquet", "orders.csv"])
def test_what_was_never_in_the_lake_cannot_be_withdrawn(stack, key):
    stack.store.overwrite("processed/orders.parquet", b"an output")

    with pytest.raises(NothingToWithdraw, match=key):
        stack.invoke({"action": "withdraw", "key": key, "reason": "wrong file"})

    assert stack.bucket.writes() == []


def test_an_answer_has_room_for_so_much_and_counts_what_it_leaves_out(stack, monkeypatch):
    for key in KEYS:
        stack.bucket.upload(key, lines(), AS_OF)
    one = len(json.dumps(stack.invoke({"action": "look", "keys": KEYS[:1]})["looked"]))
    monkeypatch.setattr(entry, "LONGEST_ANSWER", 2 * one + 50)

    answer = stack.invoke({"action": "look", "keys": [*KEYS, "no raw file", "and neither is this"]})

    assert (list(answer["looked"]), answer["ignored"]) == (
        KEYS[:2],
        ["'no raw file' is no raw file"],
    )
    assert answer["left_out"] == 2
    assert stack.is_settled(), "what is left out of the answer is done all the same"


# the environment, and a warm function


@pytest.fixture
def environment(bucket, monkeypatch, tmp_path):
    monkeypatch.setenv("LAKE_BUCKET", bucket.name)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    entry._function.cache_clear()
    yield
    entry._function.cache_clear()


@pytest.mark.usefixtures("environment")
def test_the_function_takes_bucket_and_rule_from_its_environment(stack, monkeypatch):
    monkeypatch.setenv("ORDERS_DROP_DAYS", "1000")
    stack.bucket.upload(KEY, lines(), AS_OF)

    answer = entry.lambda_handler(stack.created(KEY), None)

    [record] = answer["looked"][KEY]
    assert (record["kept"], record["dropped"]) == (3, 0)


@pytest.mark.usefixtures("environment")
def test_a_wrong_setting_fails_every_call_and_says_which(stack, monkeypatch):
    monkeypatch.setenv("ORDERS_DROP_DAYS", "soon")

    for _ in range(2):
        with pytest.raises(SettingError, match="ORDERS_DROP_DAYS: 'soon'"):
            entry.lambda_handler(stack.created(KEY), None)


@pytest.mark.usefixtures("environment")
def test_f26_what_a_killed_call_left_on_the_disk_is_cleared_when_the_function_starts(
    stack, tmp_path
):
    (tmp_path / "look-killed").mkdir()
    (tmp_path / "look-killed" / "raw.csv").write_bytes(b"x" * 1000)
    (tmp_path / "somebody's").mkdir()

    entry.lambda_handler({}, None)

    assert [path.name for path in tmp_path.iterdir()] == ["somebody's"]


def test_f26_a_full_disk_is_a_fault_and_rejects_no_file(bucket, tmp_path):
    stack = Stack(bucket, tmp_path / "missing")
    stack.bucket.upload(KEY, lines(), AS_OF)

    with pytest.raises(ExceptionGroup, match=r"cannot work in .*missing: No such file"):
        stack.invoke(stack.created(KEY))

    assert stack.bucket.writes() == []


def test_f27_a_warm_function_does_its_next_call_as_if_the_failed_one_had_not_been(stack):
    stack.bucket.upload(KEY, lines(), AS_OF)
    stack.bucket.server.meddle = lambda request: (
        refused("403 Forbidden", "AccessDenied") if request.method == "PUT" else None
    )
    with pytest.raises(ExceptionGroup):
        stack.invoke(stack.created(KEY))
    stack.bucket.server.begin()

    assert list(stack.work.iterdir()) == [], "nothing is left on the disk"
    assert stack.look(KEY)["status"] == "committed"
    assert stack.is_settled()
    assert list(stack.work.iterdir()) == []


def test_what_became_of_each_file_stands_in_the_log(stack, caplog):
    stack.bucket.upload(KEY, lines(), AS_OF)
    stack.bucket.upload("raw/empty.csv", b"")

    with caplog.at_level(logging.INFO):
        stack.invoke(stack.created(KEY, "raw/empty.csv", "raw/gone.csv"))

    told = "\n".join(caplog.messages)
    assert f"{KEY}: committed" in told
    assert "raw/empty.csv: rejected the file is empty" in told
    assert "raw/gone.csv: there is no such object" in told


def test_f24_a_call_that_is_made_again_much_later_has_the_same_outcome(stack, monkeypatch):
    stack.bucket.upload(KEY, lines(order(status="lost")), AS_OF)
    asked = stack.created(KEY)
    first = stack.invoke(asked)
    outputs = stack.outputs(KEY)
    monkeypatch.setattr(times, "now", lambda: times.read("2031-01-01"))

    assert stack.invoke(asked) == first
    assert stack.bucket.writes() == []
    assert stack.outputs(KEY) == outputs


def test_a_start_brings_no_more_than_it_needs_and_collects_garbage_afterwards():
    script = "import gc, sys, handler.entry; print(gc.isenabled(), *sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )

    enabled, *modules = done.stdout.split()
    assert enabled == "True"
    assert {"polars", "botocore.session"} <= set(modules)
    assert not {"boto3", "s3transfer", "duckdb", "flask"} & set(modules)


@pytest.mark.parametrize("given", ["1", "7"])
def test_polars_has_two_threads_whatever_its_surroundings_say(monkeypatch, given):
    monkeypatch.setenv("POLARS_MAX_THREADS", given)
    script = "import handler.entry, polars; print(polars.thread_pool_size())"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout == "2\n"
