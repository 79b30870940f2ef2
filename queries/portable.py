"""What both engines read and answer differently: told with the words that make it the same.

Measured on DuckDB 2.0 and on Trino 476. Types are known of our own columns, and of what the text
itself says; the rest is left to `python -m local check` and to the author's eye.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from sqlglot import Token, TokenType, exp

from lake.schema import TABLES, Type

Difference = tuple[int, str]
"""A line, counted from 1 at the start of the statement, and what to write there."""

DOUBLES = (exp.DType.DOUBLE, exp.DType.FLOAT)
TEXTS = (exp.DType.VARCHAR, exp.DType.TEXT)
COLUMNS = {column.name: column.type for table in TABLES for column in table.columns}
EXACT = (exp.DType.DECIMAL, exp.DType.BIGINT, exp.DType.INT, exp.DType.SMALLINT)
ROUNDED = (exp.Round, exp.Floor, exp.Ceil)
DATES = (exp.CurrentDate, exp.Date, exp.DateTrunc, exp.TimestampTrunc)
NUMBERS = (exp.Count, exp.Sum, exp.Year, exp.Quarter, exp.Month, exp.Week, exp.Day, exp.Extract)


def differences(tokens: Sequence[Token], tree: exp.Query) -> Iterator[Difference]:
    """Yield what a statement's answer would differ by, given its tokens and its parsed form."""
    yield from _numbers(tokens)
    yield from _averages(tree)
    yield from _divisions(tree)
    yield from _moments(tree)
    yield from _days(tree)
    yield from _texts(tree)
    yield from _comparisons(tree)
    yield from _names(tree)


def _numbers(tokens: Sequence[Token]) -> Iterator[Difference]:
    for before, token in pairwise([None, *tokens]):
        if token is None or token.token_type != TokenType.NUMBER:
            continue
        # .5 is two tokens
        point = before is not None and before.token_type == TokenType.DOT
        if point or re.fullmatch(r"[0-9]*\.[0-9]*", token.text):
            number = f"0.{token.text}" if point else token.text.rstrip(".")
            yield (
                token.line,
                f"{number} is a double to Athena and a decimal to DuckDB, whose sums and quotients "
                f"differ: write DECIMAL '{number}', or {number}e0 for a double",
            )


def _averages(tree: exp.Query) -> Iterator[Difference]:
    for average in tree.find_all(exp.Avg):
        if not _is_double(average.this):
            yield (
                line_of(average),
                "avg of a decimal is rounded by Athena and a double to DuckDB: write "
                "avg(CAST(... AS double)), and round what comes of it",
            )


def _divisions(tree: exp.Query) -> Iterator[Difference]:
    for division in tree.find_all(exp.Div):
        if not (_is_double(division.this) or _is_double(division.expression)):
            yield (
                line_of(division),
                "Athena divides integers and decimals to their own type, DuckDB to a double: write "
                "CAST(... AS double) on one side of the /",
            )


def _moments(tree: exp.Query) -> Iterator[Difference]:
    for moment in tree.find_all(exp.TimestampTrunc, exp.DateTrunc, exp.Add, exp.Sub):
        shown = isinstance(moment.parent, exp.Alias | exp.Select)
        counts = isinstance(moment, exp.Add | exp.Sub) and not moment.find(exp.Interval)
        # the one column that is a timestamp to both
        stays = any(column.name.lower() == "received_at" for column in moment.find_all(exp.Column))
        if shown and not counts and not stays:
            yield (
                line_of(moment),
                "what is made of a date is a date to Athena and a timestamp to DuckDB: write "
                "CAST(... AS date) around it",
            )


def _days(tree: exp.Query) -> Iterator[Difference]:
    for days in tree.find_all(exp.Add, exp.Sub):
        first, second = days.this, days.expression
        if _is_date(first) and (_is_date(second) or _is_number(second)):
            yield (
                line_of(days),
                "Athena neither counts days onto a date nor between two with a sign: write "
                "... + INTERVAL '7' DAY, or date_diff('day', ..., ...)",
            )


def _texts(tree: exp.Query) -> Iterator[Difference]:
    for joined in tree.find_all(exp.DPipe):
        for side in (joined.this, joined.expression):
            if _is_number(side) or _is_date(side):
                yield line_of(joined), "Athena joins texts only by ||: write CAST(... AS varchar)"
    for cast in tree.find_all(exp.Cast):
        if _is_double(cast.this) and cast.to.this in EXACT and not isinstance(cast.this, ROUNDED):
            yield (
                line_of(cast),
                "what lies half way goes elsewhere in Athena than in DuckDB: write "
                "CAST(round(..., 2) AS decimal(18, 2)), or CAST(round(...) AS bigint)",
            )
        if cast.to.this in TEXTS and (_is_double(cast.this) or _type(cast.this) == Type.TIMESTAMP):
            yield (
                line_of(cast),
                "a double or a timestamp is another text to Athena than to DuckDB: CAST it to a "
                "decimal(18, 2) or a date first",
            )


def _comparisons(tree: exp.Query) -> Iterator[Difference]:
    """Tell a text that is compared with a date or a number: DuckDB reads it as one."""
    for comparison in tree.find_all(exp.Predicate):
        sides = [side for side in comparison.iter_expressions() if isinstance(side, exp.Expr)]
        texts = [side for side in sides if isinstance(side, exp.Literal) and side.is_string]
        for text in texts:
            if any(map(_is_date, sides)):
                yield (
                    line_of(comparison),
                    "Athena compares no date with a text: write DATE '2025-03-31', or "
                    "CAST(... AS varchar)",
                )
            elif any(_is_number(side) for side in sides):
                yield (
                    line_of(comparison),
                    f"Athena compares no number with a text: write {text.name} without quotes",
                )


def _names(tree: exp.Query) -> Iterator[Difference]:
    shown = [column for column in tree.selects if not column.is_star]
    for column in shown:
        if not column.output_name:
            yield (
                line_of(column),
                "a column has no name, and each engine gives it another: say one with AS",
            )
    names = Counter(column.output_name.lower() for column in shown)
    for column in shown:
        if names[column.output_name.lower()] > 1:
            yield (
                line_of(column),
                f"two columns are called {column.output_name}: give each a name of its own with AS",
            )


def _is_double(node: exp.Expr) -> bool:
    match node:
        case exp.Cast():
            return node.to.this in DOUBLES
        case exp.Literal():
            return not node.is_string and "e" in node.name.lower()
        case exp.Avg():
            return True
        case exp.Paren() | exp.Neg() | exp.Abs() | exp.Round() | exp.Sum() | exp.Min() | exp.Max():
            return _is_double(node.this)
        case exp.Add() | exp.Sub() | exp.Mul() | exp.Div():
            return _is_double(node.this) or _is_double(node.expression)
        case _:
            return False


def _is_date(node: exp.Expr) -> bool:
    if isinstance(node, exp.Cast):
        return node.to.this in (exp.DType.DATE, exp.DType.TIMESTAMP)
    if isinstance(node, exp.Min | exp.Max | exp.Paren):
        return _is_date(node.this)
    return isinstance(node, DATES) or _type(node) in (Type.DATE, Type.TIMESTAMP)


def _is_number(node: exp.Expr) -> bool:
    if isinstance(node, exp.Literal):
        return not node.is_string
    return isinstance(node, NUMBERS) or _type(node) in (Type.DECIMAL, Type.BIGINT)


def _type(node: exp.Expr) -> Type | None:
    """Return the type of a column of ours, unless the statement gives its name to something."""
    name = node.name.lower()
    if not isinstance(node, exp.Column) or name not in COLUMNS:
        return None
    given = (alias.alias.lower() for alias in node.root().find_all(exp.Alias))
    return None if name in given else COLUMNS[name]


def line_of(node: exp.Expr) -> int:
    """Return the line of the first thing in a part of the tree whose line is known."""
    lines = [part.meta["line"] for part in node.walk() if "line" in part.meta]
    return min(lines, default=1)
