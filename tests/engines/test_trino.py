"""The panels on the engine inside Athena, over Parquet files in the lake's form."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lake.ledger import Record
from queries.compose import compose, named_query
from queries.literal import literal
from tests import generated, reference
from tests.panels import five, sound

pytestmark = pytest.mark.engine

EVERY = sound()
PANELS = five()
"""those that the reference calculates"""
FILTERS = [
    {},
    {"from": date(2024, 12, 1), "to": date(2025, 2, 28)},
    {"customer": "O'Hara", "status": "shipped", "from": date(1, 1, 1), "to": date(9999, 12, 31)},
]
TYPES = {
    "total-sales-by-customer": ["varchar", "decimal(38, 2)"],
    "monthly-orders-and-revenue": ["date", "bigint", "decimal(38, 2)"],
    "order-status": ["varchar", "bigint", "decimal(38, 2)"],
    "average-order-value": ["varchar", "decimal(20, 2)"],
    "largest-orders": ["date", "varchar", "varchar", "decimal(18, 2)"],
}


@pytest.fixture(scope="session")
def filled(trino_server):
    versions = generated.versions(seed=11)
    generated.write(trino_server.create_lake("filled"), versions)
    return versions


@pytest.mark.parametrize("filters", FILTERS, ids=str)
@pytest.mark.parametrize("slug", PANELS)
def test_each_of_the_five_equals_the_calculation_in_plain_python(
    trino_server, filled, slug, filters
):
    sql, binds = compose(PANELS[slug], filters)

    types, rows = trino_server.execute(sql, binds, "filled")

    assert rows == reference.panels(filled, filters)[slug]
    assert types == TYPES[slug]


def test_the_largest_orders_are_those_of_the_chosen_month(trino_server, filled):
    month = date(2024, 12, 1)
    sql, binds = compose(PANELS["largest-orders"], {"month": month, "customer": "漢字"})

    rows = trino_server.execute(sql, binds, "filled")[1]

    assert rows == reference.panels(filled, {"customer": "漢字"}, month)["largest-orders"]
    assert len(rows) > 2


@pytest.mark.parametrize("slug", EVERY)
def test_every_named_query_runs_by_a_click(trino_server, filled, slug):
    assert trino_server.query(named_query(EVERY[slug]), "filled")[0], "it has columns"


@pytest.mark.parametrize("slug", PANELS)
def test_a_named_query_of_the_five_gives_what_its_panel_does(trino_server, filled, slug):
    types, rows = trino_server.query(named_query(PANELS[slug]), "filled")

    assert rows == reference.panels(filled)[slug]
    assert types == TYPES[slug]


@pytest.mark.parametrize("kept", [True, False, None], ids=["no dropped", "no processed", "nothing"])
def test_each_table_may_be_empty(trino_server, kept):
    versions = [v for v in generated.versions(seed=3, orders=40, files=2) if v.kept is kept]
    schema = f"empty_{kept}".lower()
    generated.write(trino_server.create_lake(schema), versions)
    expected = reference.panels(versions)

    for slug, panel in PANELS.items():
        assert trino_server.query(named_query(panel), schema)[1] == expected[slug]


@pytest.mark.parametrize(
    ("amounts", "average"),
    [
        (["0.01", "0.00"], "0.01"),
        (["-0.01", "0.00"], "-0.01"),
        (["10.00", "20.05"], "15.03"),
        (["20000000000000.01", "20000000000000.02"], "20000000000000.02"),
    ],
)
def test_an_average_is_rounded_half_up_to_the_cent(trino_server, amounts, average):
    assert average_of(trino_server, amounts) == Decimal(average)


def test_the_largest_amount_there_can_be_breaks_no_average(trino_server):
    """Doubles are exact to the cent up to 2^52 cents; above that they are near."""
    given = average_of(trino_server, ["9999999999999999.99"])

    assert given == pytest.approx(Decimal("9999999999999999.99"), abs=Decimal("0.01"))


def average_of(trino_server, amounts):
    rows = ", ".join(f"('x', CAST('{amount}' AS decimal(18, 2)))" for amount in amounts)
    sql = f"WITH orders (customer, amount) AS (VALUES {rows})\n"
    [(_, average)] = trino_server.query(sql + PANELS["average-order-value"].sql)[1]
    return average


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",))) | st.text(
    "'\"\\-/*;?$ \n\r\tx"
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(TEXTS, min_size=20, max_size=60))
def test_a_text_comes_back_as_it_was_whatever_it_holds(trino_server, texts):
    given = trino_server.query("SELECT " + ", ".join(map(literal, texts)))[1]
    bound = trino_server.execute(f"SELECT {', '.join('?' * len(texts))}", texts)[1]

    assert given == [tuple(texts)]
    assert bound == [tuple(texts)]


@pytest.mark.parametrize(
    ("value", "type_"),
    [
        (42, "integer"),
        (-(2**63) + 1, "bigint"),
        (Decimal("-12.30"), "decimal(4, 2)"),
        (0.1, "double"),
        (date(1, 1, 1), "date"),
        (date(9999, 12, 31), "date"),
        (datetime(2025, 3, 1, 4, 5, 6, 789000), "timestamp(3)"),
    ],
    ids=str,
)
def test_another_value_comes_back_as_it_was(trino_server, value, type_):
    assert trino_server.query(f"SELECT {literal(value)}") == ([type_], [(value,)])
    assert trino_server.execute("SELECT ?", [value])[1] == [(value,)]


def test_the_records_are_a_table_as_they_lie(trino_server):
    moment = datetime(2025, 1, 1, 2, 3, 4, 567000)
    record = Record(
        *("raw/ä 'x'.csv", "v", "committed", moment, moment, None),
        *(10, 3, 1, 1, 1, {"blank lines": 2}, None, "f", {"processed": "e"}),
    )
    path = trino_server.create_lake("records") / "ingests" / "2025-01-01" / "a-v.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(record.to_json())

    rows = trino_server.query(
        "SELECT source_key, started_at, finished_at, rows_in, repairs['blank lines'], reason "
        "FROM ingests",
        "records",
    )[1]

    assert rows == [("raw/ä 'x'.csv", moment, None, 3, 2, None)]
