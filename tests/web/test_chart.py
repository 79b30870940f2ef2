"""What is drawn of an answer: which columns, how many points, which months stay in the table."""

from datetime import date
from decimal import Decimal

import pytest

from tests.doubles.engine import answer
from web.chart import BARS, chart
from web.table import CARD_ROWS

SEPTEMBER, OCTOBER, NOVEMBER = (date(2025, month, 1) for month in (9, 10, 11))
FAR_AHEAD = date(2099, 11, 1)


def orders(*months):
    rows = [(month, 1, Decimal("10.00")) for month in months]
    return answer("month date, orders integer, revenue decimal", *rows)


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
    engine.gives("monthly-orders-and-revenue", orders(SEPTEMBER, OCTOBER, FAR_AHEAD))

    page = words(client.get("/panels/monthly-orders-and-revenue"))

    assert "1 later month is only in the table." in page
    assert "Nov 2099" in page
