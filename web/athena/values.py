"""What Athena's texts mean: its types, and the typed values behind them.

Athena sends every value as text. What is none of the six column types stays the text it is.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from web.engine import READERS, Column, ColumnType, EngineError, Value

if TYPE_CHECKING:
    from mypy_boto3_athena.type_defs import ColumnInfoTypeDef

TYPES: dict[str, ColumnType] = {
    **dict.fromkeys(("tinyint", "smallint", "int", "integer", "bigint"), "integer"),
    "decimal": "decimal",
    **dict.fromkeys(("float", "real", "double"), "double"),
    "date": "date",
    "timestamp": "timestamp",
    "timestamp with time zone": "timestamp",
}
"""Athena's names of types -> ours; any other is text (varchar, char, boolean, json, array, ...)."""


def column(info: "ColumnInfoTypeDef") -> Column:
    """Return a column of a result as the pages know it."""
    return Column(info["Name"], TYPES.get(_base(info), "text"))


def reader(info: "ColumnInfoTypeDef") -> Callable[[str], Value]:
    """Return what turns a column's texts into values; it raises EngineError where it cannot."""
    name, kind = info["Name"], _base(info)
    read = _zoned if kind == "timestamp with time zone" else READERS[TYPES.get(kind, "text")]

    def value(text: str) -> Value:
        try:
            return read(text)
        except (ValueError, ArithmeticError, LookupError, OSError):
            raise EngineError(
                "query",
                f"The column {name} holds {text[:40]!r}, a {kind} that cannot be shown: "
                "CAST it to varchar in the panel's SQL.",
            ) from None

    return value


def _base(info: "ColumnInfoTypeDef") -> str:
    """Return a type's name without what may stand in brackets: decimal(18,2), timestamp(3)."""
    before, bracket, after = info["Type"].lower().partition("(")
    return (before + after.partition(")")[2]).strip() if bracket else before


def _zoned(text: str) -> datetime:
    """Read `2025-03-01 04:05:06.789 Europe/Berlin`, also `UTC` or `+02:00`, as naive UTC."""
    moment, _, zone = text.rpartition(" ")
    if zone[:1] in "+-":
        found = datetime.fromisoformat(f"{moment}{zone}")
    else:
        found = datetime.fromisoformat(moment).replace(tzinfo=ZoneInfo(zone))
    return found.astimezone(UTC).replace(tzinfo=None)
