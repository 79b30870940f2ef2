"""The dashboard host: `python -m web.host` serves a lake in a bucket until it is told to end.

All settings come from the environment (web/environment.py). Logs go to standard error, in the form
that the journal reads, or with times where it is a file. Exit codes: 0 told to end, 1 cannot serve,
2 wrong settings.
"""

import logging
import os
import socket
import sys
import threading
import time

import boto3

import lake.s3
import web.athena.client
from lake import names
from lake.ledger import Ledger
from lake.s3 import S3Store
from lake.store import StoreError
from queries.catalog import FOLDER
from web.app import create_app
from web.assets import AssetsMissing
from web.athena.engine import AthenaEngine
from web.config import LOCAL_HOSTS, Config
from web.environment import Environment, WrongEnvironment, read
from web.server import Stop, create

ANSWERS = "answers.sqlite"
END_S = 2.0
"""How long the end waits for queries to be stopped: they are billed for what they scan."""
END_REQUESTS_S = 1
"""How long it waits for requests that are being answered: a browser asks again."""

_log = logging.getLogger("web.host")


class CannotServe(Exception):
    """The host cannot serve; the message says why and what to do."""


class JournalFormatter(logging.Formatter):
    """Puts systemd's mark of the level before every line, where its journal reads them.

    A traceback is thus as loud as its first line (sd-daemon(3)).
    """

    LEVELS = ((logging.ERROR, 3), (logging.WARNING, 4), (logging.INFO, 6), (logging.NOTSET, 7))

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's lines, each with the mark."""
        level = next(mark for least, mark in self.LEVELS if record.levelno >= least)
        return "\n".join(f"<{level}>{line}" for line in super().format(record).split("\n"))


class FileFormatter(logging.Formatter):
    """Puts the time, UTC, and the level's name before a record."""

    def __init__(self) -> None:
        super().__init__("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
        self.converter = time.gmtime


def main() -> int:
    """Serve until SIGINT or SIGTERM; return the exit code."""
    _log_to_stderr()
    try:
        serve(read(os.environ))
    except WrongEnvironment as fault:
        for line in str(fault).split("\n"):
            _log.error("%s", line)
        return 2
    except CannotServe as fault:
        _log.error("%s", fault)
        return 1
    return 0


def serve(environment: Environment) -> None:
    """Serve until SIGINT or SIGTERM. Raises CannotServe."""
    stop = Stop()
    listener = _listen(*environment.listen)
    store, engine = _connect(environment)
    ledger = Ledger(store)
    try:
        app = create_app(
            Config(
                engine=engine,
                ledger=ledger,
                panels=FOLDER,
                raw=f"s3://{environment.bucket}/{names.RAW}",
                answers=environment.cache / ANSWERS if environment.cache else None,
                environment=environment.environment,
                currency=environment.currency,
                trusted_hosts=(*LOCAL_HOSTS, *environment.hosts),
                proxied=environment.proxied,
            )
        )
    except AssetsMissing as fault:
        raise CannotServe(str(fault)) from fault
    server = create(app, listener, proxied=environment.proxied)

    def run() -> None:
        try:
            _read(ledger)
            server.run()
        finally:
            stop.tell()

    threading.Thread(target=run, name="server", daemon=True).start()
    host, port = listener.getsockname()[:2]
    address = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    _log.info("The dashboard of s3://%s is on %s", environment.bucket, address)
    stop.wait()
    # first all runs: threads that answer requests may be waiting for them
    app.extensions["desk"].runs.close()
    server.task_dispatcher.shutdown(timeout=END_REQUESTS_S)
    engine.close(END_S)
    _log.info("The dashboard has ended")


def _connect(environment: Environment) -> tuple[S3Store, AthenaEngine]:
    # boto3 itself reads another variable for the region
    boto3.setup_default_session(region_name=environment.region)
    store = S3Store(environment.bucket, lake.s3.client(environment.region))
    engine = AthenaEngine(
        web.athena.client.client(),
        workgroup=environment.workgroup,
        database=environment.database,
        store=store,
        usd_per_tb=environment.usd_per_tb,
    )
    return store, engine


def _read(ledger: Ledger) -> None:
    """Read the ledger before anybody asks: of thousands of records that takes seconds."""
    try:
        ledger.ingests()
    except StoreError as fault:
        # whoever opens a page is told so too, and it is tried again there
        _log.warning("The ledger cannot be read yet: %s", fault)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as fault:
        listener.close()
        raise CannotServe(
            f"DASHBOARD_LISTEN: cannot serve on {host} port {port} ({fault.strerror or fault}): "
            "choose another address or port."
        ) from fault
    return listener


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JournalFormatter() if "JOURNAL_STREAM" in os.environ else FileFormatter())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.getLogger("web").setLevel(logging.INFO)


if __name__ == "__main__":
    sys.exit(main())
