"""The controls of a page: what can be chosen, and what it can be chosen from.

Controls have no queries of their own. They read the unfiltered answers of two panels, run like any
panel; until those are there, and if they never are, a control is a plain input.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from lake.schema import STATUSES
from queries.panel import Parameter
from web import show
from web.asked import Asked
from web.desk import Desk
from web.figures import MONTHLY
from web.question import Question
from web.runs import Standing

CUSTOMERS = "total-sales-by-customer"
MOST_CUSTOMERS = 300
"""Most customers to be suggested, the largest: a list of all could outweigh the page."""


@dataclass(frozen=True)
class Option:
    """A thing to choose."""

    value: str
    label: str


@dataclass(frozen=True)
class Control:
    """A control of a form."""

    name: str
    title: str
    kind: str
    """select, or the type of an input: month, date, text, number"""
    text: str
    fault: str
    options: tuple[Option, ...] = ()
    """a select's choices, a text's suggestions"""
    waits: bool = False
    """whether its choices are still on their way"""
    hint: str = ""
    """what a text that is none of the existing ones may have been meant to be"""
    default: str = ""
    """what holds while it is empty; a select says so among its options"""

    @property
    def message(self) -> str:
        """What stands below it."""
        return self.fault or self.hint


def sources(desk: Desk, parameters: Iterable[Parameter]) -> dict[str, Question]:
    """Return the questions whose answers fill the parameters' choices, by the panel they are of."""
    wanted = {slug for parameter in parameters if (slug := _source(parameter))}
    panels = {slug: desk.catalog.sound(slug) for slug in sorted(wanted)}
    return {slug: desk.question(panel, {}) for slug, panel in panels.items() if panel}


def controls(
    parameters: Iterable[Parameter], asked: Asked, standings: dict[str, Standing]
) -> list[Control]:
    """Return the controls of parameters; `standings` are those of their sources."""
    return [_control(parameter, asked, standings) for parameter in parameters]


def _control(parameter: Parameter, asked: Asked, standings: dict[str, Standing]) -> Control:
    text = asked.texts.get(parameter.name, "")
    fault = asked.faults.get(parameter.name, "")
    standing = standings.get(_source(parameter) or "")
    waits = standing is not None and standing.kept is None and standing.going is not None
    default = "" if parameter.default is None else show.exact(parameter.default)
    if parameter.type == "status":
        first = Option("", f"default, {default}" if default else "any")
        options = (first, *(Option(status, status) for status in STATUSES))
        return Control(parameter.name, parameter.title, "select", text, fault, options)
    if parameter.type == "month":
        months = tuple(reversed(_months(standing)))
        if not months:
            return Control(parameter.name, parameter.title, "month", text, fault, (), waits)
        if text and text not in {month.value for month in months}:
            months = (Option(text, text), *months)
        month = parameter.default
        first = Option(
            "", f"default, {show.month(month)}" if isinstance(month, date) else "newest month"
        )
        return Control(parameter.name, parameter.title, "select", text, fault, (first, *months))
    if parameter.type == "integer":
        return Control(parameter.name, parameter.title, "number", text, fault, default=default)
    kind = "date" if parameter.type == "date" else "text"
    names = [name for name in _column(standing, "customer") if isinstance(name, str)]
    options = tuple(Option(name, name) for name in names[:MOST_CUSTOMERS])
    hint = _hint(text, names)
    return Control(
        parameter.name, parameter.title, kind, text, fault, options, waits, hint, default
    )


def _source(parameter: Parameter) -> str | None:
    if parameter.type == "month":
        return MONTHLY
    return CUSTOMERS if parameter.name == "customer" else None


def _months(standing: Standing | None) -> list[Option]:
    return [
        Option(f"{month:%Y-%m}", show.month(month))
        for month in _column(standing, "month")
        if isinstance(month, date)
    ]


def _hint(text: str, names: Sequence[str]) -> str:
    """Return what a name that no order has may have been meant to be, in words, or nothing."""
    if not text or not names or text in names:
        return ""
    spelt = {name.casefold(): name for name in names}
    like = text.strip().casefold()
    # to compare with each of many thousands would take longer than the page
    largest = [name.casefold() for name in names[:MOST_CUSTOMERS]]
    meant = [like] if like in spelt else get_close_matches(like, largest, n=1)
    return f"No order has this name: did you mean {spelt[meant[0]]}?" if meant else ""


def _column(standing: Standing | None, name: str) -> list[object]:
    if standing is None or standing.kept is None:
        return []
    answer = standing.kept.answer
    places = [place for place, column in enumerate(answer.columns) if column.name == name]
    return [row[places[0]] for row in answer.rows] if places else []
