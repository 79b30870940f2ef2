"""How long a person waits for Athena's answers: hardly longer than Athena itself takes."""

import time
from itertools import count

import pytest

from lake.folder import FolderStore
from tests import generated
from tests.doubles.athena import DATABASE, WORKGROUP, AthenaServer
from tests.doubles.bucket import ENVIRONMENT
from tests.doubles.dashboard import Dashboard
from tests.eventually import quickest
from tests.panels import FIVE
from web.athena.client import client
from web.athena.engine import AthenaEngine

pytestmark = pytest.mark.browser

LATENCIES = [2.0, *(pytest.param(latency, marks=pytest.mark.engine) for latency in (1.0, 3.0))]
COMPLETE = f"""
() => new Promise((done) => {{
  const look = () => {{
    const answers = document.querySelectorAll(".card .state.is-answer table").length;
    if (answers === {len(FIVE)} && !document.querySelector("[aria-busy=true]")) done();
    else requestAnimationFrame(look);
  }};
  look();
}})
"""


@pytest.fixture
def athena(tmp_path):
    server = AthenaServer()
    generated.write(tmp_path / "filled", generated.versions(seed=5, orders=60, files=2))
    server.begin(tmp_path / "filled")
    yield server
    server.stop()


@pytest.fixture
def dashboard(athena, tmp_path, monkeypatch):
    for name, value in {**ENVIRONMENT, "AWS_ENDPOINT_URL_ATHENA": athena.url}.items():
        monkeypatch.setenv(name, value)
    store = FolderStore(tmp_path / "lake")
    engine = AthenaEngine(client(), workgroup=WORKGROUP, database=DATABASE, store=store)
    dashboard = Dashboard(tmp_path, engine=engine)
    dashboard.lake.takes()
    yield dashboard
    dashboard.close()
    engine.close(5)


@pytest.mark.parametrize("latency", LATENCIES)
def test_five_panels_are_on_the_page_a_quarter_after_the_engine_at_most(
    chromium, address, athena, latency
):
    most = 1.25 * latency + 0.3
    context = chromium.new_context(base_url=address)
    page = context.new_page()
    # the browser itself is warm, as a person's is
    page.goto("/ingests")
    athena.ending.runs_s = latency
    days = count(1)

    def seconds():
        began = time.monotonic()
        # a question each time that nobody has an answer to yet
        page.goto(f"/?to=2030-01-{next(days):02}", wait_until="commit")
        page.evaluate(COMPLETE)
        return time.monotonic() - began

    took = quickest(seconds, most)
    context.close()

    assert latency <= took <= most
