"""What a panel's author may write, on the engine inside Athena and on DuckDB, over one lake."""

import contextlib
from types import SimpleNamespace

import pytest
import trino

from queries.compose import compose, written
from queries.panel import Panel
from tests import generated
from tests.folder_lake import FolderLake
from tests.queries import readme_example
from tests.queries.forms import ALIKE, APART

pytestmark = pytest.mark.engine

DIGITS = 12
"""of a double that both engines must give: in which order they add up is their own matter"""


@pytest.fixture(scope="module")
def both(trino_server):
    """One lake, asked by both."""
    root = trino_server.create_lake("portable")
    versions = generated.versions(seed=11)
    generated.write(root, versions)
    duck = FolderLake(root)

    def in_trino(panel):
        return trino_server.query(written(*compose(panel, {})), "portable")[1]

    def in_duckdb(panel):
        return list(duck.ask(panel).rows)

    yield SimpleNamespace(versions=versions, in_trino=in_trino, in_duckdb=in_duckdb)
    duck.engine.close()


def panel(sql):
    return Panel("p", "P", "P", "none", (), (), 1, sql, "p.sql", 1)


def rounded(rows):
    return [
        tuple(float(f"{v:.{DIGITS}g}") if isinstance(v, float) else v for v in row) for row in rows
    ]


def test_the_panel_that_the_readme_shows_gives_the_same_on_both(tmp_path, both):
    shown = readme_example.read(tmp_path)

    assert both.in_trino(shown) == readme_example.expected(both.versions)
    assert both.in_duckdb(shown) == both.in_trino(shown)


@pytest.mark.parametrize("sql", ALIKE)
def test_what_the_loader_takes_gives_the_same_on_both(both, sql):
    assert rounded(both.in_duckdb(panel(sql))) == rounded(both.in_trino(panel(sql)))


@pytest.mark.parametrize("sql", [sql for sql, _ in APART])
def test_what_duckdb_answers_and_the_loader_refuses_is_not_what_trino_answers(both, sql):
    local = both.in_duckdb(panel(sql))

    with contextlib.suppress(trino.exceptions.TrinoUserError):
        assert sorted(map(repr, both.in_trino(panel(sql)))) != sorted(map(repr, local))
