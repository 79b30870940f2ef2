"""How values are written for people."""

from decimal import Decimal

import pytest

from web import show


@pytest.mark.parametrize(
    ("cost", "text"),
    [
        ("0", "$0"),
        ("0.0000477", "$0.000048"),
        ("0.00005", "$0.000050"),
        ("0.0123", "$0.012"),
        ("0.5", "$0.50"),
        ("1234.567", "$1,234.57"),
    ],
)
def test_a_cost_keeps_two_digits_that_count(cost, text):
    assert show.dollars(Decimal(cost)) == text


def test_a_text_of_several_lines_keeps_them_and_what_is_unseen_is_spelt_out():
    assert show.lines("one\n\ttwo\x00\u202e") == "one\n\ttwo\\x00\\u202e"


@pytest.mark.parametrize(
    ("share", "text"), [("0.04449", "+4.4 %"), ("-0.0005", "−0.1 %"), ("0", "±0.0 %")]
)
def test_a_change_has_its_sign_and_is_rounded_half_away_from_nothing(share, text):
    assert show.percent(Decimal(share)).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.94, "0 s"), (59.99, "59 s"), (60.0, "1 min 0 s"), (3725, "62 min 5 s")]
)
def test_what_goes_on_is_told_in_whole_seconds(seconds, text):
    assert show.elapsed(seconds) == text
