import pytest

from queries.panel import Panel
from tests import generated
from tests.folder_lake import FolderLake
from tests.queries import readme_example


@pytest.fixture
def lake(tmp_path):
    lake = FolderLake(tmp_path / "lake")
    yield lake
    lake.engine.close()


def test_the_panel_that_the_readme_shows_runs_as_it_is_printed(tmp_path, lake):
    panel = readme_example.read(tmp_path)
    versions = generated.versions(seed=5)
    lake.publish(versions)

    assert isinstance(panel, Panel), str(panel)
    assert list(lake.ask(panel).rows) == readme_example.expected(versions)
    assert len(lake.ask(panel).rows) == 8, "seven days, and orders without one"
