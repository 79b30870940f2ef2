"""The overview: key figures, the lake's balance, the filter, and every panel side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask import Blueprint, Response, abort

from lake import times
from lake.ledger import Balance, is_ahead
from queries import filters
from queries.panel import Panel
from web import htmx, records, urls
from web.asked import Asked, from_address, refuse_foreign
from web.controls import Control, controls, sources
from web.desk import PAGE_WAIT_S, Desk, desk
from web.figures import MONTHLY, STATUS, Figure, figures
from web.page import Page, links, respond
from web.panels import broken_view, panel_view
from web.presets import Preset, presets
from web.question import Question
from web.records import Waiting
from web.runs import Standing
from web.view import RELOAD_S, View, asks_again

blueprint = Blueprint("overview", __name__)


@dataclass(frozen=True)
class Card:
    """A panel on the overview."""

    slug: str
    title: str
    description: str
    chart: str
    view: View
    ignored: tuple[str, ...] = ()
    """titles of the filters that are set and do not narrow it"""

    @property
    def wide(self) -> bool:
        """Whether it takes the whole width: a chart over time does."""
        return self.chart == "line"


@dataclass(frozen=True)
class Figures:
    """The key figures, or why there are none."""

    figures: list[Figure]
    reason: str
    poll_s: float | None
    """after how many seconds they ask again by themselves"""
    waits: bool
    """whether a run for them is going"""
    state: str


@dataclass(frozen=True)
class Overview:
    """What the overview shows."""

    url: str
    balance: Balance
    settled: str
    """the state the balance is sure for; empty while records may still be on their way"""
    figures: Figures
    cards: list[Card]
    controls: list[Control]
    presets: list[Preset]
    clear: str
    refresh: str
    """the address that runs all panels anew"""
    refused: str = ""
    """what is wrong in the address; then nothing was asked"""
    is_ahead: bool = False
    """whether the newest export is of the future"""
    waiting: Sequence[Waiting] = ()
    """what is on its way into an empty lake"""


@blueprint.get("/")
def overview() -> Response:
    """Show the overview: the whole page, or the part that htmx asks for."""
    here = desk()
    target = htmx.part()
    asked = from_address(filters.FILTERS)
    state = here.state()
    if target == "balance":
        shown = _overview(here, asked, state, parts=False)
    else:
        shown = _overview(here, asked, state, parts=True)
    waits = shown.figures.waits or any(card.view.waits for card in shown.cards)
    context = {
        "overview": shown,
        "page": Page("Overview", links("overview", asked.texts), RELOAD_S if waits else None),
    }
    # to a person who mends a value in a form, its message is an answer like any other
    status = 400 if asked.faults and target is None else 200
    if target == "main":
        return respond("_overview.html", status, **context, alone=True)
    if target == "panels":
        shape = respond("_panels.html", status, **context, alone=htmx.by_hand())
        return htmx.at(shown.url, shape)
    if target == "figures":
        # the spans by name end with the newest export, which may be another one now
        return respond("_figures.html", status, overview=shown, spans=True)
    if target == "balance":
        return respond("_balance.html", overview=shown)
    if target and target.startswith("control-"):
        for control in shown.controls:
            if target == f"control-{control.name}":
                return respond("_control.html", control=control, url=shown.url)
    if target is not None:
        htmx.no_such_part()
    return respond("overview.html", status, **context)


@blueprint.post("/refresh")
def refresh() -> Response:
    """Run all panels anew although they have answers, and show how they stand."""
    refuse_foreign()
    here = desk()
    asked = from_address(filters.FILTERS)
    if asked.fault:
        abort(400, asked.fault)
    state = here.state()
    for panel in here.catalog.panels().values():
        if isinstance(panel, Panel):
            here.runs.refresh(here.question(panel, asked.values), state)
    if not htmx.wants_fragment():
        return Response(status=303, headers={"Location": urls.overview(asked.texts)})
    return respond("_panels.html", overview=_overview(here, asked, state, parts=True), alone=False)


def _overview(here: Desk, asked: Asked, state: str, *, parts: bool) -> Overview:
    balance = here.balance(state)
    newest = balance.newest.date() if balance.newest else None
    panels = here.catalog.panels() if parts and balance.files and not asked.faults else {}
    sound = [panel for panel in panels.values() if isinstance(panel, Panel)]
    choices = sources(here, filters.FILTERS) if parts and balance.files else {}
    questions: dict[str, Question] = {}
    if panels:
        questions = {panel.slug: here.question(panel, asked.values) for panel in sound}
        monthly = here.catalog.sound(MONTHLY)
        if monthly:
            values = {n: v for n, v in asked.values.items() if n not in ("from", "to")}
            questions["all months"] = here.question(monthly, values)
    asked_for = [*questions.items(), *choices.items()]
    standings = here.runs.ask_all([q for _, q in asked_for], state, wait=PAGE_WAIT_S)
    answered = dict(zip(questions, standings, strict=False))
    choice = dict(zip(choices, standings[len(questions) :], strict=True))
    open_month = newest.replace(day=1) if newest else None
    cards = []
    for slug, panel in panels.items():
        if not isinstance(panel, Panel):
            cards.append(Card(slug, slug, "", "none", broken_view(slug, panel, card=True)))
            continue
        shown = panel_view(panel, asked, answered[slug], card=True, open_month=open_month)
        ignored = tuple(one.title for one in filters.ignored(panel) if one.name in asked.values)
        cards.append(Card(slug, panel.title, panel.description, panel.chart, shown, ignored))
    # a chart over time takes a whole row, so it comes first: the others then stand in pairs
    cards.sort(key=lambda card: not card.wide)
    return Overview(
        url=urls.overview(asked.texts),
        balance=balance,
        settled=state if here.settled(state) else "",
        figures=_figures(asked, answered, newest, state),
        cards=cards,
        controls=controls(filters.FILTERS, asked, choice),
        presets=presets(asked, balance.newest, urls.overview),
        clear=urls.overview({}) if asked.texts else "",
        refresh=urls.refresh_all(asked.texts),
        refused=asked.fault or "",
        is_ahead=balance.newest is not None and is_ahead(balance.newest, times.now()),
        waiting=() if balance.files else records.waiting(here.config.ledger),
    )


def _figures(
    asked: Asked, standings: dict[str, Standing], newest: date | None, state: str
) -> Figures:
    found = [standings.get(name) for name in (MONTHLY, "all months", STATUS)]
    monthly, all_months, status = found
    if monthly is None or all_months is None:
        return Figures([], "", None, waits=False, state=state)
    again = [after for s in found if s and (after := asks_again(s)) is not None]
    ended = [s.ended.message for s in (monthly, all_months) if s.ended]
    reckoned = []
    if monthly.kept and all_months.kept and not (status and status.going and not status.kept):
        first, last = asked.values.get("from"), asked.values.get("to")
        reckoned = figures(
            monthly.kept.answer,
            all_months.kept.answer,
            status.kept.answer if status and status.kept else None,
            span=(
                first if isinstance(first, date) else None,
                last if isinstance(last, date) else None,
            ),
            newest=newest,
        )
    return Figures(
        reckoned,
        ended[0] if ended else "",
        max(again, default=None),
        waits=any(s.going for s in found if s),
        state=state,
    )
