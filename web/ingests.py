"""What came in: every file's record, what is still on its way, and the quarantined lines.

The records come from the ledger, so they are shown while the engine is away.
"""

from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, request

from web import htmx, quarantine, records, urls
from web.asked import refuse_foreign
from web.desk import PAGE_WAIT_S, Desk, desk
from web.page import Page, links, respond
from web.quarantine import QUARANTINED
from web.records import Records
from web.runs import Ended, Standing
from web.view import RELOAD_S, View, view

FIND_LENGTH = 200
"""Longest text that is searched for, characters."""

blueprint = Blueprint("ingests", __name__)


@blueprint.get("/ingests")
def ingests() -> Response:
    """Show what came in: the whole page, or the part that htmx asks for."""
    here = desk()
    state = here.state()
    target = htmx.part()
    find = request.args.get("find", "")[:FIND_LENGTH]
    if target == "quarantine":
        return respond("_answer.html", view=_lines(here, state, find), said=True)
    if target == "records":
        return respond("_records.html", records=_records(here, state))
    lines = _lines(here, state, find)
    shown = _records(here, state)
    arriving = any(not file.failed for file in shown.waiting)
    waits = lines.waits or arriving
    context: dict[str, Any] = {
        "records": shown,
        "view": lines,
        "find": find,
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
    return _lines_again(desk().runs.refresh(QUARANTINED, desk().state()))


def _lines_again(refused: Ended | None = None) -> Response:
    find = request.args.get("find", "")[:FIND_LENGTH]
    if not htmx.wants_fragment():
        return Response(status=303, headers={"Location": urls.quarantine(find)})
    shown = _lines(desk(), desk().state(), find, refused)
    return respond("_answer.html", view=shown, said=True)


def _records(here: Desk, state: str) -> Records:
    replaced = here.balance(state).replaced
    return records.read(here.config.ledger, replaced, state if here.settled(state) else "")


def _lines(here: Desk, state: str, find: str, refused: Ended | None = None) -> View:
    standing: Standing = here.runs.ask(QUARANTINED, state, wait=PAGE_WAIT_S)
    if refused:
        standing = replace(standing, ended=refused)
    kept, replaced = standing.kept, here.balance(state).replaced
    return view(
        standing,
        id_="quarantine",
        title="Quarantined lines",
        url=urls.quarantine(find),
        cancel=urls.quarantine(find, "/cancel"),
        refresh=urls.quarantine(find, "/refresh"),
        lines=quarantine.lines(kept.answer, replaced, find) if kept else None,
    )
