"""What is drawn of an answer: which columns, how many points, which months stay in the table."""

from datetime import date
from decimal import Decimal

import pytest

from tests.doubles.engine import answer
from web.chart import BARS, MOST_MONTHS, chart
from web.table import CARD_ROWS, PAGE_ROWS

SEPTEMBER, OCTOBER, NOVEMBER = (date(2025, month, 1) for month in (9, 10, 11))
FAR_AHEAD = date(2099, 11, 1)
LONG_AGO = date(1985, 3, 1)


def orders(*months):
    rows = [(month, 1, Decimal("10.00")) for month in months]
    return answer("month date, orders integer, revenue decimal", *rows)


def span(first, count):
    """So many months, one after the other."""
    start = 12 * first.year + first.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(start, start + count)]


def begins(*months):
    """The month a drawing begins with, and how many are left out before it."""
    drawn = chart(orders(*months), "line", NOVEMBER, card=False)
    return drawn.first, drawn.earlier


def ranking(rows):
    return answer("customer text, total_sales decimal", *((f"c{n}", n) for n in range(rows)))


def test_a_line_draws_the_last_number_by_the_first_column():
    drawn = chart(orders(SEPTEMBER, OCTOBER), "line", NOVEMBER, card=False)

    assert (drawn.label, drawn.value, drawn.caption) == (0, 2, "Revenue by month")


def test_shares_draw_the_first_number():
    status = answer("status text, orders integer, revenue decimal", ("a", 1, 2), ("b", 3, 4))

    assert chart(status, "share", None, card=False).caption == "Orders by status"


def test_an_order_dated_far_ahead_does_not_stretch_the_axis():
    drawn = chart(orders(SEPTEMBER, OCTOBER, NOVEMBER, FAR_AHEAD), "line", NOVEMBER, card=False)

    assert (drawn.last, drawn.later) == ("2025-11", 1)


def test_an_order_dated_long_ago_does_not_stretch_the_axis():
    assert begins(LONG_AGO, SEPTEMBER, OCTOBER, NOVEMBER) == ("2025-09", 1)
    assert begins(date(985, 3, 1), SEPTEMBER, OCTOBER) == ("2025-09", 1)
    assert begins(LONG_AGO, date(1999, 1, 1), SEPTEMBER, OCTOBER, NOVEMBER) == ("2025-09", 2)


def test_a_pause_is_drawn_after_as_many_months_and_where_it_is_short():
    before = span(date(2020, 1, 1), 6)

    assert begins(*before, SEPTEMBER, OCTOBER) == ("2020-01", 0)
    assert begins(date(2024, 8, 1), *span(date(2025, 8, 1), 4)) == ("2024-08", 0)
    assert begins(date(2024, 7, 1), *span(date(2025, 8, 1), 4)) == ("2025-08", 1)


def test_a_year_of_few_digits_is_written_in_four():
    drawn = chart(orders(*span(date(985, 3, 1), 2)), "line", None, card=False)

    assert (drawn.first, drawn.last) == ("0985-03", "")


def test_of_very_many_months_the_last_are_drawn():
    first = span(date(2025 - MOST_MONTHS // 12, 12, 1), MOST_MONTHS)
    assert begins(*first) == (f"{first[0]:%Y-%m}", 0)

    longer = span(date(2025 - MOST_MONTHS // 12, 10, 1), MOST_MONTHS + 2)
    assert begins(*longer) == (f"{first[0]:%Y-%m}", 2)


@pytest.mark.parametrize("name", ["month", "order_month", "m"])
def test_months_are_told_by_their_values_whatever_their_column_is_called(name):
    given = answer(f"{name} date, orders integer", (SEPTEMBER, 1), (OCTOBER, 2), (FAR_AHEAD, 3))

    drawn = chart(given, "line", NOVEMBER, card=False)

    assert (drawn.first, drawn.last, drawn.later) == ("2025-09", "2025-11", 1)


@pytest.mark.parametrize(
    ("columns", "first", "second"),
    [
        ("order_date date", date(2025, 10, 31), date(2099, 11, 1)),
        ("week date", date(2025, 10, 27), date(2025, 11, 3)),
        ("quarter date", date(2025, 7, 1), date(2025, 10, 1)),
        ("year integer", 2024, 2025),
    ],
)
def test_times_of_other_steps_are_drawn_as_they_are(columns, first, second):
    given = answer(f"{columns}, orders integer", (first, 1), (second, 2))

    drawn = chart(given, "line", NOVEMBER, card=False)

    assert (drawn.first, drawn.last, drawn.earlier, drawn.later) == ("", "", 0, 0)


@pytest.mark.parametrize(
    ("days", "caption"),
    [(PAGE_ROWS, "Orders by day"), (PAGE_ROWS + 1, f"Orders by day, the last {PAGE_ROWS}")],
)
def test_of_very_many_days_the_last_are_drawn_and_the_caption_says_so(days, caption):
    rows = ((date.fromordinal(738_000 + n), n) for n in range(days))

    drawn = chart(answer("day date, orders integer", *rows), "line", NOVEMBER, card=True)

    assert drawn.caption == caption


def test_months_that_all_lie_ahead_are_left_to_the_table():
    assert chart(orders(date(2099, 10, 1), FAR_AHEAD), "line", NOVEMBER, card=False) is None


@pytest.mark.parametrize(
    ("rows", "card", "most", "caption"),
    [
        (BARS, False, BARS, "Total sales by customer"),
        (BARS + 1, False, BARS, f"Total sales by customer, the first {BARS}"),
        (CARD_ROWS + 1, True, CARD_ROWS, f"Total sales by customer, the first {CARD_ROWS}"),
    ],
)
def test_of_a_long_ranking_the_first_are_drawn_and_the_caption_says_so(rows, card, most, caption):
    drawn = chart(ranking(rows), "bar", None, card=card)

    assert (drawn.most, drawn.caption) == (most, caption)


@pytest.mark.parametrize(
    "given",
    [
        answer("customer text, note text", ("a", "b"), ("c", "d")),
        answer("orders integer", (1,), (2,)),
        ranking(1),
        ranking(0),
    ],
)
def test_what_has_no_number_no_names_or_one_point_is_a_table_only(given):
    assert chart(given, "bar", None, card=False) is None


def test_a_panel_without_a_chart_gets_none():
    assert chart(ranking(5), "none", None, card=False) is None


def test_a_page_says_how_many_months_are_only_in_the_table(client, engine, words):
    given = orders(LONG_AGO, date(1985, 4, 1), *span(date(2025, 1, 1), 10), FAR_AHEAD)
    engine.gives("monthly-orders-and-revenue", given)

    page = words(client.get("/panels/monthly-orders-and-revenue"))

    assert "2 earlier months are not drawn. 1 later month is not drawn." in page
    assert "Mar 1985" in page
    assert "Nov 2099" in page
