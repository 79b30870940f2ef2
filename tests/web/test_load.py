"""Many at once on the real server: clients that never end a request, and floods of questions."""

import http.client
import json
import random
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from flask import Flask, Response

from tests.doubles.engine import ANSWERS
from tests.serving import SOON, serving
from web.runs import QUEUE_CAP, RUN_CAP
from web.server import Channel

SLUG = "total-sales-by-customer"
HALF_OPEN = 150
"""More than waitress itself would take; 40 are common."""
PROMPT_S = 2.0
"""Seconds until an answer that takes some 10 ms; a busy machine lies between."""
CLIENTS, EACH = 8, 20
"""How many ask at once, and how often."""
LARGE = 24 * 1024**2
"""Bytes of an answer that fits neither a socket nor what waitress keeps of one."""
PAGES = ("/", f"/panels/{SLUG}", "/ingests", f"/panels/{SLUG}.json", "/state", "/healthz")


@pytest.fixture
def address(dashboard):
    with serving(dashboard.app) as address:
        yield urlsplit(address).netloc


@pytest.fixture
def ask(address):
    """Return a function that asks once, on a connection of its own; gives status, headers, text."""

    def ask(path):
        connection = http.client.HTTPConnection(address, timeout=SOON)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            connection.close()

    return ask


@pytest.mark.parametrize(
    ("begun", "end"),
    [
        (b"GET /healthz HTTP/1.1\r\nHost: local", b"host\r\n\r\n"),
        (b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n123", b"456789"),
    ],
    ids=["in the head", "in the body"],
)
def test_half_open_clients_hold_up_nobody_and_get_their_answer_in_the_end(address, ask, begun, end):
    host, port = address.split(":")
    with ExitStack() as stack:
        halves = [
            stack.enter_context(socket.create_connection((host, int(port)), timeout=SOON))
            for _ in range(HALF_OPEN)
        ]
        for half in halves:
            half.sendall(begun)
        for path in PAGES:
            began = time.monotonic()
            assert ask(path)[0] == 200
            assert time.monotonic() - began < PROMPT_S, path
        for half in halves:
            half.sendall(end)
        assert {half.recv(15) for half in halves} == {b"HTTP/1.1 200 OK"}


@pytest.mark.parametrize(
    ("head", "status"),
    [(b"Content-Length: 1000000000", b"413"), (b"X: " + 40_000 * b"x", b"431")],
    ids=["body", "head"],
)
def test_what_is_too_large_is_refused_before_it_is_all_there(address, head, status):
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), timeout=SOON) as client:
        client.sendall(b"POST /refresh HTTP/1.1\r\nHost: localhost\r\n" + head + b"\r\n\r\n")
        assert client.recv(12).endswith(status)


def test_a_flood_of_one_question_is_one_run_and_no_error(ask, engine):
    with ThreadPoolExecutor(16) as crowd:
        found = list(crowd.map(ask, [f"/panels/{SLUG}.json", f"/panels/{SLUG}"] * 100))

    assert Counter(status for status, _, _ in found) == {200: 200}
    assert engine.count(SLUG) == 1


def test_the_servers_loop_rests_while_workers_send(address, monkeypatch):
    """Else it asks each of the connections whether it takes more some thousand times a request."""
    asked = Counter()

    def writable(channel, real=Channel.writable):
        asked[channel] += 1
        return real(channel)

    monkeypatch.setattr(Channel, "writable", writable)

    def many(_):
        connection = http.client.HTTPConnection(address, timeout=SOON)
        for _ in range(EACH):
            connection.request("GET", f"/panels/{SLUG}.json")
            assert connection.getresponse().read()
        connection.close()

    with ThreadPoolExecutor(CLIENTS) as crowd:
        list(crowd.map(many, range(CLIENTS)))

    assert len(asked) == CLIENTS
    # once or twice for every request of any of them; it was some hundred times
    assert max(asked.values()) < 10 * CLIENTS * EACH


def test_who_reads_slowly_gets_all_and_holds_up_nobody():
    app = Flask(__name__)
    text = random.Random(1).randbytes(LARGE)
    app.add_url_rule("/large", "large", lambda: Response(text))
    app.add_url_rule("/small", "small", lambda: "small")
    with serving(app) as address, urlopen(f"{address}/large", timeout=SOON) as answer:
        read = b""
        while part := answer.read(LARGE // 16):
            read += part
            with urlopen(f"{address}/small", timeout=PROMPT_S) as small:
                assert small.read() == b"small"
    assert read == text


def test_more_questions_than_there_is_room_for_are_told_to_come_back_and_then_answered(ask, engine):
    """A page says it; a program hears 503, or 504 where its question is in line."""
    many = 2 * (QUEUE_CAP + RUN_CAP)
    with engine.held(SLUG, ANSWERS[SLUG]) as go, ThreadPoolExecutor(16) as crowd:
        paths = [f"/panels/{SLUG}?customer={number}" for number in range(many)]
        pages = list(crowd.map(ask, paths))
        assert {status for status, _, _ in pages} == {200}
        full = [path for path, (_, _, text) in zip(paths, pages, strict=True) if "in line;" in text]
        assert 0 < len(full) < many

        status, headers, text = ask(full[-1].replace("?", ".json?"))
        assert (status, json.loads(text)["error"]["code"]) == (503, "busy")
        assert headers["Retry-After"] == "60"
        assert all(ask(path)[0] == 200 for path in ("/ingests", "/state", "/healthz"))

        go.set()
        until = time.monotonic() + SOON
        while ask(full[-1].replace("?", ".json?"))[0] != 200:
            assert time.monotonic() < until
    assert threading.active_count() < 100
