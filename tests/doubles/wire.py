"""How values look on Athena's wire: all texts, a missing one for NULL, Java's way with doubles."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

PRECISIONS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19, "double": 17, "float": 17}
TYPES = {
    "varchar": "varchar", "boolean": "boolean", "tinyint": "tinyint", "smallint": "smallint",
    "integer": "integer", "bigint": "bigint", "hugeint": "bigint", "float": "float",
    "double": "double", "decimal": "decimal", "date": "date", "timestamp": "timestamp",
    "blob": "varbinary",
}  # fmt: skip
"""DuckDB's name of a type -> Athena's"""

Row = dict[str, list[dict[str, str]]]


@dataclass(frozen=True)
class Result:
    """A result in wire form."""

    columns: list[dict[str, Any]]
    rows: list[Sequence[str | None]]

    @classmethod
    def of(cls, columns: Sequence[str | dict[str, Any]], rows: Sequence[Sequence[str | None]]):
        """Make one from `name type` texts, or whole ColumnInfos, and rows of texts."""
        return cls([_about(column) for column in columns], list(rows))

    def page(self, first: int, limit: int) -> list[Row]:
        """Return rows from the first on; row 0 is the header."""
        header = [column["Name"] for column in self.columns]
        before = [header] if first == 0 else []
        return [_row(row) for row in (*before, *self.rows[max(0, first - 1) :])][:limit]


def wire(description: Sequence[Any], rows: Sequence[Sequence[Any]]) -> Result:
    """Return what DuckDB gave as Athena sends it."""
    columns = []
    for name, kind, *_ in description:
        type_ = TYPES[kind.id]
        size = dict(kind.children) if kind.id == "decimal" else {}
        columns.append(
            {
                "Name": name,
                "Label": name,
                "Type": type_,
                "Precision": size.get("precision", PRECISIONS.get(type_, 0)),
                "Scale": size.get("scale", 0),
                "Nullable": "UNKNOWN",
                "CaseSensitive": type_ == "varchar",
            }
        )
    return Result(columns, [[text(value) for value in row] for row in rows])


def text(value: Any) -> str | None:
    """Return a value as Athena writes it."""
    match value:
        case None:
            return None
        case bool():
            return str(value).lower()
        case float():
            return java(value)
        case Decimal():
            return f"{value:f}"
        case datetime():
            return value.isoformat(sep=" ", timespec="milliseconds")
        case date():
            return value.isoformat()
        case bytes():
            return value.hex(" ")
        case _:
            return str(value)


def java(value: float) -> str:
    """Return a double as Java's Double.toString does: 1.0E10 from ten million on."""
    if value != value:
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "Infinity" if value > 0 else "-Infinity"
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return repr(value) if "e" not in repr(value) else f"{value:f}"
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    whole = "".join(map(str, digits))
    power = int(exponent) + len(digits) - 1
    return f"{'-' * sign}{whole[0]}.{whole[1:] or '0'}E{power}"


def _about(column: str | dict[str, Any]) -> dict[str, Any]:
    if isinstance(column, dict):
        return column
    name, _, type_ = column.partition(" ")
    return {"Name": name, "Label": name, "Type": type_}


def _row(values: Sequence[str | None]) -> Row:
    return {"Data": [{} if value is None else {"VarCharValue": value} for value in values]}
