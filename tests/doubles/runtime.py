"""Lambda's runtime interface: what hands a function its events, and takes its answers."""

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
BUNDLE = ("lake", "handler")

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
        self._processes: list[subprocess.Popen[bytes]] = []
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
        for process in self._processes:
            process.kill()
            process.wait()
        # somebody may still be asking for the next event
        self._events.put(None)
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def start(self, folder: Path, bucket: str, environment: Mapping[str, str]) -> None:
        """Start the function under AWS's own runtime client: its bundle unpacked in `folder`.

        Its disk is `folder/disk`, its log `folder/log`.
        """
        bundle, disk = folder / "task", folder / "disk"
        disk.mkdir(parents=True)
        for part in BUNDLE:
            shutil.copytree(
                ROOT / part, bundle / part, ignore=shutil.ignore_patterns("__pycache__")
            )
        # nothing of the project's but the bundle is to be found from there
        env = {"PATH": os.environ["PATH"], "TMPDIR": str(disk), "HOME": str(disk)}
        env |= {"AWS_LAMBDA_RUNTIME_API": self.address, "LAKE_BUCKET": bucket}
        env |= {"AWS_LAMBDA_FUNCTION_NAME": "orders", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769"}
        env |= {"AWS_LAMBDA_FUNCTION_VERSION": "$LATEST"}
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "awslambdaric", "handler.entry.lambda_handler"],
                cwd=bundle,
                env=env | environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._processes.append(process)
