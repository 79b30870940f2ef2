"""The quarantined lines: exactly as they came, as far as they can be shown."""

from dataclasses import dataclass
from datetime import datetime

from web import records, show
from web.engine import Answer, Value
from web.question import Question

LINE_LENGTH = 400
"""Most characters shown of a quarantined line: one can be 64 KiB."""

QUARANTINED = Question(
    "SELECT received_at, source_key, source_line, reason, to_hex(raw) AS raw"
    " FROM quarantine"
    " ORDER BY received_at DESC, source_key, source_version, source_line"
    " LIMIT 200"
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
    total: int
    truncated: bool = False
    newest: bool = False

    @property
    def shown(self) -> int:
        """How many lines are seen."""
        return len(self.rows)

    @property
    def cut(self) -> bool:
        """Whether there are more lines than are seen."""
        return self.total > self.shown


def lines(answer: Answer) -> Lines:
    """Return the quarantined lines; the exact bytes are decoded as far as they go."""
    return Lines(tuple(_line(row) for row in answer.rows), len(answer.rows), answer.truncated)


def decoded(raw: str) -> str:
    """Return hex digits as the text they stand for; what is not UTF-8 or not seen is spelt out."""
    text = bytes.fromhex(raw).decode("utf-8", errors="backslashreplace")
    shown = show.visible(text[:LINE_LENGTH])
    rest = len(text) - LINE_LENGTH
    return f"{shown}\N{HORIZONTAL ELLIPSIS} and {rest:,} more characters" if rest > 0 else shown


def _line(row: tuple[Value, ...]) -> Line:
    received, key, number, reason, raw = row
    file = records.name(str(key))
    return Line(
        file,
        show.is_short(file),
        number if isinstance(number, int) else None,
        show.value(reason),
        received if isinstance(received, datetime) else None,
        decoded(raw) if isinstance(raw, str) else "the whole file",
    )
