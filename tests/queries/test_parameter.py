from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake.schema import STATUSES
from queries.panel import TEXT_LIMIT, Parameter

MONTH = Parameter("month", "month", "Month")
DATE = Parameter("from", "date", "From")
TEXT = Parameter("customer", "text", "Customer")
STATUS = Parameter("status", "status", "Status")
NUMBER = Parameter("least", "integer", "Least")


@pytest.mark.parametrize(
    ("parameter", "text", "value"),
    [
        (MONTH, "2025-03", date(2025, 3, 1)),
        (MONTH, "0001-01", date(1, 1, 1)),
        (MONTH, "9999-11", date(9999, 11, 1)),
        (DATE, "2024-02-29", date(2024, 2, 29)),
        (DATE, "9999-12-31", date(9999, 12, 31)),
        (TEXT, "O'Hara", "O'Hara"),
        (TEXT, " spaces stay ", " spaces stay "),
        (TEXT, "漢字\ttab", "漢字\ttab"),
        (NUMBER, "-12", -12),
        (NUMBER, "007", 7),
        *((STATUS, status, status) for status in STATUSES),
    ],
)
def test_a_right_text_is_its_value(parameter, text, value):
    given = parameter.parse(text)

    assert given == value
    assert type(given) is type(value)


@pytest.mark.parametrize("parameter", [MONTH, DATE, TEXT, STATUS, NUMBER], ids=lambda p: p.type)
def test_an_empty_text_is_an_absent_value(parameter):
    assert parameter.parse("") is None


@pytest.mark.parametrize(
    ("parameter", "text", "reason"),
    [
        (MONTH, "2025-3", "Month: '2025-3' is not a month: write it as YYYY-MM, such as 2025-03."),
        (MONTH, "2025-13", "not a month"),
        (MONTH, "2025-00", "not a month"),
        (MONTH, "2025-03-01", "not a month"),
        (MONTH, " 2025-03", "not a month"),
        (MONTH, "2025-03\n", "not a month"),
        (MONTH, "２０２５-03", "not a month"),
        (MONTH, "0000-01", "not a month"),
        (MONTH, "9999-12", "not a month"),
        (DATE, "2025-02-30", "From: '2025-02-30' is not a date: write it as YYYY-MM-DD"),
        (DATE, "2025-2-3", "not a date"),
        (DATE, "20250203", "not a date"),
        (DATE, "2025-W01-1", "not a date"),
        (DATE, "0000-01-01", "not a date"),
        (STATUS, "Shipped", "Status: 'Shipped' is not a status: choose one of pending, confirmed"),
        (STATUS, "' OR 1=1", "not a status"),
        (NUMBER, "1.5", "not a whole number"),
        (NUMBER, "+1", "not a whole number"),
        (NUMBER, "1e3", "not a whole number"),
        (NUMBER, "9" * 19, "at most 18 digits"),
        (NUMBER, "٣", "not a whole number"),
        (TEXT, "x" * (TEXT_LIMIT + 1), f"not a text of at most {TEXT_LIMIT} characters"),
        (TEXT, "a\0b", "Customer: a text cannot hold the character U\\+0000."),
        (TEXT, "a\ud800b", "Customer: a text cannot hold half a surrogate pair."),
    ],
)
def test_a_wrong_text_is_refused_with_a_sentence(parameter, text, reason):
    with pytest.raises(ValueError, match=reason):
        parameter.parse(text)


def test_a_long_wrong_text_is_not_repeated_whole():
    with pytest.raises(ValueError, match="…") as caught:
        NUMBER.parse("x" * 10_000)

    assert len(str(caught.value)) < 200


@given(text=st.text())
@pytest.mark.parametrize("parameter", [MONTH, DATE, TEXT, STATUS, NUMBER], ids=lambda p: p.type)
def test_whatever_is_typed_is_a_value_of_the_type_or_refused(parameter, text):
    kind = {"month": date, "date": date, "integer": int}.get(parameter.type, str)
    try:
        value = parameter.parse(text)
    except ValueError:
        return
    assert value is None if text == "" else isinstance(value, kind)


@given(day=st.dates())
def test_every_date_and_every_month_but_the_last_can_be_said(day):
    assert DATE.parse(day.isoformat()) == day
    if day < date(9999, 12, 1):
        assert MONTH.parse(day.isoformat()[:7]) == day.replace(day=1)
