"""A panel's page and its parts; asking again is the poll. Cancel and refresh."""

from dataclasses import dataclass, replace
from datetime import date

from flask import Blueprint, Response, abort, render_template

from queries import filters
from queries.catalog import PanelError
from queries.compose import compose, written
from queries.panel import Panel, Parameter
from web import chart, htmx, urls
from web.asked import Asked, from_address, refuse_foreign
from web.controls import Control, controls, sources
from web.desk import PAGE_WAIT_S, Desk, desk
from web.located import located
from web.page import Page, links, respond
from web.presets import SPAN, Preset, Spans, presets
from web.runs import Standing
from web.sql import pieces
from web.table import table
from web.view import RELOAD_S, View, view

EXPORTS = ("CSV", "JSON", "Parquet")
CARD_EXPORTS = ("CSV", "JSON")
"""The forms that a page and a card offer; every panel has all."""

blueprint = Blueprint("panels", __name__, url_prefix="/panels")


@dataclass(frozen=True)
class PanelPage:
    """What a panel's page shows."""

    slug: str
    title: str
    description: str
    ignored: list[str]
    """titles of the filters that do not narrow this panel"""
    controls: list[Control]
    presets: list[Preset]
    url: str
    """the panel's address without any parameter"""
    clear: str
    """the panel's address without a filter; empty when none is set"""
    hidden: dict[str, str]
    """filters that this panel ignores, carried along for the others"""
    view: View


@blueprint.get("/<slug>")
def panel(slug: str) -> Response:
    """Show a panel: the whole page, or the part that htmx asks for."""
    found = _found(slug)
    target = htmx.part()
    card = target == f"card-{slug}"
    if isinstance(found, PanelError):
        shown = _broken_page(slug, found, card=card)
        return _respond(shown, target, status=200)
    asked = _asked(found)
    here = desk()
    state = here.state()
    if card or (target == f"answer-{slug}" and not htmx.by_hand()):
        return _part(here, found, asked, state, card=card)
    # to a person who mends a value in a form, its message is an answer like any other
    status = 400 if asked.faults and target is None else 200
    return _respond(_page(here, found, asked, state), target, status)


@blueprint.post("/<slug>/cancel")
def cancel(slug: str) -> Response:
    """Stop the panel's run, for all who wait for it, and show how it stands."""
    return _act(slug, refresh=False)


@blueprint.post("/<slug>/refresh")
def refresh(slug: str) -> Response:
    """Run the panel anew although there is an answer, and show how it stands."""
    return _act(slug, refresh=True)


def panel_view(
    panel: Panel, asked: Asked, standing: Standing, *, card: bool, open_month: date | None
) -> View:
    """Return the view of a panel's standing: on a card, or on its own page."""
    here = desk()
    answer = standing.kept.answer if standing.kept else None
    texts = asked.texts
    chosen = asked.only(_heeded(panel)).texts
    composed = compose(panel, asked.values, latest=here.config.engine.latest)
    drawn = chart.chart(answer, panel.chart, open_month, card=card) if answer else None
    shown = None
    if answer:
        currency = here.config.currency
        shown = table(answer, panel.chart, currency, open_month=open_month, card=card)
    return view(
        standing,
        id_=f"{'card' if card else 'answer'}-{panel.slug}",
        title=panel.title,
        url=urls.panel(panel.slug, texts),
        cancel=urls.panel(panel.slug, texts, "/cancel"),
        refresh=urls.panel(panel.slug, texts, "/refresh"),
        table=shown,
        chart=drawn,
        exports=tuple(
            (name, urls.panel(panel.slug, texts, f".{name.lower()}"))
            for name in (CARD_EXPORTS if card else EXPORTS)
        ),
        sql=() if card else tuple(pieces(written(*composed))),
        reason=_reason(standing, composed[0], panel),
        more=urls.panel(panel.slug, texts) if card else "",
        clear=(urls.overview({}) if card else urls.panel(panel.slug, {})) if chosen else "",
        room=chart.room(panel.chart, card=card),
    )


def _reason(standing: Standing, sql: str, panel: Panel) -> str:
    """Return why there is no answer; what the engine says of the SQL is told by file and line."""
    ended = standing.ended
    if ended is None:
        return ""
    return located(ended.message, sql, panel) if ended.code == "query" else ended.message


def refused_view(slug: str, title: str, asked: Asked, reason: str, *, card: bool) -> View:
    """Return the view of a question that cannot be asked: the address is wrong."""
    url = urls.panel(slug, asked.texts)
    return View(
        f"{'card' if card else 'answer'}-{slug}", title, url, "", "", "refused", "", reason=reason
    )


def broken_view(slug: str, error: PanelError, *, card: bool) -> View:
    """Return the view of a panel whose file cannot be read: where, and why."""
    reason = f"queries/{error.file}, line {error.line}: {error.reason}"
    url = urls.panel(slug, {})
    id_ = f"{'card' if card else 'answer'}-{slug}"
    return View(id_, slug, url, "", "", "broken", "", reason=reason)


def _found(slug: str) -> Panel | PanelError:
    found = desk().catalog.panels().get(slug)
    if found is None:
        abort(404, "There is no such panel.")
    return found


def _asked(panel: Panel) -> Asked:
    """Read what is asked of a panel; what is wrong in a filter that it ignores is none of its."""
    asked = from_address((*filters.FILTERS, *panel.parameters))
    if not asked.faults:
        return asked
    return replace(asked, faults=asked.only(_heeded(panel)).faults)


def _heeded(panel: Panel) -> tuple[Parameter, ...]:
    return (*filters.applied(panel), *panel.parameters)


def _part(here: Desk, panel: Panel, asked: Asked, state: str, *, card: bool) -> Response:
    """Return a panel's answer as a part that renews itself asks for it."""
    if asked.faults:
        refused = refused_view(panel.slug, panel.title, asked, str(asked.fault), card=card)
        return respond("_answer.html", view=refused, said=True)
    standing = here.runs.ask(here.question(panel, asked.values), state, wait=PAGE_WAIT_S)
    open_month = here.open_month(state)

    def render(**more: Spans) -> str:
        shown = panel_view(panel, asked, standing, card=card, open_month=open_month)
        return render_template("_answer.html", view=shown, said=True, **more)

    def answered() -> str:
        # the spans by name end with the newest export, which may be another one now
        return render() if card else render(spans=_spans(here, panel, asked, state))

    if standing.kept is None or standing.going or standing.ended:
        return htmx.vary(Response(render()))
    key = (panel, card, state, open_month, *asked.texts.items())
    return htmx.vary(Response(here.parts.get(key, standing.kept, answered)))


def _page(here: Desk, panel: Panel, asked: Asked, state: str) -> PanelPage:
    parameters = _heeded(panel)
    choices = sources(here, parameters)
    questions = list(choices.values())
    if not asked.faults:
        questions.insert(0, here.question(panel, asked.values))
    standings = here.runs.ask_all(questions, state, wait=PAGE_WAIT_S)
    if asked.faults:
        shown = refused_view(panel.slug, panel.title, asked, str(asked.fault), card=False)
    else:
        shown = panel_view(
            panel, asked, standings.pop(0), card=False, open_month=here.open_month(state)
        )
    applied = asked.only(parameters).texts
    spans = _spans(here, panel, asked, state)
    return PanelPage(
        slug=panel.slug,
        title=panel.title,
        description=panel.description,
        ignored=[parameter.title for parameter in filters.ignored(panel)],
        controls=controls(parameters, asked, dict(zip(choices, standings, strict=True))),
        presets=spans.presets,
        url=urls.panel(panel.slug, {}),
        clear=spans.clear,
        hidden={n: text for n, text in asked.texts.items() if n not in applied},
        view=shown,
    )


def _spans(here: Desk, panel: Panel, asked: Asked, state: str) -> Spans:
    found: list[Preset] = []
    if {filter_.name for filter_ in filters.applied(panel)}.issuperset(SPAN):
        newest = here.balance(state).newest
        found = presets(asked, newest, lambda texts: urls.panel(panel.slug, texts))
    return Spans(found, urls.panel(panel.slug, {}) if asked.only(_heeded(panel)).texts else "")


def _broken_page(slug: str, error: PanelError, *, card: bool) -> PanelPage:
    url = urls.panel(slug, {})
    return PanelPage(slug, slug, "", [], [], [], url, "", {}, broken_view(slug, error, card=card))


def _respond(shown: PanelPage, target: str | None, status: int) -> Response:
    texts = from_address(filters.FILTERS).texts
    around = Page(
        shown.title,
        links(shown.slug, texts),
        RELOAD_S if shown.view.waits else None,
    )
    context = {"panel": shown, "view": shown.view, "page": around}
    if target == "main":
        return respond("_panel.html", status, **context, alone=True)
    if target == shown.view.id:
        shape = respond("_answer.html", status, **context, said=True, alone=htmx.by_hand())
        return htmx.at(shown.view.url, shape)
    for control in shown.controls:
        if target == f"control-{control.name}":
            return respond("_control.html", control=control, url=shown.view.url)
    if target is not None:
        htmx.no_such_part()
    return respond("panel.html", status, **context)


def _act(slug: str, *, refresh: bool) -> Response:
    refuse_foreign()
    found = _found(slug)
    if isinstance(found, PanelError):
        abort(400, "This panel's file cannot be read, so there is nothing to run.")
    asked = _asked(found)
    if asked.fault:
        abort(400, asked.fault)
    here = desk()
    question = here.question(found, asked.values)
    refused = None
    if refresh:
        refused = here.runs.refresh(question, here.state())
    else:
        here.runs.cancel(question)
    if not htmx.wants_fragment():
        return Response(status=303, headers={"Location": urls.panel(slug, asked.texts)})
    card = htmx.part() == f"card-{slug}"
    state = here.state()
    standing = here.runs.ask(question, state, wait=PAGE_WAIT_S)
    if refused:
        standing = replace(standing, ended=refused)
    shown = panel_view(found, asked, standing, card=card, open_month=here.open_month(state))
    return respond("_answer.html", view=shown, said=True)
