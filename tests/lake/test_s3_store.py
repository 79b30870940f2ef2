"""What only a bucket can do wrong: an answer that is late, short, lost or a refusal."""

from datetime import datetime
from types import SimpleNamespace

import pytest

from lake import s3
from lake.s3 import ATTEMPTS
from lake.store import Conflict, Gone, NoFile, StoreError
from tests.doubles.bucket import cut, refused, unanswered

KEY = "processed/orders-0123.parquet"
RAW = "raw/orders.csv"
SLOW = refused("503 Slow Down", "SlowDown")

pytestmark = pytest.mark.usefixtures("pauses")


@pytest.fixture
def store(bucket):
    return bucket.store()


def read(store, version) -> bytes:
    with store.open(version) as body:
        return b"".join(body.chunks)


def test_all_versions_are_there_the_newest_first_and_each_is_read_as_it_was(bucket, store):
    ids = [bucket.upload(RAW, content) for content in (b"1", b"2", b"3")]

    versions = list(store.versions(RAW))

    assert [version.id for version in versions] == ids[::-1]
    assert [read(store, version) for version in versions] == [b"3", b"2", b"1"]


def test_f10_an_object_that_is_overwritten_between_two_chunks_is_never_a_mix_of_both(bucket, store):
    size = 3 * s3.CHUNK_SIZE + 5
    bucket.upload(RAW, b"o" * size)
    [version] = store.versions(RAW)
    bucket.server.begin()

    with store.open(version) as body:
        chunks = [next(body.chunks)]
        bucket.upload(RAW, b"n" * size)
        chunks += body.chunks

    assert set(b"".join(chunks)) == set(b"o")
    assert sum(map(len, chunks)) == size
    [read] = [one for one in bucket.server.requests if (one.method, one.key) == ("GET", RAW)]
    assert f"versionId={version.id}" in read.query, "one request, for exactly that version"


def test_versions_are_listed_over_all_pages(bucket, store, monkeypatch):
    ids = [bucket.upload(RAW, b"%d" % n) for n in range(5)]
    pages = store._s3.get_paginator

    def of_two(name):
        paginator = pages(name)
        return SimpleNamespace(
            paginate=lambda **words: paginator.paginate(**words, PaginationConfig={"PageSize": 2})
        )

    monkeypatch.setattr(store._s3, "get_paginator", of_two)
    assert [version.id for version in store.versions("raw/")] == ids[::-1]


def test_a_deleted_file_still_has_its_versions(bucket, store):
    bucket.upload(RAW, b"content")
    bucket.s3.delete_object(Bucket=bucket.name, Key=RAW)

    [version] = store.versions(RAW)

    assert read(store, version) == b"content"


def test_a_version_deleted_for_good_is_gone(bucket, store):
    bucket.upload(RAW, b"content")
    [version] = store.versions(RAW)
    bucket.s3.delete_object(Bucket=bucket.name, Key=RAW, VersionId=version.id)

    for attempt in (lambda: read(store, version), lambda: store.received_at(version)):
        with pytest.raises(Gone):
            attempt()


@pytest.mark.parametrize(
    ("as_of", "moment"),
    [
        ("2025-11-10", datetime(2025, 11, 10)),
        ("2025-11-10 12:30:15.250", datetime(2025, 11, 10, 12, 30, 15, 250_000)),
        ("2025-11-10T01:30:00+02:00", datetime(2025, 11, 9, 23, 30)),
        ("2025-11-10T12:30:00Z", datetime(2025, 11, 10, 12, 30)),
    ],
)
def test_the_as_of_in_the_metadata_is_when_it_was_received(bucket, store, as_of, moment):
    bucket.upload(RAW, b"content", as_of)

    [version] = store.versions(RAW)
    assert store.received_at(version) == moment
    with store.open(version) as body:
        assert body.received_at == moment


@pytest.mark.parametrize("as_of", ["last Monday", "2025-13-01", "0001-01-01T00:00:00+14:00"])
def test_an_as_of_that_is_no_moment_makes_the_file_none(bucket, store, as_of):
    bucket.upload(RAW, b"content", as_of)
    [version] = store.versions(RAW)

    with pytest.raises(NoFile, match=r"its metadata as-of is .* give a date like 2025-11-10"):
        read(store, version)


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("412 Precondition Failed", "PreconditionFailed"),
        ("409 Conflict", "ConditionalRequestConflict"),
        ("404 Not Found", "NoSuchKey"),
    ],
)
def test_every_way_in_which_s3_says_that_the_race_is_lost_is_a_conflict(
    bucket, store, status, code
):
    bucket.server.meddle = lambda request: request.method == "PUT" and refused(status, code)

    with pytest.raises(Conflict):
        store.put(KEY, b"mine", replaces='"etag"')


def test_the_end_of_an_empty_object_is_empty_though_s3_calls_the_range_invalid(bucket, store):
    bucket.server.meddle = lambda _: refused("416 Range Not Satisfiable", "InvalidRange")

    assert store.tail(KEY, 10) == b""


def test_a_missing_object_is_missing_also_where_s3_will_not_say_so(bucket, store):
    bucket.server.meddle = lambda request: (
        refused("403 Forbidden", "AccessDenied") if request.key == KEY else None
    )
    assert (store.get(KEY), store.tail(KEY, 8)) == (None, None)


def test_an_object_that_is_there_and_may_not_be_read_is_a_fault(bucket, store):
    store.overwrite(KEY, b"content")
    bucket.server.meddle = lambda request: (
        refused("403 Forbidden", "AccessDenied") if request.key == KEY else None
    )
    for read_it in (lambda: store.get(KEY), lambda: store.tail(KEY, 8)):
        with pytest.raises(StoreError, match=f"cannot read {KEY}.*AccessDenied"):
            read_it()


@pytest.mark.parametrize("times", [1, ATTEMPTS - 1])
def test_f18_a_server_that_is_busy_is_asked_again(bucket, store, pauses, times):
    answers = [SLOW] * times
    bucket.server.meddle = lambda _: answers.pop() if answers else None

    store.put(KEY, b"content", replaces=None)

    assert store.get(KEY)[0] == b"content"
    assert len(pauses) == times


def test_f18_a_server_that_stays_busy_is_a_fault_after_some_tries(bucket, store):
    bucket.server.meddle = lambda _: SLOW

    with pytest.raises(StoreError, match=f"cannot write {KEY}.*SlowDown"):
        store.put(KEY, b"content", replaces=None)

    assert len(bucket.writes()) == ATTEMPTS


def test_f18_a_body_that_comes_short_is_a_fault(bucket, store):
    bucket.upload(RAW, b"0123456789" * 1000)
    [version] = store.versions(RAW)
    bucket.server.meddle = lambda _: cut

    with pytest.raises(StoreError, match=f"cannot read {RAW}|{RAW} came short"):
        read(store, version)


def test_f18_an_object_that_comes_short_is_a_fault_and_not_taken_for_a_shorter_one(bucket, store):
    store.put(KEY, b"0123456789" * 1000, replaces=None)
    bucket.server.meddle = lambda _: cut

    with pytest.raises(StoreError, match=f"cannot read {KEY}"):
        store.get(KEY)


def test_f19_a_write_whose_answer_is_lost_is_a_conflict_with_itself(bucket, store):
    # botocore asks again, and S3 finds the object there: who looks again sees his own write
    lost = [unanswered]
    bucket.server.meddle = lambda _: lost.pop() if lost else None

    with pytest.raises(Conflict):
        store.put(KEY, b"content", replaces=None)

    assert store.get(KEY)[0] == b"content"


def test_f21_a_refused_write_is_a_fault_and_no_conflict(bucket, store):
    bucket.server.meddle = lambda request: (
        refused("403 Forbidden", "AccessDenied") if request.method == "PUT" else None
    )

    with pytest.raises(StoreError, match=f"cannot write {KEY}.*AccessDenied") as fault:
        store.put(KEY, b"content", replaces=None)

    assert not isinstance(fault.value, Conflict)
    assert store.head(KEY) is None


def test_a_bucket_that_is_not_there_is_a_fault_and_not_an_empty_lake(aws):
    store = s3.S3Store("no-such-bucket")

    for attempt in (
        lambda: store.head(KEY),
        lambda: store.get(KEY),
        lambda: list(store.list("processed/")),
        lambda: list(store.versions("raw/")),
        lambda: store.put(KEY, b"x", replaces=None),
    ):
        with pytest.raises(StoreError, match="NoSuchBucket") as fault:
            attempt()
        assert not isinstance(fault.value, (Gone, Conflict))


def test_a_server_that_cannot_be_reached_is_a_fault(aws, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:9")
    store = s3.S3Store("a-bucket")

    with pytest.raises(StoreError, match=f"cannot look at {KEY}: Could not connect"):
        store.head(KEY)
