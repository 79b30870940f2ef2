"""What sqlglot takes for Athena's SQL though Athena, which is Trino, does not."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from sqlglot import Token, TokenType, exp

from queries.portable import COLUMNS, Difference, line_of

WORDS = {
    "::": "CAST(... AS ...)",
    "==": "=",
    "COLLATE": "lower(...)",
    "^": "power(..., ...)",
    "{": "row(...)",
    "GLOB": "LIKE",
    "ILIKE": "lower(...) LIKE '...'",
    "ISNULL": "IS NULL",
    "NOTNULL": "IS NOT NULL",
    "PIVOT": "sum(...) FILTER (WHERE ...) for each column",
    "SIMILAR TO": "LIKE",
    "TABLESAMPLE": "ORDER BY and LIMIT, which give the same rows each time",
}
"""A word or sign that Athena does not know, and what is written instead."""
PAIRS = {
    ("ANTI", "JOIN"): "NOT EXISTS (SELECT ...)",
    ("ASOF", "JOIN"): "JOIN ... ON ...",
    ("DISTINCT", "ON"): "row_number() OVER (PARTITION BY ... ORDER BY ...) = 1 around it",
    ("GROUP BY", "ALL"): "GROUP BY 1, 2",
    ("IS", "FALSE"): "NOT and the condition",
    ("IS", "TRUE"): "the condition alone",
    ("NATURAL", "JOIN"): "JOIN ... ON ...",
    ("ORDER BY", "ALL"): "ORDER BY 1, 2",
    ("SELECT", "UNNEST"): "FROM unnest(...) AS t (x)",
    ("SEMI", "JOIN"): "EXISTS (SELECT ...)",
    ("USING", "SAMPLE"): "ORDER BY and LIMIT, which give the same rows each time",
}
UNITS = ("YEAR", "MONTH", "DAY", "HOUR", "MINUTE", "SECOND")
TYPES = {
    exp.DType.VARCHAR,
    *(exp.DType.BIGINT, exp.DType.INT, exp.DType.SMALLINT),
    *(exp.DType.DOUBLE, exp.DType.DECIMAL, exp.DType.BOOLEAN),
    *(exp.DType.DATE, exp.DType.TIMESTAMP, exp.DType.STRUCT, exp.DType.ARRAY),
}
OTHER_TYPES = ("bool", "float4", "float8", "int2", "int4", "int8", "long", "numeric", "short")
"""DuckDB's other names, which sqlglot does not tell from those that both know."""
NO_TYPE = (
    "this type is not in both Athena and DuckDB, or not alike: write varchar, bigint, integer, "
    "double, decimal(18, 2), date, timestamp or boolean"
)


def strange(tokens: Sequence[Token], tree: exp.Query) -> Iterator[Difference]:
    """Yield the forms of a statement that Athena's grammar refuses."""
    yield from _words(tokens)
    yield from _intervals(tokens)
    yield from _types(tokens, tree)
    yield from _stars(tree)
    yield from _joins(tree)
    yield from _aliases(tree)


def _words(tokens: Sequence[Token]) -> Iterator[Difference]:
    said = ["" if _is_quoted(token) else token.text.upper() for token in tokens]
    for place, (token, word) in enumerate(zip(tokens, said, strict=True)):
        after, second = (*said[place + 1 : place + 3], "", "")[:2]
        if word in WORDS:
            yield token.line, f"Athena has no {word!r}: write {WORDS[word]}"
        elif (word, after) in PAIRS:
            yield token.line, f"Athena has no '{word} {after}': write {PAIRS[word, after]}"
        elif (word, after) == (",", "FROM"):
            yield token.line, "a comma stands before FROM, where Athena takes none"
        elif word == "LIMIT" and second == "OFFSET":
            yield token.line, "Athena wants OFFSET before LIMIT"
        elif (word, after) == ("FILTER", "(") and second != "WHERE":
            yield token.line, "Athena wants FILTER (WHERE ...)"
    for before, token in pairwise(tokens):
        if before.token_type == TokenType.ALIAS and token.token_type == TokenType.STRING:
            yield token.line, 'Athena takes no name in single quotes: write AS "..."'


def _is_quoted(token: Token) -> bool:
    return token.token_type in (TokenType.STRING, TokenType.IDENTIFIER)


def _intervals(tokens: Sequence[Token]) -> Iterator[Difference]:
    for place, token in enumerate(tokens):
        if token.token_type == TokenType.INTERVAL:
            after = tokens[place + 1 : place + 3]
            number, unit = (*(one.text for one in after), "", "")[:2]
            quoted = [one.token_type == TokenType.STRING for one in after[:1]]
            if not (all(quoted) and re.fullmatch(r"-?[0-9]+", number) and unit.upper() in UNITS):
                yield (
                    token.line,
                    "Athena writes an interval as INTERVAL '7' DAY: the number in quotes, and one "
                    f"of {', '.join(UNITS)}",
                )


def _types(tokens: Sequence[Token], tree: exp.Query) -> Iterator[Difference]:
    for before, token in pairwise(tokens):
        if before.token_type == TokenType.ALIAS and token.text.lower() in OTHER_TYPES:
            yield token.line, NO_TYPE
    for cast in tree.find_all(exp.Cast, exp.TryCast):
        type_ = cast.to
        if type_.this not in TYPES:
            yield line_of(cast), NO_TYPE
        elif type_.this == exp.DType.VARCHAR and type_.expressions:
            yield (
                line_of(cast),
                "Athena cuts a text to the length of its type and DuckDB does not: write "
                "substr(..., 1, n)",
            )
        elif type_.this == exp.DType.DECIMAL and not (
            type_.expressions or isinstance(cast.this, exp.Literal)
        ):
            yield (
                line_of(cast),
                "a bare decimal has no digits after the point to Athena and three to DuckDB: write "
                "decimal(18, 2)",
            )


def _stars(tree: exp.Query) -> Iterator[Difference]:
    for star in tree.find_all(exp.Star):
        if any(star.args.values()):
            yield 1, "Athena has no * with columns left out or replaced: write the columns' names"


def _joins(tree: exp.Query) -> Iterator[Difference]:
    for select in tree.find_all(exp.Select):
        joins = select.args.get("joins") or ()
        using = {name.name.lower() for join in joins for name in join.args.get("using") or ()}
        for column in select.find_all(exp.Column):
            if column.table and column.name.lower() in using:
                yield (
                    line_of(column),
                    f"after USING Athena knows {column.name} without a relation's name only: leave "
                    f"{column.table}. out, or write JOIN ... ON ...",
                )


def _aliases(tree: exp.Query) -> Iterator[Difference]:
    """Tell a name given by AS and used where Athena does not know it yet."""
    selects = list(tree.find_all(exp.Select))
    named = {
        column.name.lower() for alias in tree.find_all(exp.TableAlias) for column in alias.columns
    }
    for select in selects:
        elsewhere = {
            name.lower() for other in selects if other is not select for name in other.named_selects
        }
        given = {one.alias.lower() for one in select.selects if one.alias}
        yield from _sums_of_results(select, given)
        given -= COLUMNS.keys() | elsewhere | named
        clauses = [select.args.get(clause) for clause in ("where", "group", "having")]
        for part in (*select.selects, *filter(None, clauses)):
            for column in part.find_all(exp.Column):
                if not column.table and column.name.lower() in given:
                    yield (
                        line_of(column),
                        f"Athena knows the name {column.name} in ORDER BY only: write GROUP BY 1 "
                        "for a first column, or what the name stands for",
                    )


def _sums_of_results(select: exp.Select, given: set[str]) -> Iterator[Difference]:
    """Tell ORDER BY sum(amount) where amount is also what the answer's column is called."""
    for order in filter(None, [select.args.get("order")]):
        for total in order.find_all(exp.AggFunc):
            for column in total.find_all(exp.Column):
                if not column.table and column.name.lower() in given:
                    yield (
                        line_of(column),
                        f"in ORDER BY Athena takes {column.name} for the answer's column: write "
                        f"ORDER BY {column.name}, or give it another name with AS",
                    )
