"""A bucket on moto's S3 server, spoken to over HTTP as the real one, which can be made to fail.

The server holds every request until it is answered, one at a time: S3 decides a conditional write
atomically, and moto does not.
"""

import logging
import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any
from urllib.parse import unquote

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import get_input_stream

from lake.s3 import S3Store, client
from lake.store import AS_OF

App = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

REGION = "eu-central-1"
ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "a-test",
    "AWS_SECRET_ACCESS_KEY": "a-test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""With it boto3 has a region and credentials, and looks for none on this machine."""


@dataclass(frozen=True)
class Request:
    """What was asked of the server."""

    method: str
    key: str
    """empty for a request on the bucket itself"""
    query: str


def refused(status: str, code: str) -> Callable[[App], App]:
    """Answer with S3's error instead of doing it."""

    def around(_: App) -> App:
        def answer(environ, start_response):
            get_input_stream(environ).read()
            body = f"<Error><Code>{code}</Code><Message>{status}</Message></Error>".encode()
            start_response(status, [("Content-Type", "application/xml")])
            return [body]

        return answer

    return around


def unanswered(app: App) -> App:
    """Do it, and drop the connection instead of answering."""

    def answer(environ, start_response):
        list(app(environ, start_response))
        raise ConnectionResetError

    return answer


def cut(app: App) -> App:
    """Answer with the first half of the body, and drop the connection."""

    def answer(environ, start_response):
        body = b"".join(app(environ, start_response))
        yield body[: len(body) // 2]

    return answer


class Server:
    """Moto's server, in a thread."""

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
        self._moto = DomainDispatcherApplication(create_backend_app)
        # for each request it would look through moto's folders: two fifths of the server's time
        self._moto.get_backend_for_host = cache(self._moto.get_backend_for_host)
        self._one_at_a_time = threading.Lock()
        self.requests: list[Request] = []
        self.meddle: Callable[[Request], Callable[[App], App] | None] = lambda _: None
        """says of each request how it fails; None lets it be done"""
        self._server = make_server(
            "127.0.0.1", 0, self._app, threaded=True, request_handler=_Handler
        )
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    @cached_property
    def client(self):
        """The function's client; making one takes as long as two requests."""
        return client()

    def begin(self) -> None:
        """Forget what was asked, and fail no more."""
        self.requests.clear()
        self.meddle = lambda _: None

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _app(self, environ, start_response):
        key = unquote(environ["RAW_URI"].partition("?")[0]).lstrip("/").partition("/")[2]
        request = Request(environ["REQUEST_METHOD"], key, environ["QUERY_STRING"])
        self.requests.append(request)
        around = self.meddle(request)
        with self._one_at_a_time:
            app = around(self._moto) if around else self._moto
            return list(app(environ, start_response))


class _Handler(WSGIRequestHandler):
    def log(self, *args: Any) -> None:
        pass

    def connection_dropped(self, error, environ=None) -> None:
        self.close_connection = True


@dataclass
class Bucket:
    """A versioned bucket of its own."""

    server: Server
    name: str = field(default_factory=lambda: f"lake-{secrets.token_hex(6)}")

    def __post_init__(self) -> None:
        self.s3 = self.server.client
        self.s3.create_bucket(
            Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        versioned = {"Status": "Enabled"}
        self.s3.put_bucket_versioning(Bucket=self.name, VersioningConfiguration=versioned)
        self.server.begin()

    def store(self) -> S3Store:
        """Return the store over it, with a client like the function's."""
        return S3Store(self.name, self.s3)

    def upload(self, key: str, content: bytes, as_of: str | None = None) -> str:
        """Put a raw file there and return its version."""
        metadata = {AS_OF: as_of} if as_of else {}
        put = self.s3.put_object(Bucket=self.name, Key=key, Body=content, Metadata=metadata)
        return put["VersionId"]

    def writes(self) -> list[str]:
        """Return the keys that were written since the last `begin`, in order."""
        return [request.key for request in self.server.requests if request.method == "PUT"]
