"""The dashboard with Athena behind it: what people see of waiting, cancelling, failing, paying."""

import time
from decimal import Decimal

import pytest
import simplejson

from tests.panels import FIVE, five

PANEL = "/panels/order-status"
SOON = 30.0


@pytest.fixture
def dashboard(build, engine):
    dashboard = build(engine=engine)
    dashboard.lake.takes()
    yield dashboard
    dashboard.close()
    # the stops it sends belong to this test
    engine.close(SOON)


@pytest.fixture
def asks(client):
    """Return a function that asks until the words are there; it returns the page's text."""

    def asks(url, words):
        until = time.monotonic() + SOON
        while words not in (text := client.get(url).text):
            assert time.monotonic() < until, text
        return text

    return asks


@pytest.fixture
def json(client):
    """Return a function that gives a panel's answer as a program gets it."""

    def json(url=PANEL):
        return simplejson.loads(client.get(f"{url}.json").text, use_decimal=True)

    return json


def test_a_waiting_panel_shows_what_is_scanned_and_is_cancelled_in_athena(athena, asks, client):
    athena.ending.runs_s, athena.ending.scanned = 20.0, 1_000_000_000
    page = asks(PANEL, "MB scanned")
    assert "Cancel" in page
    [query] = [q for q in athena.queries.values() if five()["order-status"].sql in q.sql]
    assert f"#/query-editor/history/{query.id}" in page, "Athena's console shows it too"

    client.post(f"{PANEL}/cancel")
    asks(PANEL, "The query was cancelled.")
    until = time.monotonic() + SOON
    while query.stopped is None and time.monotonic() < until:
        time.sleep(0.01)
    assert query.stopped is not None


def test_the_overview_starts_all_panels_at_once(athena, client):
    athena.ending.runs_s = 60.0
    client.get("/")

    started = [query.began for query in athena.queries.values()]
    assert len(started) >= len(FIVE)
    assert max(started) - min(started) < 2, "none waits for another, which takes a minute"


@pytest.mark.parametrize(
    ("code", "message", "words"),
    [
        ("ExpiredTokenException", "expired", "AWS credentials are missing or have expired"),
        ("AccessDeniedException", "no", "role may not do what the query needs"),
        ("InvalidRequestException", "line 1:8: no <b>such</b> thing", "no &lt;b&gt;such"),
    ],
)
def test_a_failed_panel_says_what_to_do(athena, asks, code, message, words):
    athena.refuses("StartQueryExecution", code, message, times=20)

    asks(PANEL, words)


def test_the_answer_says_what_it_cost_exactly(athena, json):
    athena.gives(["status varchar", "orders bigint", "revenue decimal"], ["shipped", "2", "0.10"])
    athena.ending.scanned = 123_456_789
    content = json()

    assert content["rows"] == [["shipped", 2, Decimal("0.10")]]
    assert content["stats"]["bytes"] == 123_456_789
    assert content["stats"]["cost"] == Decimal("0.00062")
    assert content["stats"]["reused"] is False


def test_more_rows_than_a_page_of_athenas_are_one_answer(athena, json):
    rows = [[f"s{n}", str(n), None] for n in range(2345)]
    athena.gives(["status varchar", "orders bigint", "revenue decimal"], *rows)
    content = json()

    assert [row[1] for row in content["rows"]] == list(range(2345))
    assert content["truncated"] is False


def test_an_unchanged_lake_is_not_asked_of_athena_again(athena, json, dashboard):
    athena.gives(["status varchar", "orders bigint", "revenue decimal"], ["shipped", "2", "0.10"])
    json()
    json()
    assert len(athena.queries) == 1

    dashboard.lake.changes()
    json()
    assert len(athena.queries) == 2
