"""The dashboard's host, as the unit runs it, under more load than it will see: memory is flat."""

import http.client
import socket
import threading
import time
from collections import Counter
from contextlib import ExitStack

import pytest

from lake import names
from tests import generated
from tests.doubles.athena import AthenaServer
from tests.serving import SOON, Host, unit, until

pytestmark = pytest.mark.engine

HALF_OPEN = 40
CLIENTS = 16
FLOOD_S = 4.0
MOST_GROWN_MB = 16.0
"""Growth between the first and the last flood, in millions of bytes: the allocator's slack."""
SLUGS = ("total-sales-by-customer", "monthly-orders-and-revenue", "order-status")
PATHS = (
    "/",
    *(f"/panels/{slug}" for slug in SLUGS),
    *(f"/panels/{slug}.{ending}" for slug in SLUGS for ending in ("json", "csv", "parquet")),
    *("/ingests", "/state", "/healthz", "/panels/none", f"/panels/{SLUGS[0]}?from=yesterday"),
)
ANSWERED = {200, 400, 404}


@pytest.fixture
def athena(tmp_path):
    generated.write(tmp_path / "lake", generated.versions(seed=5, orders=60, files=2))
    server = AthenaServer()
    server.begin(tmp_path / "lake")
    yield server
    server.stop()


@pytest.fixture
def host(aws, bucket, athena, tmp_path):
    bucket.store().overwrite(names.MARKER, b"a state")
    cache = {"CACHE_DIRECTORY": str(tmp_path / "cache")}
    host = Host(unit(aws, bucket.name, athena.url) | cache)
    yield host
    code, said, _ = host.end()
    assert code == 0
    assert "Traceback" not in said


def flood(host, paths, seconds=FLOOD_S):
    """Ask for the paths from many clients at once, in turns; count the statuses."""
    end = time.monotonic() + seconds
    found = Counter()
    counting = threading.Lock()

    def ask(first):
        own = Counter()
        connection = http.client.HTTPConnection("127.0.0.1", host.port, timeout=SOON)
        number = first
        while time.monotonic() < end:
            connection.request("GET", paths[number % len(paths)])
            answer = connection.getresponse()
            answer.read()
            own[answer.status] += 1
            number += 1
        connection.close()
        with counting:
            found.update(own)

    clients = [threading.Thread(target=ask, args=(number,)) for number in range(CLIENTS)]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    return found


def many_questions(number):
    """Return addresses of questions that nobody has asked before."""
    return [f"/panels/{slug}?customer={number}-{place}" for place in range(50) for slug in SLUGS]


def test_floods_beside_half_open_clients_are_answered_and_leave_nothing_behind(host):
    with ExitStack() as stack:
        for _ in range(HALF_OPEN):
            half = stack.enter_context(socket.create_connection(("127.0.0.1", host.port)))
            half.sendall(b"GET / HTTP/1.1\r\nHost: ")
        flood(host, [*PATHS, *many_questions(0)])
        before = host.resident_mb
        found = flood(host, PATHS) + flood(host, [*PATHS, *many_questions(1)])
        grown = host.resident_mb - before

    assert set(found) == ANSWERED
    assert found.total() > 500
    assert grown < MOST_GROWN_MB


def test_while_athena_drops_every_connection_nothing_fails_but_what_says_so_and_then_it_recovers(
    host, athena, tmp_path
):
    assert set(flood(host, PATHS, seconds=2.0)) == ANSWERED
    athena.drops("StartQueryExecution", times=10_000)
    new = many_questions(0)[:6]
    assert set(flood(host, [*PATHS, *new], seconds=2.0)) == ANSWERED
    # without an answer a program hears that there is none, or that it is not there yet
    found = Counter(host.ask(path.replace("?", ".json?"))[0] for path in new)
    assert set(found) <= {503, 504}

    athena.begin(tmp_path / "lake")
    until(lambda: host.ask(many_questions(1)[0].replace("?", ".json?"))[0] == 200)
    assert set(flood(host, [*PATHS, *many_questions(2)], seconds=2.0)) == ANSWERED
