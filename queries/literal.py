"""A typed value as an SQL literal, for Athena and DuckDB alike, that nothing can break out of."""

import math
from datetime import date, datetime
from decimal import Decimal

Typed = str | int | Decimal | float | date | datetime | None
"""What SQL can be given; None stands for NULL."""


def literal(value: Typed) -> str:
    """Return a value as one SQL literal.

    Raises ValueError for a value that SQL text cannot hold: a text with U+0000 or with half a
    surrogate pair, a number that is not finite. Raises TypeError for any other type.
    """
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, date):
        return _moment(value)
    return _number(value)


def _number(value: float | Decimal) -> str:
    # bool is an int to Python
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise TypeError(f"{type(value).__name__} is not a type that a panel takes")
    if not math.isfinite(value):
        raise ValueError(f"{value} is not a number that SQL can hold")
    if isinstance(value, int):
        return str(value)
    return f"DOUBLE '{value!r}'" if isinstance(value, float) else f"DECIMAL '{value:f}'"


def _moment(value: date) -> str:
    # a datetime is a date to Python, so it is asked for first
    if isinstance(value, datetime):
        return f"TIMESTAMP '{value.isoformat(sep=' ', timespec='milliseconds')}'"
    return f"DATE '{value.isoformat()}'"


def _text(text: str) -> str:
    """Quote a text. In both engines only the quote itself has a meaning inside quotes."""
    if "\0" in text:
        raise ValueError("a text cannot hold the character U+0000")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("a text cannot hold half a surrogate pair") from None
    return "'" + text.replace("'", "''") + "'"
