"""Lambda's API as far as a caller needs it: invoke a function, get its answer or its error."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

MOST_BYTES = 6_291_556
"""What Lambda takes for an answer, and no more."""

Function = Callable[[Any], Any]
"""event -> answer; what it raises is the function's error"""


class LambdaService:
    """Functions behind Lambda's API, in this process; `calls` are (function, event), in order."""

    def __init__(self) -> None:
        self.functions: dict[str, Function] = {}
        self.calls: list[tuple[str, Any]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                name = unquote(self.path.split("/")[3])
                event = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                service.calls.append((name, event))
                function = service.functions.get(name)
                if function is None:
                    self.answer(404, {"Message": f"Function not found: {name}"}, Type="User")
                    return
                try:
                    answer = function(event)
                except Exception as fault:
                    error = {"errorMessage": str(fault), "errorType": type(fault).__name__}
                    self.answer(200, error, **{"X-Amz-Function-Error": "Unhandled"})
                else:
                    assert len(json.dumps(answer)) <= MOST_BYTES
                    self.answer(200, answer)

            def answer(self, status: int, content: Any, **headers: str) -> None:
                body = json.dumps(content).encode()
                self.send_response(status)
                for name, value in (headers | {"Content-Length": str(len(body))}).items():
                    self.send_header(name, value)
                if status == 404:
                    self.send_header("X-Amzn-ErrorType", "ResourceNotFoundException")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
