"""The function as AWS runs it: its bundle unpacked, under AWS's own runtime client.

A small server takes the place of the one that hands a function its events inside Lambda.
"""

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from lake.schema import DROPPED, PROCESSED
from tests.doubles.bucket import refused
from tests.handler.invoking import AS_OF, Stack
from tests.handler.outcomes import lines, order

ROOT = Path(__file__).parent.parent.parent
BUNDLE = ("lake", "handler")
KEY = "raw/shop a/orders+1.csv"

ANSWERED_WITHIN = 60
"""Seconds: it takes one or two, the machine may be busy."""


@dataclass(frozen=True)
class Answer:
    """What the function posted, and whether as its response or as its error."""

    kind: str
    content: Any


class Runtime:
    """Lambda's runtime interface, for one function at a time."""

    def __init__(self) -> None:
        self._events: queue.Queue[Any] = queue.Queue()
        self._answers: queue.Queue[Answer] = queue.Queue()
        runtime = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                assert self.path == "/2018-06-01/runtime/invocation/next"
                event = json.dumps(runtime._events.get()).encode()
                self.send_response(200)
                self.send_header("Lambda-Runtime-Aws-Request-Id", "request-1")
                self.send_header("Lambda-Runtime-Deadline-Ms", "4102444800000")
                self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:::f")
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(event)))
                self.end_headers()
                self.wfile.write(event)

            def do_POST(self) -> None:
                content = self.rfile.read(int(self.headers["Content-Length"]))
                kind = self.path.rpartition("/")[2]
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()
                runtime._answers.put(Answer(kind, json.loads(content)))

            def log_message(self, *_: Any) -> None:
                pass

        self._server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )
        self._thread.start()

    def invoke(self, event: Any) -> Answer:
        self._events.put(event)
        return self._answers.get(timeout=ANSWERED_WITHIN)

    def stop(self) -> None:
        # somebody may still be asking for the next event
        self._events.put(None)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


@pytest.fixture
def stack(bucket, tmp_path):
    return Stack(bucket, tmp_path)


@pytest.fixture
def function(stack, aws, tmp_path):
    """Start the function over the bucket; `function(...)` takes more of its environment."""
    runtime = Runtime()
    bundle, disk = tmp_path / "task", tmp_path / "disk"
    disk.mkdir()
    for folder in BUNDLE:
        shutil.copytree(
            ROOT / folder, bundle / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    started = []

    def start(**environment: str) -> Runtime:
        # nothing of the project's but the bundle is to be found from there
        env = {"PATH": os.environ["PATH"], "TMPDIR": str(disk), "HOME": str(disk)}
        env |= {"AWS_LAMBDA_RUNTIME_API": runtime.address, "LAKE_BUCKET": stack.bucket.name}
        env |= {"AWS_LAMBDA_FUNCTION_NAME": "orders", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769"}
        env |= {"AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_REGION": aws["AWS_DEFAULT_REGION"]}
        with (tmp_path / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "awslambdaric", "handler.entry.lambda_handler"],
                cwd=bundle,
                env=env | aws | environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        started.append(process)
        return runtime

    yield start
    for process in started:
        process.kill()
        process.wait()
    runtime.stop()


def test_an_event_goes_in_and_the_outputs_are_committed(stack, function, tmp_path):
    version = stack.bucket.upload(KEY, lines(order(status="lost")), AS_OF)
    runtime = function()

    answer = runtime.invoke(stack.created(KEY))

    assert answer.kind == "response", answer
    [record] = answer.content["looked"][KEY]
    assert (record["status"], record["source_version"]) == ("committed", version)
    assert stack.ids(PROCESSED, KEY) == ["G1", "G2"]
    assert stack.ids(DROPPED, KEY) == ["G3"]
    assert stack.quarantine(KEY, version)["raw"].to_list() == [order(status="lost")]
    assert stack.is_settled()
    assert f"{KEY}: committed" in (tmp_path / "log").read_text()
    assert list((tmp_path / "disk").iterdir()) == [], "its disk is left empty"


def test_what_it_writes_is_what_every_other_machine_writes(stack, function, tmp_path):
    stack.bucket.upload(KEY, lines(*[order(id=str(n)) for n in range(3000)]), AS_OF)
    stack.look(KEY)
    before = stack.outputs(KEY)
    for prefix in ("processed/", "dropped/", "ingests/"):
        for entry in stack.store.list(prefix):
            stack.bucket.s3.delete_object(Bucket=stack.bucket.name, Key=entry.key)

    function(POLARS_MAX_THREADS="1", TZ="Asia/Tokyo", LC_ALL="C").invoke(stack.created(KEY))

    assert stack.outputs(KEY) == before


def test_an_error_says_what_is_wrong_and_the_next_event_is_taken_all_the_same(stack, function):
    stack.bucket.upload(KEY, lines(), AS_OF)
    stack.bucket.server.meddle = lambda request: (
        refused("403 Forbidden", "AccessDenied") if request.method == "PUT" else None
    )
    runtime = function()

    error = runtime.invoke(stack.created(KEY))

    assert error.kind == "error"
    assert error.content["errorType"] == "ExceptionGroup"
    assert "could not look at 1 of the keys: cannot write " in error.content["errorMessage"]
    assert "AccessDenied" in error.content["errorMessage"]
    assert error.content["stackTrace"]
    stack.bucket.server.begin()
    assert runtime.invoke(stack.created(KEY)).kind == "response"
    assert stack.is_settled()


def test_a_bucket_that_cannot_be_reached_is_an_error_that_names_it(stack, function):
    runtime = function(AWS_ENDPOINT_URL_S3="http://127.0.0.1:9")

    error = runtime.invoke(stack.created(KEY))

    assert error.kind == "error"
    assert (
        'Could not connect to the endpoint URL: "http://127.0.0.1:9'
        in (error.content["errorMessage"])
    )


def test_a_wrong_setting_is_an_error_that_names_it(stack, function):
    runtime = function(ORDERS_DROP_DAYS="soon")

    error = runtime.invoke(stack.created(KEY))

    assert (error.kind, error.content["errorType"]) == ("error", "SettingError")
    assert "ORDERS_DROP_DAYS: 'soon' is not a number like 30" in error.content["errorMessage"]
