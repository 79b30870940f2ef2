import logging
import subprocess
import sys
import threading
import time
from collections import Counter

import pytest

from lake.folder import FolderStore
from lake.ledger import Ledger
from lake.schema import DROPPED, PROCESSED
from lake.store import StoreError
from local.pipeline import Pipeline
from local.settling import QUIET_SECONDS
from local.watcher import Watcher
from tests.eventually import eventually
from tests.handler.outcomes import lines

SOON = 30.0
"""Far longer than anything here takes on an idle machine; a busy one may need it."""


class Looks:
    """What a watcher looked at, and what it found there."""

    def __init__(self, root):
        self._root = root
        self._change = threading.Condition()
        self.seen = []
        self.fail = Counter()

    def look(self, key):
        with self._change:
            path = self._root / key
            self.seen.append((key, path.read_bytes() if path.exists() else None))
            self._change.notify_all()
            if self.fail[key]:
                self.fail[key] -= 1
                raise StoreError(f"cannot write {key}: no space left on device")
        return []

    def wait_for(self, count):
        with self._change:
            assert self._change.wait_for(lambda: len(self.seen) >= count, SOON), self.seen


@pytest.fixture
def root(tmp_path):
    return FolderStore(tmp_path).root


@pytest.fixture
def looks(root):
    return Looks(root)


@pytest.fixture
def watch(root, looks):
    """Begin to watch; `undone` is what the sweep names."""
    watchers = []

    def begin(undone=lambda: ()):
        watchers.append(Watcher(root, looks.look, undone))
        watchers[-1].start()
        # until the file system's notices are asked for; what comes before is the sweep's
        time.sleep(0.2)

    yield begin
    assert all(watcher.stop(SOON) for watcher in watchers)


def test_a_file_dropped_into_raw_is_looked_at(root, looks, watch):
    watch()
    (root / "raw" / "orders.csv").write_bytes(b"whole")
    looks.wait_for(1)

    assert looks.seen == [("raw/orders.csv", b"whole")]


def test_a_file_that_is_copied_slowly_is_looked_at_once_and_whole(root, looks, watch):
    watch()
    target = root / "raw" / "slow.csv"
    copy = subprocess.Popen([sys.executable, "-c", SLOW_COPY, target], stdout=subprocess.PIPE)
    closed = float(copy.stdout.readline())
    copy.wait()
    copy.stdout.close()
    looks.wait_for(1)

    assert time.time() - closed < 2
    assert looks.seen == [("raw/slow.csv", b"first second third")]


SLOW_COPY = f"""
import sys, time
with open(sys.argv[1], "wb", buffering=0) as file:
    for part in (b"first ", b"second ", b"third"):
        file.write(part)
        time.sleep({2 * QUIET_SECONDS})
print(time.time(), flush=True)
"""
"""A copy that stalls for longer than a file must stand still."""


def test_files_that_come_at_once_are_all_looked_at(root, looks, watch):
    watch()
    for number in range(20):
        (root / "raw" / f"{number}.csv").write_bytes(b"whole")
    looks.wait_for(20)

    assert Counter(key for key, _ in looks.seen) == {f"raw/{n}.csv": 1 for n in range(20)}


def test_a_folder_moved_into_raw_brings_its_files(root, looks, watch):
    watch()
    (root / "tmp" / "year" / "may").mkdir(parents=True)
    (root / "tmp" / "year" / "may" / "orders.csv").write_bytes(b"whole")
    (root / "tmp" / "year").rename(root / "raw" / "year")
    looks.wait_for(1)

    assert looks.seen == [("raw/year/may/orders.csv", b"whole")]


def test_hidden_files_are_none(root, looks, watch):
    watch()
    (root / "raw" / ".orders.csv.part").write_bytes(b"half")
    (root / "raw" / ".orders.csv.part").rename(root / "raw" / "orders.csv")
    looks.wait_for(1)

    assert looks.seen == [("raw/orders.csv", b"half")]


def test_what_came_while_nobody_watched_is_looked_at_at_the_start(root, looks, watch):
    (root / "raw" / "early.csv").write_bytes(b"whole")
    watch(undone=lambda: ["raw/early.csv"])
    looks.wait_for(1)

    assert looks.seen == [("raw/early.csv", b"whole")]


def test_a_fault_is_told_once_in_a_sentence_and_does_not_end_the_watch(root, looks, watch, caplog):
    looks.fail["raw/full.csv"] = 1
    watch()
    with caplog.at_level(logging.INFO, "orders_lake"):
        (root / "raw" / "full.csv").write_bytes(b"whole")
        looks.wait_for(1)
        (root / "raw" / "next.csv").write_bytes(b"whole")
        looks.wait_for(2)

    (told,) = caplog.records
    assert told.getMessage() == (
        "cannot write raw/full.csv: no space left on device (to be tried again)"
    )
    assert told.exc_info is None


def test_without_notices_the_sweep_comes_often_and_finds_what_is_new(
    root, looks, watch, monkeypatch, caplog
):
    def refuse(*_, **__):
        raise OSError("OS file watch limit reached")

    monkeypatch.setattr("watchfiles.watch", refuse)
    monkeypatch.setattr("local.watcher.SWEEP_SECONDS_WITHOUT_NOTICES", 0.3)
    watch(undone=lambda: [f"raw/{path.name}" for path in (root / "raw").iterdir()])
    (root / "raw" / "orders.csv").write_bytes(b"whole")
    looks.wait_for(1)

    assert looks.seen[0] == ("raw/orders.csv", b"whole")
    assert "raw/ gives no notices (OS file watch limit reached)" in caplog.text


def test_a_name_that_is_not_utf_8_ends_the_notices_for_a_moment_only_and_without_a_word(
    root, looks, watch, monkeypatch, caplog
):
    monkeypatch.setattr("local.watcher.SWEEP_SECONDS_WITHOUT_NOTICES", 0.1)
    caplog.set_level(logging.INFO, "orders_lake")
    ended = []
    unnoticed = Watcher._unnoticed
    monkeypatch.setattr(
        Watcher, "_unnoticed", lambda self, fault: (ended.append(fault), unnoticed(self, fault))
    )
    # no sweep names a file: what is looked at was noticed
    watch()
    for touched in range(2):
        (root / "raw" / "\udcfcber.csv").write_bytes(b"whole")
        assert eventually(lambda: len(ended) > touched)  # noqa: B023
        count = len(looks.seen)

        def noticed():
            (root / "raw" / "next.csv").write_bytes(b"whole")
            return len(looks.seen) > count  # noqa: B023

        assert eventually(noticed, pause=2 * QUIET_SECONDS)

    assert {key for key, _ in looks.seen} == {"raw/next.csv"}
    assert caplog.text == ""


def test_a_sweep_over_a_name_that_is_not_utf_8_does_not_end_the_notices(
    root, looks, watch, monkeypatch
):
    (root / "raw" / "\udcfcber.csv").write_bytes(b"whole")
    monkeypatch.setattr("local.watcher.SWEEP_SECONDS", 0.1)
    store, swept, ended = FolderStore(root), [], []
    monkeypatch.setattr(Watcher, "_unnoticed", lambda self, fault: ended.append(fault))

    def undone():
        swept.append(list(store.unnamable()))
        return Ledger(store).unsettled()

    watch(undone)
    assert eventually(lambda: len(swept) > 3)

    (root / "raw" / "next.csv").write_bytes(b"whole")
    looks.wait_for(1)
    assert ended == []
    assert all(len(told) == 1 for told in swept)


def test_beside_a_folder_whose_name_is_not_utf_8_files_are_looked_at_without_a_word_of_notices(
    root, looks, watch, monkeypatch, caplog
):
    (root / "raw" / "\udcfcber").mkdir()
    monkeypatch.setattr("local.watcher.SWEEP_SECONDS_WITHOUT_NOTICES", 0.1)
    caplog.set_level(logging.INFO, "orders_lake")
    watch(Ledger(FolderStore(root)).unsettled)
    for number in range(3):
        (root / "raw" / f"{number}.csv").write_bytes(b"whole")
        assert eventually(lambda: f"raw/{number}.csv" in dict(looks.seen))  # noqa: B023

    assert caplog.text == ""


def test_what_came_between_two_times_of_notices_is_looked_at(root, looks, watch, monkeypatch):
    ways = iter((broken_off, quiet))
    monkeypatch.setattr("watchfiles.watch", lambda *_, **words: next(ways)(root, words))
    monkeypatch.setattr("local.watcher.SWEEP_SECONDS_WITHOUT_NOTICES", 0.3)
    watch(undone=lambda: [f"raw/{path.name}" for path in (root / "raw").iterdir()])
    looks.wait_for(1)

    assert looks.seen[0] == ("raw/orders.csv", b"whole")


def broken_off(root, words):
    raise OSError("name is not UTF-8")


def quiet(root, words):
    """Notices of what comes after a file has come that nobody noticed."""
    (root / "raw" / "orders.csv").write_bytes(b"whole")
    yield set()
    words["stop_event"].wait()


def test_f40_of_two_watchers_on_one_lake_one_commits(tmp_path):
    pipelines = [Pipeline(tmp_path) for _ in range(2)]
    both = threading.Barrier(2)
    records = []

    def look(pipeline):
        def meet(key):
            # both have seen it before either begins
            both.wait(SOON)
            found = pipeline.looker.look(key)
            records.extend(found)
            return found

        return meet

    watchers = [Watcher(tmp_path, look(pipeline), tuple) for pipeline in pipelines]
    for watcher in watchers:
        watcher.start()
    time.sleep(0.2)
    (tmp_path / "raw" / "orders.csv").write_bytes(lines())
    end = time.monotonic() + 4 * SOON
    while len(records) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    assert all(watcher.stop(SOON) for watcher in watchers)

    assert [record.status for record in records] == ["committed"] * 2
    ledger = Ledger(FolderStore(tmp_path))
    [ingest] = ledger.ingests()
    assert (ledger.unsettled(), ledger.balance().rows_in) == ([], ingest.record.rows_in)
    for table in (PROCESSED, DROPPED):
        assert len(list((tmp_path / table.name).iterdir())) == 1
