"""The server of laptop and host: waitress, with room for clients that only hold a connection."""

import socket

from flask import Flask
from waitress.server import BaseWSGIServer, MultiSocketServer, create_server

from web.app import BODY_BYTES
from web.config import REQUESTS

CONNECTIONS = 400
"""Connections at once: a browser keeps six, and one that never ends its request costs only its
place here. A process may have 1024 files open."""
HEAD_BYTES = 32 * 1024
"""Longest head of a request: an address is far shorter, and each connection could hold as much."""


def create(
    app: Flask, listener: socket.socket, *, proxied: bool = False
) -> BaseWSGIServer | MultiSocketServer:
    """Return the server of an app; its `run` serves until its sockets are closed.

    `proxied` says whether the app itself takes the headers of one known proxy; else nobody's are
    taken. An idle connection lives for waitress's 120 s: longer than a load balancer keeps it.
    """
    return create_server(
        app,
        sockets=[listener],
        threads=REQUESTS,
        connection_limit=CONNECTIONS,
        # select, which is used otherwise, knows no file above 1023
        asyncore_use_poll=True,
        max_request_header_size=HEAD_BYTES,
        max_request_body_size=BODY_BYTES,
        clear_untrusted_proxy_headers=not proxied,
    )
