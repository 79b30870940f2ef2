"""Which orders are dropped, what a file may be, and the fingerprint of what decides that."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import TypeVar

from lake.schema import STATUSES, TABLES

OUTPUT_VERSION = 2
"""Raised whenever the handler would write other bytes for the same input and settings."""


LARGEST_OBJECT = 5 * 1024**4
"""Bytes of the largest object that S3 takes."""


class SettingError(ValueError):
    """A setting has a value it cannot have; the message says which, and what is allowed."""


@dataclass(frozen=True)
class Rule:
    """Drop an order whose status is one of `statuses` and whose date lies `days` or more back."""

    statuses: tuple[str, ...] = ("pending", "cancelled")
    days: int = 30

    def __post_init__(self) -> None:
        unknown = sorted(set(self.statuses) - set(STATUSES))
        if unknown:
            raise _wrong("statuses", f"{unknown[0]!r} is none of {', '.join(STATUSES)}")
        if not 0 <= self.days <= 36_500:
            raise _wrong("days", f"{self.days} is not between 0 and 36500")
        # the same rule in another order has the same fingerprint
        object.__setattr__(self, "statuses", tuple(sorted(set(self.statuses))))

    def last_dropped_day(self, received: date) -> date:
        """Return the newest order date that is dropped from a file received on that day."""
        # an as-of can be any date: where the calendar begins later, no order is that old
        return received - timedelta(days=min(self.days, (received - date.min).days))


@dataclass(frozen=True)
class Limits:
    """What a raw file may be before it is rejected as a whole."""

    file_bytes: int = 8 * 1024**3
    """Largest raw file, bytes: eight times the largest measured, and it must fit the work disk."""
    line_bytes: int = 64 * 1024
    """Longest line, bytes; an order takes about 54."""
    bad_share: float = 0.5
    """Largest share of quarantined rows before the whole file is taken for something else."""

    def __post_init__(self) -> None:
        if not 1 <= self.file_bytes <= LARGEST_OBJECT:
            raise _wrong("file_bytes", f"{self.file_bytes} is not between 1 and {LARGEST_OBJECT}")
        # 128 KiB is the longest field that the standard library's csv reads
        if not 64 <= self.line_bytes <= 128 * 1024:
            raise _wrong("line_bytes", f"{self.line_bytes} is not between 64 and 131072")
        if not 0 <= self.bad_share <= 1:
            raise _wrong("bad_share", f"{self.bad_share} is not between 0 and 1")


@dataclass(frozen=True)
class Settings:
    """Every setting that can change what becomes of a row."""

    rule: Rule = field(default_factory=Rule)
    limits: Limits = field(default_factory=Limits)

    @property
    def fingerprint(self) -> str:
        """16 hex digits that differ whenever the same bytes could have another outcome."""
        decides = {
            "settings": asdict(self),
            "schema": [[t.name, [[c.name, c.type.hive] for c in t.columns]] for t in TABLES],
            "output": OUTPUT_VERSION,
        }
        text = json.dumps(decides, sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read ORDERS_DROP_STATUSES, _DROP_DAYS, _MAX_FILE_BYTES, _MAX_LINE_BYTES, _MAX_BAD_SHARE.

        An absent or empty one has its default. Raises SettingError for a value that cannot be.
        """
        given = {
            name: environment[variable]
            for name, variable in _VARIABLES.items()
            if environment.get(variable)
        }
        statuses = given.get("statuses")
        return cls(
            Rule(
                statuses=tuple(word.strip() for word in statuses.split(","))
                if statuses is not None
                else Rule.statuses,
                days=_number(int, "days", given, Rule.days),
            ),
            Limits(
                file_bytes=_number(int, "file_bytes", given, Limits.file_bytes),
                line_bytes=_number(int, "line_bytes", given, Limits.line_bytes),
                bad_share=_number(float, "bad_share", given, Limits.bad_share),
            ),
        )


_VARIABLES = {
    "statuses": "ORDERS_DROP_STATUSES",
    "days": "ORDERS_DROP_DAYS",
    "file_bytes": "ORDERS_MAX_FILE_BYTES",
    "line_bytes": "ORDERS_MAX_LINE_BYTES",
    "bad_share": "ORDERS_MAX_BAD_SHARE",
}


def _wrong(setting: str, why: str) -> SettingError:
    """Return the error of a setting, by the name of its variable."""
    return SettingError(f"{_VARIABLES[setting]}: {why}")


_Number = TypeVar("_Number", int, float)


def _number(kind: type[_Number], name: str, given: Mapping[str, str], default: _Number) -> _Number:
    if name not in given:
        return default
    try:
        return kind(given[name])
    except ValueError:
        raise _wrong(name, f"{given[name]!r} is not a number like {default}") from None
