"""An answer as a table: exact values beside what is shown, shares in words, ids in one piece."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from tests.doubles.engine import answer
from web.chart import chart
from web.show import WHOLE_LENGTH
from web.table import CARD_ROWS, LIST_ROWS, PAGE_ROWS, table


def months(count):
    rows = ((date(2020 + n // 12, n % 12 + 1, 1), n) for n in range(count))
    return answer("month date, orders integer", *rows)


def test_a_share_stands_in_its_own_column_right_of_its_number():
    shown = table(
        answer("status text, orders integer", ("shipped", 3), ("pending", 1)), "share", None
    )

    assert [heading.label for heading in shown.headings] == ["Status", "Orders", "Share"]
    assert [[cell.text for cell in row] for row in shown.rows] == [
        ["shipped", "3", "75\N{NO-BREAK SPACE}%"],
        ["pending", "1", "25\N{NO-BREAK SPACE}%"],
    ]


@pytest.mark.parametrize("values", [(3, -1), (-3, -1), (0, 0)])
def test_where_a_number_is_negative_or_all_are_nothing_there_are_no_shares(values):
    given = answer("status text, orders integer", *zip(("shipped", "pending"), values, strict=True))

    assert [heading.label for heading in table(given, "share", None).headings] == [
        "Status",
        "Orders",
    ]
    assert chart(given, "share", None, card=False) is None


def test_a_missing_number_keeps_the_columns_in_line():
    shown = table(
        answer("status text, orders integer", ("shipped", 3), ("odd", None)), "share", None
    )

    assert [len(row) for row in shown.rows] == [3, 3]


def test_an_id_stays_in_one_piece_unless_it_is_very_long():
    rows = (("SO-1", "Acme"), ("x" * (WHOLE_LENGTH + 1), "Acme"))
    shown = table(answer("order_id text, customer text", *rows), "none", None)

    assert [[cell.whole for cell in row] for row in shown.rows] == [[True, False], [False, False]]


def test_a_cell_holds_the_exact_value_of_what_it_shows():
    given = answer(
        "a integer, b decimal, c double, d date, e timestamp, month date, f text, g integer",
        (
            -1234567,
            Decimal("1234.50"),
            1 / 3,
            date(2025, 3, 31),
            datetime(2025, 3, 31, 12, 30),
            date(2025, 3, 1),
            "1234",
            None,
        ),
    )

    (row,) = table(given, "none", None).rows

    assert [(cell.text, cell.exact) for cell in row] == [
        ("\N{MINUS SIGN}1,234,567", "-1234567"),
        ("1,234.50", "1234.50"),
        ("0.33", "0.3333333333333333"),
        ("31 Mar 2025", "2025-03-31"),
        ("31 Mar 2025, 12:30", "2025-03-31T12:30:00Z"),
        ("Mar 2025", "2025-03"),
        ("1234", ""),
        ("\N{EM DASH}", ""),
    ]


def texts(columns, *values, chart="none"):
    given = answer(columns, *((value, 1) for value in values))
    return [row[0].text for row in table(given, chart, None).rows]


@pytest.mark.parametrize(
    ("columns", "days", "shown"),
    [
        ("order_month date, n integer", ["2025-01-01", "2025-07-01"], ["Jan 2025", "Jul 2025"]),
        ("m date, n integer", ["2025-01-01", "2025-02-01"], ["Jan 2025", "Feb 2025"]),
        ("m date, n integer", ["9999-12-01", "0985-03-01"], ["1 Dec 9999", "1 Mar 985"]),
        ("quarter date, n integer", ["2025-01-01", "2025-04-01"], ["1 Jan 2025", "1 Apr 2025"]),
        ("month date, n integer", ["2025-01-31", "2025-02-01"], ["31 Jan 2025", "1 Feb 2025"]),
    ],
)
def test_dates_are_months_if_all_begin_one_and_two_are_neighbours_or_they_are_called_so(
    columns, days, shown
):
    assert texts(columns, *map(date.fromisoformat, days)) == shown


def test_a_whole_number_that_names_its_row_is_not_grouped():
    assert texts("year integer, n integer", 2024, -44) == ["2024", "\N{MINUS SIGN}44"]
    assert texts("y integer, n integer", 2024, chart="line") == ["2024"]
    assert texts("orders integer, n integer", 2024) == ["2,024"]
    assert texts("orders integer, kind text", 2024, chart="bar") == ["2,024"], "it is drawn"


def test_on_a_card_the_first_months_are_there_for_the_chart_alone():
    shown = table(months(LIST_ROWS + 3), "line", None, card=True)

    assert (len(shown.rows), shown.hidden, shown.shown) == (LIST_ROWS + 3, 3, LIST_ROWS)
    assert shown.cut
    assert table(months(LIST_ROWS), "line", None, card=True).hidden == 0


@pytest.mark.parametrize("card", [True, False])
def test_of_too_many_months_those_after_the_newest_export_are_left_out_first(card):
    most = LIST_ROWS if card else PAGE_ROWS
    given = months(PAGE_ROWS + 103)
    third, late = given.rows[2][0], given.rows[-4][0]

    shown = table(given, "line", None, open_month=third, card=card)

    assert [row[1].exact for row in shown.rows[:3]] == ["0", "1", "2"]
    assert (len(shown.rows), shown.shown, shown.cut) == (most, most, True)
    assert shown.later == len(given.rows) - most
    last = table(given, "line", None, open_month=late, card=card)
    assert ([row[1].exact for row in last.rows][-1], last.later) == (str(PAGE_ROWS + 99), 3)
    assert table(months(most), "line", None, open_month=third, card=card).later == 0


def test_on_a_card_all_days_of_a_week_are_shown():
    week = answer("weekday integer, orders integer", *((day, 10) for day in range(1, 8)))

    shown = table(week, "bar", None, card=True)

    assert (len(shown.rows), shown.cut) == (7, False)


def test_on_a_card_a_ranking_shows_its_head():
    shown = table(months(CARD_ROWS + 1), "bar", None, card=True)

    assert (len(shown.rows), shown.hidden, shown.cut) == (CARD_ROWS, 0, True)
