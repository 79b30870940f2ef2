"""The server of laptop and host: waitress, with room for clients that only hold a connection."""

import signal
import socket
from typing import cast

from flask import Flask
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer, create_server

from web.app import BODY_BYTES
from web.config import REQUESTS

CONNECTIONS = 400
"""Connections at once: a browser keeps six, and one that never ends its request costs only its
place here. A process may have 1024 files open."""
HEAD_BYTES = 32 * 1024
"""Longest head of a request: an address is far shorter, and each connection could hold as much."""


class Channel(HTTPChannel):
    """A connection that only asks to be written to while nobody is writing to it.

    While a worker sends, waitress's loop finds the socket ready and its buffer locked, at once and
    again, and a loop that never rests takes the interpreter from the very worker it waits for. What
    the worker cannot send it leaves, and wakes the loop for it.
    """

    def writable(self) -> bool:
        """Tell whether the loop shall wait until the socket takes more."""
        if self.will_close or self.close_when_flushed or not self.total_outbufs_len:
            return bool(super().writable())
        free: bool = self.outbuf_lock.acquire(blocking=False)
        if free:
            self.outbuf_lock.release()
        return free


class Stop:
    """Waits for SIGINT, SIGTERM or the server's own end; made in the main thread.

    Not an event: a signal that comes just before the wait for one is noted, and wakes nobody.
    """

    def __init__(self) -> None:
        self._waits, self._told = socket.socketpair()
        self._told.setblocking(False)
        signal.set_wakeup_fd(self._told.fileno())
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)

    def tell(self) -> None:
        """End the wait."""
        self._told.send(b"\0")

    def wait(self) -> None:
        """Return once one of them came, before or now."""
        self._waits.recv(1)


def create(app: Flask, listener: socket.socket, *, proxied: bool = False) -> BaseWSGIServer:
    """Return the server of an app; its `run` serves until its sockets are closed.

    `proxied` says whether the app itself takes the headers of one known proxy; else nobody's are
    taken. An idle connection lives for waitress's 120 s: longer than a load balancer keeps it.
    """
    server = create_server(
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
    # one listener makes one server
    one = cast(BaseWSGIServer, server)
    one.channel_class = Channel
    return one
