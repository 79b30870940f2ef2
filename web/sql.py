"""SQL as it is shown: its words, texts, numbers and comments told apart."""

import re
from dataclasses import dataclass
from typing import Literal

from web import show

Kind = Literal["comment", "text", "number", "word", ""]

_WORDS = (
    "ALL AND AS ASC BETWEEN BY CASE CAST CROSS DESC DISTINCT ELSE END EXISTS EXTRACT FALSE FROM"
    " FULL GROUP HAVING IN INNER INTERVAL IS JOIN LAST LEFT LIKE LIMIT NOT NULL NULLS OFFSET ON OR"
    " ORDER OUTER OVER PARTITION RIGHT SELECT THEN TRUE UNION WHEN WHERE WITH DATE TIMESTAMP"
)
_PIECES = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?\*/)"
    r"|(?P<text>'(?:[^']|'')*')"
    r"|(?P<number>\b[0-9]+(?:\.[0-9]+)?\b)"
    rf"|(?P<word>\b(?:{'|'.join(_WORDS.split())})\b)",
    re.DOTALL | re.IGNORECASE,
)


@dataclass(frozen=True)
class Piece:
    """A piece of SQL of one kind; most of it is of none."""

    kind: Kind
    text: str


def pieces(sql: str) -> list[Piece]:
    """Return SQL as pieces; joined they are the SQL, what would not be seen spelt out."""
    found: list[Piece] = []
    end = 0
    for match in _PIECES.finditer(sql):
        if match.start() > end:
            found.append(Piece("", show.lines(sql[end : match.start()])))
        kind: Kind = match.lastgroup  # type: ignore[assignment]
        found.append(Piece(kind, show.lines(match[0])))
        end = match.end()
    if end < len(sql):
        found.append(Piece("", show.lines(sql[end:])))
    return found
