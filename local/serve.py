"""`make run`: the whole pipeline in one process, until it is told to end."""

import logging
import os
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import click

# polars takes SIGINT for itself when it is imported: that must come before the handler below
import handler.look  # noqa: F401
from lake import names
from local import leftovers, sample
from local.duck import DuckEngine
from local.pipeline import Pipeline
from local.ports import another
from local.terminal import Formatter, say
from local.watcher import Watcher
from queries.catalog import FOLDER
from web.app import create_app
from web.assets import AssetsMissing
from web.config import LOCAL_HOSTS, Config
from web.server import Stop, create

END_SECONDS = 1
"""How long the end waits for a file, and for a request, that is being worked on. Both can be cut
off: a commit is whole or nothing, and a browser asks again."""


def serve(folder: Path, host: str, port: int, *, with_sample: bool) -> None:
    """Serve a lake until SIGINT or SIGTERM. Raises StoreError, SettingError, ClickException."""
    log = logging.StreamHandler(sys.stderr)
    log.setFormatter(Formatter("%(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[log])
    logging.getLogger("orders_lake").setLevel(logging.INFO)
    stop = Stop()
    # the port first: who cannot have it is told before a lake is made
    listener = listen(host, port)
    address = f"http://{_in_url(host)}:{listener.getsockname()[1]}"
    pipeline = Pipeline(folder)
    leftovers.clear(pipeline.store.root / "tmp")
    if with_sample and sample.add_if_empty(pipeline.store):
        say(f"{folder} was empty: it gets sample orders of two years.")
        say("`withdraw-sample` takes them out again.")
    watcher = Watcher(
        pipeline.store.root,
        pipeline.looker.look,
        pipeline.ledger.unsettled,
        pipeline.store.unnamable,
    )
    engine = DuckEngine(pipeline.store.root, pipeline.store)
    try:
        app = create_app(
            Config(
                engine=engine,
                ledger=pipeline.ledger,
                panels=FOLDER,
                raw=f"{folder / names.RAW}/",
                answers=pipeline.store.root / "state" / "answers.sqlite",
                trusted_hosts=hosts(host),
            )
        )
    except AssetsMissing as fault:
        raise click.ClickException(str(fault)) from fault
    server = create(app, listener)
    watcher.start()
    # the table that all panels read, before the first of them is asked for
    _begin(engine.refresh, "refresh")
    _begin(server.run, "server", finally_=stop.tell)
    if _in_url(host) not in LOCAL_HOSTS:
        say("Whoever reaches this address reads the lake: it asks nobody for a password.")
    say(f"Orders files dropped into {folder / names.RAW}/ appear on the page.")
    say(f"Orders lake: {address} (Ctrl-C ends it)")
    stop.wait()

    def end() -> None:
        watcher.stop(END_SECONDS)
        app.extensions["desk"].runs.close()
        server.task_dispatcher.shutdown(timeout=END_SECONDS)
        engine.close()

    _begin(end, "end").join(2 * END_SECONDS)
    sys.stdout.flush()
    sys.stderr.flush()
    # what cannot be interrupted (a large file, a long query) is cut off here: nothing that it
    # leaves is ever read. and at the interpreter's own end DuckDB's binding would list every
    # object that a waiting thread still holds
    os._exit(0)


def _begin(
    work: Callable[[], object], name: str, finally_: Callable[[], object] = lambda: None
) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            finally_()

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that takes connections. Raises ClickException when the port is taken."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen()
    except OSError as fault:
        raise click.ClickException(
            f"cannot serve on {host}:{port} ({fault.strerror or fault}): "
            f"choose another port, as in `make run PORT={another(port)}`"
        ) from fault
    return listener


def hosts(host: str) -> tuple[str, ...]:
    """Return the names by which browsers may call a server that listens on `host`."""
    own = socket.gethostname() if host in ("0.0.0.0", "::") else host  # noqa: S104
    return tuple(dict.fromkeys((*LOCAL_HOSTS, _in_url(own))))


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host
