"""The panels through Athena's engine: the SQL as it is sent, run, and read back from the wire."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from queries.compose import compose
from tests import generated, reference
from tests.panels import five
from web.engine import Watch

PANELS = five()
FILTERS = [
    {},
    {"from": date(2024, 12, 1), "to": date(2025, 2, 28)},
    {"customer": "O'Hara", "status": "shipped", "from": date(1, 1, 1), "to": date(9999, 12, 31)},
]


@pytest.fixture
def versions(athena, store):
    versions = generated.versions(seed=11)
    generated.write(store.root, versions)
    athena.begin(store.root)
    return versions


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_each_of_the_five_equals_the_calculation_in_plain_python(engine, versions, filters):
    expected = reference.panels(versions, filters)
    for slug, panel in PANELS.items():
        sql, binds = compose(panel, filters, engine.latest)

        assert engine.run(sql, binds, Watch()).rows == expected[slug], slug


def test_the_columns_of_the_five_have_the_types_that_the_page_shows(engine, versions):
    types = {
        slug: [column.type for column in engine.run(*compose(panel, {}), Watch()).columns]
        for slug, panel in PANELS.items()
    }

    assert types == {
        "total-sales-by-customer": ["text", "decimal"],
        "monthly-orders-and-revenue": ["date", "integer", "decimal"],
        "order-status": ["text", "integer", "decimal"],
        "average-order-value": ["text", "decimal"],
        "largest-orders": ["date", "text", "text", "decimal"],
    }


def test_an_empty_lake_gives_columns_without_rows(athena, engine, store):
    athena.begin(store.root)
    answer = engine.run(*compose(PANELS["order-status"], {}), Watch())

    assert [column.name for column in answer.columns] == ["status", "orders", "revenue"]
    assert answer.rows == []


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=300)
TRICKY = st.text("'\"\\-/*;?$(), \n\r\tx", max_size=300)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(texts=st.lists(TEXTS | TRICKY, min_size=1, max_size=30))
def test_no_text_gets_out_of_its_quotes_on_the_way_to_the_engine_and_back(
    athena, engine, store, texts
):
    athena.begin(store.root)
    columns = ", ".join(f"? AS t{number}" for number in range(len(texts)))

    answer = engine.run(f"SELECT {columns}, 'after' AS after", texts, Watch())

    assert answer.rows == [(*texts, "after")]
