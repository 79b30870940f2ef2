"""A panel's statement: whether it is one portable SELECT, told before any engine is asked."""

import re
from collections.abc import Iterator
from itertools import chain

import sqlglot
from sqlglot import Token, TokenType, exp
from sqlglot.dialects.dialect import Dialect
from sqlglot.errors import ParseError, TokenError

from lake.schema import TABLES
from queries.functions import foreign
from queries.grammar import strange
from queries.portable import differences

DIALECTS = {"athena": "Athena", "duckdb": "DuckDB"}
"""sqlglot's names of the engines, and ours."""
OURS = ("orders", "latest", *(table.name for table in TABLES))
"""The relations a panel may read."""


class StatementError(Exception):
    """A statement cannot be a panel's. `line` counts from 1 at the start of the statement."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


def placeholders(sql: str) -> list[int]:
    """Return where the ? of a statement stand, not counting those in texts and comments."""
    return [token.start for token in _tokens(sql) if token.token_type == TokenType.PLACEHOLDER]


def check(text: str, binds: int) -> tuple[str, int]:
    """Return a panel's statement, without what stands around it, and the line it begins on.

    Raises StatementError unless it is one SELECT that both engines' grammars take, that reads
    our relations by their bare names, and that has as many ? as binds, in WHERE only; and for what
    the engines are known to answer differently.
    """
    sql, line = _one(text)
    try:
        _check(sql, binds)
    except StatementError as error:
        raise StatementError(line + error.line - 1, error.reason) from None
    return sql, line


def _one(text: str) -> tuple[str, int]:
    """Cut out the statement: after the semicolon that may end it nothing may follow."""
    try:
        tokens = _tokens(text)
    except TokenError:
        raise StatementError(_last_line(text), "a quote or a comment is never closed") from None
    if not tokens:
        raise StatementError(_last_line(text), "there is no SELECT after the head")
    start, end = tokens[0].start, len(text)
    for place, token in enumerate(tokens):
        if token.token_type == TokenType.SEMICOLON:
            for second in tokens[place + 1 :]:
                raise StatementError(second.line, "a second statement follows; a panel is one")
            end = token.start
    return text[start:end].rstrip(), tokens[0].line


def _check(sql: str, binds: int) -> None:
    if not re.match(r"(SELECT|WITH)\b", sql, re.IGNORECASE):
        raise StatementError(1, "a panel is one statement that begins with SELECT or WITH")
    trees = [_parse(sql, dialect, engine) for dialect, engine in DIALECTS.items()]
    for tree in trees:
        _check_with(tree)
        _check_relations(tree)
        _check_parameters(tree)
    # Athena's form of it keeps apart what DuckDB knows under one name, such as its texts
    said = _tokens(sql), trees[0]
    for line, reason in chain(strange(*said), foreign(*said), differences(*said)):
        raise StatementError(line, reason)
    found = len(placeholders(sql))
    if found != binds:
        raise StatementError(
            1,
            f"there are {found} ? for {binds} values: one for each parameter, two for a month "
            "(its first day and the first day after it)",
        )


def _parse(sql: str, dialect: str, engine: str) -> exp.Query:
    try:
        tree = sqlglot.parse_one(sql, dialect=dialect)
    except ParseError as fault:
        first = fault.errors[0] if fault.errors else {}
        what, near = first.get("description") or str(fault), first.get("highlight")
        raise StatementError(
            first.get("line") or 1,
            f"not {engine} SQL: {what}" + (f" near {near!r}" if near else ""),
        ) from None
    except Exception:
        # sqlglot's own parser fails at some half-written texts: that is this panel's matter alone
        raise StatementError(1, f"not {engine} SQL: its parser cannot read this") from None
    if not isinstance(tree, exp.Query):
        raise StatementError(1, "a panel is one statement that begins with SELECT or WITH")
    return tree


def _check_with(tree: exp.Query) -> None:
    for with_ in tree.find_all(exp.With):
        if with_.args.get("recursive"):
            raise StatementError(1, "WITH RECURSIVE cannot be joined to the relation orders")
    for name, line in _names(tree.find_all(exp.CTE)):
        if name in OURS:
            raise StatementError(line, f"the name {name} is taken; call the relation another way")


def _check_relations(tree: exp.Query) -> None:
    own = {name for name, _ in _names(tree.find_all(exp.CTE))}
    for table in tree.find_all(exp.Table):
        line = table.this.meta.get("line", 1)
        if not isinstance(table.this, exp.Identifier):
            raise StatementError(line, "a panel reads relations, not functions or files")
        if table.db:
            raise StatementError(line, f"say {table.name} alone: the database is the connection's")
        if table.name.lower() not in own.union(OURS):
            raise StatementError(line, f"{table.name} is none of {', '.join(OURS)}")


def _check_parameters(tree: exp.Query) -> None:
    for parameter in tree.find_all(exp.Placeholder, exp.Parameter):
        if isinstance(parameter, exp.Parameter) or parameter.this:
            raise StatementError(1, "parameters are written as ?, in the order of the head")
        if parameter.find_ancestor(exp.Where) is None:
            raise StatementError(1, "a ? stands outside WHERE, where Athena takes none")


def _names(relations: Iterator[exp.CTE]) -> Iterator[tuple[str, int]]:
    for relation in relations:
        alias = relation.args["alias"].this
        yield relation.alias.lower(), alias.meta.get("line", 1)


def _tokens(sql: str) -> list[Token]:
    # Athena's SELECT is Trino's; sqlglot's tokenizer for Athena puts marks of its own before DDL
    return Dialect.get_or_raise("trino").tokenize(sql)


def _last_line(sql: str) -> int:
    return sql.rstrip().count("\n") + 1
