"""Compose: the one place where a panel's text, the filters and the values come together."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Literal

from queries import filters
from queries.literal import literal
from queries.panel import Panel, Parameter, Value
from queries.relations import relations
from queries.statement import placeholders

APART = ("", " ", "\n", "(", ")", ",")
"""What may stand beside a literal as it is; "" is the end of a text."""


def compose(
    panel: Panel, values: Mapping[str, Value], latest: Literal["cte", "table"] = "cte"
) -> tuple[str, list[Value]]:
    """Return a panel as one SELECT with ? for each value, and the values in their order.

    `values` holds filters and the panel's own parameters by name; an absent one (or None) has its
    default, and without one narrows nothing: a filter is left out, a parameter binds NULL.
    `latest` says whether the engine keeps that relation as a table, which a relation of the same
    name in the text would hide. Raises ValueError for a value that nothing here is called.
    """
    known = {parameter.name for parameter in (*filters.FILTERS, *panel.parameters)}
    for name in values:
        if name not in known:
            raise ValueError(f"{panel.slug} has no parameter {name}")

    bodies = dict(relations())
    if latest == "table":
        del bodies["latest"]
    binds: list[Value] = []
    for filter_ in filters.applied(panel):
        value = _value(filter_, values)
        if value is not None:
            bodies["orders"] += f"\n    AND {filters.PREDICATES[filter_.name]}"
            binds.append(value)
    for parameter in panel.parameters:
        binds += _binds(parameter, _value(parameter, values))

    before = "WITH " + ",\n".join(f"{name} AS (\n{body}\n)" for name, body in bodies.items())
    # a panel's own WITH goes on where ours ends
    own = re.match(r"WITH\b\s*", panel.sql, re.IGNORECASE)
    return (f"{before},\n{panel.sql[own.end() :]}" if own else f"{before}\n{panel.sql}"), binds


def named_query(panel: Panel) -> str:
    """Return a panel with its defaults written out, so that it runs by a click in a console."""
    return written(*compose(panel, {}))


def written(sql: str, binds: Sequence[Value]) -> str:
    """Return a text with the literals of its binds in the places of their ?."""
    text, end = "", 0
    for place, value in zip(placeholders(sql), binds, strict=True):
        # spaces keep a literal apart from what touches the ?, such as a minus before a minus
        before = "" if sql[place - 1 : place] in APART else " "
        after = "" if sql[place + 1 : place + 2] in APART else " "
        text += f"{sql[end:place]}{before}{literal(value)}{after}"
        end = place + 1
    return text + sql[end:]


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _value(parameter: Parameter, values: Mapping[str, Value]) -> Value:
    value = values.get(parameter.name)
    return parameter.default if value is None else value


def _binds(parameter: Parameter, value: Value) -> list[Value]:
    if parameter.type != "month":
        return [value]
    return [value, next_month(value)] if isinstance(value, date) else [None, None]
