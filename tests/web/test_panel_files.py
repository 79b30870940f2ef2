"""The panels' files: an edit is seen at once, and many who ask at once look once."""

import threading
import time

import pytest

from tests.panels import copy_five
from web.catalog import Catalog

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
    for number in range(20):
        file.write_text(text.replace("title: ", f"title: {'x' * number} "))
        assert catalog.panels()[SLUG].title.startswith("x" * number)


def test_those_who_wait_for_a_look_that_began_after_they_asked_share_it(catalog):
    found = []
    askers = [threading.Thread(target=lambda: found.append(catalog.panels())) for _ in range(8)]
    with catalog._lock:
        for asker in askers:
            asker.start()
        time.sleep(0.2)
    for asker in askers:
        asker.join()

    assert len(found) == 8
    assert all(SLUG in panels for panels in found)
    assert catalog.looks == 1


def test_a_look_that_failed_is_nobodys(catalog, tmp_path):
    away = tmp_path.with_name("away")
    tmp_path.rename(away)
    with pytest.raises(FileNotFoundError):
        catalog.panels()
    away.rename(tmp_path)

    assert SLUG in catalog.panels()
