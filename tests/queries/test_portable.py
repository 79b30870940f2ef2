import re

import pytest

from queries import statement
from queries.functions import INSTEAD, SHARED, UNLIKE
from queries.statement import StatementError
from tests.queries.forms import ALIKE, APART


@pytest.mark.parametrize("sql", ALIKE)
def test_what_both_engines_answer_alike_is_taken(sql):
    assert statement.check(sql, 0) == (sql, 1)


@pytest.mark.parametrize(("sql", "wanted"), APART)
def test_what_one_engine_refuses_or_answers_otherwise_is_refused_with_what_to_write(sql, wanted):
    with pytest.raises(StatementError) as caught:
        statement.check(sql, 0)

    assert wanted in caught.value.reason


@pytest.mark.parametrize(
    ("sql", "line"),
    [
        ("SELECT 1 AS x\nFROM orders\nWHERE status\nILIKE 'a'", 4),
        ("SELECT status,\n  dayname(order_date) AS x FROM orders", 2),
        ("SELECT status,\n  extract(DOW FROM order_date) AS x FROM orders", 2),
        ("SELECT status AS s,\n count(*) AS n\nFROM orders\nGROUP BY s", 4),
        ("SELECT status\nFROM orders\nWHERE order_date > '2025-01-01'", 3),
    ],
)
def test_a_refusal_says_the_line(sql, line):
    with pytest.raises(StatementError) as caught:
        statement.check(sql, 0)

    assert caught.value.line == line


@pytest.mark.parametrize(
    "sql",
    [
        'SELECT "ilike" AS x, \'::\' AS y FROM (SELECT status AS "ilike" FROM orders) AS t',
        "SELECT x FROM (VALUES (1), (2)) AS median (x) -- today()",
        "SELECT row(1, 2).field0 AS x, CAST(amount AS decimal (18, 2)) AS y FROM orders",
        "SELECT status FROM orders WHERE customer = '2025-01-01' OR order_id > '100'",
        "SELECT count(*) AS n FROM orders WHERE (status) IN ('a') AND (amount) > (100)",
        "SELECT order_date FROM (SELECT CAST(order_date AS varchar) AS order_date FROM orders) t "
        "WHERE order_date > '2025'",
        "SELECT status, sum(amount) AS total FROM orders GROUP BY 1 ORDER BY sum(amount)",
        "SELECT n FROM (SELECT count(*) AS n FROM orders) AS t WHERE n > 1",
    ],
)
def test_what_only_looks_like_one_of_these_is_taken(sql):
    assert statement.check(sql, 0) == (sql, 1)


def test_every_function_that_is_taken_is_among_the_forms_that_both_engines_run():
    called = {name.lower() for sql in ALIKE for name in re.findall(r"(\w+)\(", sql)}

    assert not SHARED - called
    assert not SHARED & (INSTEAD.keys() | UNLIKE.keys())
