"""The chart over time: which months it draws, and which it leaves to the table."""

from datetime import date
from decimal import Decimal

from tests.doubles.engine import answer
from web.columns import chart


def orders(*months):
    rows = [(month, 1, Decimal("10.00")) for month in months]
    return answer("month date, orders integer, revenue decimal", *rows)


SEPTEMBER, OCTOBER, NOVEMBER = (date(2025, month, 1) for month in (9, 10, 11))
FAR_AHEAD = date(2099, 11, 1)


def test_an_order_dated_far_ahead_does_not_stretch_the_axis():
    drawn = chart(orders(SEPTEMBER, OCTOBER, NOVEMBER, FAR_AHEAD), NOVEMBER)

    assert drawn.labels == ("Sep 2025", "Oct 2025", "Nov 2025")
    assert [bar.open for bar in drawn.bars] == [False, False, True]
    assert drawn.later == 1


def test_the_axis_ends_with_the_newest_month_that_has_orders():
    drawn = chart(orders(date(2025, 7, 1), SEPTEMBER), NOVEMBER)

    assert drawn.labels == ("Jul 2025", "Aug 2025", "Sep 2025")
    assert drawn.later == 0


def test_months_ahead_do_not_set_the_scale():
    months = (*orders(SEPTEMBER, OCTOBER).rows, (FAR_AHEAD, 1, Decimal("9000.00")))
    drawn = chart(answer("month date, orders integer, revenue decimal", *months), NOVEMBER)

    assert drawn.top == "10.00"


def test_months_that_all_lie_ahead_are_left_to_the_table():
    assert chart(orders(date(2099, 10, 1), FAR_AHEAD), NOVEMBER) is None


def test_a_page_says_how_many_months_are_only_in_the_table(client, engine, words):
    engine.gives("monthly-orders-and-revenue", orders(SEPTEMBER, OCTOBER, FAR_AHEAD))

    page = words(client.get("/panels/monthly-orders-and-revenue"))

    assert "1 later month is only in the table." in page
    assert "Nov 2099" in page
