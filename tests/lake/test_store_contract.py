"""What every store does alike: the one in memory that other tests use, a folder, a bucket."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from lake.folder import FolderStore
from lake.store import Conflict, Gone, Store, StoreError, Version
from tests.doubles.memory import MemoryStore

KEY = "processed/orders-0123.parquet"
RAW = "raw/orders.csv"


@dataclass
class Kind:
    """A store, and how a file comes into its raw/."""

    store: Store
    upload: Callable[[str, bytes], object]


@pytest.fixture(params=["memory", "memory as a folder", "folder", "bucket"])
def kind(request, tmp_path):
    if request.param.startswith("memory"):
        memory = MemoryStore(etags_by_content=request.param == "memory")
        return Kind(memory, memory.upload)
    if request.param == "bucket":
        bucket = request.getfixturevalue("bucket")
        return Kind(bucket.store(), bucket.upload)
    folder = FolderStore(tmp_path / "lake")

    def add(key: str, content: bytes) -> None:
        source = tmp_path / "source"
        source.write_bytes(content)
        folder.add(source, key)

    return Kind(folder, add)


@pytest.fixture
def store(kind):
    return kind.store


def read(store: Store, version: Version) -> bytes:
    with store.open(version) as body:
        return b"".join(body.chunks)


def test_what_is_not_there_is_none(store):
    assert store.head(KEY) is None
    assert store.etag(KEY) is None
    assert store.get(KEY) is None
    assert store.tail(KEY, 10) is None


def test_what_was_put_is_there_under_the_etag_that_put_returned(store):
    etag = store.put(KEY, b"content", replaces=None)

    entry = store.head(KEY)
    assert (entry.key, entry.etag, entry.size) == (KEY, etag, 7)
    assert store.etag(KEY) == etag
    assert store.get(KEY) == (b"content", etag)
    assert [entry.etag for entry in store.list("processed/")] == [etag]


def test_a_file_is_put_as_its_bytes_are(store, tmp_path):
    (tmp_path / "file").write_bytes(b"bytes\0\r\n" * 1000)

    store.put(KEY, tmp_path / "file", replaces=None)

    assert store.get(KEY)[0] == b"bytes\0\r\n" * 1000


def test_put_replaces_the_object_that_was_read(store):
    etag = store.put(KEY, b"old", replaces=None)

    newer = store.put(KEY, b"new", replaces=etag)

    assert store.get(KEY) == (b"new", newer)
    assert newer != etag


def test_put_of_a_first_object_conflicts_with_one_that_is_there(store):
    store.put(KEY, b"there", replaces=None)

    with pytest.raises(Conflict):
        store.put(KEY, b"mine", replaces=None)

    assert store.get(KEY)[0] == b"there"


def test_put_conflicts_with_what_somebody_else_wrote_meanwhile(store):
    etag = store.put(KEY, b"read", replaces=None)
    store.put(KEY, b"theirs", replaces=etag)

    with pytest.raises(Conflict):
        store.put(KEY, b"mine", replaces=etag)

    assert store.get(KEY)[0] == b"theirs"


def test_put_conflicts_where_the_object_that_was_read_is_gone(store):
    elsewhere = store.put("processed/other", b"x", replaces=None)

    with pytest.raises(Conflict):
        store.put(KEY, b"mine", replaces=elsewhere)

    assert store.head(KEY) is None


def test_overwrite_takes_the_place_of_whatever_is_there(store):
    first = store.overwrite("state/marker", b"1")
    second = store.overwrite("state/marker", b"2")

    assert store.get("state/marker") == (b"2", second)
    assert first != second


@pytest.mark.parametrize(
    ("content", "size", "end"),
    [(b"0123456789", 4, b"6789"), (b"0123", 4, b"0123"), (b"01", 4, b"01"), (b"", 4, b"")],
    ids=["longer", "as long", "shorter", "empty"],
)
def test_tail_is_the_end_of_an_object_or_all_of_a_shorter_one(store, content, size, end):
    store.put(KEY, content, replaces=None)

    assert store.tail(KEY, size) == end


def test_a_listing_has_the_objects_of_its_prefix_by_key(store):
    for key in ("dropped/b", "dropped/a-2", "dropped/a-1", "dropped/a/1", "processed/a"):
        store.overwrite(key, b"x")

    assert [entry.key for entry in store.list("dropped/")] == [
        "dropped/a-1",
        "dropped/a-2",
        "dropped/a/1",
        "dropped/b",
    ]
    assert [entry.key for entry in store.list("dropped/a-")] == ["dropped/a-1", "dropped/a-2"]
    assert list(store.list("quarantine/")) == []


def test_a_key_is_told_from_those_that_begin_with_it(store):
    store.overwrite("processed/orders-2", b"x")

    assert store.head("processed/orders") is None
    assert store.head("processed/orders-2")


def test_a_raw_file_is_one_version_with_its_bytes_and_its_moment(kind):
    kind.upload(RAW, b"content")

    [version] = kind.store.versions("raw/")
    assert (version.key, version.size) == (RAW, 7)
    with kind.store.open(version) as body:
        assert b"".join(body.chunks) == b"content"
        assert body.received_at == kind.store.received_at(version) == version.arrived
    assert version.arrived.tzinfo is None
    assert version.arrived.microsecond % 1000 == 0


def test_the_newest_version_of_a_key_comes_first(kind):
    kind.upload(RAW, b"old")
    kind.upload(RAW, b"newer")

    first, *older = kind.store.versions(RAW)

    assert read(kind.store, first) == b"newer"
    assert first.id not in [version.id for version in older]


def test_versions_come_key_by_key(kind):
    for name in ("b.csv", "a/2.csv", "a-1.csv"):
        kind.upload(f"raw/{name}", name.encode())

    assert [v.key for v in kind.store.versions("raw/")] == [
        "raw/a-1.csv",
        "raw/a/2.csv",
        "raw/b.csv",
    ]
    assert [v.key for v in kind.store.versions("raw/a/")] == ["raw/a/2.csv"]


def test_a_large_file_arrives_whole(kind):
    content = bytes(range(256)) * 10_000

    kind.upload(RAW, content)

    assert read(kind.store, next(iter(kind.store.versions(RAW)))) == content


@pytest.mark.parametrize(
    "key",
    ["raw/a b+c%2B%25.csv", "raw/注文/ü.csv", "raw/[1]*?.csv", "raw/a%252Fb.csv"],
)
def test_a_key_is_taken_as_it_is(kind, key):
    kind.upload(key, b"content")

    [version] = kind.store.versions(key)
    assert version.key == key
    assert read(kind.store, version) == b"content"


def test_keys_that_differ_by_case_are_two(kind):
    kind.upload("raw/Orders.csv", b"1")
    kind.upload("raw/orders.csv", b"2")

    assert [read(kind.store, v) for v in kind.store.versions("raw/")] == [b"1", b"2"]


def test_a_version_that_is_not_there_is_gone(kind):
    kind.upload(RAW, b"content")
    [there] = kind.store.versions(RAW)
    lost = Version(RAW, there.id[::-1], there.size, there.arrived)

    with pytest.raises(Gone):
        read(kind.store, lost)


def test_a_prefix_that_leads_out_of_the_lake_has_nothing(kind):
    kind.upload(RAW, b"content")

    for prefix in ("raw/../raw/", "/", "raw//", "../"):
        assert list(kind.store.list(prefix)) == []
        assert list(kind.store.versions(prefix)) == []


@pytest.mark.parametrize("kind", ["folder", "bucket"], indirect=True)
def test_a_file_that_cannot_be_read_is_a_fault_and_nothing_is_put(store, tmp_path):
    with pytest.raises(StoreError):
        store.put(KEY, tmp_path / "missing", replaces=None)

    assert store.head(KEY) is None


@pytest.mark.parametrize("kind", ["folder", "bucket"], indirect=True)
def test_of_writers_at_once_each_is_told_whether_it_won(store):
    def add_ones(times: int) -> None:
        for _ in range(times):
            while True:
                content, etag = store.get(KEY)
                try:
                    store.put(KEY, str(int(content) + 1).encode(), replaces=etag)
                    break
                except Conflict:
                    continue

    store.put(KEY, b"0", replaces=None)
    writers = [threading.Thread(target=add_ones, args=(5,)) for _ in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    assert store.get(KEY)[0] == b"15"
