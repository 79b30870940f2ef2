"""Schedules as AWS Glue takes them: cron(minutes hours day-of-month month day-of-week year), UTC.

Source: AWS Glue's developer guide, "Time-based schedules for jobs and crawlers".
"""

import re
from collections.abc import Sequence
from itertools import pairwise

SOONEST = 5
"""Minutes between two runs: Glue takes nothing closer."""

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")

_CRON = re.compile(r"cron\((\S+) (\S+) (\S+) (\S+) (\S+) (\S+)\)")
_STEPS = re.compile(r"(\*|\w+(?:-\w+)?)(?:/(\d{1,4}))?")
_LAST_OR_NEAREST = re.compile(r"L|LW|([1-9]|[12]\d|3[01])W")
"""The month's last day, its last weekday, the weekday nearest to a day."""
_LAST = re.compile(r"[1-7]?L")
"""The week's last day, or the month's last of a kind of day."""


def is_cron(text: str) -> bool:
    """Tell whether a text is such a schedule."""
    found = _CRON.fullmatch(text)
    if found is None:
        return False
    minutes, hours, day, month, weekday, year = found.groups()
    # the day is said once: by its place in the month or in the week
    if (day == "?") == (weekday == "?"):
        return False
    times = _values(minutes, 0, 59)
    return (
        bool(times)
        and all(later - sooner >= SOONEST for sooner, later in pairwise(times))
        and bool(_values(hours, 0, 23))
        and (day == "?" or _is_day(day, _LAST_OR_NEAREST, 31))
        and bool(_values(month, 1, 12, MONTHS))
        and (weekday == "?" or _is_day(weekday, _LAST, 7, DAYS))
        and bool(_values(year, 1970, 2199))
    )


def _is_day(text: str, special: re.Pattern[str], last: int, names: Sequence[str] = ()) -> bool:
    return special.fullmatch(text) is not None or bool(_values(text, 1, last, names))


def _values(text: str, first: int, last: int, names: Sequence[str] = ()) -> list[int]:
    """Return the values that a field stands for, in order; none where it cannot be read."""
    numbers = {name: number for number, name in enumerate(names, start=first)}
    found: set[int] = set()
    for item in text.split(","):
        match = _STEPS.fullmatch(item)
        if match is None:
            return []
        span, step = match[1], int(match[2] or 1)
        ends = [str(first), str(last)] if span == "*" else span.split("-")
        known = [numbers.get(end, int(end) if end.isdecimal() else -1) for end in ends]
        # a start with a step goes on to the end: 10/15 is 10, 25, 40, 55
        low, high = known[0], known[-1] if len(known) == 2 or match[2] is None else last
        if not (first <= low <= high <= last and step):
            return []
        found |= set(range(low, high + 1, step))
    return sorted(found)
