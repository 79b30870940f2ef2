"""`serve` as a person starts and ends it: a real process, a real port."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from lake.folder import FolderStore
from lake.ledger import Ledger
from local import sample
from tests.eventually import quickest
from tests.serving import ROOT, SOON, Served, until

HEAD = b"OrderID,Customer,Amount,Status,OrderDate\r\n"


@pytest.fixture
def serve(tmp_path):
    running = []

    def begin(*words):
        running.append(Served(*words, cwd=tmp_path))
        return running[-1]

    yield begin
    for served in running:
        if served.process.poll() is None:
            served.process.kill()
        served.process.communicate()


def test_the_first_start_has_sample_orders_and_says_where_to_drop_files(serve, tmp_path):
    served = serve()
    ledger = Ledger(FolderStore(tmp_path / ".lake"))
    until(lambda: ledger.balance().files == len(sample.EXPORT_DAYS))

    assert "sample orders" in served.told
    assert "`withdraw-sample` takes them out again" in served.told
    assert "dropped into .lake/raw/ appear" in served.told
    assert ledger.balance().quarantined == len(sample.BAD_ROWS)
    assert len(served.rows("monthly-orders-and-revenue")) == 24


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_cleanly_and_soon(serve, number):
    def seconds():
        served = serve("--no-sample")
        served.get("/")
        started = time.monotonic()
        assert served.end(number) == (0, "")
        return time.monotonic() - started

    assert quickest(seconds, 2) < 2


def test_a_port_in_use_is_told_in_a_sentence_before_a_lake_is_made(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "local", "serve", "--port", str(port)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=False,
            capture_output=True,
            text=True,
            timeout=SOON,
        )

    assert done.returncode == 1
    assert f"cannot serve on 127.0.0.1:{port} (Address already in use)" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / ".lake").exists()


def test_what_is_dropped_into_raw_is_on_the_page_two_seconds_after_it_is_whole(serve, tmp_path):
    served = serve("--no-sample")
    customers = iter(("Alice", "Bob", "Cem", "Dee", "Eve"))
    before = []

    def seconds():
        name = next(customers)
        assert sorted(served.rows("total-sales-by-customer")) == before
        with (tmp_path / ".lake" / "raw" / f"{name}.csv").open("wb", buffering=0) as file:
            file.write(HEAD + f"{name}1,{name},10.00,shipped,2025-01-02\r\n{name}2,".encode())
            time.sleep(1.5)
            assert sorted(served.rows("total-sales-by-customer")) == before, "half a file is none"
            file.write(f"{name},2.50,shipped,2025-01-03\r\n".encode())
        closed = time.monotonic()
        before.append([name, 12.5])
        until(lambda: sorted(served.rows("total-sales-by-customer")) == before)
        return time.monotonic() - closed

    assert quickest(seconds, 2) < 2


def test_two_processes_on_one_lake_commit_a_file_once_and_both_show_it(serve, tmp_path):
    first, second = serve("--no-sample"), serve("--no-sample")
    for number in range(5):
        line = b"O%d,Alice,1.00,shipped,2025-01-02\r\n" % number
        (tmp_path / ".lake" / "raw" / f"{number}.csv").write_bytes(HEAD + line)
    for served in (first, second):
        served.shows(["Alice", 5])

    ledger = Ledger(FolderStore(tmp_path / ".lake"))
    # whoever lost the race for a file looks again, and finds it done
    until(lambda: ledger.balance().rows_in == 5 and not ledger.unsettled())
    assert [record.status for record in ledger.newest()] == ["committed"] * 5


def test_a_second_start_is_quick_and_finds_what_came_meanwhile(serve, tmp_path):
    serve().end()
    (tmp_path / ".lake" / "raw" / "late.csv").write_bytes(
        HEAD + b"L1,Latecomer,1.00,shipped,2026-06-02\r\n"
    )
    started = []

    def seconds():
        began = time.monotonic()
        started.append(serve())
        started[-1].get("/")
        took = time.monotonic() - began
        until(lambda: ["Latecomer", 1] in started[-1].rows("total-sales-by-customer"))
        assert "sample" not in started[-1].told
        started[-1].end()
        return took

    assert quickest(seconds, 5) < 5


def test_a_request_that_waits_does_not_hold_up_the_end(serve):
    def seconds():
        served = serve("--no-sample")
        host, port = served.address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as idle:
            idle.sendall(b"GET / HTTP/1.1\r\nHost: 127")
            time.sleep(0.2)
            started = time.monotonic()
            code, _ = served.end()
            assert code == 0
            return time.monotonic() - started

    assert quickest(seconds, 2) < 2
