"""The address that an open page asks every second: whether the lake has changed."""

import simplejson
from flask import Blueprint, Response

from web.desk import desk

blueprint = Blueprint("state", __name__)


@blueprint.get("/state")
def state() -> Response:
    """Return the lake's state: {"state": text}, another text after every change."""
    body = simplejson.dumps({"state": desk().state_lately()})
    return Response(body, content_type="application/json")
