"""Athena cannot be reached: what is known is shown with its age, all else says so and recovers."""

import re
import time

import pytest

from tests import generated
from tests.doubles.athena import DATABASE, WORKGROUP, AthenaServer
from tests.doubles.bucket import ENVIRONMENT
from web import runs
from web.athena.client import client as athena_client
from web.athena.engine import AthenaEngine

PANEL, SLUG = "/panels/order-status", "order-status"
NEW = f"{PANEL}?status=shipped"
AWAY = "Athena cannot be reached"
SOON = 30.0


class Outage:
    """An Athena that answers on its port, goes away, and comes back."""

    def __init__(self, lake) -> None:
        self._lake = lake
        self._server = None
        self._port = 0
        self.ends()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._port}"

    def begins(self):
        self._server.stop()
        self._server = None

    def ends(self):
        self._server = AthenaServer(self._port)
        self._server.begin(self._lake)
        self._port = self._server.port

    def over(self):
        if self._server:
            self._server.stop()


@pytest.fixture
def outage(tmp_path):
    generated.write(tmp_path / "filled", generated.versions(seed=5, orders=60, files=2))
    outage = Outage(tmp_path / "filled")
    yield outage
    outage.over()


@pytest.fixture
def dashboard(outage, pauses, monkeypatch, build, store):
    """A dashboard that has one answer, and whose Athena then goes away."""
    for name, value in {**ENVIRONMENT, "AWS_ENDPOINT_URL_ATHENA": outage.url}.items():
        monkeypatch.setenv(name, value)
    engine = AthenaEngine(athena_client(), workgroup=WORKGROUP, database=DATABASE, store=store)
    dashboard = build(engine=engine)
    dashboard.lake.takes()
    assert dashboard.app.test_client().get(f"{PANEL}.json").status_code == 200
    outage.begins()
    yield dashboard
    dashboard.close()
    engine.close(SOON)


def until_ended(ask):
    """Ask until the run has ended."""
    until = time.monotonic() + SOON
    while "Running for" in (response := ask()).text or "updating for" in response.text:
        assert time.monotonic() < until, response.text
    return response


def test_what_was_answered_is_still_given(client):
    assert client.get(f"{PANEL}.json").status_code == 200
    assert client.get(PANEL).status_code == 200


def test_after_a_change_the_last_answer_is_shown_with_its_age_and_why_there_is_no_newer(
    dashboard, client
):
    dashboard.lake.changes()
    page = until_ended(lambda: client.get(PANEL))

    assert page.status_code == 200
    assert "No newer answer" in page.text
    assert AWAY in page.text
    assert re.search(r'Answered <time datetime="[0-9T:.-]+Z" data-as="age">', page.text)
    assert "shipped" in page.text


def test_a_new_question_is_answered_by_a_503_that_says_what_to_do(client):
    response = client.get(f"{PANEL}.json?status=shipped")

    assert response.status_code == 503
    assert response.json["error"]["code"] == "away"
    assert response.json["error"]["message"].startswith(AWAY)
    assert response.headers["Retry-After"] == "60"


@pytest.mark.parametrize("path", ["/", NEW, "/ingests", "/panels/largest-orders"])
def test_no_page_fails(client, path):
    page = until_ended(lambda: client.get(path))

    assert page.status_code == 200
    assert AWAY in page.text


def test_an_open_part_asks_again_by_itself_and_has_the_answer_when_athena_is_back(
    outage, client, fragment, monkeypatch
):
    monkeypatch.setattr(runs, "ENDS_KEPT_S", 0.2)
    target = f"div#card-{SLUG}"
    part = until_ended(lambda: fragment(NEW, target))
    assert "load delay:60.0s" in part.text

    outage.ends()
    until = time.monotonic() + SOON
    while AWAY in (part := until_ended(lambda: fragment(NEW, target))).text:
        assert time.monotonic() < until, part.text

    assert "shipped" in part.text
    assert "load delay" not in part.text
    assert client.get(f"{PANEL}.json?status=shipped").status_code == 200
    assert "Revenue" in until_ended(lambda: client.get("/")).text
