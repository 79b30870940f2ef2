"""Many at once on the real server: clients that never end a request, and floods of questions."""

import http.client
import json
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from tests.doubles.engine import ANSWERS
from tests.serving import SOON, serving
from web.runs import QUEUE_CAP, RUN_CAP

SLUG = "total-sales-by-customer"
HALF_OPEN = 150
"""More than waitress itself would take; 40 are common."""
PROMPT_S = 2.0
"""Seconds until an answer that takes some 10 ms; a busy machine lies between."""
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
