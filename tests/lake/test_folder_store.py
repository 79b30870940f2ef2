"""What only a folder can do wrong: other processes, half-written files, links, full disks."""

import errno
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from threading import Timer

import pytest

from lake import folder
from lake.folder import FolderStore
from lake.store import Gone, NoFile, StoreError
from tests.handler.outcomes import lines

KEY = "processed/orders-0123.parquet"
RAW = "raw/orders.csv"
NOBODY = 65534

ADD_ONES = """
import sys
from pathlib import Path
from lake.folder import FolderStore
from lake.store import Conflict

store = FolderStore(Path(sys.argv[1]))
for _ in range(int(sys.argv[2])):
    while True:
        content, etag = store.get("state/count")
        try:
            print(store.put("state/count", str(int(content) + 1).encode(), replaces=etag))
            break
        except Conflict:
            continue
"""


PUT_NEW = f"""
import sys
from pathlib import Path
from lake.folder import FolderStore

FolderStore(Path(sys.argv[1])).put({KEY!r}, b"new", replaces=sys.argv[2])
"""


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "lake")


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "orders.csv"
    path.write_bytes(lines())
    return path


def no_links(*_):
    raise OSError(errno.EXDEV, "Invalid cross-device link")


@pytest.fixture
def powerless():
    """A folder of somebody who may not do everything: tests may run as root, who may."""
    with tempfile.TemporaryDirectory() as name:
        if os.geteuid() != 0:
            yield Path(name)
            return
        os.chown(name, NOBODY, NOBODY)
        os.seteuid(NOBODY)
        try:
            yield Path(name)
        finally:
            os.seteuid(0)


def only(store: FolderStore, key: str = RAW):
    [version] = store.versions(key)
    return version


def left_in_tmp(store: FolderStore) -> set[str]:
    return {path.name for path in (store.root / "tmp").iterdir()} - {"lock"}


def test_of_processes_that_write_at_once_no_update_is_lost_and_no_etag_comes_twice(store):
    first = store.put("state/count", b"0", replaces=None)
    words = [sys.executable, "-c", ADD_ONES, str(store.root), "25"]

    running = [subprocess.Popen(words, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    told = [process.communicate()[0].split() for process in running]

    assert [process.returncode for process in running] == [0] * 4
    assert store.get("state/count")[0] == b"100"
    etags = {first, *(etag for lines in told for etag in lines)}
    assert len(etags) == 101
    assert left_in_tmp(store) == set()


def test_an_etag_never_comes_back_with_the_same_bytes(store):
    etags = [store.overwrite("state/marker", b"same") for _ in range(200)]

    assert len(set(etags)) == 200


def test_an_etag_never_comes_back_when_the_clock_stands_still(store, monkeypatch):
    monkeypatch.setattr(folder.time, "time_ns", lambda: 1_700_000_000_000_000_000)

    etags = [store.overwrite("state/marker", b"same") for _ in range(5)]

    assert len(set(etags)) == 5


def test_a_copy_of_the_lake_that_keeps_times_keeps_etags_and_versions(store, source, tmp_path):
    store.add(source, RAW)
    etag = store.put(KEY, b"content", replaces=None)

    copy = FolderStore(shutil.copytree(store.root, tmp_path / "copy"))

    assert copy.get(KEY) == (b"content", etag)
    assert only(copy) == only(store)


# what comes in


def test_a_file_is_added_as_it_is_with_its_own_time(store, source):
    os.utime(source, (1_700_000_000, 1_700_000_000))

    version = store.add(source, RAW)

    assert store.path(RAW).read_bytes() == source.read_bytes()
    assert version == only(store)
    assert version.arrived == datetime(2023, 11, 14, 22, 13, 20)


def test_the_as_of_is_kept_as_the_modification_time(store, source):
    version = store.add(source, RAW, datetime(2025, 11, 10, 12, 30))

    assert store.received_at(version) == datetime(2025, 11, 10, 12, 30)
    assert store.received_at(only(FolderStore(store.root))) == datetime(2025, 11, 10, 12, 30)


def test_the_same_file_with_the_same_time_is_the_same_version(store, source):
    moment = datetime(2025, 11, 10)

    assert store.add(source, RAW, moment) == store.add(source, RAW, moment)


def test_other_bytes_with_the_same_time_and_size_are_another_version(store, source):
    older = store.add(source, RAW, datetime(2025, 11, 10))
    source.write_bytes(source.read_bytes().replace(b"Ann", b"Eve"))

    newer = store.add(source, RAW, datetime(2025, 11, 10))

    assert (older.size, older.arrived) == (newer.size, newer.arrived)
    assert older.id != newer.id


def test_a_source_that_changes_while_it_is_copied_is_not_added(store, source, monkeypatch):
    monkeypatch.setattr(folder.hashlib, "sha256", lambda: Meddling(source))

    with pytest.raises(StoreError, match=r"orders\.csv changed while it was copied"):
        store.add(source, RAW)

    assert list(store.versions("raw/")) == []
    assert left_in_tmp(store) == set()


class Meddling:
    """A hash during whose work somebody writes to the file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def update(self, _: bytes) -> None:
        self.path.write_bytes(b"something else")

    def hexdigest(self) -> str:
        return ""


def test_f37_a_writer_that_dies_before_its_rename_leaves_what_stands_and_keeps_no_lock(store):
    etag = store.put(KEY, b"old", replaces=None)
    dies = f"import os, pathlib; pathlib.Path.replace = lambda *_: os._exit(9)\n{PUT_NEW}"

    died = subprocess.run([sys.executable, "-c", dies, str(store.root), etag], check=False)

    assert died.returncode == 9
    assert store.get(KEY) == (b"old", etag)
    store.put(KEY, b"next", replaces=etag)
    assert store.get(KEY)[0] == b"next"


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_becomes_two_objects_leaves_each_its_own_etag(
    store, source, monkeypatch, links
):
    if not links:
        monkeypatch.setattr(Path, "hardlink_to", no_links)
    first = store.put("processed/first.parquet", source, replaces=None)
    second = store.put("processed/second.parquet", source, replaces=None)
    again = store.put("processed/second.parquet", source, replaces=second)

    assert [store.head(f"processed/{n}.parquet").etag for n in ("first", "second")] == [
        first,
        again,
    ]
    assert store.get("processed/first.parquet") == (source.read_bytes(), first)
    assert len({first, second, again}) == 3
    assert left_in_tmp(store) == set()


# what is read


def test_f36_a_file_that_is_written_to_while_it_is_read_is_gone(store, source, monkeypatch):
    monkeypatch.setattr(folder, "CHUNK_SIZE", 16)
    store.add(source, RAW)

    with store.open(only(store)) as body:
        next(body.chunks)
        with store.path(RAW).open("ab") as file:
            file.write(b"more")
        with pytest.raises(Gone, match="changed while it was read"):
            list(body.chunks)


def test_f41_a_file_that_is_replaced_while_it_is_read_is_read_to_its_end(
    store, source, tmp_path, monkeypatch
):
    monkeypatch.setattr(folder, "CHUNK_SIZE", 16)
    store.add(source, RAW)
    (tmp_path / "newer").write_bytes(b"newer")

    with store.open(only(store)) as body:
        begun = next(body.chunks)
        store.add(tmp_path / "newer", RAW)
        assert begun + b"".join(body.chunks) == source.read_bytes()


def written_to(path, source):
    with path.open("ab") as file:
        file.write(b"more")


def written_to_with_its_time_set_back(path, source):
    modified = path.stat().st_mtime_ns
    path.write_bytes(source.read_bytes()[::-1])
    os.utime(path, ns=(modified, modified))


def replaced(path, source):
    shutil.copy2(path, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def deleted(path, source):
    path.unlink()


@pytest.mark.parametrize(
    "touched", [written_to, written_to_with_its_time_set_back, replaced, deleted]
)
@pytest.mark.parametrize("fault", [None, ValueError("it cannot be read")])
def test_f36_a_file_that_is_touched_while_it_is_read_in_place_is_gone(
    store, source, touched, fault
):
    store.add(source, RAW)

    with (
        pytest.raises(Gone, match="changed while it was read"),
        store.open(only(store)) as body,
        body.in_place as path,
    ):
        assert path.read_bytes() == source.read_bytes()
        touched(path, source)
        if fault:
            raise fault


def test_a_fault_of_an_untouched_file_is_its_own(store, source):
    store.add(source, RAW)

    with (
        pytest.raises(ValueError, match="it cannot be read"),
        store.open(only(store)) as body,
        body.in_place,
    ):
        raise ValueError("it cannot be read")


def test_a_version_that_was_replaced_is_gone(store, source, tmp_path):
    older = store.add(source, RAW)
    (tmp_path / "newer").write_bytes(b"newer")
    store.add(tmp_path / "newer", RAW)

    with pytest.raises(Gone), store.open(older):
        pass


def test_a_version_that_was_deleted_is_gone(store, source):
    version = store.add(source, RAW)
    store.path(RAW).unlink()

    with pytest.raises(Gone), store.open(version):
        pass
    assert list(store.versions(RAW)) == []


def test_a_look_at_an_unchanged_file_reads_nothing(store, source, monkeypatch):
    version = store.add(source, RAW)
    monkeypatch.setattr(store, "_hash", lambda _: pytest.fail("it was read again"))

    assert only(store) == version


def test_f39_a_link_is_no_file_and_is_not_followed(store, source):
    store.path(RAW).symlink_to(source)

    with pytest.raises(NoFile, match="symbolic link"), store.open(only(store)):
        pass


def test_a_link_to_a_folder_is_not_walked(store, source, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    shutil.copy(source, tmp_path / "elsewhere" / "orders.csv")
    store.path("raw/linked").symlink_to(tmp_path / "elsewhere")

    assert list(store.versions("raw/")) == []


def test_a_pipe_is_no_file_and_is_not_waited_for(store):
    os.mkfifo(store.path(RAW))
    # whoever waits for it all the same is let go after a second, and found out
    opened = Timer(1, lambda: os.close(os.open(store.path(RAW), os.O_RDWR | os.O_NONBLOCK)))
    opened.start()

    with pytest.raises(NoFile, match="no ordinary file"), store.open(only(store)):
        pass

    assert opened.is_alive()
    opened.cancel()


@pytest.mark.parametrize(
    "key", ["../outside", "raw/../../outside", "/outside", "raw//x", "raw/.", "", "raw/a\0b"]
)
def test_f39_a_key_that_leads_out_of_the_lake_is_refused(store, source, key):
    outside = store.root.parent / "outside"
    for attempt in (
        lambda: store.path(key),
        lambda: store.put(key, b"x", replaces=None),
        lambda: store.add(source, key),
        lambda: store.get(key),
    ):
        with pytest.raises(StoreError, match="not a key of the lake"):
            attempt()

    assert not outside.exists()
    assert left_in_tmp(store) == set()


# faults of the disk


def test_f38_who_may_not_write_is_told_and_what_stands_is_left(powerless):
    store = FolderStore(powerless / "lake")
    etag = store.put(KEY, b"old", replaces=None)
    store.path(KEY).parent.chmod(0o500)

    with pytest.raises(StoreError, match=f"cannot write {KEY}: Permission denied"):
        store.put(KEY, b"new", replaces=etag)

    assert store.get(KEY) == (b"old", etag)
    assert left_in_tmp(store) == set()


def test_f38_a_file_that_may_not_be_read_stops_no_listing_and_is_a_fault_when_opened(powerless):
    store = FolderStore(powerless / "lake")
    store.path(RAW).write_bytes(lines())
    store.path("raw/other.csv").write_bytes(lines())
    store.path(RAW).chmod(0)

    unreadable, other = store.versions("raw/")

    with pytest.raises(StoreError, match=f"cannot read {RAW}: Permission denied"):
        store.open(unreadable).__enter__()
    with store.open(other) as body:
        assert b"".join(body.chunks) == lines()


def test_f38_an_object_that_may_not_be_read_is_a_fault_and_not_a_missing_one(powerless):
    store = FolderStore(powerless / "lake")
    store.put(KEY, b"content", replaces=None)
    store.path(KEY).chmod(0)

    for attempt in (store.get, lambda key: store.tail(key, 1)):
        with pytest.raises(StoreError, match="Permission denied"):
            attempt(KEY)


def test_f38_a_lake_that_cannot_be_made_is_told(powerless):
    powerless.chmod(0o500)

    with pytest.raises(StoreError, match=r"cannot make the lake's folder .*: Permission denied"):
        FolderStore(powerless / "lake")


@contextmanager
def small_files() -> Iterator[None]:
    """Let no file grow over 1,000 bytes: the kernel refuses it as it does on a full disk."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_f38_a_file_that_does_not_fit_is_added_not_even_in_part(store, source):
    source.write_bytes(lines() * 100)

    with small_files(), pytest.raises(StoreError, match="into the lake: File too large"):
        store.add(source, RAW)

    assert list(store.versions("raw/")) == []
    assert left_in_tmp(store) == set()
    assert source.read_bytes() == lines() * 100


@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_f38_a_disk_that_is_full_leaves_what_stands(store, source, monkeypatch, step):
    store.add(source, RAW, datetime(2025, 11, 10))
    etag = store.put(KEY, b"old", replaces=None)

    def full(*_) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if step == "fsync":
        monkeypatch.setattr(folder.os, "fsync", full)
    else:
        monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StoreError, match=f"cannot write {KEY}: No space left on device"):
        store.put(KEY, b"new", replaces=etag)
    with pytest.raises(StoreError, match="No space left on device"):
        store.add(source, RAW)

    assert store.get(KEY) == (b"old", etag)
    assert store.received_at(only(store)) == datetime(2025, 11, 10)
    assert source.read_bytes() == lines()
    assert left_in_tmp(store) == set()


def test_a_source_that_breaks_off_leaves_no_part_of_an_object(store, tmp_path):
    # a folder opens, and cannot be read
    with pytest.raises(StoreError, match=f"cannot write {KEY}"):
        store.put(KEY, tmp_path, replaces=None)

    assert store.head(KEY) is None
    assert left_in_tmp(store) == set()


def test_a_name_that_the_file_system_cannot_hold_is_a_fault(store):
    with pytest.raises(StoreError, match="File name too long"):
        store.put("processed/" + "x" * 300, b"", replaces=None)
    with pytest.raises(StoreError, match="File name too long"):
        store.head("processed/" + "x" * 300)
