"""A panel's answer for programs: JSON with exact decimals, CSV that no spreadsheet runs, Parquet.

They wait up to ten seconds; then 504 and Retry-After, while the run goes on.
"""

import csv
import io
import threading
import time
from datetime import date, datetime

import simplejson
from flask import Blueprint, Response, request

from lake import times
from queries import filters
from queries.catalog import PanelError
from web import faults
from web.answers import Kept
from web.asked import from_address
from web.config import REQUESTS
from web.desk import PAGE_WAIT_S, desk
from web.engine import Value
from web.parquet import parquet
from web.question import Question
from web.runs import ENDS_KEPT_S

WAIT_S = 10.0
"""Longest an export waits for its answer."""
RETRY_S = 5
WAITERS = REQUESTS // 2
"""Exports that may wait at once: half of the server's threads; the others hear 504 at once."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A cell of text that begins so may be run by a spreadsheet: it gets a leading quote."""

blueprint = Blueprint("exports", __name__, url_prefix="/panels")
_waiting = threading.BoundedSemaphore(WAITERS)


@blueprint.get("/<slug>.json")
def as_json(slug: str) -> Response:
    """Return a panel's answer as JSON."""
    kept = _answer(slug)
    if isinstance(kept, Response):
        return kept
    return Response(json_text(slug, kept), content_type="application/json")


@blueprint.get("/<slug>.csv")
def as_csv(slug: str) -> Response:
    """Return a panel's answer as CSV, to be saved under the panel's name."""
    kept = _answer(slug)
    if isinstance(kept, Response):
        return kept
    response = Response(csv_text(kept), content_type="text/csv; charset=utf-8; header=present")
    return _saved(response, f"{slug}.csv", kept)


@blueprint.get("/<slug>.parquet")
def as_parquet(slug: str) -> Response:
    """Return a panel's answer as Parquet, to be saved under the panel's name."""
    kept = _answer(slug)
    if isinstance(kept, Response):
        return kept
    response = Response(parquet(kept.answer), content_type="application/vnd.apache.parquet")
    return _saved(response, f"{slug}.parquet", kept)


def json_text(slug: str, kept: Kept) -> str:
    """Return an answer as JSON text: decimals exact, dates as ISO text, missing values null."""
    answer, stats = kept.answer, kept.answer.stats

    def rows() -> str:
        columns = [{"name": column.name, "type": column.type} for column in answer.columns]
        rows = [[_plain(value) for value in row] for row in answer.rows]
        return _dumps({"panel": slug, "columns": columns, "rows": rows})

    # of all that is said of an answer, its age alone is another one each time
    about = {
        "stats": {
            "age_s": round(max(0.0, time.time() - kept.made_at), 1),
            "bytes": stats.bytes,
            "cost": stats.cost,
            "queued_ms": stats.queued_ms,
            "run_ms": stats.run_ms,
            "reused": stats.reused,
        },
        "truncated": answer.truncated,
    }
    return f"{desk().parts.get(('json', slug), kept, rows)[:-1]}, {_dumps(about)[1:]}\n"


def csv_text(kept: Kept) -> str:
    """Return an answer as CSV with a header; numbers stay numbers, texts are never formulas."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_harmless(column.name) for column in kept.answer.columns])
    for row in kept.answer.rows:
        writer.writerow(
            [_harmless(value) if isinstance(value, str) else _plain(value) for value in row]
        )
    return out.getvalue()


def _saved(response: Response, name: str, kept: Kept) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if kept.answer.truncated:
        response.headers["Orders-Truncated"] = "true"
    return response


def _answer(slug: str) -> Kept | Response:
    """Return the answer under the state that the lake has now, or the error to send."""
    question = _question(slug)
    if isinstance(question, Response):
        return question
    here = desk()
    may_wait = _waiting.acquire(blocking=False)
    try:
        wait = WAIT_S if may_wait else PAGE_WAIT_S
        standing = here.runs.ask(question, here.state(), wait=wait, patient=True)
    finally:
        if may_wait:
            _waiting.release()
    if standing.ended:
        status = 500 if standing.ended.code == "query" else 503
        failed = faults.error(status, standing.ended.code, standing.ended.message)
        if standing.ended.code in ("away", "busy"):
            # then it is tried anew
            failed.retry_after = round(ENDS_KEPT_S)
        return failed
    if standing.kept is None or not standing.current:
        late = faults.error(504, "late", "The query is still running; ask again in a moment.")
        late.retry_after = RETRY_S
        return late
    return standing.kept


def _question(slug: str) -> Question | Response:
    """Return what the address asks for, or the error to send."""
    here = desk()
    panel = here.catalog.panels().get(slug)
    if panel is None:
        return faults.error(404, "no_such_panel", f"There is no panel {slug}.")
    if isinstance(panel, PanelError):
        return faults.error(500, "broken", f"queries/{panel}")
    parameters = (*filters.FILTERS, *panel.parameters)
    known = [parameter.name for parameter in parameters]
    for name in request.args:
        if name not in known:
            # a misspelt name would else give another answer than was asked for, silently
            message = f"There is no parameter {name}: {slug} takes {', '.join(known)}."
            return faults.error(400, "bad_parameter", message)
    asked = from_address(parameters)
    if asked.fault:
        return faults.error(400, "bad_parameter", asked.fault)
    return here.question(panel, asked.values)


def _dumps(content: dict[str, object]) -> str:
    text: str = simplejson.dumps(content, use_decimal=True, ignore_nan=True, ensure_ascii=False)
    return text


def _plain(value: Value) -> object:
    if isinstance(value, datetime):
        return times.write(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
