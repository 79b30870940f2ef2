"""An answer as a table: shares have a column of their own, ids stay in one piece."""

from tests.doubles.engine import answer
from web.show import WHOLE_LENGTH
from web.table import table


def test_a_share_stands_in_its_own_column_right_of_its_number():
    shown = table(
        answer("status text, orders integer", ("shipped", 3), ("pending", 1)), "share", None
    )

    assert [heading.label for heading in shown.headings] == ["Status", "Orders", "Share"]
    assert [[cell.text for cell in row] for row in shown.rows] == [
        ["shipped", "3", "75\N{NO-BREAK SPACE}%"],
        ["pending", "1", "25\N{NO-BREAK SPACE}%"],
    ]
    assert [cell.bar for cell in shown.rows[0]] == [None, None, 75.0]


def test_a_missing_number_keeps_the_columns_in_line():
    shown = table(
        answer("status text, orders integer", ("shipped", 3), ("odd", None)), "share", None
    )

    assert [len(row) for row in shown.rows] == [3, 3]


def test_an_id_stays_in_one_piece_unless_it_is_very_long():
    rows = (("SO-1", "Acme"), ("x" * (WHOLE_LENGTH + 1), "Acme"))
    shown = table(answer("order_id text, customer text", *rows), "none", None)

    assert [[cell.whole for cell in row] for row in shown.rows] == [[True, False], [False, False]]
