"""The dashboard on real ports: in this process, and as people and as systemd start it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from flask import Flask
from waitress import wasyncore

from benchmarks.process import resident_mb
from tests.doubles.athena import DATABASE, WORKGROUP
from tests.doubles.bucket import REGION
from tests.eventually import eventually
from web.server import create

ROOT = Path(__file__).parent.parent
SOON = 20.0
"""Seconds; far longer than anything here takes, for a machine that is busy with other things."""


def until(true):
    # a server is asked, which has other work to do
    assert eventually(true, SOON, pause=0.05)


@contextmanager
def serving(app: Flask) -> Iterator[str]:
    """Serve an app in this process as it is served everywhere; yield its address."""
    server = create(app, socket.create_server(("127.0.0.1", 0)))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    # its loop closes its sockets itself: closed under it, the next select would fail
    with suppress(OSError):  # a worker woke it meanwhile, and all is closed
        server.trigger.pull_trigger(lambda: wasyncore.close_all(server._map, ignore_all=True))
    thread.join(5)
    server.task_dispatcher.shutdown(timeout=1)
    assert not thread.is_alive()


class Served:
    """`serve` over a folder lake."""

    def __init__(self, *words, cwd):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "local", "serve", "--port", "0", *words],
            cwd=cwd,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.told = ""
        for line in self.process.stdout:
            self.told += line
            found = re.search(r"http://\S+", line)
            if found:
                self.address = found[0]
                break
        else:
            raise AssertionError(self.process.stderr.read())

    def get(self, path):
        with urllib.request.urlopen(self.address + path, timeout=SOON) as answer:
            return answer.read().decode()

    def rows(self, panel):
        return json.loads(self.get(f"/panels/{panel}.json"))["rows"]

    def shows(self, *rows):
        """Wait until the total sales are these rows."""
        until(lambda: self.rows("total-sales-by-customer") == list(rows))

    def end(self, number=signal.SIGINT):
        """Tell the process to end; return its exit code and what it said besides."""
        self.process.send_signal(number)
        out, err = self.process.communicate(timeout=SOON)
        return self.process.returncode, out + err


def unit(aws: dict[str, str], bucket: str, athena: str) -> dict[str, str]:
    """Return the variables that the unit sets, and where the doubles of AWS are."""
    # the region that boto3 itself would read is not set by the unit
    return {name: value for name, value in aws.items() if name != "AWS_DEFAULT_REGION"} | {
        "AWS_ENDPOINT_URL_ATHENA": athena,
        "LAKE_BUCKET": bucket,
        "ATHENA_WORKGROUP": WORKGROUP,
        "ATHENA_DATABASE": DATABASE,
        "AWS_REGION": REGION,
        "DASHBOARD_LISTEN": "127.0.0.1:0",
    }


class Host:
    """The host over a lake in a bucket."""

    def __init__(self, variables) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "web.host"],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], **variables},
            stderr=subprocess.PIPE,
            text=True,
        )
        self.address = ""
        self.said = ""
        # all is read as it comes: a full pipe would hold the host up
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        until(lambda: self.address or not self._reader.is_alive())
        assert self.address, self.said

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    @property
    def resident_mb(self) -> float:
        """Its resident set, in millions of bytes."""
        return resident_mb(self.process.pid)

    def ask(self, path, **headers):
        """Return status, headers and text."""
        request = urllib.request.Request(
            self.address + path, headers={name.replace("_", "-"): v for name, v in headers.items()}
        )
        try:
            with urllib.request.urlopen(request, timeout=SOON) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as fault:
            with fault:
                return fault.status, fault.headers, fault.read().decode()

    def end(self, number=signal.SIGTERM):
        """Tell it to end as systemd does; return the exit code, what it said, and the seconds."""
        began = time.monotonic()
        self.process.send_signal(number)
        code = self.process.wait(SOON)
        took = time.monotonic() - began
        self._reader.join()
        self.process.stderr.close()
        return code, self.said, took

    def _read(self) -> None:
        for line in self.process.stderr:
            self.said += line
            found = re.search(r"http://\S+", line)
            if found and not self.address:
                self.address = found[0]
