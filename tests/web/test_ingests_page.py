"""What came in: every record, what waits, and the quarantined lines as they came."""

import os
import re
import time
from datetime import datetime

import pytest

from lake import names
from tests.doubles.engine import LINES, answer, quarantined
from web.quarantine import LINE_LENGTH, decoded


def test_records_are_told_the_last_ingested_first_with_their_counts(dashboard, client, words):
    dashboard.lake.takes("raw/2025/october.csv", rows_in=1234, kept=1200, dropped=30, quarantined=4)

    page = words(client.get("/ingests"))

    assert "2025/october.csv committed 10 Nov 2025, 12:00 1,234 1,200 30 4" in page
    assert page.index("october.csv") < page.index("november.csv")


def test_an_old_export_that_was_loaded_late_comes_first_with_both_its_days(
    dashboard, client, words
):
    dashboard.lake.takes("raw/old.csv", received_at=datetime(2023, 1, 31))

    page = words(client.get("/ingests"))

    assert "the last one ingested first" in page
    assert page.index("old.csv") < page.index("november.csv")
    assert "old.csv committed 10 Nov 2025, 12:00" in page, "when it was ingested"
    assert "exported 31 Jan 2023, 00:00" in page


def test_a_rejected_file_says_why_and_counts_nothing(dashboard, client, words):
    dashboard.lake.takes(
        "raw/bad.csv", status="rejected", reason="the header has no column Amount",
        rows_in=0, kept=0, dropped=0, quarantined=0,
    )  # fmt: skip

    page = words(client.get("/ingests"))

    assert "bad.csv rejected 10 Nov 2025, 12:00 — — — — the header has no column Amount" in page
    assert "until it comes in again under its name, or is taken back" in page


def test_nothing_is_said_of_rejected_files_where_there_are_none(client, words):
    assert "taken back" not in words(client.get("/ingests"))


def test_rows_that_were_counted_before_a_file_was_rejected_are_told(dashboard, client, words):
    dashboard.lake.takes(
        "raw/bad.csv", status="rejected", rows_in=12, kept=0, dropped=0, quarantined=0
    )

    assert "bad.csv rejected 10 Nov 2025, 12:00 12 — — —" in words(client.get("/ingests"))


def test_a_file_that_came_in_again_is_told_to_be_replaced_and_its_lines_are_left_out(
    dashboard, client, engine, words
):
    older = dashboard.lake.takes("raw/july.csv", rows_in=3, kept=2, dropped=0)
    newer = dashboard.lake.takes("raw/july.csv", rows_in=3, kept=2, dropped=0)
    rows = [
        quarantined("raw/july.csv", 2, f"in {age}", b"x", record.source_version)
        for age, record in (("the newer", newer), ("the older", older))
    ]
    engine.gives("quarantine", answer(LINES, *rows))

    page = words(client.get("/ingests"))

    assert page.count("july.csv committed, then replaced 10 Nov") == 1
    assert page.count("july.csv committed 10 Nov") == 1
    assert "in the newer" in page
    assert "in the older" not in page
    assert "1 line of files that have come in again since is not shown" in page


def test_a_bar_shows_where_the_rows_went_and_one_bad_row_is_seen(dashboard, client):
    dashboard.lake.takes(
        "raw/large.csv", rows_in=100_000, kept=74_999, dropped=25_000, quarantined=1
    )

    bar = client.get("/ingests").text.split("large.csv", 1)[1].split("</svg>", 1)[0]

    parts = re.findall(r'<rect class="(\w+)" x="([\d.]+)" width="([\d.]+)"', bar)
    assert [kind for kind, _, _ in parts] == ["kept", "dropped", "quarantined"]
    starts = [float(start) for _, start, _ in parts]
    widths = [float(width) for _, _, width in parts]
    assert widths == pytest.approx([74.3, 24.8, 1.0], abs=0.1)
    assert starts == pytest.approx([0, widths[0], widths[0] + widths[1]], abs=0.02)


def test_repairs_are_told_with_their_counts(dashboard, client, words):
    dashboard.lake.takes("raw/mended.csv", repairs={"trimmed_names": 1200})

    assert "trimmed names: 1,200" in words(client.get("/ingests"))


def test_a_withdrawal_that_is_not_carried_out_is_told_as_such(dashboard, client, words):
    dashboard.lake.takes("raw/wrong.csv", status="withdrawn", finished_at=None)

    assert "withdrawn, not carried out yet" in words(client.get("/ingests"))


def test_a_file_that_waits_is_told_and_the_part_asks_again(dashboard, client, words):
    dashboard.lake.waits("december.csv")

    page = client.get("/ingests")

    assert "On its way" in words(page)
    assert "december.csv" in words(page)
    assert "load delay:2.0s" in page.text


def test_a_file_that_waits_too_long_has_failed(dashboard, client, words):
    dashboard.lake.waits("december.csv")
    old = time.time() - 7200
    os.utime(dashboard.lake.store.path("raw/december.csv"), (old, old))

    assert "overdue: no record after an hour; the log says why" in words(client.get("/ingests"))


def test_a_long_history_is_cut_with_a_notice(dashboard, client, words, monkeypatch):
    monkeypatch.setattr("web.records.MOST", 2)
    for number in range(4):
        dashboard.lake.takes(f"raw/{number}.csv")

    assert "3 older records are not shown" in words(client.get("/ingests"))


def test_nothing_has_come_in(build, words):
    page = build().app.test_client().get("/ingests")

    assert "Nothing has come in yet" in words(page)


def test_quarantined_lines_are_told_with_reason_and_bytes(client, words):
    page = words(client.get("/ingests"))

    assert (
        "november.csv 17 OrderDate '2025-13-01' is no date 10 Nov 2025, 12:00 10422,Contoso GmbH"
    ) in page


def test_a_file_of_which_lines_came_in_corrected_says_so(client, dashboard, words):
    said = "Lines of it came in corrected: "
    record = dashboard.lake.takes("raw/shop/may.csv")
    other = names.correction("raw/may.csv", record.received_at)
    dashboard.lake.takes(f"raw/may{other}")
    assert said not in words(client.get("/ingests"))

    correction = f"may{names.correction('raw/shop/may.csv', record.received_at)}"
    dashboard.lake.takes(f"raw/{correction}", quarantined=0)

    assert words(client.get("/ingests")).count(said + correction) == 1


def test_an_export_of_the_future_is_marked(client, dashboard, words):
    assert "in the future" not in words(client.get("/ingests"))
    dashboard.lake.takes("raw/slip.csv", received_at=datetime(2052, 11, 10))

    page = words(client.get("/ingests"))

    assert "Counts as exported in the future: until then it overrules every other export." in page


def test_an_empty_quarantine_says_so(client, engine, words):
    engine.gives("quarantine", answer(LINES))

    assert "No line is quarantined" in words(client.get("/ingests"))


def test_the_records_are_there_while_the_engine_is_away(client, engine, words):
    engine.fails("quarantine", "away", "the engine cannot be reached")

    page = words(client.get("/ingests"))

    assert "november.csv committed" in page
    assert "the engine cannot be reached" in page


def test_the_lines_wait_and_can_be_cancelled(client, engine, fragment, words):
    with engine.held("quarantine"):
        assert "Running for" in words(client.get("/ingests"))
        part = fragment("/ingests/cancel", "div#quarantine", method="POST")

    assert "cancelled" in words(part)


def test_without_htmx_an_action_leads_back(client):
    response = client.post("/ingests/refresh")

    assert (response.status_code, response.location) == (303, "/ingests")


@pytest.mark.parametrize(
    ("target", "has", "has_not"),
    [
        ("div#records", "november.csv", "Quarantined lines"),
        ("div#quarantine", "10422", "committed"),
        ("main#main", "<title>", "<html"),
    ],
)
def test_each_part_can_be_asked_for_alone(fragment, target, has, has_not):
    part = fragment("/ingests", target)

    assert has in part.text
    assert has_not not in part.text


@pytest.mark.parametrize(
    ("waited", "again", "reloads"),
    [(0, "2.0", True), (100, "10.0", True), (3500, "60.0", True), (3700, "60.0", False)],
)
def test_a_file_on_its_way_is_looked_at_ever_less_often_and_a_failed_one_each_minute(
    dashboard, client, waited, again, reloads
):
    dashboard.lake.waits("december.csv")
    then = time.time() - waited
    os.utime(dashboard.lake.store.path("raw/december.csv"), (then, then))

    page = client.get("/ingests").text
    records = page.split('id="records"')[1].split("On its way")[0]

    assert f"load delay:{again}s" in records
    assert ("<noscript>" in page) == reloads


def test_records_are_asked_for_again_until_the_lake_has_settled(dashboard, client, monkeypatch):
    assert 'data-state=""' in client.get("/ingests").text
    monkeypatch.setattr("web.desk.SETTLING_S", 0.0)

    state = dashboard.lake.ledger.state()
    records = client.get("/ingests").text.split('id="records"')[1].split("On its way")[0]

    assert f'data-state="{state}"' in records


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"plain", "plain"),
        ("Ås,€".encode(), "Ås,€"),
        (b"caf\xe9", r"caf\xe9"),
        (b"a\x00b\x1b[31m\r", r"a\x00b\x1b[31m\r"),
        ("abc\u202e321".encode(), r"abc\u202e321"),
    ],
)
def test_bytes_are_decoded_as_far_as_they_go_and_nothing_hides_in_them(raw, shown):
    assert decoded(raw.hex().upper()) == shown


def test_a_rejected_files_row_stands_for_the_whole_file(client, engine, words):
    engine.gives("quarantine", answer(LINES, quarantined("raw/bad.csv", None, "no header", None)))

    assert "bad.csv — no header 10 Nov 2025, 12:00 the whole file" in words(client.get("/ingests"))


def found(client, text):
    """The line numbers that the page shows for a search."""
    page = client.get("/ingests", query_string={"find": text}).text
    return [int(number) for number in re.findall(r'data-label="Line">(\d+)<', page)]


def test_a_search_looks_into_file_reason_and_line_whatever_the_case(client, engine):
    engine.gives(
        "quarantine",
        answer(
            LINES,
            quarantined("raw/2025/june.csv", 1, "Amount is no number", b"1,\xc3\x85sa,x"),
            quarantined("raw/july.csv", 2, "Customer is empty", b"2,,10.00"),
            quarantined("raw/july.csv", 3, "Amount is no number", b"3,Bo,y"),
        ),
    )

    assert found(client, "JULY") == [2, 3]
    assert found(client, " no number ") == [1, 3]
    assert found(client, "åsa") == [1]
    assert found(client, "10.0") == [2]
    assert found(client, "") == [1, 2, 3]
    assert engine.count("quarantine") == 1, "a search asks the engine nothing"


def test_a_search_without_a_find_says_so(client, words):
    page = words(client.get("/ingests?find=<b>nobody"))

    assert "None of the quarantined lines holds <b>nobody ." in page


def test_a_search_stays_in_every_address(client, engine, fragment):
    part = fragment("/ingests?find=a%26b", "div#quarantine")

    assert 'hx-get="/ingests?find=a%26b"' in part.text
    assert 'action="/ingests/refresh?find=a%26b"' in part.text
    assert client.post("/ingests/refresh?find=a%26b").location == "/ingests?find=a%26b"


def test_more_lines_than_are_shown_or_read_are_told(client, engine, words, monkeypatch):
    monkeypatch.setattr("web.quarantine.SHOWN", 2)
    monkeypatch.setattr("web.quarantine.READ", 3)
    rows = [quarantined("raw/july.csv", number, "bad", b"x") for number in range(3)]
    engine.gives("quarantine", answer(LINES, *rows))

    page = words(client.get("/ingests"))

    assert "The first 2 of 3 lines." in page
    assert "the table quarantine has all" in page


def test_a_long_line_is_cut_and_its_size_told(client, engine, words):
    engine.gives("quarantine", answer(LINES, quarantined("raw/a.csv", 1, "bad", b"x" * 65_536)))

    assert "x" * LINE_LENGTH + "… of 66 kB" in words(client.get("/ingests"))
