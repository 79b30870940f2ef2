"""Moments: naive, UTC, whole milliseconds, written `YYYY-MM-DD HH:MM:SS.fff`."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment."""
    return cut(datetime.now(UTC))


def cut(moment: datetime) -> datetime:
    """Return a moment in the lake's form; a zoned one is turned into UTC, finer parts are cut."""
    if moment.tzinfo is not None:
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def from_ns(nanoseconds: int) -> datetime:
    """Return the moment of a count of nanoseconds since 1970."""
    whole, rest = divmod(nanoseconds, 1_000_000_000)
    return datetime.fromtimestamp(whole, UTC).replace(
        tzinfo=None, microsecond=rest // 1_000_000 * 1000
    )


def write(moment: datetime) -> str:
    """Return a moment as text."""
    return moment.isoformat(sep=" ", timespec="milliseconds")


def read(text: str) -> datetime:
    """Return the moment that a text holds: a date (00:00 UTC) or a date with time, ISO 8601.

    Raises ValueError for any other text.
    """
    try:
        return cut(datetime.fromisoformat(text.strip()))
    except OverflowError as fault:
        # a zone can lead out of the years 1 to 9999
        raise ValueError(f"{text!r} is no moment in UTC: {fault}") from None
