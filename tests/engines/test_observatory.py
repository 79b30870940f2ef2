"""Mozilla's own scanner on the dashboard as the host runs it behind a load balancer with TLS."""

import json

import pytest

from lake import names
from tests.doubles.athena import AthenaServer
from tests.doubles.balancer import Balancer
from tests.serving import Host, unit

pytestmark = pytest.mark.engine

NAME = "orders.example.com"
PRELOADED = "node_modules/@mdn/mdn-http-observatory/conf/hsts-preload.json"
"""Chromium's list of hosts that it asks by TLS alone, which the scanner's set-up would download."""
SCORE = 130
SCAN_S = 60.0


@pytest.fixture(scope="module")
def scanner(tool):
    tool = tool("observatory")
    # our host is on no such list
    (tool.home / PRELOADED).write_text("{}")
    return tool


@pytest.fixture
def balancer(aws, bucket, tmp_path):
    bucket.store().overwrite(names.MARKER, b"a state")
    athena = AthenaServer()
    behind = {"DASHBOARD_PROXIED": "1", "DASHBOARD_HOSTS": NAME}
    host = Host(unit(aws, bucket.name, athena.url) | behind)
    balancer = Balancer(NAME, host.port, tmp_path)
    yield balancer
    balancer.stop()
    host.end()
    athena.stop()


def test_the_score_is_130(scanner, balancer):
    found = scanner.run(
        "scan.mjs",
        *(NAME, json.dumps(balancer.ports)),
        seconds=SCAN_S,
        NODE_EXTRA_CA_CERTS=str(balancer.certificate),
    )

    lost = {
        name: test["result"] for name, test in found["tests"].items() if test["scoreModifier"] < 0
    }
    assert lost == {}
    assert found["scan"]["statusCode"] == 200
    assert found["scan"]["score"] == SCORE
