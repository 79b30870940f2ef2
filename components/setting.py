"""One setting: its key in the stack's file, how its text is read, and what is allowed.

A dataclass's field is a setting when one of the functions here makes it. They return Any, as
`dataclasses.field` does, so that the field's annotation alone says the type.
"""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from ipaddress import IPv4Network
from typing import Any

from components.cron import is_cron

METADATA = "setting"
"""Where a field keeps its Setting."""


@dataclass(frozen=True)
class Setting:
    """What a field's value may be."""

    key: str
    read: Callable[[str], Any]
    """from the text that Pulumi gives; raises ValueError for what is not allowed"""
    allowed: str
    """what is allowed, as the end of `... is not ...`"""
    secret: bool = False


def truth(key: str, default: bool) -> Any:
    """Return a field that is on or off."""
    return _field(key, default, {"true": True, "false": False}.__getitem__, "true or false")


def whole(key: str, default: int, lowest: int, highest: int, *, off: str = "") -> Any:
    """Return a field with a whole number; where `off` says what 0 means, that is allowed too."""

    def read(text: str) -> int:
        value = int(_matching(text, r"-?[0-9]{1,20}"))
        if not (lowest <= value <= highest or (off and value == 0)):
            raise ValueError
        return value

    allowed = f"a whole number from {lowest} to {highest}"
    return _field(key, default, read, f"{allowed}, or 0: {off}" if off else allowed)


def one_of(key: str, default: int | str, allowed: Iterable[int | str]) -> Any:
    """Return a field with one of a few values."""
    by_text = {str(value): value for value in allowed}
    return _field(key, default, by_text.__getitem__, f"one of {', '.join(by_text)}")


def text(key: str, default: str, pattern: str, allowed: str) -> Any:
    """Return a field with a text that matches; the empty one is allowed where it is the default."""

    def read(given: str) -> str:
        return given if given == default == "" else _matching(given, pattern)

    return _field(key, default, read, allowed)


def price(key: str, default: str) -> Any:
    """Return a field with an amount of money, as a decimal."""
    pattern = r"[0-9]{1,9}(\.[0-9]{1,6})?"
    allowed = f"an amount like {default}"
    return _field(key, Decimal(default), lambda given: Decimal(_matching(given, pattern)), allowed)


def schedule(key: str) -> Any:
    """Return a field with a schedule of AWS Glue's, or an empty text for none."""

    def read(given: str) -> str:
        if given and not is_cron(given):
            raise ValueError
        return given

    return _field(
        key,
        "",
        read,
        "a schedule like cron(15 3 * * ? *), or empty; two runs are five minutes apart at least",
    )


def several(key: str, default: tuple[str, ...], pattern: str, allowed: str) -> Any:
    """Return a field with a list of texts that match; it may be empty where its default is."""
    return _list(key, default, lambda given: _matching(given, pattern), allowed)


def networks(key: str) -> Any:
    """Return a field with a list of ranges of IPv4, which is what the load balancer speaks."""
    return _list(
        key,
        (),
        lambda given: str(IPv4Network(given)),
        "a list of different ranges like 192.0.2.0/24",
    )


def secret(key: str) -> Any:
    """Return a field with a secret: None, or an Output that nobody sees."""
    setting = Setting(key, lambda given: given, "a secret", secret=True)
    return field(default=None, repr=False, metadata={METADATA: setting})


def _list(key: str, default: tuple[str, ...], element: Callable[[str], str], allowed: str) -> Any:
    def read(given: str) -> tuple[str, ...]:
        values = json.loads(given)
        if not (isinstance(values, list) and all(isinstance(value, str) for value in values)):
            raise ValueError
        if (default and not values) or len(set(values)) < len(values):
            raise ValueError
        return tuple(element(value) for value in values)

    return _field(key, default, read, allowed)


def _field(key: str, default: Any, read: Callable[[str], Any], allowed: str) -> Any:
    return field(default=default, metadata={METADATA: Setting(key, read, allowed)})


def _matching(given: str, pattern: str) -> str:
    if not re.fullmatch(pattern, given):
        raise ValueError
    return given
