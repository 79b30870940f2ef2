"""F17, F18, F19: whichever call to the store fails, nothing partial shows and a rerun converges.

Of each kind of work the first call fails, then the second, and so on until none is left; each once
before it is done and once after, when only its answer is lost. What is left behind is looked at as
a reader would; then a sweep must bring the lake to what an undisturbed run makes of it.
"""

import io
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from handler.draft import emptied, taken_in
from handler.look import Looker
from handler.sweep import sweep
from handler.withdraw import withdraw
from lake import names, times
from lake.folder import FolderStore
from lake.ledger import Ledger, Record
from lake.rule import Rule, Settings
from lake.schema import DROPPED, PROCESSED
from lake.store import Conflict, Store, StoreError
from tests.doubles.bucket import Bucket
from tests.doubles.failing import FailingStore
from tests.doubles.memory import MemoryStore
from tests.handler.outcomes import lines, order

KEY = "raw/orders.csv"
OLD = lines(order(id="old"), order(status="lost"))
NEW = lines(order(id="new"), order(status="lost"), order(date="soon"))
BROKEN = b"\0" * 100
SETTINGS = Settings()
OTHER = Settings(Rule(days=1000))

MOST_CALLS = 60
"""A look makes about twenty: more would be a loop."""


@dataclass
class Lake:
    """A store, and how a version of the file comes into its raw/."""

    store: Store
    upload: Callable[[bytes], object]


@dataclass(frozen=True)
class Work:
    """Something that is under way when the store fails."""

    before: Callable[[Lake, Path], object]
    """what the lake went through undisturbed"""
    do: Callable[[Store, Path], object]
    """what is disturbed"""
    settings: Settings = SETTINGS
    """under which the sweep runs afterwards"""


def look(store: Store, work: Path, settings: Settings = SETTINGS) -> list[Record]:
    return Looker(store, settings, work).look(KEY)


def uploaded(*contents: bytes) -> Callable[[Lake, Path], object]:
    """Upload versions, and look at the key after each but the last."""

    def before(lake: Lake, work: Path) -> None:
        for content in contents:
            if content is not contents[0]:
                look(lake.store, work)
            lake.upload(content)

    return before


def looked_at(*contents: bytes) -> Callable[[Lake, Path], object]:
    """Upload versions, and look at the key after each."""

    def before(lake: Lake, work: Path) -> None:
        uploaded(*contents)(lake, work)
        look(lake.store, work)

    return before


def withdraw_and_look(store: Store, work: Path) -> None:
    withdraw(store, KEY, "wrong file", SETTINGS.fingerprint)
    look(store, work)


WORKS = {
    "a first version": Work(uploaded(NEW), look),
    "a newer version": Work(uploaded(OLD, NEW), look),
    "a rejected version": Work(uploaded(BROKEN), look),
    "a rejected version over a good one": Work(uploaded(OLD, BROKEN), look),
    "another rule": Work(looked_at(NEW), lambda s, work: look(s, work, OTHER), OTHER),
    "a withdrawal": Work(looked_at(OLD, NEW), withdraw_and_look),
    "nothing to do": Work(looked_at(NEW), look),
}


def folder_lakes(work: Work, tmp_path: Path) -> Iterator[Lake]:
    """Yield copies of one prepared lake, with its times: so they have the same ETags."""

    def lake(root: Path) -> Lake:
        store = FolderStore(root)
        moments = iter(range(10, 20))

        def upload(content: bytes) -> None:
            (tmp_path / "export").write_bytes(content)
            store.add(tmp_path / "export", KEY, times.read(f"2025-11-{next(moments)}"))

        return Lake(store, upload)

    work.before(lake(tmp_path / "prepared"), tmp_path)
    while True:
        shutil.copytree(tmp_path / "prepared", tmp_path / "lake")
        yield lake(tmp_path / "lake")
        shutil.rmtree(tmp_path / "lake")


def memory_lakes(work: Work, tmp_path: Path) -> Iterator[Lake]:
    """Yield copies of a lake that keeps all versions, as a bucket does."""
    prepared = MemoryStore()
    work.before(Lake(prepared, lambda content: prepared.upload(KEY, content)), tmp_path)
    while True:
        store = prepared.copy()
        yield Lake(store, lambda content, to=store: to.upload(KEY, content))


def bucket_lakes(work: Work, tmp_path: Path, bucket: Bucket) -> Iterator[Lake]:
    while True:
        fresh = Bucket(bucket.server)
        lake = Lake(fresh.store(), lambda content, to=fresh: to.upload(KEY, content, "2025-11-10"))
        work.before(lake, tmp_path)
        yield lake


def disturbed(lakes: Iterator[Lake], work: Work, tmp_path: Path, *, done: bool) -> int:
    """Let every call fail in turn; return how many there were."""
    for number in range(1, MOST_CALLS):
        lake = next(lakes)
        before = published(lake.store)
        failing = FailingStore(lake.store, number, done=done)
        try:
            work.do(failing, tmp_path)
        except StoreError as fault:
            assert failing.failed, fault
            assert not isinstance(fault, Conflict)
        check_nothing_partial_shows(lake.store, before, f"{failing.failed}")
        check_a_sweep_converges(lake.store, before, work, tmp_path, f"{failing.failed}")
        if failing.failed is None:
            return number - 1
    raise AssertionError(f"more than {MOST_CALLS} calls")


def published(store: Store) -> dict[str, bytes]:
    found = ((t.name, store.get(names.output(t, KEY))) for t in (PROCESSED, DROPPED))
    return {name: content[0] for name, content in found if content}


def check_nothing_partial_shows(store: Store, before: dict[str, bytes], where: str) -> None:
    """Each output is what it was, or another whole file; `dropped` is the first to change."""
    frames = {name: pl.read_parquet(io.BytesIO(c)) for name, c in published(store).items()}
    for frame in frames.values():
        assert frame["source_version"].n_unique() <= 1, where
    for entry in store.list("quarantine/"):
        pl.read_parquet(io.BytesIO(store.get(entry.key)[0]))
    if "processed" in frames and published(store)["processed"] != before.get("processed"):
        assert published(store)["dropped"] != before.get("dropped"), f"{where}: dropped goes first"
    ledger = Ledger(store)
    assert ledger.balance().holds, where
    if published(store) != before:
        assert ledger.balance().files in (0, 1), where


def check_a_sweep_converges(
    store: Store, before: dict[str, bytes], work: Work, tmp_path: Path, where: str
) -> None:
    """After a sweep the lake is what the version and the settings say, and stays so."""
    changed = published(store)
    ledger = Ledger(store)
    state = ledger.state()
    list(sweep(Looker(store, SETTINGS, tmp_path), ledger))
    # a look is what a retry makes, and what a replay makes under another rule
    looked = Looker(store, work.settings, tmp_path).look(KEY)

    assert ledger.pending() == [], where
    assert ledger.unsettled() == [], where
    assert ledger.balance().holds, where
    wanted = expected(store, looked[-1], work, tmp_path)
    assert published(store) == (before if wanted is None else wanted), where
    if published(store) != changed:
        assert ledger.state() != state, f"{where}: a visible change has a new marker"
    again = (published(store), ledger.state(), ledger.ingests())
    Looker(store, work.settings, tmp_path).look(KEY)
    list(sweep(Looker(store, work.settings, tmp_path), ledger))
    assert (published(store), ledger.state(), ledger.ingests()) == again, f"{where}: a no-op"


def expected(store: Store, record: Record, work: Work, tmp_path: Path) -> dict[str, bytes] | None:
    """Return the outputs that an undisturbed run makes, None for those that stood before."""
    place = tmp_path / "expected"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    if record.status == "withdrawn":
        draft = emptied(record, place)
    else:
        [version] = [v for v in store.versions(KEY) if v.id == record.source_version]
        draft = taken_in(store, version, work.settings, place)
    if draft.outputs is None:
        return None
    dropped, processed = draft.outputs
    return {"processed": processed.read_bytes(), "dropped": dropped.read_bytes()}


HOW = pytest.mark.parametrize("done", [False, True], ids=["not done", "answer lost"])


EVERY_TIME = {
    "folder": {"a newer version"},
    "all versions": {"a newer version", "a rejected version over a good one", "a withdrawal"},
}
"""What is tried each time; the rest is for the long tests."""

IN_A_BUCKET = ("a newer version", "another rule", "a withdrawal")
"""What is tried there by make test-engines: an ingest, a replay, a withdrawal; the rest by soak."""


@HOW
@pytest.mark.parametrize(
    ("kind", "name"),
    [
        pytest.param(kind, name, marks=[] if name in EVERY_TIME[kind] else pytest.mark.engine)
        for kind in EVERY_TIME
        for name in WORKS
    ],
)
def test_every_call_may_fail(kind, name, done, tmp_path):
    lakes = {"folder": folder_lakes, "all versions": memory_lakes}[kind]
    work = WORKS[name]

    calls = disturbed(lakes(work, tmp_path), work, tmp_path, done=done)

    assert calls >= 5


@pytest.mark.engine
@HOW
@pytest.mark.parametrize("name", WORKS if "ORDERS_SOAK" in os.environ else IN_A_BUCKET)
def test_in_a_bucket_every_call_may_fail(name, done, tmp_path, bucket):
    work = WORKS[name]

    calls = disturbed(bucket_lakes(work, tmp_path, bucket), work, tmp_path, done=done)

    assert calls >= 5
