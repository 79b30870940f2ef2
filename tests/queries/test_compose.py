from dataclasses import replace
from datetime import date

import duckdb
import pytest
import sqlglot
from hypothesis import given, settings
from hypothesis import strategies as st

from lake.schema import STATUSES, TABLES
from queries import filters
from queries.compose import compose, named_query, next_month
from queries.panel import Parameter
from queries.statement import placeholders
from tests.panels import sound

PANELS = sound()
SIMPLE = PANELS["order-status"]
LARGEST = PANELS["largest-orders"]
EVERYTHING = {
    "from": date(2025, 1, 1),
    "to": date(2025, 1, 31),
    "customer": "O'Hara",
    "status": "shipped",
}
FILTER_VALUES = st.fixed_dictionaries(
    {},
    optional={
        "from": st.dates(),
        "to": st.dates(),
        "customer": st.text(max_size=20),
        "status": st.sampled_from(STATUSES),
    },
)
VALUES = {
    "month": st.dates(max_value=date(9999, 11, 30)).map(lambda day: day.replace(day=1)),
    "date": st.dates(),
    "text": st.text(max_size=20),
    "status": st.sampled_from(STATUSES),
    "integer": st.integers(-(10**18) + 1, 10**18 - 1),
}
"""What a parameter may hold, by its type."""


def with_(panel, **parts):
    return replace(panel, **parts)


def only(sql):
    """Return a text without the lines that are comments."""
    return "\n".join(line for line in sql.splitlines() if not line.strip().startswith("--"))


@pytest.mark.parametrize("dialect", ["athena", "duckdb"])
@pytest.mark.parametrize("slug", PANELS)
# the first parse of a text takes a busy machine longer than the usual fifth of a second
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_every_composed_text_is_one_query_in_both_dialects(slug, dialect, data):
    panel = PANELS[slug]
    own = {parameter.name: VALUES[parameter.type] for parameter in panel.parameters}
    values = data.draw(FILTER_VALUES) | data.draw(st.fixed_dictionaries({}, optional=own))
    for latest in ("cte", "table"):
        sql, binds = compose(panel, values, latest)
        [tree] = sqlglot.parse(sql, dialect=dialect)
        assert isinstance(tree, sqlglot.exp.Query)
        assert len(placeholders(sql)) == len(binds)


@pytest.mark.parametrize("slug", PANELS)
@pytest.mark.parametrize("dialect", ["athena", "duckdb"])
def test_every_named_query_is_one_query_without_placeholders_in_both_dialects(slug, dialect):
    sql = named_query(PANELS[slug])

    [tree] = sqlglot.parse(sql, dialect=dialect)

    assert isinstance(tree, sqlglot.exp.Query)
    assert placeholders(sql) == []


def test_an_engine_that_keeps_latest_gets_no_relation_of_that_name():
    assert "latest AS (" in compose(SIMPLE, {}, "cte")[0]
    assert "latest AS (" not in compose(SIMPLE, {}, "table")[0]
    assert "FROM latest" in compose(SIMPLE, {}, "table")[0]


def test_filters_narrow_the_relation_orders_and_come_first_among_the_binds():
    panel = with_(
        SIMPLE,
        parameters=(Parameter("least", "integer", "Least"),),
        sql="SELECT count(*) AS n FROM orders WHERE amount >= coalesce(?, amount)",
    )

    sql, binds = compose(panel, EVERYTHING | {"least": 5}, "table")

    assert only(sql).endswith(
        "FROM latest\nWHERE kept\n"
        "    AND order_date >= ?\n"
        "    AND order_date <= ?\n"
        "    AND customer = ?\n"
        "    AND status = ?\n"
        ")\n" + panel.sql
    )
    assert binds == [date(2025, 1, 1), date(2025, 1, 31), "O'Hara", "shipped", 5]


def test_an_absent_filter_narrows_nothing_not_even_orders_without_that_value():
    sql, binds = compose(SIMPLE, {"customer": None}, "table")

    assert "AND" not in only(sql)
    assert binds == []


@pytest.mark.parametrize(
    ("ignored", "left"),
    [
        (("span",), ["O'Hara", "shipped"]),
        (("customer",), [date(2025, 1, 1), date(2025, 1, 31), "shipped"]),
        (("span", "customer", "status"), []),
    ],
)
def test_a_panel_can_ignore_parts_of_the_filter_bar(ignored, left):
    assert compose(with_(SIMPLE, ignores=ignored), EVERYTHING)[1] == left


def test_a_month_binds_its_first_day_and_the_first_day_after_it():
    assert compose(LARGEST, {"month": date(2025, 12, 1)})[1] == [
        date(2025, 12, 1),
        date(2026, 1, 1),
    ]
    assert compose(LARGEST, {})[1] == [None, None]


def test_an_absent_parameter_has_its_default():
    parameter = Parameter("month", "month", "Month", default=date(2025, 1, 1))
    panel = with_(LARGEST, parameters=(parameter,))

    assert compose(panel, {})[1] == [date(2025, 1, 1), date(2025, 2, 1)]
    assert compose(panel, {"month": None})[1] == [date(2025, 1, 1), date(2025, 2, 1)]
    assert compose(panel, {"month": date(2024, 1, 1)})[1] == [date(2024, 1, 1), date(2024, 2, 1)]


def test_a_value_that_is_neither_a_filter_nor_a_parameter_is_refused():
    with pytest.raises(ValueError, match="order-status has no parameter month"):
        compose(SIMPLE, {"month": date(2025, 1, 1)})


def test_a_panels_own_with_goes_on_after_ours():
    for own in (
        "WITH a AS (SELECT 1 AS x) SELECT x FROM a",
        "with\n  a as (select 1 as x) select x from a",
    ):
        sql, _ = compose(with_(SIMPLE, sql=own), {})
        with duckdb.connect() as connection:
            for table in TABLES[:2]:
                columns = ", ".join(f"{c.name} {c.type.duckdb}" for c in table.columns)
                connection.execute(f"CREATE TABLE {table.name} ({columns})")
            assert connection.execute(sql).fetchall() == [(1,)]


def test_a_named_query_holds_the_defaults_as_literals():
    panel = with_(
        SIMPLE,
        parameters=(
            Parameter("name", "text", "Name", default="O'Hara -- ?"),
            Parameter("least", "integer", "Least", default=-5),
            Parameter("month", "month", "Month", default=date(2025, 12, 1)),
        ),
        sql="SELECT '?' AS \"?\" FROM orders -- ?\nWHERE customer=? AND amount>-?\n"
        "AND order_date>=? AND order_date<?/* ? */",
    )

    assert named_query(panel).endswith(
        "SELECT '?' AS \"?\" FROM orders -- ?\n"
        "WHERE customer= 'O''Hara -- ?' AND amount>- -5\n"
        "AND order_date>= DATE '2025-12-01' AND order_date< DATE '2026-01-01' /* ? */"
    )


@given(text=st.text(max_size=50).filter(lambda text: "\0" not in text))
def test_a_values_text_never_becomes_part_of_the_query(text):
    sql, binds = compose(SIMPLE, {"customer": text})

    assert sql == compose(SIMPLE, {"customer": "x"})[0]
    assert binds == [text]


def test_every_filter_has_a_predicate_and_a_part():
    names = {parameter.name for parameter in filters.FILTERS}

    assert set(filters.PREDICATES) == names
    assert {name for part in filters.PARTS.values() for name in part} == names


def test_the_month_after_december_is_january():
    assert next_month(date(2025, 11, 1)) == date(2025, 12, 1)
    assert next_month(date(2025, 12, 1)) == date(2026, 1, 1)
