"""What the handler writes, as Glue declares it, on the engine inside Athena: the same as DuckDB."""

import re
from dataclasses import replace
from datetime import date

import duckdb
import pytest

from lake.schema import TABLES
from local import tables
from local.duck import DuckEngine
from queries.compose import compose, named_query
from tests.engines import glue, handler_lake
from tests.panels import five, sound
from tests.test_readme import section
from web.athena.values import column
from web.engine import Watch

pytestmark = pytest.mark.engine

LAKE = "handled"
PANELS = five()
ORDERS = replace(
    PANELS["order-status"], slug="all-orders", sql="SELECT * FROM orders ORDER BY order_id"
)
LATEST = replace(
    PANELS["order-status"], slug="all-latest", sql="SELECT * FROM latest WHERE kept OR NOT kept"
    " ORDER BY order_id"
)  # fmt: skip
QUESTIONS = [
    {},
    {"from": date(2025, 3, 1), "to": date(2025, 3, 31)},
    {"customer": 'O\'Hara, "Bob"'},
    {"customer": "漢字 🙂 Łukasz", "status": "confirmed"},
    {"customer": "' OR '1' = '1", "from": date(1, 1, 1), "to": date(9999, 12, 31)},
]
KEY = {
    "processed": "source_key, source_line",
    "dropped": "source_key, source_line",
    "quarantine": "source_key, source_version, source_line",
    "ingests": "source_key, source_version",
}


@pytest.fixture(scope="session")
def handled(trino_server, tmp_path_factory):
    """The lake in its folder, declared to Trino as the stack declares it to Glue."""
    root = trino_server.create_lake(LAKE)
    return handler_lake.write(root, tmp_path_factory.mktemp("exports")).store


@pytest.fixture(scope="session")
def duck(handled):
    engine = DuckEngine(handled.root, handled)
    yield engine
    engine.close()


def equal_on_both(trino_server, duck, panel, values):
    """Run a panel on both engines; hold rows, values' types and columns against each other."""
    types, rows = trino_server.execute(*compose(panel, values), LAKE)
    answer = duck.run(*compose(panel, values, duck.latest), Watch())

    assert rows == answer.rows
    assert [list(map(type, row)) for row in rows] == [list(map(type, r)) for r in answer.rows]
    six = [column({"Name": "it", "Type": type_}).type for type_ in types]
    assert six == [column.type for column in answer.columns]
    return rows


@pytest.mark.parametrize("values", QUESTIONS, ids=str)
@pytest.mark.parametrize("slug", PANELS)
def test_the_five_panels_are_the_same_on_both(trino_server, duck, slug, values):
    rows = equal_on_both(trino_server, duck, PANELS[slug], values)

    if not values:
        assert rows


@pytest.mark.parametrize("month", [date(2025, 3, 1), date(2025, 6, 1), date(2031, 1, 1)])
def test_the_largest_orders_of_a_month_are_the_same_on_both(trino_server, duck, month):
    rows = equal_on_both(trino_server, duck, PANELS["largest-orders"], {"month": month})

    assert len(rows) == {3: 10, 6: 2, 1: 0}[month.month]


@pytest.mark.parametrize("values", QUESTIONS, ids=str)
def test_all_orders_are_the_same_on_both(trino_server, duck, values):
    equal_on_both(trino_server, duck, ORDERS, values)


def test_the_newest_version_of_every_order_is_the_same_on_both(trino_server, handled):
    sql, _ = compose(LATEST, {})
    with duckdb.connect() as connection:
        tables.create_views(connection, handled.root)
        expected = connection.execute(sql).fetchall()

    rows = trino_server.query(sql, LAKE)[1]

    assert rows == expected
    kept = {row[0]: row[-1] for row in rows}
    assert kept["A1"] is False, "cancelled in summer, and so old that the rule drops it"
    assert kept["A3"] is True


@pytest.mark.parametrize("name", KEY)
def test_a_table_is_the_same_on_both_in_every_value_and_type(trino_server, handled, name):
    sql = f"SELECT * FROM {name} ORDER BY {KEY[name]}"
    with duckdb.connect() as connection:
        tables.create_views(connection, handled.root)
        expected = connection.execute(sql).fetchall()
        duck_types = [str(kind) for _, kind, *_ in connection.description]

    types, rows = trino_server.query(sql, LAKE)

    assert rows == expected
    assert [list(map(type, row)) for row in rows] == [list(map(type, row)) for row in expected]
    [table] = [table for table in TABLES if table.name == name]
    assert duck_types == [column.type.duckdb for column in table.columns]
    [declared] = [table for table in glue.registered()[0] if table.name == name]
    assert types == list(declared.types.values())
    assert len(rows) > 1


def test_the_lake_holds_what_is_hard_to_hold(trino_server, handled):
    def one(sql):
        return trino_server.query(sql, LAKE)[1]

    refunds_and_long_names = "SELECT min(amount) < 0, max(length(customer)) > 10 FROM processed"
    assert one(refunds_and_long_names) == [(True, True)]
    assert one("SELECT order_id FROM dropped ORDER BY order_id") == [("A1",), ("A6",)]
    assert dict(one("SELECT status, count(*) FROM ingests GROUP BY status")) == {
        "committed": 4,
        "rejected": 1,
        "withdrawn": 1,
    }
    assert one("SELECT count(*), count(reason) FROM ingests") == [(6, 2)]
    assert one("SELECT count(*) > 0 FROM ingests WHERE cardinality(repairs) > 0") == [(True,)]
    # four lines, and a file that is rejected whole
    assert one("SELECT count(*), count(raw), count(source_line) FROM quarantine") == [(5, 4, 4)]
    not_utf8 = "SELECT raw FROM quarantine WHERE substr(to_hex(raw), 1, 4) = '4138'"
    assert one(not_utf8) == [(handler_lake.SPRING[7],)]


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("Ann", {"raw/spring ä 'x'.csv", "raw/sommer/juni.csv"}),
        ("Tie", {"raw/spring ä 'x'.csv"}),
        # in a line that was quarantined, and nowhere else
        ("ten", {"raw/spring ä 'x'.csv"}),
        # what brought it was withdrawn
        ("Wrong", set()),
    ],
)
def test_a_persons_files_are_found_as_the_readme_says(trino_server, handled, name, files):
    [sql] = re.findall(r"```sql\n(.*?)```", section("Destroying, erasing"), re.S)

    rows = trino_server.query(sql.replace("NAME", name), LAKE)[1]

    assert {row[0] for row in rows} == files
    assert len(rows) == len(files)


def test_every_named_query_is_its_panels_text_and_runs(trino_server, handled, duck):
    queries = glue.registered()[1]
    panels = sound()

    assert queries == {slug: named_query(panel) for slug, panel in panels.items()}
    for slug, panel in panels.items():
        rows = trino_server.query(queries[slug], LAKE)[1]
        assert rows == duck.run(*compose(panel, {}, duck.latest), Watch()).rows, slug
