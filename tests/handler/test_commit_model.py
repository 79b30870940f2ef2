"""F5b: the commit under every order of steps of two actors of every kind.

The actors are the handler's own code. What a reader sees is checked after each step; what must hold
at rest, after the sweep that follows in time on whatever happened. `make test` stops actors before
each of their writes; `make test-engines` lets one die anywhere as well, and stops some before every
call of theirs; `make soak` does that from every start, and sends three of them.
"""

import io
import os
from collections.abc import Callable
from contextlib import contextmanager
from functools import cache
from itertools import combinations_with_replacement
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from handler import draft, look, view
from handler.identity import Identity, published
from handler.look import Looker
from handler.sweep import replay, sweep
from handler.withdraw import withdraw
from lake import ledger, names, times
from lake.ledger import Ledger, Record, read_record
from lake.rule import Rule, Settings
from lake.schema import DROPPED, PROCESSED, Table
from tests.doubles.memory import START, MemoryStore, is_visible
from tests.handler.schedules import Lost, Stepped, run_all

KEY = "raw/orders.csv"
HEADER = b"OrderID,Customer,Amount,Status,OrderDate\n"
V1 = HEADER + (
    b"A,Ann,1.00,shipped,2025-01-01\nB,Bob,2.00,shipped,2025-01-01\nC,Cem,3,pending,2025-01-01\n"
)
# A is dropped now, B has changed, C is kept now; one row is bad
V2 = HEADER + (
    b"A,Ann,1.00,cancelled,2025-01-01\nB,Bob,2.50,shipped,2025-01-01\n"
    b"C,Cem,3,shipped,2025-01-01\nD,Dee,x,shipped,2025-01-01\n"
)
BROKEN = b"not orders at all\n"
KEPT = {V1: {"A": "1.00", "B": "2.00"}, V2: {"B": "2.50", "C": "3.00"}}
SETTINGS = Settings()
OTHER = Settings(rule=Rule(days=60))
"""Another fingerprint, under which every row has the same outcome."""


@pytest.fixture(scope="module")
def made():
    """The drafts that were made."""
    # a version is known by its size
    assert len({len(content) for content in (V1, V2, BROKEN)}) == 3
    return {}


@pytest.fixture(autouse=True)
def quick(monkeypatch, tmp_path_factory, made):
    """Make every draft once: they are deterministic, and making one changes nothing."""
    monkeypatch.setattr(look, "PAUSE", 0)
    monkeypatch.setattr(times, "now", lambda: START)
    # the same few names, fingerprints and records are asked for a hundred thousand times
    for name in ("stem", "record", "quarantine", "is_file"):
        monkeypatch.setattr(names, name, cache(getattr(names, name)))
    monkeypatch.setattr(Settings, "fingerprint", property(cache(Settings.fingerprint.fget)))
    for module in (ledger, view):
        monkeypatch.setattr(module, "read_record", cache(read_record))

    def once(make, known):
        if known not in made:
            made[known] = make(tmp_path_factory.mktemp("draft"))
        return made[known]

    monkeypatch.setattr(
        look,
        "taken_in",
        lambda store, version, settings, work: once(
            lambda place: draft.taken_in(store, version, settings, place),
            (version, settings.fingerprint),
        ),
    )
    monkeypatch.setattr(
        look,
        "emptied",
        lambda record, work: once(lambda place: draft.emptied(record, place), repr(record)),
    )

    @contextmanager
    def nowhere(self):
        yield Path(os.devnull)

    monkeypatch.setattr(Looker, "_workplace", nowhere)


# who is at work


class SteppedLooker(Looker):
    """A looker that says when a look begins: there it starts again when it has lost."""

    def __init__(self, store: Stepped, settings: Settings = SETTINGS) -> None:
        super().__init__(store, settings, Path(os.devnull))
        self._stepped = store

    def look(self, key: str) -> list[Record]:
        self._stepped.begins()
        return super().look(key)

    def _write(self, view: view.View, filed: view.Filed, written: draft.Draft) -> Record:
        record = super()._write(view, filed, written)
        if written.outputs is None:
            # after a rejection a look goes on as one that begins: else two under different rules,
            # which reject by turns, would have ever more behind them
            raise Lost
        return record


def looking(settings: Settings = SETTINGS) -> Callable[[Stepped], object]:
    return lambda store: SteppedLooker(store, settings).look(KEY)


def sweeping(store: Stepped) -> None:
    list(sweep(SteppedLooker(store), Ledger(store)))


def replaying(store: Stepped) -> None:
    list(replay(store, SteppedLooker(store), prefix=KEY))


def withdrawing(store: Stepped) -> None:
    store.begins()
    withdraw(store, KEY, "wrong file", SETTINGS.fingerprint)
    SteppedLooker(store).look(KEY)


def uploading(content: bytes) -> Callable[[Stepped], object]:
    def act(store: Stepped) -> None:
        store.upload(KEY, content)
        SteppedLooker(store).look(KEY)

    return act


ACTORS = {
    "look": looking(),
    "look under another rule": looking(OTHER),
    "sweep": sweeping,
    "replay": replaying,
    "withdrawal": withdrawing,
    "new version": uploading(V2),
    "new version that is rejected": uploading(BROKEN),
}


# where they begin: what was uploaded, an ellipsis for a look in between

STARTS = {
    "a first version": (V1,),
    "a published version": (V1, ...),
    "a newer version": (V1, ..., V2),
    "a rejected version between two": (V1, ..., BROKEN, V2),
    "a rejected newest version": (V1, ..., V2, BROKEN),
}


def begun(uploads, etags_by_content: bool = True) -> MemoryStore:
    store = MemoryStore(etags_by_content)
    for content in uploads:
        if content is ...:
            Looker(store, SETTINGS, Path(os.devnull)).look(KEY)
        else:
            store.upload(KEY, content)
    return store


# what holds


def rows(store: MemoryStore, table: Table) -> list[tuple]:
    content = store.objects.get(names.output(table, KEY))
    return rows_of(content) if content else []


@cache
def rows_of(content: bytes) -> list[tuple]:
    frame = pl.read_parquet(io.BytesIO(content))
    return frame.select("order_id", "received_at", "amount").rows()


def visible(store: MemoryStore) -> list[tuple[str, str]]:
    """Return what a reader counts: kept orders that no dropped row of the same age overrules."""
    dropped = {id_: received for id_, received, _ in rows(store, DROPPED)}
    return [
        (id_, str(amount))
        for id_, received, amount in rows(store, PROCESSED)
        if id_ not in dropped or dropped[id_] < received
    ]


def a_reader_sees_one_version(store: MemoryStore) -> None:
    """At worst an order that changed is missing for a moment; none is there twice, or never was."""
    seen = visible(store)
    assert len({id_ for id_, _ in seen}) == len(seen), f"an order twice: {seen}"
    assert any(set(seen) <= set(kept.items()) for kept in KEPT.values()), f"a mix: {seen}"


def records(store: MemoryStore) -> dict[str, Record]:
    return {ingest.record.source_version: ingest.record for ingest in Ledger(store).ingests()}


def at_rest(store: MemoryStore, schedule: str) -> None:
    """Check the lake after the sweep that follows on whatever happened, and after a look."""
    list(sweep(Looker(store, SETTINGS, Path(os.devnull)), Ledger(store)))
    holds(store, schedule)
    before = dict(store.etags)
    list(sweep(Looker(store, SETTINGS, Path(os.devnull)), Ledger(store)))
    assert store.etags == before, f"{schedule}: a second sweep finds nothing to do"
    Looker(store, SETTINGS, Path(os.devnull)).look(KEY)
    holds(store, schedule)
    shown = published(store, PROCESSED, KEY)
    assert shown is None or shown.manner in (SETTINGS.fingerprint, "withdrawn"), schedule


def holds(store: MemoryStore, schedule: str) -> None:
    seen, told = Ledger(store), records(store)
    versions = [(version, content) for version, content in store.raw[KEY]]
    # every version has a finished record
    assert seen.pending() == [], f"{schedule}: a version has no finished record"
    assert seen.unsettled() == [], schedule
    assert all(record.finished_at for record in told.values()), schedule
    # the newest acceptable version stands, or what a withdrawal left of it
    standing, content = next((v, c) for v, c in versions if told[v.id].status != "rejected")
    withdrawn = told[standing.id].status == "withdrawn"
    assert withdrawn or content != BROKEN, schedule
    assert told[standing.id].status in ("committed", "withdrawn"), schedule
    assert dict(visible(store)) == ({} if withdrawn else KEPT[content]), schedule
    for older, _ in versions[versions.index((standing, content)) + 1 :]:
        assert told[older.id].status in ("superseded", "committed", "rejected", "withdrawn")
    # both outputs are of one version and one fingerprint, and those that the record says
    manner = "withdrawn" if withdrawn else told[standing.id].fingerprint
    for table in (PROCESSED, DROPPED):
        assert published(store, table, KEY) == Identity(standing.id, manner), schedule
    # the balance holds, and counts the version that stands
    balance = seen.balance()
    assert balance.holds, schedule
    assert balance.files == (0 if withdrawn else 1), schedule
    # a withdrawal is never undone: of a version, nothing but withdrawn is written after it
    for place, contents in store.history("ingests/").items():
        statuses = [record.status for record in map(read_record, contents) if record]
        if "withdrawn" in statuses:
            after = statuses[statuses.index("withdrawn") :]
            assert set(after) == {"withdrawn"}, f"{schedule}: {place} was {statuses}"
            version = read_record(contents[-1]).source_version
            quarantine = store.objects.get(names.quarantine(KEY, version))
            assert quarantine is None or pl.read_parquet(io.BytesIO(quarantine)).height == 0
    # the marker changed after every visible change
    changed = [number for number, key in enumerate(store.changes) if is_visible(key)]
    marks = [number for number, key in enumerate(store.changes) if key == names.MARKER]
    assert marks, schedule
    assert marks[-1] > changed[-1], f"{schedule}: the marker is older than a visible change"


def check(start: MemoryStore, *acts, **how) -> int:
    """Check every way in which actors can get on; return how many ends there are."""
    ends = 0
    for schedule, store in run_all(start, acts, a_reader_sees_one_version, **how):
        at_rest(store.copy(), schedule)
        ends += 1
    return ends


# what is tried when

PAIRS = list(combinations_with_replacement(ACTORS, 2))
CASES = [(pair, start) for start in STARTS for pair in PAIRS]
TRIPLES = [
    ("look", "withdrawal", "new version"),
    ("look under another rule", "look", "new version that is rejected"),
]
SOAKS = "ORDERS_SOAK" in os.environ
"""Whether everything is to be tried, a quarter of an hour of it: make soak says so."""
TRIED = [case for case in CASES if SOAKS or case[1] == "a newer version"]


def named(cases) -> dict[str, Any]:
    """Return the words for parametrize."""
    ids = [f"{' + '.join(pair)}, {start}" for pair, start in cases]
    return {"argnames": ("pair", "start"), "argvalues": cases, "ids": ids}


@pytest.mark.parametrize(**named(TRIED))
def test_two_at_work_always_end_with_one_versions_pair(pair, start):
    ends = check(begun(STARTS[start]), *(ACTORS[name] for name in pair), deaths=0)

    assert ends >= 1


@pytest.mark.engine
@pytest.mark.parametrize(**named(TRIED))
def test_one_of_them_may_die_anywhere(pair, start):
    ends = check(begun(STARTS[start]), *(ACTORS[name] for name in pair), deaths=1)

    assert ends > 1


@pytest.mark.engine
@pytest.mark.parametrize("pair", [("look", "new version"), ("look", "withdrawal")], ids=" + ".join)
def test_a_folder_gives_every_write_an_etag_of_its_own(pair):
    start = begun((V1, ...) if "withdrawal" in pair else (V1,), etags_by_content=False)

    assert check(start, *(ACTORS[name] for name in pair), deaths=1) > 1


@pytest.mark.engine
@pytest.mark.parametrize("other", ["look", "new version", "withdrawal"])
def test_between_what_one_reads_the_other_may_write(other):
    acts = (ACTORS["look"], ACTORS[other])

    assert check(begun((V1,)), *acts, deaths=0, every_call=True) >= 1


if SOAKS:

    @pytest.mark.parametrize("acts", TRIPLES, ids=" + ".join)
    def test_three_at_work_always_end_with_one_versions_pair(acts):
        assert check(begun((V1,)), *(ACTORS[name] for name in acts), deaths=0) >= 1
