"""The served files: own and third-party, read once, under names that change with their content.

Whoever has a file under such a name has it for good; so they are served with a year's caching, and
gzipped once at the start: waitress does not compress. The third-party files lie in static/vendor,
where `python -m web.vendor` puts them from node_modules.
"""

import gzip
import hashlib
import mimetypes
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, request

from web.vendor import FOLDER as VENDOR
from web.vendor import THIRD_PARTY

STATIC = Path(__file__).parent / "static"
YEAR_S = 31_536_000

_JOINED = {
    "app.css": (VENDOR / "normalize.css", STATIC / "app.css"),
    "app.js": tuple(STATIC / f"{name}.js" for name in ("locale", "charts", "copy", "keys", "app")),
}
"""Served as one file each: on a phone's line every further request costs its way there and back."""
_ALONE = (
    STATIC / "favicon.svg",
    *(VENDOR / file.name for file in THIRD_PARTY if file.name != "normalize.css"),
)
_URL = re.compile(r'url\("([^":]+)"\)')

blueprint = Blueprint("assets", __name__)


class AssetsMissing(Exception):
    """A third-party file is not where set-up puts it; the message says what to run."""


@dataclass(frozen=True)
class Asset:
    """A served file."""

    body: bytes
    zipped: bytes | None
    """the body gzipped, None where that gains nothing"""
    type: str


class Assets:
    """All served files by their served name."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._assets: dict[str, Asset] = {}
        for file in _ALONE:
            self._add(file.name, (file,))
        for name, files in _JOINED.items():
            self._add(name, files)

    def url(self, name: str) -> str:
        """Return the address of a file by its own name."""
        return f"/static/{self._names[name]}"

    def get(self, served: str) -> Asset | None:
        """Return a file by the name it is served under."""
        return self._assets.get(served)

    def _add(self, name: str, files: tuple[Path, ...]) -> None:
        try:
            body = b"\n".join(file.read_bytes() for file in files)
        except FileNotFoundError as fault:
            missing = Path(fault.filename).name
            raise AssetsMissing(
                f"{missing} is missing in web/static/vendor: `make run` sets it up"
            ) from None
        suffix = Path(name).suffix
        if suffix == ".css":
            # a style names its fonts by their own names, and gets the served ones
            body = _URL.sub(lambda m: f'url("{self.url(m[1])}")', body.decode()).encode()
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        if kind.startswith("text/"):
            kind += "; charset=utf-8"
        zipped = _zip(body)
        served = f"{Path(name).stem}.{hashlib.sha256(body).hexdigest()[:12]}{suffix}"
        self._names[name] = served
        self._assets[served] = Asset(body, zipped if len(zipped) < len(body) * 0.9 else None, kind)


@cache
def _zip(body: bytes) -> bytes:
    return gzip.compress(body, 9, mtime=0)


@blueprint.get("/static/<name>")
def static(name: str) -> Response:
    """Serve a file."""
    assets: Assets = current_app.extensions["assets"]
    asset = assets.get(name)
    if asset is None:
        abort(404)
    zipped = asset.zipped if request.accept_encodings["gzip"] > 0 else None
    response = Response(zipped or asset.body, content_type=asset.type)
    if zipped:
        response.content_encoding = "gzip"
    if asset.zipped:
        response.vary.add("Accept-Encoding")
    response.cache_control.public = True
    response.cache_control.max_age = YEAR_S
    response.cache_control.immutable = True
    return response
