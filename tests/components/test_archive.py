import os
import zipfile

import pytest

from components.bundles.archive import Entry, entries_of, packed


def packed_bytes(*entries):
    return b"".join(packed(entries))


def test_any_reader_of_zip_files_finds_the_files_whole(tmp_path):
    path = tmp_path / "a.zip"
    files = {"b.txt": b"", "a/é.py": b"pass\n", "a/b/c.bin": bytes(range(256)) * 9}
    path.write_bytes(packed_bytes(*(Entry.plain(*file) for file in files.items())))

    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == files


def test_names_are_sorted_times_and_rights_are_the_same_for_all(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(packed_bytes(Entry.plain("b", b"1"), Entry.plain("a", b"2")))

    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
    assert [info.filename for info in infos] == ["a", "b"]
    assert {info.date_time for info in infos} == {(1980, 1, 1, 0, 0, 0)}
    assert {info.external_attr >> 16 for info in infos} == {0o100644}


def test_the_order_in_which_files_come_does_not_matter():
    a, b = Entry.plain("a", b"1"), Entry.plain("b", b"2")
    assert packed_bytes(a, b) == packed_bytes(b, a)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_what_another_archive_holds_keeps_its_compressed_bytes(tmp_path, method):
    first, second = tmp_path / "wheel.zip", tmp_path / "bundle.zip"
    content = os.urandom(100) * 50
    with zipfile.ZipFile(first, "w", method) as archive:
        archive.mkdir("folder")
        archive.writestr("folder/data", content)

    [entry] = entries_of(first)
    second.write_bytes(packed_bytes(entry))

    assert (entry.method, entry.size) == (method, len(content))
    assert entry.stored in first.read_bytes()
    with zipfile.ZipFile(second) as archive:
        assert archive.read("folder/data") == content


def test_a_name_that_comes_twice_is_refused():
    with pytest.raises(ValueError, match="a comes from two places"):
        packed_bytes(Entry.plain("a", b"1"), Entry.plain("a", b"1"))


def test_a_way_of_compressing_that_not_every_reader_knows_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.whl", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("data", b"1" * 100)
    with pytest.raises(ValueError, match=r"a\.whl: data is compressed in an unusual way"):
        list(entries_of(tmp_path / "a.whl"))
