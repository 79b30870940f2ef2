"""Moments are naive, UTC and whole milliseconds, wherever they come from."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake import times

MILLISECONDS = st.datetimes().map(lambda m: m.replace(microsecond=m.microsecond // 1000 * 1000))


@given(MILLISECONDS)
def test_what_was_written_is_read_again(moment):
    assert times.read(times.write(moment)) == moment


def test_a_moment_is_written_with_milliseconds_always():
    assert times.write(datetime(2025, 3, 1)) == "2025-03-01 00:00:00.000"
    assert times.write(datetime(2025, 3, 1, 9, 8, 7, 45_000)) == "2025-03-01 09:08:07.045"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2025-11-10", datetime(2025, 11, 10)),
        (" 2025-11-10 ", datetime(2025, 11, 10)),
        ("2025-11-10T12:30", datetime(2025, 11, 10, 12, 30)),
        ("2025-11-10 12:30:01.123456", datetime(2025, 11, 10, 12, 30, 1, 123_000)),
        ("2025-11-10T12:30:00Z", datetime(2025, 11, 10, 12, 30)),
        ("2025-03-30T02:30:00+01:00", datetime(2025, 3, 30, 1, 30)),
        ("2025-01-01T00:00:00+14:00", datetime(2024, 12, 31, 10)),
    ],
)
def test_a_date_or_an_iso_moment_is_read_as_utc(text, moment):
    assert times.read(text) == moment


@pytest.mark.parametrize(
    "text",
    ["", "soon", "10.11.2025", "2025-02-30", "2025-11-10 25:00", "0001-01-01T00:00+14:00"],
)
def test_any_other_text_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        times.read(text)


def test_a_zoned_moment_is_turned_into_utc_and_finer_parts_are_cut():
    eastern = timezone(timedelta(hours=-5))

    assert times.cut(datetime(2025, 11, 9, 23, 0, 0, 999_999, eastern)) == datetime(
        2025, 11, 10, 4, 0, 0, 999_000
    )


@given(MILLISECONDS)
def test_nanoseconds_are_those_of_the_moment(moment):
    nanoseconds = (moment - datetime(1970, 1, 1)) // timedelta(microseconds=1) * 1000

    assert times.from_ns(nanoseconds) == moment
    assert times.from_ns(nanoseconds + 999_999) == moment, "parts of a millisecond are cut"


def test_now_is_the_present_in_utc():
    before = datetime.now(UTC).replace(tzinfo=None)
    now = times.now()

    assert abs(now - before) < timedelta(seconds=10)
    assert now.tzinfo is None
    assert now.microsecond % 1000 == 0
