"""The filter bar: what narrows every panel, inside the relation `orders`."""

from collections.abc import Mapping

from queries.panel import Panel, Parameter, Span

FILTERS = (
    Parameter("from", "date", "From"),
    Parameter("to", "date", "To"),
    Parameter("customer", "text", "Customer"),
    Parameter("status", "status", "Status"),
)

PREDICATES: Mapping[str, str] = {
    "from": "order_date >= ?",
    "to": "order_date <= ?",
    "customer": "customer = ?",
    "status": "status = ?",
}
"""What a filter's value asks of an order; both ends of a span belong to it."""

PARTS: Mapping[Span, tuple[str, ...]] = {
    "span": ("from", "to"),
    "customer": ("customer",),
    "status": ("status",),
}
"""The words a head may say after `ignores`, and the filters they stand for."""


def applied(panel: Panel) -> tuple[Parameter, ...]:
    """Return the filters that narrow a panel."""
    others = ignored(panel)
    return tuple(parameter for parameter in FILTERS if parameter not in others)


def ignored(panel: Panel) -> tuple[Parameter, ...]:
    """Return the filters that do not."""
    names = {name for part in panel.ignores for name in PARTS[part]}
    return tuple(parameter for parameter in FILTERS if parameter.name in names)
