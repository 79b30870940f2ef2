"""The command line, as a script meets it: exit codes, records, sentences."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from local.check import Finding, check
from local.command import main
from tests.panels import copy_five

ROOT = Path(__file__).parents[2]
GOOD = b"OrderID,Customer,Amount,Status,OrderDate\r\nO1,Alice,10.00,shipped,2025-01-02\r\n"
WRONG = b"Id;Customer\r\nO1;Alice\r\n"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The folder in which the commands are typed."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def local(*words, **environment):
    return CliRunner().invoke(main, [str(word) for word in words], env=environment)


@pytest.fixture
def export(here):
    file = here / "orders.csv"
    file.write_bytes(GOOD)
    return file


def test_ingest_prints_a_record_a_file_and_exits_0_when_all_are_committed(here, export):
    other = here / "more.csv"
    other.write_bytes(GOOD + b"O2,Bob,1.50,pending,2025-01-03\r\n")
    done = local("ingest", "--as-of", "2025-11-10", export, other)

    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0, done.stderr
    assert [record["source_key"] for record in records] == ["raw/orders.csv", "raw/more.csv"]
    assert [(r["status"], r["rows_in"], r["kept"], r["dropped"]) for r in records] == [
        ("committed", 1, 1, 0),
        ("committed", 2, 1, 1),
    ]
    assert records[0]["received_at"] == "2025-11-10 00:00:00.000"
    assert (here / ".lake" / "raw" / "orders.csv").read_bytes() == GOOD
    assert export.read_bytes() == GOOD


def test_without_as_of_a_file_is_as_old_as_it_says_itself(here, export):
    exported = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC).timestamp()
    os.utime(export, (exported, exported))
    done = local("ingest", "--lake", "here", export)

    assert json.loads(done.stdout)["received_at"] == "2025-03-04 05:06:07.000"
    assert (here / "here" / "raw" / "orders.csv").exists()


def test_ingest_of_the_same_file_again_is_the_same_record(here, export):
    first = local("ingest", export)
    again = local("ingest", export)

    assert json.loads(first.stdout) == json.loads(again.stdout)


def test_ingest_exits_1_when_a_file_is_rejected_and_says_why(here, export):
    wrong = here / "wrong.csv"
    wrong.write_bytes(WRONG)
    done = local("ingest", wrong, export)

    rejected, committed = (json.loads(line) for line in done.stdout.splitlines())
    assert done.exit_code == 1
    assert (rejected["status"], committed["status"]) == ("rejected", "committed")
    assert rejected["reason"] in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ingest"], "Missing argument 'FILE...'"),
        (["ingest", "not-there.csv"], "'not-there.csv' does not exist"),
        (["ingest", "--as-of", "yesterday", "orders.csv"], "is not a date like 2025-11-10"),
        (["ingest", "orders.csv", "../a/orders.csv"], "have the same name"),
        (["ingest", ".hidden.csv"], "starts with a dot"),
        (["ingest", "--lake", "s3://bucket", "orders.csv"], "name a folder"),
        (["replay"], "say which files"),
        (["replay", "--key", "raw/a.csv", "--prefix", "raw/"], "say which files"),
        (["withdraw", "raw/orders.csv"], "Missing option '--reason'"),
        (["withdraw", "orders.csv", "--reason", "x"], "raw/"),
        (["serve", "--port", "70000"], "70000' is no port"),
        (["serve", "--port", "5060"], "no page on port 5060: choose another one, such as 5062"),
        (["serve", "--port", "22"], "no page on port 22: choose another one, such as 24"),
    ],
)
def test_wrong_use_exits_2_and_says_what_is_wrong(here, words, said, monkeypatch):
    folder = here / "a"
    folder.mkdir()
    for name in ("orders.csv", ".hidden.csv"):
        (folder / name).write_bytes(GOOD)
    monkeypatch.chdir(folder)
    (folder / ".lake" / "raw").mkdir(parents=True)
    done = local(*words)

    assert done.exit_code == 2
    assert said in done.stderr
    assert isinstance(done.exception, SystemExit)
    assert done.stdout == ""


def test_a_rule_that_cannot_be_is_wrong_use(here, export):
    done = local("ingest", export, ORDERS_DROP_DAYS="many")

    assert done.exit_code == 2
    assert "ORDERS_DROP_DAYS: 'many' is not a number" in done.stderr


def test_a_lake_that_cannot_be_made_is_told_in_a_sentence(here, export):
    done = local("ingest", "--lake", export, export)

    assert done.exit_code == 1
    assert "cannot make the lake's folder" in done.stderr
    assert isinstance(done.exception, SystemExit)


def test_sweep_ingests_what_was_laid_into_raw_and_then_has_nothing_to_do(here, export):
    raw = here / ".lake" / "raw" / "2025"
    raw.mkdir(parents=True)
    export.rename(raw / "orders.csv")
    first, again = local("sweep"), local("sweep")

    assert json.loads(first.stdout)["source_key"] == "raw/2025/orders.csv"
    assert (again.exit_code, again.stdout) == (0, "")


def test_replay_after_a_change_of_the_rule_replaces_what_is_published(here):
    file = here / "orders.csv"
    file.write_bytes(GOOD.replace(b"shipped", b"pending"))
    before = local("ingest", "--as-of", "2025-01-20", file)
    after = local("replay", "--prefix", "raw/", ORDERS_DROP_DAYS="7")

    assert [json.loads(done.stdout)["dropped"] for done in (before, after)] == [0, 1]


def test_replay_of_a_span_takes_what_arrived_in_it(here, export):
    local("ingest", "--as-of", "2025-11-10", export)
    inside = local("replay", "--from", "2025-11-10", "--to", "2025-11-11")
    outside = local("replay", "--from", "2025-11-11")

    assert json.loads(inside.stdout)["source_key"] == "raw/orders.csv"
    assert outside.stdout == ""


def test_withdraw_takes_a_file_out_of_the_lake(here, export):
    local("ingest", export)
    done = local("withdraw", "raw/orders.csv", "--reason", "wrong file")

    record = json.loads(done.stdout)
    assert done.exit_code == 0
    assert (record["status"], record["reason"], record["kept"]) == ("withdrawn", "wrong file", 0)
    assert (here / ".lake" / "raw" / "orders.csv").exists()


def test_a_withdrawn_file_is_brought_back_by_another_time_as_the_help_says(here, export):
    local("ingest", export)
    local("withdraw", "raw/orders.csv", "--reason", "wrong file")
    os.utime(here / ".lake" / "raw" / "orders.csv", (1_750_000_000, 1_750_000_000))

    swept = local("sweep")

    assert json.loads(swept.stdout)["status"] == "committed"
    assert "the same ones with another time" in " ".join(local("withdraw", "--help").stdout.split())


def test_a_second_withdrawal_says_that_there_was_one_and_why(here, export):
    local("ingest", export)
    first = local("withdraw", "raw/orders.csv", "--reason", "wrong file")
    again = local("withdraw", "raw/orders.csv", "--reason", "erasure")

    assert (first.stderr, again.exit_code) == ("", 0)
    assert json.loads(again.stdout)["reason"] == "erasure"
    assert again.stderr.startswith("raw/orders.csv was withdrawn before, on 20")
    assert again.stderr.endswith(
        ", for this reason: wrong file. Its record gives the new one from now on\n"
    )


def test_a_withdrawal_of_a_newer_version_is_the_first(here, export):
    local("ingest", export)
    local("withdraw", "raw/orders.csv", "--reason", "wrong file")
    export.write_bytes(GOOD * 2)
    local("ingest", export)

    assert local("withdraw", "raw/orders.csv", "--reason", "erasure").stderr == ""


def test_a_withdrawn_file_that_is_given_again_stays_withdrawn_and_exits_1(here, export):
    local("ingest", export)
    local("withdraw", "raw/orders.csv", "--reason", "wrong file")

    done = local("ingest", export)

    assert done.exit_code == 1
    assert json.loads(done.stdout)["status"] == "withdrawn"
    assert "raw/orders.csv: withdrawn: wrong file" in done.stderr


def test_check_shows_the_first_rows_of_every_panel(here, export, tmp_path_factory, monkeypatch):
    panels = tmp_path_factory.mktemp("panels")
    copy_five(panels)
    monkeypatch.setattr("local.check.check", partial(check, panels=panels))
    local("ingest", "--as-of", "2025-11-10", export)
    done = local("check")

    assert done.exit_code == 0, done.stdout
    assert "customer  total_sales\nAlice     10.00" in done.stdout


def test_check_exits_1_when_a_panel_is_broken(here, export, monkeypatch):
    local("ingest", export)
    broken = Finding("Mine", "mine.sql:3: no such column", sound=False)
    monkeypatch.setattr("local.check.check", lambda folder: [broken])
    done = local("check")

    assert done.exit_code == 1
    assert "mine.sql:3: no such column" in done.stdout


def test_ingest_needs_neither_the_web_server_nor_duckdb_nor_aws(here, export):
    code = (
        "import sys; from local.command import main; "
        "main(sys.argv[1:], standalone_mode=False); "
        "print(sorted({'flask', 'duckdb', 'boto3', 'sqlglot', 'waitress'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, "ingest", str(export)],
        cwd=here,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout.splitlines()[-1] == "[]"


def test_a_file_whose_name_is_not_utf_8_is_told_and_not_passed_over(here, export):
    local("ingest", export)
    raw = os.fsencode(here / ".lake" / "raw")
    Path(os.fsdecode(raw + b"/\xfcber.csv")).write_bytes(GOOD)

    done = local("sweep")

    assert done.exit_code == 1
    assert r"raw/\xfcber.csv is not ingested: its name is not UTF-8; rename it" in done.stderr


@pytest.mark.parametrize("name", [b"\xfcber.csv", b"\xfcber/orders.csv"])
def test_show_tells_of_a_file_whose_name_is_not_utf_8(here, export, name):
    local("ingest", export)
    bad = Path(os.fsdecode(os.fsencode(here / ".lake" / "raw") + b"/" + name))
    bad.parent.mkdir(exist_ok=True)
    bad.write_bytes(GOOD)

    done = local("show")

    assert done.exit_code == 0
    assert done.stdout.startswith("raw/orders.csv  as of ")
    assert done.stdout.count("\n") == 1
    assert done.stderr.startswith(r"raw/\xfcber")
    assert done.stderr.endswith(" is not ingested: its name is not UTF-8; rename it\n")


def test_ingest_of_a_name_that_is_not_utf_8_says_what_is_the_case(here):
    bad = Path(os.fsdecode(os.fsencode(here) + b"/bad\xff.csv"))
    bad.write_bytes(GOOD)

    done = local("ingest", bad)

    assert done.exit_code == 2
    assert "its name is not UTF-8; rename it" in done.stderr
    assert "dot" not in done.stderr


def test_show_of_an_empty_lake_says_that_nothing_has_come_in(here):
    (here / ".lake" / "raw").mkdir(parents=True)

    done = local("show")

    assert (done.exit_code, done.stdout) == (0, "")
    assert done.stderr == "Nothing has come in yet.\n"


@pytest.mark.parametrize(
    ("command", "makes"),
    [("ingest", True), ("serve", True), ("check", False), ("withdraw-sample", False)],
)
def test_the_help_of_a_command_says_whether_it_makes_a_lake(command, makes):
    assert ("a new one is made" in local(command, "--help").stdout) == makes


@pytest.mark.parametrize("words", [["sweep"], ["check"], ["replay", "--prefix", "raw/"]])
def test_a_folder_that_is_no_lake_is_told_and_not_made(here, words):
    done = local(*words, "--lake", "typo")

    assert done.exit_code == 2
    assert "there is no lake in typo" in done.stderr
    assert not (here / "typo").exists()


def test_nothing_to_do_is_said(here, export):
    local("ingest", export)

    assert "no file to look at" in local("sweep").stderr
    assert "no file to look at" in local("replay", "--prefix", "raw/nope").stderr
    assert local("replay", "--prefix", "processed/").exit_code == 2


def test_a_withdrawal_without_a_reason_is_refused(tmp_path):
    out = CliRunner().invoke(
        main, ["withdraw", "--lake", str(tmp_path), "raw/orders.csv", "--reason", " "]
    )

    assert out.exit_code == 2
    assert "--reason is empty" in out.stderr
