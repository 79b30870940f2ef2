import ast
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from local import set_up


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A checkout in which nothing is set up, and no program that would do it."""
    for name in ("requirements/run.txt", "package.json", "package-lock.json", "web/vendor.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("as locked")
    monkeypatch.setattr(set_up, "ROOT", tmp_path)
    monkeypatch.setattr(set_up, "VENV", tmp_path / ".venv")

    def started(words, **_):
        raise AssertionError(f"started {words}")

    monkeypatch.setattr(subprocess, "run", started)
    return tmp_path


def said(capsys, goal="run"):
    assert set_up.main(goal) == 1
    return capsys.readouterr().err


def test_an_old_python_is_told_in_a_sentence(checkout, monkeypatch, capsys):
    old = SimpleNamespace(version_info=(3, 9, 2), stderr=sys.stderr)
    monkeypatch.setattr(set_up, "sys", old)

    assert "Python 3.9 is too old: install Python 3.11 or newer" in said(capsys)


def test_an_old_python_can_read_what_tells_it_so():
    ast.parse(Path(set_up.__file__).read_bytes(), feature_version=(3, 7))


def test_missing_npm_is_told_in_a_sentence(checkout, monkeypatch, capsys):
    monkeypatch.setattr(set_up, "packages", lambda lock_name: None)
    monkeypatch.setattr(set_up.shutil, "which", lambda name: None)

    assert "node or npm is missing: install both, node 20 or newer" in said(capsys)


def test_an_old_node_is_told_in_a_sentence(checkout, monkeypatch, capsys):
    monkeypatch.setattr(set_up, "packages", lambda lock_name: None)
    monkeypatch.setattr(set_up.shutil, "which", lambda name: name)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(stdout="v18.19.0\n"))

    assert "node v18.19.0 is too old" in said(capsys)


def test_a_failed_install_is_told_with_what_failed(checkout, monkeypatch, capsys):
    def fail(words, **_):
        raise subprocess.CalledProcessError(1, words)

    monkeypatch.setattr(subprocess, "run", fail)

    assert "could not make a venv: the lines above say why" in said(capsys)


def test_what_is_set_up_is_not_set_up_again_until_a_lock_file_changes(checkout, monkeypatch):
    ran = []

    def run(words, **_):
        ran.append(words)
        set_up.VENV.mkdir(exist_ok=True)
        (checkout / "node_modules").mkdir(exist_ok=True)
        (checkout / "web" / "static" / "vendor").mkdir(parents=True, exist_ok=True)
        return SimpleNamespace(stdout="v20.0.0")

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(set_up.shutil, "which", lambda name: name)
    assert set_up.main("run") == 0
    assert ["npm", "ci"] in [words[:2] for words in ran]

    ran.clear()
    assert set_up.main("run") == 0
    assert ran == []

    (checkout / "requirements" / "run.txt").write_text("locked anew")
    assert set_up.main("run") == 0
    assert any("--require-hashes" in words for words in ran)
    assert not any("npm" in words for words in ran)


def test_a_chromium_without_windows_is_asked_for_once_beside_the_one_with(checkout, monkeypatch):
    asked = []
    monkeypatch.setattr(set_up, "take_from_debian", asked.append)
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(set_up.shutil, "which", lambda name: name == "chromium")
    set_up.VENV.mkdir()

    set_up.headless_browser()
    set_up.headless_browser()

    assert asked == ["chromium-headless-shell"]


@pytest.mark.parametrize("there", ["chromium-headless-shell", None])
def test_where_there_is_one_without_windows_or_none_at_all_it_is_not_asked_for(
    there, checkout, monkeypatch
):
    monkeypatch.setattr(set_up.shutil, "which", lambda name: name == there)
    monkeypatch.delenv("CHROMIUM", raising=False)

    set_up.headless_browser()

    assert not set_up.VENV.exists()
