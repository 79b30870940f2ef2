"""What htmx says in its requests; the one module that knows htmx-flask.

htmx-flask 0.1.0 was written for htmx 2. With htmx 4 its `trigger` is always None and its `target`
is `tag#id`; HX-Request-Type and HX-Source it does not know. Its `make_response` is not used: two
of its swap names are misspelt.
"""

from typing import NoReturn, cast
from urllib.parse import unquote

from flask import Flask, Response, abort
from htmx_flask import Htmx, request  # type: ignore[import-untyped]
from htmx_flask.requests import HtmxHeaders  # type: ignore[import-untyped]

VARY = ("HX-Request", "HX-Request-Type", "HX-History-Restore-Request", "HX-Target", "HX-Source")
"""The request headers that decide which shape an address answers with."""

_BY_HAND = {"a", "form", "button", "select", "input"}


def init(app: Flask) -> None:
    """Give an app's requests their `htmx`."""
    Htmx(app)


def wants_fragment() -> bool:
    """Tell whether the request wants a part of the page.

    A restored history entry (Back) and a request that replaces the body want all of it.
    """
    return (
        bool(_headers())
        and not _headers().history_restore_request
        and request.headers.get("HX-Request-Type") != "full"
    )


def part() -> str | None:
    """Return the id of the element that the answer is swapped into; None wants a whole page."""
    return _identity(_headers().target)[1] if wants_fragment() else None


def no_such_part() -> NoReturn:
    """Abort: a whole page would be swapped into a part of itself."""
    abort(400, "This page has no such part.")


def by_hand() -> bool:
    """Tell whether a person chose something, rather than a part renewing itself."""
    return _identity(request.headers.get("HX-Source"))[0] in _BY_HAND


def at(address: str, response: Response) -> Response:
    """Give a chosen part the page's own address: a form would put its empty fields there too."""
    if by_hand():
        response.headers["HX-Push-Url"] = address
    return response


def vary(response: Response) -> Response:
    """Note on a response that the htmx headers decided its shape."""
    response.headers["Vary"] = ", ".join(VARY)
    return response


def _headers() -> HtmxHeaders:
    return cast(HtmxHeaders, request.htmx)


def _identity(text: str | None) -> tuple[str, str]:
    """Return tag and id of htmx 4's `tag#id`; htmx escapes the id as in an address."""
    tag, _, name = (text or "").partition("#")
    return tag, unquote(name)
