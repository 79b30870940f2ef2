"""The commit under every order of writes: the end is always one version's pair."""

import io
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from handler import draft, look
from handler.identity import published
from handler.look import Looker
from handler.withdraw import withdraw
from lake import names, times
from lake.ledger import Ledger
from lake.rule import Rule, Settings
from lake.schema import DROPPED, PROCESSED
from tests.doubles.memory import START, MemoryStore, is_visible
from tests.handler.schedules import run_all

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
KEPT = {
    V1: {"A": "1.00", "B": "2.00"},
    V2: {"B": "2.50", "C": "3.00"},
}
SETTINGS = Settings()
OTHER = Settings(rule=Rule(days=60))


@pytest.fixture(autouse=True)
def quick(monkeypatch, tmp_path_factory):
    """Read each version once under each settings: reading is deterministic and writes nothing."""
    monkeypatch.setattr(look, "PAUSE", 0)
    monkeypatch.setattr(times, "now", lambda: START)
    read, drafts = draft.taken_in, {}

    def taken_in(store, version, settings, work):
        known = (version, settings.fingerprint)
        if known not in drafts:
            drafts[known] = read(store, version, settings, tmp_path_factory.mktemp("draft"))
        return drafts[known]

    monkeypatch.setattr(look, "taken_in", taken_in)


def looking(work: Path, settings: Settings = SETTINGS):
    return lambda store: Looker(store, settings, work).look(KEY)


def uploading(content: bytes, then=None):
    def act(store):
        store.upload(KEY, content)
        if then:
            then(store)

    return act


def withdrawing(work: Path):
    def act(store):
        withdraw(store, KEY, "wrong file", SETTINGS.fingerprint)
        Looker(store, SETTINGS, work).look(KEY)

    return act


def rows(store: MemoryStore, table) -> dict[str, tuple]:
    content = store.objects.get(names.output(table, KEY))
    return rows_of(content) if content else {}


@cache
def rows_of(content: bytes) -> dict[str, tuple]:
    frame = pl.read_parquet(io.BytesIO(content))
    return {row[0]: row[1:] for row in frame.select("order_id", "received_at", "amount").rows()}


def visible(store: MemoryStore) -> dict[str, str]:
    """Return what a reader counts: kept orders that no dropped row of the same age overrules."""
    kept, dropped = rows(store, PROCESSED), rows(store, DROPPED)
    return {
        id_: str(amount)
        for id_, (received, amount) in kept.items()
        if id_ not in dropped or dropped[id_][0] < received
    }


def no_mix(store: MemoryStore) -> None:
    """At worst an order that changed is missing for a moment; none is there that never was."""
    seen = visible(store).items()
    assert any(seen <= kept.items() for kept in KEPT.values()), f"a reader sees {dict(seen)}"


def settled(schedule: str, store: MemoryStore, work: Path, kept: dict[str, str] | None) -> None:
    """Check the lake at rest: after the rerun that every crash is followed by.

    `kept` is what must be visible, None for what the newest version says.
    """
    Looker(store, SETTINGS, work).look(KEY)
    ledger = Ledger(store)
    newest, content = store.raw[KEY][0]
    kept = KEPT[content] if kept is None else kept
    assert visible(store) == kept, schedule
    identities = {str(published(store, table, KEY)) for table in (PROCESSED, DROPPED)}
    assert len(identities) == 1, f"{schedule}: outputs of two versions {identities}"
    assert ledger.pending() == [], f"{schedule}: a version has no finished record"
    assert ledger.unsettled() == [], schedule
    assert ledger.balance().holds, schedule
    assert ledger.state(), schedule
    visible_changes = [number for number, key in enumerate(store.changes) if is_visible(key)]
    marks = [number for number, key in enumerate(store.changes) if key == names.MARKER]
    assert marks[-1] > visible_changes[-1], f"{schedule}: the marker is older than a visible change"
    assert newest.id in {record.source_version for record in ledger.newest()}


DEATHS = pytest.mark.parametrize(
    "deaths",
    [pytest.param(0, id="no deaths"), pytest.param(1, id="a death", marks=pytest.mark.engine)],
)


def check_all(tmp_path, start, *acts, kept=None, deaths=1, each_step=no_mix) -> None:
    """Check every schedule of some actors."""
    tried = 0
    for schedule, store in run_all(start, acts, each_step, deaths=deaths):
        settled(schedule, store, tmp_path, kept)
        tried += 1
    assert tried >= 5, "there must be several ways in which they end"


@pytest.mark.parametrize(
    "etags_by_content",
    [
        pytest.param(True, id="bucket"),
        # a folder gives every write another ETag: more states, three times the time
        pytest.param(False, id="folder", marks=pytest.mark.engine),
    ],
)
def test_two_workers_on_two_versions_end_with_the_newer_ones_pair(tmp_path, etags_by_content):
    start = MemoryStore(etags_by_content)
    start.upload(KEY, V1)

    check_all(tmp_path, start, looking(tmp_path), uploading(V2, then=looking(tmp_path)))


@DEATHS
def test_two_workers_on_one_version_make_one_commit(tmp_path, deaths):
    start = MemoryStore()
    start.upload(KEY, V2)

    check_all(tmp_path, start, looking(tmp_path), looking(tmp_path), deaths=deaths)


@DEATHS
def test_a_rejected_newest_version_leaves_the_older_one_standing(tmp_path, deaths):
    start = MemoryStore()
    start.upload(KEY, V1)

    acts = (looking(tmp_path), uploading(BROKEN, then=looking(tmp_path)))
    check_all(tmp_path, start, *acts, kept=KEPT[V1], deaths=deaths)


@DEATHS
def test_two_workers_under_two_rules_end_under_that_of_the_rerun(tmp_path, deaths):
    start = MemoryStore()
    start.upload(KEY, V1)

    check_all(tmp_path, start, looking(tmp_path), looking(tmp_path, OTHER), deaths=deaths)


@DEATHS
def test_a_withdrawal_is_never_undone_by_a_look_that_began_before_it(tmp_path, deaths):
    start = MemoryStore()
    start.upload(KEY, V1)

    acts = (looking(tmp_path), withdrawing(tmp_path))
    for schedule, store in run_all(start, acts, no_mix, deaths=deaths):
        Looker(store, SETTINGS, tmp_path).look(KEY)
        [record] = Ledger(store).newest()
        died_before_the_mark = record.status != "withdrawn"
        assert visible(store) == (KEPT[V1] if died_before_the_mark else {}), schedule
        assert record.finished_at, schedule
        assert died_before_the_mark <= ("1x" in schedule), schedule


def test_a_newer_version_stands_though_the_older_one_is_being_withdrawn(tmp_path):
    start = MemoryStore()
    start.upload(KEY, V1)
    Looker(start, SETTINGS, tmp_path).look(KEY)

    def mark_only(store):
        withdraw(store, KEY, "wrong file", SETTINGS.fingerprint)

    # each ends with the record of the newer version: withdrawn too if it came before the mark
    acts = (mark_only, uploading(V2, then=looking(tmp_path)))
    for schedule, store in run_all(start, acts, lambda _: None, deaths=0):
        newest = Ledger(store).newest()
        withdrawn = {record.source_version for record in newest if record.status == "withdrawn"}
        settled(schedule, store, tmp_path, {} if "v2" in withdrawn else KEPT[V2])
