"""The function's entry: what AWS calls, with S3's events or with keys to look at.

An event only says where to look. What it carries besides, its order and its repetitions do not
count; every record of it is dealt with, and what failed is raised in the end, so that a retry finds
only that left to do.
"""

# ruff: noqa: E402
import gc
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

# what a start imports stays: looking for garbage among it took 25 ms, a tenth of the start
gc.disable()

from handler.look import WORKPLACE, Looker
from handler.notices import Notices
from handler.sweep import Looked, look_at, replay, sweep
from handler.withdraw import withdraw
from lake import names
from lake.ledger import Ledger
from lake.rule import Settings
from lake.s3 import S3Store
from lake.store import Store

gc.freeze()
gc.enable()

log = logging.getLogger(__name__)
log.setLevel(logging.INFO)

BUCKET_VARIABLE = "LAKE_BUCKET"

LONGEST_ANSWER = 4_000_000
"""Bytes of JSON: Lambda fails a call that answers with more than 6 MB, though its work is done."""


@dataclass(frozen=True)
class Function:
    """What stays between two calls of a warm function: nothing of what they did."""

    store: Store
    looker: Looker
    bucket: str


@cache
def _function() -> Function:
    store = S3Store(os.environ[BUCKET_VARIABLE])
    settings = Settings.from_environment(os.environ)
    work = Path(tempfile.gettempdir())
    # the disk outlives a process that was killed, and nobody but this one works there
    for left in work.glob(f"{WORKPLACE}*"):
        shutil.rmtree(left, ignore_errors=True)
    return Function(store, Looker(store, settings, work), store.bucket)


def lambda_handler(event: Any, context: Any) -> dict[str, Any]:  # noqa: ARG001
    """Look at the keys that an event names.

    Events: S3's notifications; `{"action": "look", "keys": [...]}`; `{"action": "sweep"}`;
    `{"action": "replay", "prefix": ..., "since": "YYYY-MM-DD", "until": ...}`, each optional;
    `{"action": "withdraw", "key": ..., "reason": ...}`; the failure queue's messages, which hold
    calls by events that failed. Returns `{"looked": {key: [record, ...]},
    "ignored": [why, ...], "left_out": n}`, records as in the table `ingests`; n keys more were
    looked at, or ignored, than an answer has room for. Raises an ExceptionGroup of what kept keys
    from being looked at.
    """
    return handle(event, _function(), Notices.from_environment())


def handle(event: Any, function: Function, notices: Notices | None = None) -> dict[str, Any]:
    """Do what an event asks for; see `lambda_handler`."""
    notices = notices or Notices("", "")
    ignored: list[str] = []
    looked: dict[str, list[dict[str, Any]]] = {}
    failure = None
    room = LONGEST_ANSWER
    left_out = 0

    def has_room(part: object) -> bool:
        nonlocal room, left_out
        size = len(json.dumps(part))
        fits = size <= room
        room -= size * fits
        left_out += not fits
        return fits

    try:
        for key, records in _looks(event, function, ignored):
            told = [record.columns() for record in records]
            if has_room({key: told}):
                looked[key] = told
            for record in records:
                log.info("%s: %s %s", key, record.status, record.reason or "")
                notices.add(record)
            if not records:
                log.info("%s: there is no such object (any more)", key)
    except Exception as fault:
        # other tries follow the first ones within minutes; what comes from the queue has had those
        failure = str(fault) if _is_redriven(event) else None
        raise
    finally:
        for why in ignored:
            log.warning("ignored: %s", why)
        notices.send(failure)
    said = [why for why in ignored if has_room(why)]
    return {"looked": looked, "ignored": said, "left_out": left_out}


def _looks(event: Any, function: Function, ignored: list[str]) -> Iterator[Looked]:
    asked = event if isinstance(event, dict) else {}
    match asked.get("action"):
        case None:
            yield from _look_at(_keys(asked, function, ignored), function, ignored)
        case "look":
            keys = asked.get("keys")
            if isinstance(keys, list):
                yield from _look_at(map(str, keys), function, ignored)
            else:
                ignored.append(f"look takes a list of keys, not {keys!r}")
        case "sweep":
            yield from sweep(function.looker, Ledger(function.store))
        case "replay":
            span = {
                name: date.fromisoformat(asked[name])
                for name in ("since", "until")
                if asked.get(name)
            }
            prefix = asked.get("prefix", names.RAW)
            yield from replay(function.store, function.looker, prefix=prefix, **span)
        case "withdraw":
            key, reason = asked.get("key"), asked.get("reason")
            if isinstance(key, str) and isinstance(reason, str) and reason:
                withdraw(function.store, key, reason, function.looker.fingerprint)
                yield from _look_at([key], function, ignored)
            else:
                ignored.append("withdraw takes a key and a reason")
        case other:
            ignored.append(f"unknown action {other!r}: there are look, sweep, replay and withdraw")


def _look_at(keys: Iterable[str], function: Function, ignored: list[str]) -> Iterator[Looked]:
    """Look at those of the keys that are raw files; say of every other why it is ignored."""
    raw = []
    # the order stays, twice the same key is one look
    for key in dict.fromkeys(keys):
        if names.is_file(key):
            raw.append(key)
        else:
            ignored.append(f"{key!r} is no raw file")
    return look_at(function.looker, raw)


def _keys(event: dict[str, Any], function: Function, ignored: list[str]) -> Iterator[str]:
    """Yield the keys that S3's records name; say of every other record why it is ignored."""
    records = event.get("Records")
    if not isinstance(records, list):
        ignored.append(f"no records: {event.get('Event', 'not an event of S3')}")
        return
    for record in records:
        failed = _failed_call(record)
        if failed is not None:
            yield from _keys(failed, function, ignored)
            continue
        try:
            name, bucket, key = (
                record["eventName"],
                record["s3"]["bucket"]["name"],
                record["s3"]["object"]["key"],
            )
        except (KeyError, TypeError):
            name = bucket = key = None
        if not (isinstance(name, str) and isinstance(key, str)):
            ignored.append("a record that is not S3's")
            continue
        if bucket != function.bucket:
            ignored.append(f"a record of the bucket {bucket}, not {function.bucket}")
        elif not name.removeprefix("s3:").startswith("ObjectCreated:"):
            ignored.append(f"{name}: only created objects are looked at")
        else:
            # S3 encodes the key once, with + for a blank: once it is decoded, and no more
            yield unquote_plus(key)


def _is_redriven(event: Any) -> bool:
    """Tell whether an event comes from the failure queue."""
    records = event.get("Records") if isinstance(event, dict) else None
    return isinstance(records, list) and any(_failed_call(record) is not None for record in records)


def _failed_call(record: Any) -> dict[str, Any] | None:
    """Return the event of the failed call that a record of the failure queue holds, else None.

    A sweep that somebody called can be there too, and names no keys: the next one looks again.
    """
    try:
        if record["eventSource"] != "aws:sqs":
            return None
        event = json.loads(record["body"])["requestPayload"]
    except (KeyError, TypeError, ValueError):
        return None
    return event if isinstance(event, dict) else None
