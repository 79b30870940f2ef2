"""The dashboard host as systemd runs it: a real process before a bucket and Athena's double."""

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress

import pytest

from lake import names
from tests import generated, reference
from tests.doubles.athena import AthenaServer
from tests.serving import ROOT, SOON, Host, unit
from web.host import JournalFormatter

NAME = "orders.example.com"


@pytest.fixture(scope="module")
def athena_server():
    server = AthenaServer()
    yield server
    server.stop()


@pytest.fixture
def variables(aws, bucket, athena_server, tmp_path):
    """The unit's variables, and where the doubles are."""
    bucket.store().overwrite(names.MARKER, b"a state")
    athena_server.begin()
    return unit(aws, bucket.name, athena_server.url) | {"CACHE_DIRECTORY": str(tmp_path / "cache")}


@pytest.fixture
def serve(variables):
    running = []

    def serve(**more):
        running.append(Host(variables | more))
        return running[-1]

    yield serve
    for host in running:
        if host.process.poll() is None:
            host.end(signal.SIGKILL)


def test_it_answers_from_athena_and_keeps_the_answer_where_systemd_says(
    serve, athena_server, tmp_path
):
    versions = generated.versions(seed=5, orders=60, files=2)
    generated.write(tmp_path / "lake", versions)
    athena_server.begin(tmp_path / "lake")
    host = serve(DASHBOARD_ENVIRONMENT="dev", DASHBOARD_CURRENCY="EUR", ATHENA_USD_PER_TB="9.00")

    status, _, text = host.ask("/panels/order-status.json?customer=O%27Hara")
    content = json.loads(text)
    expected = reference.panels(versions, {"customer": "O'Hara"})["order-status"]
    assert status == 200
    assert [row[:2] for row in content["rows"]] == [list(row[:2]) for row in expected]
    assert content["stats"]["cost"] == 0.00009
    assert "dev" in host.ask("/")[2]
    assert (tmp_path / "cache" / "answers.sqlite").exists()

    host.end()
    asked = athena_server.asked()["StartQueryExecution"]
    again = serve()
    assert json.loads(again.ask("/panels/order-status.json?customer=O%27Hara")[2])["rows"]
    assert athena_server.asked()["StartQueryExecution"] == asked, "kept over a restart"


def test_it_ends_within_seconds_and_stops_what_athena_still_runs(serve, athena_server):
    athena_server.ending.runs_s = 600.0
    host = serve()
    # a browser's page, and an export that waits for its answer
    host.ask("/panels/order-status")
    waiting = threading.Thread(target=_unless_cut, args=(host, "/panels/largest-orders.json"))
    waiting.start()
    until = time.monotonic() + SOON
    while athena_server.asked()["StartQueryExecution"] < 2 and time.monotonic() < until:
        time.sleep(0.02)

    code, said, took = host.end()
    waiting.join()

    assert code == 0
    assert "Traceback" not in said
    assert took < 8
    running = [q for q in athena_server.queries.values() if q.stopped is None]
    assert athena_server.queries
    assert not running


def test_a_query_that_is_just_being_started_is_stopped_too(serve, athena_server):
    athena_server.ending.runs_s = 600.0
    athena_server.slow["StartQueryExecution"] = 1.0
    host = serve()
    host.ask("/panels/order-status")

    host.end()

    assert athena_server.queries
    assert all(query.stopped for query in athena_server.queries.values())


def _unless_cut(host, path):
    with suppress(OSError):
        host.ask(path)


def test_health_and_names_on_the_host_alone(serve):
    host = serve()

    assert host.ask("/healthz", Host="10.0.3.7")[0] == 200
    assert host.ask("/", Host="rebound.example.com")[0] == 400
    assert host.ask("/", X_Forwarded_Proto="https")[1]["Strict-Transport-Security"] is None


def test_behind_a_load_balancer_its_name_and_its_tls_are_known(serve):
    host = serve(DASHBOARD_PROXIED="1", DASHBOARD_HOSTS=NAME)
    status, headers, _ = host.ask("/", Host=NAME, X_Forwarded_Proto="https")

    assert status == 200
    assert headers["Strict-Transport-Security"]


def test_wrong_settings_are_told_all_at_once(variables):
    wrong = variables | {"DASHBOARD_PROXIED": "yes", "LAKE_BUCKET": ""}
    done = _run(wrong)

    assert done.returncode == 2
    times, said = zip(*(line.split(" ", 1) for line in done.stderr.splitlines()), strict=True)
    assert said == (
        "ERROR LAKE_BUCKET is missing: the stack's unit file sets it.",
        "ERROR DASHBOARD_PROXIED is 'yes': it can be 1, behind a load balancer, or 0.",
    )
    assert all(re.fullmatch(r"[0-9-]{10}T[0-9:]{8}Z", moment) for moment in times)


def test_a_port_in_use_is_told_in_a_sentence(variables):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        done = _run(variables | {"DASHBOARD_LISTEN": address, "JOURNAL_STREAM": "8:1"})

    assert done.returncode == 1
    assert done.stderr.startswith("<3>DASHBOARD_LISTEN: cannot serve on 127.0.0.1 port")
    assert "Traceback" not in done.stderr


def _run(variables):
    return subprocess.run(
        [sys.executable, "-m", "web.host"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **variables},
        check=False,
        capture_output=True,
        text=True,
        timeout=SOON,
    )


@pytest.mark.parametrize(
    ("level", "mark"),
    [("CRITICAL", 3), ("ERROR", 3), ("WARNING", 4), ("INFO", 6), ("DEBUG", 7)],
)
def test_the_journal_reads_the_level_of_every_line(level, mark):
    record = logging.LogRecord(
        "x", logging.getLevelName(level), __file__, 1, "first\nsecond", None, None
    )

    assert JournalFormatter().format(record) == f"<{mark}>first\n<{mark}>second"
