"""An engine's complaint about a composed text, told as a place in the panel's own file."""

import re

from queries.panel import Panel

# DuckDB shows the line with a caret below it, Athena begins with line and column
_DUCKDB = re.compile(r"\n+LINE (?P<line>\d+):.*", re.DOTALL)
_ATHENA = re.compile(r"\bline (?P<line>\d+):(?P<column>\d+):\s*")


def place(message: str, sql: str, panel: Panel) -> tuple[str, int | None]:
    """Return the complaint without the line it names, and that line in the panel's file.

    `sql` is the composed text, of which the panel's own stands at the end. A line before that is
    the filter bar's or the relations': it is none of the file's, and None, as where none is named.
    """
    found = _DUCKDB.search(message) or _ATHENA.search(message)
    if found is None:
        return message, None
    reason = (message[: found.start()] + message[found.end() :]).strip()
    before = sql.count("\n") - panel.sql.count("\n")
    line = int(found["line"]) - before
    return reason, panel.line + line - 1 if line >= 1 else None


def located(message: str, sql: str, panel: Panel) -> str:
    """Return `queries/file, line n: reason`, or the message as it is if it names no line."""
    reason, line = place(message, sql, panel)
    if line is not None:
        return f"queries/{panel.file}, line {line}: {reason}"
    return message if reason == message else f"queries/{panel.file}: {reason}"
