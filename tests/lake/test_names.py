"""Every raw key has one place for each of its objects, and shares it with no other key."""

import re
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lake import names
from lake.folder import FolderStore
from lake.schema import DROPPED, PROCESSED

DAY = datetime(2025, 11, 10, 23, 59)
VERSION = "3/L4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY"

keys = st.text(min_size=1).map("raw/".__add__).filter(names.is_file)


def places(key: str, version: str = "v1") -> list[str]:
    return [
        names.output(PROCESSED, key),
        names.output(DROPPED, key),
        names.quarantine(key, version),
        names.record(key, version, DAY),
    ]


@pytest.mark.parametrize(
    ("key", "slug"),
    [
        ("raw/orders.csv", "orders"),
        ("raw/2025/Orders November.CSV", "orders-november"),
        ("raw/Größe & Co. (3).csv", "groe-co-3"),
        ("raw/Ünïcödé.csv", "unicode"),
        ("raw/注文.csv", "file"),
        ("raw/_hidden.csv", "hidden"),
        ("raw/--.csv", "file"),
        ("raw/a.tar.csv", "a-tar"),
        ("raw/orders.txt", "orders-txt"),
        ("raw/.csv", "file"),
        ("raw/" + "long-" * 40 + ".csv", ("long-" * 10)[:48].strip("-")),
    ],
)
def test_a_slug_is_the_files_name_in_plain_words(key, slug):
    assert names.slug(key) == slug


def test_a_key_has_always_the_same_places():
    # the digest: printf raw/orders.csv | sha256sum
    assert places("raw/orders.csv") == [
        "processed/orders-1d5f1523f624321b.parquet",
        "dropped/orders-1d5f1523f624321b.parquet",
        "quarantine/orders-1d5f1523f624321b-v1.parquet",
        "ingests/2025-11-10/orders-1d5f1523f624321b-v1.json",
    ]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("raw/orders.csv", "raw/shop/orders.csv"),
        ("raw/orders.csv", "raw/Orders.csv"),
        ("raw/orders.csv", "raw/orders.CSV"),
        ("raw/a b.csv", "raw/a+b.csv"),
        ("raw/a%2Fb.csv", "raw/a/b.csv"),
        ("raw/a%252Fb.csv", "raw/a%2Fb.csv"),
        ("raw/caf\u00e9.csv", "raw/cafe\u0301.csv"),
        ("raw/注文.csv", "raw/注.csv"),
    ],
)
def test_f6_f7_f39_keys_that_look_alike_share_nothing_even_where_case_is_ignored(one, other):
    assert names.slug(one) in names.stem(one)
    for mine, theirs in zip(places(one), places(other), strict=True):
        assert mine.lower() != theirs.lower()


@given(one=keys, other=keys)
def test_two_keys_never_share_a_place(one, other):
    if one != other:
        assert not {p.lower() for p in places(one)} & {p.lower() for p in places(other)}


@given(key=keys, version=st.text("abcXYZ019-._/+=", min_size=1, max_size=40))
def test_no_place_is_hidden_from_athena_or_too_long_for_a_file_system(key, version):
    for place in places(key, version):
        *_, name = parts = place.split("/")
        assert not any(part.startswith(("_", ".")) for part in parts), place
        assert len(name.encode()) <= 255
        assert re.fullmatch(r"[A-Za-z0-9._-]+", name)


def test_versions_of_a_key_have_records_and_quarantines_of_their_own():
    assert names.quarantine("raw/a.csv", "v1") != names.quarantine("raw/a.csv", "v2")
    assert names.record("raw/a.csv", "v1", DAY) != names.record("raw/a.csv", "v2", DAY)
    assert names.quarantine("raw/a.csv", "v1").startswith(names.quarantine_prefix("raw/a.csv"))
    assert not names.quarantine("raw/b.csv", "v1").startswith(names.quarantine_prefix("raw/a.csv"))


def test_a_versions_id_makes_no_folder():
    assert names.record("raw/a.csv", VERSION, DAY).count("/") == 2


def test_the_marker_lies_outside_all_tables():
    assert names.MARKER == "state/marker"


@pytest.mark.parametrize(
    "key", ["raw/a.csv", "raw/a.txt", "raw/shop/a b.CSV", "raw/注文", "raw/_a.csv", "raw/a..b"]
)
def test_what_is_a_file(key):
    assert names.is_file(key)


@pytest.mark.parametrize(
    "key",
    [
        "raw/",
        "raw/shop/",
        "raw/.a.csv",
        "raw/.hidden/a.csv",
        "raw/../a.csv",
        "raw/a/..b",
        "processed/a.csv",
        "a.csv",
        "raw.csv",
        "",
        b"raw/bestellung\xe4.csv".decode(errors="surrogateescape"),
    ],
)
def test_f14_f15_what_is_no_file(key):
    assert not names.is_file(key)


def test_a_name_that_is_not_utf_8_stops_no_listing(tmp_path):
    store = FolderStore(tmp_path)
    for name in (b"bestellung\xe4.csv", b"orders.csv"):
        (tmp_path / "raw" / name.decode(errors="surrogateescape")).write_bytes(b"")

    assert [version.key for version in store.versions("raw/")] == ["raw/orders.csv"]


@pytest.mark.parametrize(
    ("key", "csv"),
    [("raw/a.csv", True), ("raw/a.CSV", True), ("raw/a.csv.gz", False), ("raw/csv", False)],
)
def test_a_csv_ends_in_csv_in_whatever_case(key, csv):
    assert names.is_csv(key) == csv


def test_a_quarantine_is_of_one_key_also_where_a_name_begins_with_the_others():
    key = "raw/orders.csv"
    other = f"raw/{names.stem(key)}-corrected-2025-11-10.csv"
    versions = (
        "1764000000000000000-0123456789abcdef",
        "2678400000000000-0123456789abcdef",  # of February 1970
        "3HL4kqtJvjVBH40Nrjfkd.-_XYZ",
        "null",
    )
    for version in versions:
        assert names.is_quarantine_of(key, names.quarantine(key, version))
        assert names.is_quarantine_of(other, names.quarantine(other, version))
        assert names.quarantine(other, version).startswith(names.quarantine_prefix(key))
        assert not names.is_quarantine_of(key, names.quarantine(other, version))
