"""An engine's complaint about a composed text, told as a place in the panel's own file."""

import re

from queries.panel import Panel

# DuckDB shows the line with a caret below it, Athena begins with line and column
_DUCKDB = re.compile(r"\n+LINE (?P<line>\d+):.*", re.DOTALL)
_ATHENA = re.compile(r"\bline (?P<line>\d+):(?P<column>\d+):\s*")


def located(message: str, sql: str, panel: Panel) -> str:
    """Return `queries/file, line n: reason`, or the message as it is if it names no line.

    `sql` is the composed text, of which the panel's own stands at the end. A line before that is
    the filter bar's or the relations': it is none of the file's, and is not told.
    """
    found = _DUCKDB.search(message) or _ATHENA.search(message)
    if found is None:
        return message
    reason = (message[: found.start()] + message[found.end() :]).strip()
    before = sql.count("\n") - panel.sql.count("\n")
    line = int(found["line"]) - before
    if line < 1:
        return f"queries/{panel.file}: {reason}"
    return f"queries/{panel.file}, line {panel.line + line - 1}: {reason}"
