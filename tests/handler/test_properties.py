"""Whatever the bytes are: no crash, no lost line, and every untouched row arrives unchanged."""

import csv
from datetime import datetime

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from handler.arrival import Rejected, copy
from handler.reading import read
from handler.sorting import Origin
from lake.rule import Limits, Settings
from tests.handler.outcomes import HEADER

RECEIVED = datetime(2025, 11, 10)
# a file of any share of bad rows is taken here: what is asked is where each line goes
ANY_SHARE = Settings(limits=Limits(bad_share=1))

ROWS = st.lists(
    st.builds(
        lambda id_, customer, cents, status, date: (
            id_,
            customer,
            f"{cents / 100:.2f}",
            status,
            date.isoformat(),
        ),
        st.text("ABC019-é", min_size=1, max_size=6),
        st.text('abc, "ü漢=+', min_size=1, max_size=12).filter(str.strip),
        st.integers(-99_999, 99_999),
        st.sampled_from(["pending", "confirmed", "Shipped", "cancelled", "canceled"]),
        st.dates(datetime(2024, 1, 1).date(), datetime(2026, 1, 1).date()),
    ),
    max_size=8,
)
PIECES = st.sampled_from(
    [
        *(b",", b'"', b'""', b'","', b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"\xef\xbb\xbf"),
        *(b";", b" ", b"\t", b"\x1a", b"\\", b"'", b"", HEADER, "é".encode(), b"x" * 70_000),
    ]
)


def written(rows) -> list[bytes]:
    class Lines(list):
        write = list.append

    lines = Lines()
    csv.writer(lines, lineterminator="").writerows(rows)
    return [line.encode() for line in lines]


def taken(content: bytes, folder, *, strict: bool):
    """Return (rows, quarantined lines, rows in), or the reason of a rejection."""
    for left in folder.iterdir():
        left.unlink()
    arrival = copy([content], RECEIVED, folder / "raw.csv")
    origin = Origin("raw/x.csv", "v1", RECEIVED, "v1 test")
    try:
        outcome = read(arrival, origin, ANY_SHARE, folder, strict=strict)
    except Rejected as reason:
        return str(reason)
    rows = [
        pl.read_parquet(file)
        .select("source_line", "order_id", "customer", "amount", "status", "order_date")
        .rows()
        for file in (outcome.processed_file, outcome.dropped_file)
    ]
    lost = pl.read_parquet(outcome.quarantine_file).select("source_line", "raw", "reason").rows()
    return rows, lost, outcome.rows_in


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("work")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=ROWS, pollution=st.lists(st.tuples(st.integers(0, 10_000), PIECES), max_size=4))
def test_every_line_of_a_polluted_file_ends_in_one_place_on_both_ways(folder, rows, pollution):
    content = b"\n".join([HEADER, *written(rows), b""])
    for place, piece in pollution:
        at = place % (len(content) + 1)
        content = content[:at] + piece + content[at:]

    plain, strict = (taken(content, folder, strict=way) for way in (False, True))

    assert plain == strict, "the two ways must not differ"
    if isinstance(plain, str):
        return
    (kept, dropped), lost, rows_in = plain
    assert len(kept) + len(dropped) + len(lost) == rows_in
    places = [row[0] for row in (*kept, *dropped, *lost)]
    assert len(set(places)) == len(places), "a line went to two places"
    ends = content if b"\n" in content else content.replace(b"\r", b"\n")
    lines = ends.split(b"\n")
    for number, raw, _ in lost:
        assert raw == lines[number - 1].removesuffix(b"\r"), "the quarantine holds other bytes"
    # every row that was not touched arrives as an independent reader reads it
    untouched = dict(zip(written(rows), rows, strict=True))
    arrived = {row[0]: row[1:] for row in (*kept, *dropped)}
    header = next(n for n, line in enumerate(lines, 1) if line.strip(b" \t\r\x1a"))
    for number, line in enumerate(lines[header:], header + 1):
        if line in untouched and lines[header - 1] == HEADER:
            id_, customer, amount, written_status, date = untouched[line]
            status = written_status.lower().replace("canceled", "cancelled")
            got = arrived[number]
            seen = (got[0], got[1], str(got[2]), got[3], str(got[4]))
            assert seen == (id_, customer, amount, status, date)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    content=st.one_of(st.binary(max_size=400), st.binary(max_size=200).map(lambda b: HEADER + b))
)
def test_any_bytes_are_taken_or_rejected_with_a_sentence(folder, content):
    plain, strict = (taken(content, folder, strict=way) for way in (False, True))

    assert plain == strict
    if isinstance(plain, str):
        assert len(plain) > 10
