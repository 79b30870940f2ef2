"""The panels' files: an edit is seen within a moment; all who ask in that moment look once."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.panels import copy_five
from web.catalog import LOOK_S, Catalog

SLUG = "order-status"


class Counting(Catalog):
    """Counts its looks at the folder."""

    looks = 0

    def _stamps(self):
        self.looks += 1
        return super()._stamps()


@pytest.fixture
def catalog(tmp_path):
    copy_five(tmp_path)
    return Counting(tmp_path)


def test_each_edit_is_seen_by_whoever_asks_after_it(catalog, tmp_path):
    file = tmp_path / f"{SLUG}.sql"
    text = file.read_text()
    for number in range(10):
        file.write_text(text.replace("title: ", f"title: {'x' * number} "))
        time.sleep(LOOK_S)
        assert catalog.panels()[SLUG].title.startswith("x" * number)


def test_all_who_ask_within_a_moment_share_a_look(catalog, monkeypatch):
    monkeypatch.setattr("web.catalog.LOOK_S", 60)
    with ThreadPoolExecutor(8) as askers:
        found = list(askers.map(lambda _: catalog.panels(), range(80)))

    assert all(SLUG in panels for panels in found)
    assert catalog.looks == 1


def test_a_look_that_failed_is_nobodys(catalog, tmp_path):
    away = tmp_path.with_name("away")
    tmp_path.rename(away)
    with pytest.raises(FileNotFoundError):
        catalog.panels()
    away.rename(tmp_path)

    assert SLUG in catalog.panels()
