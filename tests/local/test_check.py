import shutil

import pytest

from lake.folder import FolderStore
from local.check import check
from queries import catalog
from tests.panels import sound

HEAD = "/*\ntitle: Mine\ndescription: What I ask.\nchart: none\n*/\n"


@pytest.fixture
def panels(tmp_path):
    """A folder of panels of which one is sound."""
    folder = tmp_path / "panels"
    folder.mkdir()
    shutil.copy(catalog.FOLDER / "order-status.sql", folder)
    return folder


@pytest.fixture
def lake(tmp_path):
    return FolderStore(tmp_path / "lake").root


def found(lake, panels):
    return {finding.title: (finding.sound, finding.text) for finding in check(lake, panels)}


@pytest.mark.parametrize("slug", sound())
def test_every_panel_in_queries_runs_on_an_empty_lake(lake, tmp_path, slug):
    shutil.copy(catalog.FOLDER / f"{slug}.sql", tmp_path)
    [finding] = check(lake, tmp_path)
    if not finding.sound:
        pytest.fail(finding.text, pytrace=False)


def test_a_sound_panel_shows_its_columns_even_on_an_empty_lake(lake, panels):
    assert found(lake, panels) == {"Order status": (True, "status  orders  revenue\n(0 rows)")}


def test_a_wrong_column_is_told_with_file_and_line_and_the_others_run(lake, panels):
    (panels / "mine.sql").write_text(f"{HEAD}SELECT\n  customer,\n  amonut\nFROM orders\n")

    sound, text = found(lake, panels)["Mine"]

    assert not sound
    assert text.startswith("mine.sql:8: ")
    assert "amonut" in text
    assert "\n" not in text
    assert found(lake, panels)["Order status"][0]


def test_the_line_is_right_in_a_panel_with_relations_of_its_own(lake, panels):
    (panels / "mine.sql").write_text(
        f"{HEAD}WITH mine AS (\n  SELECT customer FROM orders\n)\nSELECT custmoer\nFROM mine\n"
    )

    assert found(lake, panels)["Mine"][1].startswith("mine.sql:9: ")


def test_a_panel_that_cannot_be_read_is_told_with_file_and_line(lake, panels):
    (panels / "mine.sql").write_text("SELECT 1")

    sound, text = found(lake, panels)["mine"]

    assert not sound
    assert text.startswith("mine.sql:1: ")
