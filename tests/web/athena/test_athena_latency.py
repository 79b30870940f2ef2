"""What the dashboard adds to the engine's own time, through HTTP: five panels asked for at once."""

import json
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from tests import generated
from tests.eventually import quickest
from tests.panels import FIVE
from tests.serving import SOON, serving

LATENCIES = [2.0, *(pytest.param(latency, marks=pytest.mark.engine) for latency in (1.0, 3.0))]


@pytest.fixture
def dashboard(build, engine, athena, tmp_path):
    athena.begin(tmp_path / "filled")
    dashboard = build(engine=engine)
    dashboard.lake.takes()
    yield dashboard
    dashboard.close()
    engine.close(SOON)


@pytest.mark.parametrize("latency", LATENCIES)
def test_five_panels_are_complete_at_the_server_a_tenth_after_the_engine_at_most(
    dashboard, athena, tmp_path, latency
):
    versions = generated.versions(seed=5, orders=60, files=2)
    generated.write(tmp_path / "filled", versions)
    athena.ending.runs_s = latency
    most = 1.1 * latency + 0.05
    with serving(dashboard.app) as address, ThreadPoolExecutor(len(FIVE)) as browsers:
        tries = count(1)

        def seconds():
            number = next(tries)

            def rows(slug):
                # another question each time, which nobody has an answer to yet
                url = f"{address}/panels/{slug}.json?customer=C{number}"
                with urllib.request.urlopen(url, timeout=SOON) as answer:
                    return json.load(answer)["rows"]

            began = time.monotonic()
            answers = dict(zip(FIVE, browsers.map(rows, FIVE), strict=True))
            took = time.monotonic() - began
            assert len(athena.queries) == 5 * number
            assert answers["order-status"] == []
            return took

        assert latency <= quickest(seconds, most) <= most
