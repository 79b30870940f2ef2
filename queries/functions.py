"""The functions that a panel may call: those that Athena and DuckDB both have and mean alike.

Each was run on Trino 476 and on DuckDB 2.0 (tests/engines/test_trino_portable.py runs them again).
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from sqlglot import Token, TokenType, exp

from queries.portable import Difference, line_of

SHARED = {
    # of one value or a few
    *("cast", "try_cast", "coalesce", "if", "nullif"),
    # of numbers
    *("abs", "cbrt", "ceil", "ceiling", "cos", "degrees", "exp", "floor", "ln", "log10", "log2"),
    *("mod", "pi", "pow", "power", "radians", "round", "sign", "sin", "sqrt", "tan"),
    # of texts
    *("chr", "concat_ws", "length", "lower", "lpad", "ltrim", "position", "regexp_extract"),
    *("replace", "reverse", "rpad", "rtrim", "split", "split_part", "starts_with", "strpos"),
    *("substr", "substring", "to_hex", "translate", "trim", "upper"),
    # of dates
    *("date", "date_diff", "date_trunc", "day", "extract", "hour", "minute", "month", "now"),
    *("quarter", "second", "week", "year"),
    # of many rows
    *("array_agg", "avg", "bool_and", "bool_or", "cardinality", "corr", "count"),
    *("count_if", "grouping", "max", "max_by", "min", "min_by", "stddev", "stddev_pop"),
    *("stddev_samp", "sum", "var_pop", "var_samp", "variance"),
    # of windows
    *("cume_dist", "dense_rank", "first_value", "lag", "last_value", "lead", "nth_value"),
    *("ntile", "percent_rank", "rank", "row_number"),
}

INSTEAD = {
    **dict.fromkeys(("approx_distinct", "approx_count_distinct"), "count(DISTINCT ...)"),
    **dict.fromkeys(("arg_max", "arg_min"), "max_by or min_by"),
    **dict.fromkeys(("char_length", "character_length", "len"), "length(...)"),
    **dict.fromkeys(("contains", "instr"), "strpos(..., ...) > 0"),
    **dict.fromkeys(("current_date", "today"), "current_date"),
    **dict.fromkeys(("date_add", "dateadd"), "... + INTERVAL '7' DAY"),
    **dict.fromkeys(
        ("date_format", "format_datetime", "strftime", "to_char"),
        "substr(CAST(order_date AS varchar), 1, 7) for 2025-03",
    ),
    **dict.fromkeys(("date_part", "datepart"), "extract(YEAR FROM ...)"),
    **dict.fromkeys(("date_sub", "datediff"), "date_diff('day', ..., ...)"),
    **dict.fromkeys(
        ("day_of_week", "dayname", "dayofweek", "isodow", "weekday"),
        "extract(DOW FROM ...) % 7, which is 0 on Sundays",
    ),
    **dict.fromkeys(("day_of_year", "dayofyear"), "extract(DOY FROM ...)"),
    **dict.fromkeys(("first", "last"), "min_by or max_by"),
    **dict.fromkeys(("ifnull", "nvl"), "coalesce(..., ...)"),
    **dict.fromkeys(
        ("last_day", "last_day_of_month"),
        "CAST(date_trunc('month', ...) + INTERVAL '1' MONTH - INTERVAL '1' DAY AS date)",
    ),
    **dict.fromkeys(
        ("median", "approx_percentile", "percentile_cont", "quantile_cont"),
        "row_number() OVER (ORDER BY ...), and take the row in the middle",
    ),
    **dict.fromkeys(
        ("regexp_like", "regexp_matches"), "LIKE, or nullif(regexp_extract(...), '') IS NOT NULL"
    ),
    **dict.fromkeys(("trunc", "truncate"), "floor(...)"),
    "countif": "count(*) FILTER (WHERE ...)",
    "dayofmonth": "day(...)",
    "iff": "if(..., ..., ...)",
    "left": "substr(..., 1, n)",
    "list": "array_agg(...)",
    "make_date": "DATE '2025-03-31'",
    "monthname": "month(...)",
    "right": "reverse(substr(reverse(...), 1, n))",
}
"""What is written instead of some that authors know from one of the engines, or from others."""

UNLIKE = {
    "concat": "leaves a NULL out in DuckDB and not in Athena: write ... || ...",
    **dict.fromkeys(
        ("greatest", "least"),
        "leaves a NULL out in DuckDB and not in Athena: write CASE WHEN ... THEN ... ELSE ... END",
    ),
    "format": "has other marks in Athena than in DuckDB: write ... || ...",
    "log": "takes a base in Athena and none in DuckDB: write ln(...) or log10(...)",
    "regexp_replace": "replaces all in Athena and the first in DuckDB: write replace(...)",
}
"""What both have under one name, and what is different in it."""

FIELDS = ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "DOY", "HOUR", "MINUTE", "SECOND")
"""What both engines extract alike; the day of the week is told apart."""
STEPS = ("YEAR", "QUARTER", "MONTH", "WEEK", "DAY", "HOUR", "MINUTE", "SECOND")
"""What both engines' date_trunc cuts to."""


def foreign(tokens: Sequence[Token], tree: exp.Query) -> Iterator[Difference]:
    """Yield the calls of a statement that the engines do not both take, or answer alike."""
    yield from _unknown(tokens, tree)
    yield from _fields(tree)
    yield from _differences_of_dates(tree)
    yield from _nulls(tree)
    yield from _places(tree)


def _unknown(tokens: Sequence[Token], tree: exp.Query) -> Iterator[Difference]:
    # a name before a bracket may also be a relation's, with names for its columns
    relations = {alias.name.lower() for alias in tree.find_all(exp.TableAlias)}
    for token, after in pairwise(tokens):
        name = token.text.lower()
        called = after.token_type == TokenType.L_PAREN and token.token_type != TokenType.IDENTIFIER
        if not called or name in relations:
            continue
        if name in UNLIKE:
            yield token.line, f"{name}() {UNLIKE[name]}"
        elif name in INSTEAD:
            yield token.line, f"{name}() is not in both Athena and DuckDB: write {INSTEAD[name]}"
        elif token.token_type == TokenType.VAR and name not in SHARED:
            yield token.line, f"{name}() is none of what Athena and DuckDB both have, and alike"


def _fields(tree: exp.Query) -> Iterator[Difference]:
    for extract in tree.find_all(exp.Extract):
        field = extract.name.upper()
        if field == "DOW":
            if not extract.find_ancestor(exp.Mod):
                yield (
                    line_of(extract),
                    "DOW of a Sunday is 7 to Athena and 0 to DuckDB: write "
                    "extract(DOW FROM ...) % 7, which is 0 on Sundays",
                )
        elif field in ("ISODOW", "DAY_OF_WEEK", "DAYOFWEEK"):
            yield (
                line_of(extract),
                f"{field} is not in both Athena and DuckDB: write extract(DOW FROM ...) % 7, "
                "which is 0 on Sundays",
            )
        elif field not in FIELDS or isinstance(extract.this, exp.Literal):
            yield (
                line_of(extract),
                f"what both Athena and DuckDB extract is {', '.join(FIELDS)}: not {extract.name!r}",
            )
    for trunc in tree.find_all(exp.DateTrunc, exp.TimestampTrunc):
        if trunc.text("unit").upper() not in STEPS:
            yield (
                line_of(trunc),
                f"what both Athena and DuckDB cut to is {', '.join(STEPS)}",
            )


def _differences_of_dates(tree: exp.Query) -> Iterator[Difference]:
    for between in tree.find_all(exp.DateDiff):
        moments = [
            column
            for column in between.find_all(exp.Column)
            if column.name.lower() == "received_at" and not column.find_ancestor(exp.Cast)
        ]
        if moments or between.text("unit").upper() != "DAY":
            yield (
                line_of(between),
                "date_diff counts what has passed to Athena and the borders in between to DuckDB: "
                "write date_diff('day', ..., ...) of two dates, CAST(... AS date) around a "
                "timestamp",
            )


def _nulls(tree: exp.Query) -> Iterator[Difference]:
    for part in tree.find_all(exp.RegexpExtract, exp.SplitPart):
        if not isinstance(part.parent, exp.Nullif):
            yield (
                line_of(part),
                "where there is no such part, Athena gives NULL and DuckDB an empty text: write "
                "nullif(..., '') around it",
            )
    for best in tree.find_all(exp.ArgMax, exp.ArgMin):
        if not isinstance(best.parent, exp.Filter) and isinstance(best.this, exp.Column):
            yield (
                line_of(best),
                "DuckDB leaves a NULL out that Athena gives: write max_by(..., ...) "
                f"FILTER (WHERE {best.this.name} IS NOT NULL)",
            )
    for total in tree.find_all(exp.Sum):
        if isinstance(total.this, exp.Predicate | exp.Connector):
            yield (
                line_of(total),
                "Athena adds up no conditions: write count(*) FILTER (WHERE ...)",
            )


def _places(tree: exp.Query) -> Iterator[Difference]:
    for part in tree.find_all(exp.Substring):
        start = part.args.get("start")
        if isinstance(start, exp.Neg) or (isinstance(start, exp.Literal) and start.name == "0"):
            yield (
                line_of(part),
                "the first place is 1, and only that way counts alike: for the end of a text write "
                "reverse(substr(reverse(...), 1, n))",
            )
