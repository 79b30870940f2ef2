"""What came in: every file's record, what is still on its way, and the quarantined lines.

The records come from the ledger, so they are shown while the engine is away.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, redirect

from lake import times
from lake.ledger import Balance, Record
from lake.names import RAW
from lake.store import Version
from web import htmx, show, urls
from web.asked import refuse_foreign
from web.desk import PAGE_WAIT_S, Desk, desk
from web.engine import Answer, Value
from web.page import Page, links, respond
from web.question import Question
from web.runs import Standing
from web.table import Cell, Heading, Table
from web.view import RELOAD_S, View, view

RECORDS = 100
"""Most records shown, the newest."""
LINE_LENGTH = 400
"""Most characters shown of a quarantined line: one can be 64 KiB."""
FAILED_AFTER = timedelta(hours=1)
"""A file that waits longer has failed: the function's own retries have ended by then."""

QUARANTINED = Question(
    "SELECT received_at, source_key, source_line, reason, to_hex(raw) AS raw"
    " FROM quarantine"
    " ORDER BY received_at DESC, source_key, source_version, source_line"
    " LIMIT 200"
)
"""The newest quarantined lines. This SQL is no panel: it reads what no panel counts."""

blueprint = Blueprint("ingests", __name__)


@dataclass(frozen=True)
class Row:
    """A file's record, as it is shown."""

    name: str
    status: str
    received: str
    finished: str
    record: Record
    repairs: list[str]


@dataclass(frozen=True)
class Waiting:
    """A raw file without a finished record."""

    name: str
    arrived: str
    size: str
    failed: bool


@dataclass(frozen=True)
class Ingests:
    """What the page shows."""

    balance: Balance
    rows: list[Row]
    more: int
    """how many older records are not shown"""
    waiting: list[Waiting]
    settled: str


@blueprint.get("/ingests")
def ingests() -> Response:
    """Show what came in: the whole page, or the part that htmx asks for."""
    here = desk()
    state = here.state()
    target = htmx.part()
    if target == "quarantine":
        return respond("_answer.html", view=_lines(here, state), said=True)
    if target == "records":
        return respond("_records.html", ingests=_records(here, state))
    lines = _lines(here, state)
    waits = lines.phase == "waiting" or lines.updating
    context: dict[str, Any] = {
        "ingests": _records(here, state),
        "view": lines,
        "page": Page("What came in", links("ingests", {}), RELOAD_S if waits else None),
    }
    if target == "main":
        return respond("_ingests.html", **context, alone=True)
    if target is not None:
        htmx.no_such_part()
    return respond("ingests.html", **context)


@blueprint.post("/ingests/cancel")
def cancel() -> Response:
    """Stop reading the quarantined lines."""
    refuse_foreign()
    desk().runs.cancel(QUARANTINED)
    return _lines_again()


@blueprint.post("/ingests/refresh")
def refresh() -> Response:
    """Read the quarantined lines anew."""
    refuse_foreign()
    desk().runs.refresh(QUARANTINED, desk().state())
    return _lines_again()


def _lines_again() -> Response:
    if not htmx.wants_fragment():
        return Response(status=303, headers={"Location": redirect(urls.INGESTS).location})
    return respond("_answer.html", view=_lines(desk(), desk().state()), said=True)


def _records(here: Desk, state: str) -> Ingests:
    ledger = here.config.ledger
    records = [ingest.record for ingest in ledger.ingests()]
    return Ingests(
        balance=ledger.balance(),
        rows=[_row(record) for record in records[:RECORDS]],
        more=max(0, len(records) - RECORDS),
        waiting=[_waiting(version) for version in ledger.pending()],
        settled=state if here.settled(state) else "",
    )


def _row(record: Record) -> Row:
    repairs = [f"{name.replace('_', ' ')}: {count:,}" for name, count in record.repairs.items()]
    return Row(
        name=_name(record.source_key),
        status=record.status if record.finished_at else f"{record.status}, not carried out yet",
        received=show.moment(record.received_at),
        finished=show.moment(record.finished_at) if record.finished_at else show.NOTHING,
        record=record,
        repairs=sorted(repairs),
    )


def _waiting(version: Version) -> Waiting:
    failed = times.now() - version.arrived > FAILED_AFTER
    arrived = show.moment(version.arrived)
    return Waiting(_name(version.key), arrived, show.size(version.size), failed)


def _lines(here: Desk, state: str) -> View:
    standing: Standing = here.runs.ask(QUARANTINED, state, wait=PAGE_WAIT_S)
    return view(
        standing,
        id_="quarantine",
        title="Quarantined lines",
        url=urls.quarantine(),
        cancel=urls.quarantine("/cancel"),
        refresh=urls.quarantine("/refresh"),
        table=quarantined(standing.kept.answer) if standing.kept else None,
    )


def quarantined(answer: Answer) -> Table:
    """Return the quarantined lines as a table; the exact bytes are decoded as far as they go."""
    headings = ("Received", "File", "Line", "Reason", "As it came")
    return Table(
        tuple(Heading(label, number=label == "Line") for label in headings),
        tuple(_line(row) for row in answer.rows),
        len(answer.rows),
        answer.truncated,
        newest=False,
    )


def _line(row: tuple[Value, ...]) -> tuple[Cell, ...]:
    received, key, line, reason, raw = row
    texts = (
        show.value(received),
        _name(str(key)),
        str(line) if line is not None else show.NOTHING,
        show.value(reason),
        decoded(raw) if isinstance(raw, str) else "the whole file",
    )
    return tuple(
        Cell(text, number=place == 2, whole=place == 0) for place, text in enumerate(texts)
    )


def decoded(raw: str) -> str:
    """Return hex digits as the text they stand for; what is not UTF-8 or not seen is spelt out."""
    text = bytes.fromhex(raw).decode("utf-8", errors="backslashreplace")
    shown = show.visible(text[:LINE_LENGTH])
    rest = len(text) - LINE_LENGTH
    return f"{shown}\N{HORIZONTAL ELLIPSIS} and {rest:,} more characters" if rest > 0 else shown


def _name(key: str) -> str:
    return show.visible(key.removeprefix(RAW))
