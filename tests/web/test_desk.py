"""What every page works with: how often the lake is asked, however many pages are open."""

import threading

import pytest

from lake import names
from lake.schema import INGESTS
from lake.store import StoreError
from tests.eventually import eventually


@pytest.fixture
def desk(dashboard):
    return dashboard.desk


@pytest.fixture
def asked(dashboard, monkeypatch):
    """What the store was asked for: the operation and the key or prefix."""
    asked = []
    store = dashboard.lake.store
    for name in ("head", "etag", "get", "list", "versions"):
        real = getattr(store, name)

        def note(place, *, real=real, name=name):
            asked.append((name, place))
            return real(place)

        monkeypatch.setattr(store, name, note)
    return asked


def test_many_pages_that_look_for_a_change_cost_one_read_of_the_marker(client, asked):
    states = {client.get("/state").json["state"] for _ in range(20)}

    assert len(states) == 1
    assert asked == [("etag", names.MARKER)]


def test_a_page_shows_the_lake_as_it_is_now_and_pages_that_look_are_told_so(
    dashboard, client, desk
):
    before = client.get("/state").json["state"]
    after = dashboard.lake.changes()

    assert desk.state() == after != before
    assert client.get("/state").json["state"] == after


def test_a_look_that_hangs_holds_up_no_other(dashboard, desk, monkeypatch):
    known = desk.state()
    monkeypatch.setattr("web.desk.LATELY_S", 0.0)
    hangs, go = threading.Event(), threading.Event()

    def hang():
        hangs.set()
        go.wait(10)
        return "newer"

    monkeypatch.setattr(dashboard.lake.ledger, "state", hang)
    slow = threading.Thread(target=desk.state_lately)
    slow.start()
    assert hangs.wait(10)

    assert desk.state_lately() == known
    go.set()
    slow.join()
    assert eventually(lambda: desk.state_lately() == "newer")


def test_a_look_that_failed_is_made_again(dashboard, desk, monkeypatch):
    def fail():
        raise StoreError("away")

    with monkeypatch.context() as patch:
        patch.setattr(dashboard.lake.ledger, "state", fail)
        with pytest.raises(StoreError):
            desk.state_lately()

    assert desk.state_lately() == dashboard.lake.ledger.state()


def test_after_a_change_the_records_are_listed_once(client, asked):
    client.get("/")

    assert asked.count(("list", INGESTS.prefix)) == 1


def test_what_came_in_lists_the_records_once(client, asked):
    client.get("/ingests")
    asked.clear()

    client.get("/ingests")

    assert asked.count(("list", INGESTS.prefix)) == 1
