"""An engine's complaint, told by the panel's own file and line."""

import pytest

from queries.catalog import load
from queries.compose import compose
from queries.panel import Panel
from web.located import located

HEAD = "/*\ntitle: T\ndescription: D\nchart: none\n*/\n"
PLAIN = "-- why\n\nSELECT customer,\n    no_such\nFROM orders\n"
OWN_WITH = "WITH\n\nmine AS (\n    SELECT no_such FROM orders\n)\nSELECT * FROM mine\n"


def panel(folder, text) -> Panel:
    (folder / "mine.sql").write_text(HEAD + text)
    return load(folder)["mine"]


def line_of(text, sql):
    """The line of a text, counted from 1."""
    return sql[: sql.index(text)].count("\n") + 1


@pytest.mark.parametrize("text", [PLAIN, OWN_WITH])
@pytest.mark.parametrize("latest", ["cte", "table"])
@pytest.mark.parametrize(
    "said",
    [
        'Binder Error: no column "no_such"\n\nLINE {}:     no_such\n             ^',
        'COLUMN_NOT_FOUND: line {}:5: no column "no_such"',
    ],
)
def test_the_place_is_that_of_the_panels_file(tmp_path, text, latest, said):
    mine = panel(tmp_path, text)
    sql, _ = compose(mine, {"status": "shipped"}, latest=latest)

    told = located(said.format(line_of("no_such", sql)), sql, mine)

    line = line_of("no_such", HEAD + text)
    assert told.startswith(f"queries/mine.sql, line {line}: ")
    assert told.endswith('no column "no_such"')


def test_a_place_before_the_panels_text_is_none_of_its_file(tmp_path):
    mine = panel(tmp_path, PLAIN)
    sql, _ = compose(mine, {})

    assert located("line 2:1: odd", sql, mine) == "queries/mine.sql: odd"


def test_a_complaint_without_a_place_stays_as_it_is(tmp_path):
    mine = panel(tmp_path, PLAIN)

    assert located("Query exhausted resources", mine.sql, mine) == "Query exhausted resources"


def test_a_panel_that_an_engine_refuses_shows_where(dashboard, client, engine, words):
    sql, _ = compose(load(dashboard.panels)["order-status"], {})
    line = sql.count("\n") + 1
    engine.fails("order-status", "query", f"Parser Error: near BY\n\nLINE {line}: ORDER BY\n  ^")

    page = words(client.get("/panels/order-status"))

    last = (dashboard.panels / "order-status.sql").read_text().rstrip().count("\n") + 1
    assert f"queries/order-status.sql, line {last}: Parser Error: near BY" in page


@pytest.mark.parametrize("slug", ["order-status", "monthly-orders-and-revenue"])
@pytest.mark.parametrize("path", ["/", "/panels/{}"])
def test_the_lines_of_a_complaint_are_lines(client, engine, words, slug, path):
    engine.fails(slug, "query", "no such column\nCandidates: customer")

    page = words(client.get(path.format(slug)))

    assert "no such column Candidates: customer" in page
    assert r"\n" not in page
