"""The checks on one row: which values are sound, and why one that is not cannot be taken.

All are expressions over text columns named as in the export; nothing is guessed or rounded.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

import polars as pl

from handler.header import BLANK
from lake.rule import Rule
from lake.schema import STATUSES

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2199, 12, 31)
"""Order dates outside these are taken for a slip: 0000, 9999 and the like mean `unknown`."""

OVERFLOW = "overflow"
"""The column that catches what stands behind the last one of the header."""

FIRST_USUAL_DAY = date(1990, 1, 1)
LAST_USUAL_DAY = date(2049, 12, 31)
"""A file with order dates outside these is read again with all days: to set up five times as many
takes 30 ms more, a twelfth of what all of a small file takes."""

_EPOCH = date(1970, 1, 1)
"""The day that Polars counts days from."""

SPELLINGS = {"canceled": "cancelled"}
"""Other spellings of a status that are taken, and counted as repairs."""


_WORDS = pl.Enum([*STATUSES, *SPELLINGS])
"""All statuses as they may be written."""

_TEXTS = ("OrderID", "Customer")
_RAW = {"amount_text": "Amount", "status_text": "Status", "date_text": "OrderDate"}


@dataclass(frozen=True)
class Check:
    """What must hold for a row, and what is said when it does not."""

    sound: pl.Expr
    otherwise: str
    """the reason when none of the narrower ones applies"""
    narrower: tuple[tuple[pl.Expr, str], ...] = ()


def texts() -> dict[str, pl.Expr]:
    """Return the columns without the blanks around them, the status in lower case."""
    return {
        "amount_text": pl.col("Amount").str.strip_chars(BLANK),
        "status_text": pl.col("Status").str.strip_chars(BLANK).str.to_lowercase(),
        "date_text": pl.col("OrderDate").str.strip_chars(BLANK),
    }


def plain_texts() -> dict[str, pl.Expr]:
    """Return the same columns as they are: for a file whose values need no mending."""
    return {name: pl.col(raw) for name, raw in _RAW.items()}


def is_mendable() -> pl.Expr:
    """Return whether a row is to be looked at again with mending: it may be sound after all."""
    mended = [pl.col(_RAW[name]) != text for name, text in texts().items()]
    misjudged = [~_starts_plainly(name) & _has_text(name) for name in _TEXTS]
    day = _parsed(pl.col("date_text"))
    unusual = day.is_between(FIRST_DAY, LAST_DAY) & pl.col("order_date").is_null()
    return pl.any_horizontal(*mended, *misjudged, unusual.fill_null(value=False))


@cache
def values(*, mend: bool) -> tuple[pl.Expr, ...]:
    """Return the typed columns, null where a text is no such value.

    Without `mend` that goes for unusual days too. They are made once: all the days take 30 ms.
    """
    days = (FIRST_DAY, LAST_DAY) if mend else (FIRST_USUAL_DAY, LAST_USUAL_DAY)
    status = pl.col("status_text").cast(_WORDS, strict=False)
    for other, usual in SPELLINGS.items():
        # replace() says the same and takes 150 MB more for 2 M rows
        status = pl.when(status == other).then(pl.lit(usual, _WORDS)).otherwise(status)
    return (
        pl.col("amount_text").cast(pl.Decimal(18, 2), strict=False).alias("amount"),
        status.alias("status"),
        _day(pl.col("date_text"), *days).alias("order_date"),
    )


def _day(text: pl.Expr, first: date, last: date) -> pl.Expr:
    """Return a text as a date, null if it is to the letter none of the days from first to last.

    A day is looked up, not parsed: parsing takes blanks and missing digits for a date as well, and
    with the search for these it takes four times as long (52 ns a row instead of 14).
    """
    all_ = pl.Enum(pl.date_range(first, last, eager=True).dt.to_string("%Y-%m-%d"))
    days = text.cast(all_, strict=False).to_physical().cast(pl.Int32)
    return (days + (first - _EPOCH).days).cast(pl.Date)


def _parsed(text: pl.Expr) -> pl.Expr:
    """Return a text as a date, whatever day it is, null if it is not written like one."""
    is_like_one = text.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")
    return pl.when(is_like_one).then(text.str.to_date("%Y-%m-%d", strict=False))


def checks(*, mend: bool = True) -> tuple[Check, ...]:
    """Return the checks, in the order in which their reasons are given."""
    amount, status, day = pl.col("amount_text"), pl.col("status_text"), pl.col("date_text")
    known = ", ".join(STATUSES)
    return (
        Check(pl.col(OVERFLOW) == "", "more fields than the header has"),
        *(_text(name, mend=mend) for name in _TEXTS),
        Check(
            amount.str.contains(r"^-?[0-9]{1,16}(\.[0-9]{1,2})?$") & pl.col("amount").is_not_null(),
            "Amount is not a number like 1234.50",
            (
                (amount == "", "Amount is empty"),
                (
                    amount.str.contains(r"^-?[0-9]+\.[0-9]{3,}$"),
                    "Amount has more than two decimals",
                ),
                (
                    amount.str.contains(r"^-?[0-9]{17,}(\.[0-9]{1,2})?$"),
                    "Amount has more than 16 digits before the point",
                ),
            ),
        ),
        Check(
            pl.col("status").is_not_null(),
            f"Status is none of {known}",
            ((status == "", "Status is empty"),),
        ),
        Check(
            pl.col("order_date").is_not_null(),
            "OrderDate is not a date like 2025-03-31",
            (
                (day == "", "OrderDate is empty"),
                (
                    _parsed(day).is_not_null(),
                    f"OrderDate is not between {FIRST_DAY} and {LAST_DAY}",
                ),
            ),
        ),
    )


def sound(*, mend: bool) -> pl.Expr:
    """Return whether a row passes every check."""
    return pl.all_horizontal(check.sound for check in checks(mend=mend))


def reasons() -> tuple[str, ...]:
    """Return every reason a row can have, by its number."""
    return tuple(reason for _, reason in _cases())


def reason() -> pl.Expr:
    """Return the number of the first reason against a row that is not sound."""
    cases = list(_cases())
    last = pl.lit(len(cases) - 1, pl.UInt8)
    for number in range(len(cases) - 2, -1, -1):
        last = pl.when(cases[number][0]).then(pl.lit(number, pl.UInt8)).otherwise(last)
    return last


def is_dropped(rule: Rule, received: date) -> pl.Expr:
    """Return whether the rule drops a sound row of a file received on that day."""
    old = pl.col("order_date") <= rule.last_dropped_day(received)
    return _is_one_of(pl.col("status"), rule.statuses) & old


def repairs(received: date, *, mend: bool) -> dict[str, pl.Expr]:
    """Return what was mended or noticed in sound rows, as conditions by name."""
    noticed = {
        "respelled_status": _is_one_of(pl.col("status_text"), SPELLINGS),
        "future_date": pl.col("order_date") > received,
    }
    if not mend:
        return noticed
    mended = {
        "trimmed_amount": pl.col("Amount") != pl.col("amount_text"),
        "trimmed_date": pl.col("OrderDate") != pl.col("date_text"),
        "mended_status": pl.col("Status") != pl.col("status_text"),
    }
    return mended | noticed


def _is_one_of(value: pl.Expr, words: Iterable[str]) -> pl.Expr:
    """Return whether a text is one of a few words: is_in says the same in three times the time."""
    return pl.any_horizontal(value == word for word in words)


def _has_text(name: str) -> pl.Expr:
    return pl.col(name).str.contains(r"[^ \t\r\x1a]")


def _starts_plainly(name: str) -> pl.Expr:
    """Return whether a text starts with neither a blank nor a control character.

    It takes a tenth of the time of a search for what is not blank, and says the same of most texts.
    """
    return pl.col(name) >= "!"


def _text(name: str, *, mend: bool) -> Check:
    return Check(_has_text(name) if mend else _starts_plainly(name), f"{name} is empty")


def _cases() -> Iterator[tuple[pl.Expr, str]]:
    for check in checks():
        for when, sentence in check.narrower:
            yield ~check.sound & when, sentence
        yield ~check.sound, check.otherwise
