"""The error pages: what went wrong in a sentence, an id that finds it in the log, nothing inside.

An export's error is JSON: {"error": {"code", "message"}}.
"""

import logging
import secrets

import simplejson
from flask import Flask, Response, render_template, request
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, NotFound

from lake.store import StoreError
from web import htmx
from web.desk import desk

_log = logging.getLogger(__name__)

_SENTENCES = {
    400: "This request is not one the dashboard can read.",
    403: "This is not allowed.",
    404: "There is no such page.",
    405: "This address does not take that method.",
    413: "This request is too large.",
    500: "Something went wrong here, and the server's log says what.",
}
_CODES = {400: "bad_request", 403: "forbidden", 404: "not_found", 405: "method", 413: "too_large"}


def init(app: Flask) -> None:
    """Let an app answer all its errors."""
    app.register_error_handler(HTTPException, _refused)
    app.register_error_handler(StoreError, _no_store)
    app.register_error_handler(Exception, _failed)


def error(status: int, code: str, message: str) -> Response:
    """Return an export's error."""
    body = simplejson.dumps({"error": {"code": code, "message": message}}, ensure_ascii=False)
    return Response(body + "\n", status=status, content_type="application/json")


def page(status: int, sentence: str) -> Response:
    """Return an error page, or its fragment, with an id that is also in the log."""
    mark = secrets.token_hex(4)
    # the path is hostile too: repr keeps it on its line
    _log.warning("error %s: %d for %s %r: %s", mark, status, request.method, request.path, sentence)
    if is_export():
        return error(status, _CODES.get(status, "failed"), f"{sentence} (error {mark})")
    part = htmx.part()
    # a part that asked by itself asks again, so that it comes back with what was away
    again = request.full_path if part and status >= 500 and request.method == "GET" else ""
    body = render_template(
        "error.html" if part is None else "_error.html",
        title=desk().config.title,
        status=status,
        sentence=sentence,
        mark=mark,
        part=part,
        again=again,
    )
    return htmx.vary(Response(body, status=status))


def is_export() -> bool:
    """Tell whether the request asks for something that programs read."""
    return request.path.endswith((".json", ".csv", ".parquet")) or request.path == "/state"


def _refused(fault: HTTPException) -> Response:
    if fault.code is None or fault.code < 400:  # a redirect that werkzeug raises
        return Response(fault.get_response().get_data(), fault.code, fault.get_headers())
    # what abort() was given is for people; werkzeug's own words may name internals
    own = type(fault) in (BadRequest, Forbidden, NotFound)
    own = own and fault.description != type(fault).description
    sentence = fault.description if own else _SENTENCES.get(fault.code, _SENTENCES[400])
    response = page(fault.code, str(sentence))
    if fault.code == 405:
        response.headers.extend((k, v) for k, v in fault.get_headers() if k == "Allow")
    return response


def _no_store(fault: StoreError) -> Response:
    _log.error("the lake's store failed: %s", fault)
    response = page(503, "The lake's files cannot be reached now; try again in a moment.")
    response.retry_after = 5
    return response


def _failed(fault: Exception) -> Response:
    _log.exception("unexpected", exc_info=fault)
    return page(500, _SENTENCES[500])
