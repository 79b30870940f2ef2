"""The quarantined lines: exactly as they came, as far as they can be shown."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime

from web import records, show
from web.engine import Answer, Value
from web.question import Question

LINE_LENGTH = 400
"""Most characters shown of a quarantined line: one can be 64 KiB."""
SHOWN = 200
"""Most lines shown."""
READ = 2000
"""Most lines read, of the newest exports: a search looks through them and asks no engine."""
READ_BYTES = 2000
"""Most bytes read of a line; what a person would look for stands in them."""

QUARANTINED = Question(
    "SELECT received_at, source_key, source_version,"  # noqa: S608 - the numbers are ours
    " source_line, reason,"
    f" substr(to_hex(raw), 1, {2 * READ_BYTES}) AS raw, length(to_hex(raw)) AS digits"
    " FROM quarantine"
    " ORDER BY received_at DESC, source_key, source_version, source_line"
    f" LIMIT {READ}"
)
"""The lines of the newest exports. This SQL is no panel: it reads what no panel counts."""


@dataclass(frozen=True)
class Line:
    """A quarantined line, or a file that was rejected whole."""

    file: str
    whole: bool
    """whether no line break may part the file's name"""
    number: int | None
    """its physical line in the file; None for a whole file"""
    reason: str
    exported: datetime | None
    text: str


@dataclass(frozen=True)
class Lines:
    """What is shown of the quarantine."""

    rows: tuple[Line, ...]
    found: int
    """how many lines were read, or found among those"""
    all_read: bool
    """whether no more lines are quarantined than were read"""
    replaced: int
    """how many were read of versions that a newer one has replaced: those are not shown"""
    find: str


def lines(answer: Answer, replaced: Container[tuple[str, str]], find: str = "") -> Lines:
    """Return the quarantined lines in which a text is found: in name, reason or line, any case.

    `replaced` are the keys and versions whose lines nobody needs to mend any more.
    """
    read = [_line(row) for row in answer.rows if (row[1], row[2]) not in replaced]
    wanted = find.strip().casefold()
    found = [
        line
        for line, text in read
        if not wanted or any(wanted in part.casefold() for part in (line.file, line.reason, text))
    ]
    return Lines(
        tuple(found[:SHOWN]),
        len(found),
        len(answer.rows) < READ,
        len(answer.rows) - len(read),
        find.strip(),
    )


def decoded(raw: str) -> str:
    """Return hex digits as the text they stand for; what is not UTF-8 or not seen is spelt out."""
    return show.visible(bytes.fromhex(raw).decode("utf-8", errors="backslashreplace"))


def _line(row: tuple[Value, ...]) -> tuple[Line, str]:
    """Return a line as it is shown, and all of its text that was read."""
    received, key, _, number, reason, raw, digits = row
    file = records.name(str(key))
    text = decoded(raw) if isinstance(raw, str) else "the whole file"
    shown = text[:LINE_LENGTH]
    if len(text) > LINE_LENGTH or (isinstance(digits, int) and digits > 2 * READ_BYTES):
        shown += f"\N{HORIZONTAL ELLIPSIS} of {show.size(int(str(digits)) // 2)}"
    line = Line(
        file,
        show.is_short(file),
        number if isinstance(number, int) else None,
        show.value(reason),
        received if isinstance(received, datetime) else None,
        shown,
    )
    return line, text
