"""Finding a text in all that ever came in."""

import json

import pytest
from click.testing import CliRunner

from lake.folder import FolderStore
from local import find
from local.command import main
from tests.doubles.memory import MemoryStore
from tests.handler.outcomes import lines, order

NAME = "Åsa O'Hara"


def keys(store, text):
    return [(version.key, version.id) for version in find.holding(store, text)]


@pytest.mark.parametrize(
    "content",
    [
        lines(order(customer=NAME)),
        lines(order(customer=NAME.upper())),
        lines(order(customer=NAME.replace("Å", "A\N{COMBINING RING ABOVE}"))),
        lines(order(customer=NAME)).decode().encode("cp1252"),
        lines(order(customer=NAME)).decode().encode("utf-16"),
    ],
    ids=["as it is", "in capitals", "not composed", "Latin-1", "UTF-16"],
)
def test_a_text_is_found_however_it_is_written(content):
    store = MemoryStore()
    store.upload("raw/a.csv", lines(order(customer="Somebody else")))
    store.upload("raw/b.csv", content)

    assert keys(store, NAME) == [("raw/b.csv", "v1")]
    assert keys(store, "(") == []


def test_a_text_with_quotation_marks_is_found_as_a_csv_writes_them():
    store = MemoryStore()
    store.upload("raw/a.csv", lines(order(customer='"Say ""hi"" Ltd"')))

    assert keys(store, 'say "hi" ltd') == [("raw/a.csv", "v1")]


def test_replaced_versions_are_looked_through_too():
    store = MemoryStore()
    store.upload("raw/a.csv", lines(order(customer=NAME)))
    store.upload("raw/a.csv", lines(order(customer="Somebody else")))

    assert keys(store, NAME) == [("raw/a.csv", "v1")]


def test_a_text_between_two_chunks_is_found(tmp_path):
    store = FolderStore(tmp_path / "lake")
    content = b"x" * (1 << 20)
    (tmp_path / "a.csv").write_bytes(content[: -len(NAME) // 2] + NAME.encode() + content)
    store.add(tmp_path / "a.csv", "raw/a.csv", None)

    assert [key for key, _ in keys(store, NAME)] == ["raw/a.csv"]


def test_the_command_prints_what_it_finds(tmp_path):
    folder = tmp_path / "lake"
    store = FolderStore(folder)
    (tmp_path / "a.csv").write_bytes(lines(order(customer=NAME)))
    store.add(tmp_path / "a.csv", "raw/a.csv", None)

    def run(text):
        return CliRunner().invoke(main, ["find", "--lake", str(folder), text])

    [found] = [json.loads(line) for line in run(NAME).stdout.splitlines()]
    assert (found["source_key"], found["size_bytes"]) == (
        "raw/a.csv",
        (tmp_path / "a.csv").stat().st_size,
    )
    assert "No version of a raw file holds it." in run("Nobody").stderr
    assert run(" ").exit_code == 2
