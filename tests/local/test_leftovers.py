import os
import time

from local import leftovers

TWO_DAYS = 2 * 24 * 3600


def age(*paths):
    for path in paths:
        moment = time.time() - TWO_DAYS
        os.utime(path, (moment, moment))


def test_what_has_not_changed_for_a_day_is_removed_but_the_lock(tmp_path):
    (tmp_path / "look-dead").mkdir()
    for name in ("look-dead/raw.csv", "0123456789abcdef", "lock"):
        (tmp_path / name).touch()
    age(*tmp_path.rglob("*"))
    leftovers.clear(tmp_path)

    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


def test_what_somebody_works_with_stays(tmp_path):
    (tmp_path / "look-alive").mkdir()
    (tmp_path / "look-alive" / "raw.csv").touch()
    (tmp_path / "0123456789abcdef").touch()
    age(tmp_path / "look-alive")
    leftovers.clear(tmp_path)

    assert len(list(tmp_path.iterdir())) == 2


def test_a_link_is_removed_and_not_followed(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine.csv").touch()
    folder = tmp_path / "tmp"
    folder.mkdir()
    (folder / "link").symlink_to(elsewhere)
    moment = time.time() - TWO_DAYS
    os.utime(folder / "link", (moment, moment), follow_symlinks=False)
    age(elsewhere / "mine.csv")
    leftovers.clear(folder)

    assert list(folder.iterdir()) == []
    assert (elsewhere / "mine.csv").exists()
