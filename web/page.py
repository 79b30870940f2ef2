"""What all pages share: the way through them, and one response for page and fragment."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Response, render_template

from queries.panel import Panel
from web import htmx, urls
from web.desk import desk


@dataclass(frozen=True)
class Link:
    """A place to go to."""

    id: str
    title: str
    url: str
    current: bool
    panel: bool
    """whether it is one of the panels, which are listed under a heading of their own"""


@dataclass(frozen=True)
class Page:
    """What the frame around every page shows."""

    title: str
    links: list[Link]
    reload_s: int | None = None
    """after how long the page asks again where there is no script; None when all is there"""


def links(current: str, texts: Mapping[str, str]) -> list[Link]:
    """Return the way through the pages; `texts` is the filter that the panels shall keep."""
    panels = [
        Link(
            f"nav-{slug}",
            panel.title if isinstance(panel, Panel) else slug,
            urls.panel(slug, texts),
            slug == current,
            panel=True,
        )
        for slug, panel in desk().catalog.panels().items()
    ]
    return [
        Link("nav-overview", "Overview", urls.overview(texts), current == "overview", panel=False),
        *panels,
        Link("nav-ingests", "What came in", urls.INGESTS, current == "ingests", panel=False),
    ]


def respond(template: str, status: int = 200, **context: object) -> Response:
    """Render a page or a fragment; its address answers with both, so the headers say so."""
    return htmx.vary(Response(render_template(template, **context), status=status))
