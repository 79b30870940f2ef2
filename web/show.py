"""How values are written for people: numbers, moments, sizes, and text that may be hostile."""

import math
import re
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from web.engine import Value

MINUS = "\N{MINUS SIGN}"
NOTHING = "\N{EM DASH}"
"""Stands where there is no value."""

WHOLE_LENGTH = 40
"""Longest name in characters that no line break parts; a longer one would push the rest away."""

# controls, and what turns, hides or breaks the text around it: bidi embeddings, overrides and
# isolates, line and paragraph separators, spaces without width, byte order marks, tags. Joiners
# stay: names need them.
_UNSEEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)

_LINES = re.compile(r"([\n\t])")


def visible(text: str) -> str:
    """Return a text in which what would not be seen, or would move other text, is spelt out."""
    return _UNSEEN.sub(lambda found: _spell(ord(found[0])), text)


def lines(text: str) -> str:
    """Return a text of several lines made visible, its line breaks and tabs as they are."""
    return "".join(part if part in ("\n", "\t") else visible(part) for part in _LINES.split(text))


def is_short(text: str) -> bool:
    """Tell whether a name can stay in one piece."""
    return len(text) <= WHOLE_LENGTH


def value(value: Value) -> str:
    """Return a value of an answer for the eye; exports have their own forms."""
    match value:
        case None:
            return NOTHING
        case str():
            return visible(value)
        case datetime():
            return moment(value)
        case date():
            return day(value)
        case float():
            return number(Decimal(repr(round(value, 2)))) if math.isfinite(value) else NOTHING
        case _:
            return number(value)


def exact(value: Value) -> str:
    """Return a number or a time as programs read it, and "" where there is no value."""
    match value:
        case None:
            return ""
        case datetime():
            return f"{value.isoformat()}Z"
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)


def number(value: int | Decimal, *, grouped: bool = True) -> str:
    """Return a number with thousands separators, unless it is a name, and a true minus sign."""
    return f"{value:{',' if grouped else ''}}".replace("-", MINUS)


def percent(share: Decimal) -> str:
    """Return a change as percents with its sign, a place after the point: +4.2 %."""
    rounded = (share * 100).quantize(Decimal("0.1"), ROUND_HALF_UP)
    sign = "+" if rounded > 0 else MINUS if rounded < 0 else "\N{PLUS-MINUS SIGN}"
    return f"{sign}{abs(rounded):,}\N{NO-BREAK SPACE}%"


def month(day: date) -> str:
    """Return a month in words: November 2025."""
    return f"{_MONTHS[day.month - 1]} {day.year}"


def short_month(day: date) -> str:
    """Return a month in short: Nov 2025."""
    return f"{_MONTHS[day.month - 1][:3]} {day.year}"


def day(at: date) -> str:
    """Return a day: 10 Nov 2025."""
    return f"{at.day} {_MONTHS[at.month - 1][:3]} {at.year}"


def moment(at: datetime) -> str:
    """Return a moment to the minute: 10 Nov 2025, 12:00."""
    return f"{day(at)}, {at:%H:%M}"


def size(count: int) -> str:
    """Return a number of bytes in its own unit."""
    amount = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 10 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def dollars(cost: Decimal) -> str:
    """Return a cost to two digits that count, so that a small one is not nothing: $0.000050."""
    if not cost:
        return "$0"
    digits = max(2, 1 - cost.adjusted())
    return f"${cost.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP):,f}"


def duration(seconds: float) -> str:
    """Return a span of time: 12 ms, 3.4 s, 2 min 5 s."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def elapsed(seconds: float) -> str:
    """Return how long something has gone on, in whole seconds: 3 s, 2 min 5 s.

    static/locale.js counts on from it in the same words.
    """
    whole = int(seconds)
    return f"{whole // 60} min {whole % 60} s" if whole >= 60 else f"{whole} s"


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def _spell(point: int) -> str:
    short = {9: r"\t", 10: r"\n", 13: r"\r"}.get(point)
    return short or (f"\\x{point:02x}" if point < 0x100 else f"\\u{point:04x}")
