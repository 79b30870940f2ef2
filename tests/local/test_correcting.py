"""What became of a file, for a person; and its bad lines, out as a CSV and in again, corrected."""

import json
import os
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from lake import names
from lake.folder import FolderStore
from lake.ledger import Ledger
from local.command import main
from tests.folder_lake import FolderLake
from tests.handler.outcomes import GOOD, HEADER, lines, order

ROOT = Path(__file__).parents[2]
KEY = "raw/orders.csv"
LOST, LATIN, TORN = (
    order(id="X1", status="lost"),
    order(id="X2").replace(b"Dee", b"Ren\xe9"),
    b"X3,",
)


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def local(*words, **environment):
    return CliRunner().invoke(main, [str(word) for word in words], env=environment)


def ingested(here, content, name="orders.csv", as_of="2025-11-10"):
    (here / name).write_bytes(content)
    return json.loads(local("ingest", "--as-of", as_of, here / name).stdout)


def answer(here):
    """Return what the dashboard would count: each order as it is now."""
    lake = FolderLake(here / ".lake", FolderStore(here / ".lake"))
    try:
        return sorted(
            lake.rows(
                "SELECT order_id, customer, amount, status, order_date FROM latest WHERE kept"
            )
        )
    finally:
        lake.engine.close()


# the quarantine, out and in again


@pytest.mark.parametrize(
    ("header", "end"),
    [
        pytest.param(HEADER, b"\n", id="plain"),
        pytest.param(HEADER, b"\r\n", id="CRLF"),
        pytest.param(HEADER, b"\r", id="CR"),
        pytest.param(b"\xef\xbb\xbf" + HEADER, b"\n", id="byte order mark"),
        pytest.param(b"\n \n" + HEADER, b"\n", id="blank lines before it"),
        pytest.param(b' orderid,"CUSTOMER",Amount,Status,Order Date', b"\n", id="as it is written"),
    ],
)
def test_the_quarantine_comes_out_verbatim_under_the_files_own_header(here, header, end):
    ingested(here, end.join((header, GOOD[0], LOST, *GOOD[1:], LATIN, *GOOD, TORN, b"")))

    out = local("quarantine", KEY)

    wanted = b"\r\n" if end == b"\r\n" else b"\n"
    assert out.exit_code == 0, out.output
    assert out.stdout_bytes == wanted.join((header.removeprefix(b"\n \n"), LOST, LATIN, TORN, b""))
    assert "line " in out.stderr
    assert "Status is none of" in out.stderr


def test_a_file_comes_whole_by_way_of_its_quarantine_and_the_command_it_prints(here):
    good = [order(id="X1"), order(id="X2", customer="René"), order(id="X3", amount="7.00")]
    broken = [LOST, LATIN, TORN]
    ingested(here, lines(*good), "whole.csv")
    wanted = answer(here)
    local("withdraw", "raw/whole.csv", "--reason", "for comparison")
    ingested(here, lines(*broken))
    assert answer(here) != wanted

    out = typed(f"{shlex.quote(sys.executable)} -m local quarantine {KEY} --into .")
    [file] = here.glob("*_corrected-2025-11-10-*.csv")
    corrected = file.read_bytes()
    for wrong, right in zip(broken, good, strict=True):
        assert wrong in corrected
        corrected = corrected.replace(wrong + b"\n", right + b"\n")
    file.write_bytes(corrected)
    done = typed(out.stderr.splitlines()[-1])

    record = json.loads(done.stdout)
    assert (out.returncode, out.stdout, done.returncode) == (0, "", 0)
    assert f"They are in {file.name}." in out.stderr
    assert record["received_at"] == "2025-11-10 00:00:00.000", "as of the file they came from"
    assert record["kept"] == 3
    assert answer(here) == wanted
    assert Ledger(FolderStore(here / ".lake")).balance().holds


@pytest.mark.parametrize("named", ["as it is", "with the file's stem"])
def test_withdrawing_a_file_leaves_the_quarantine_of_its_correction(here, named):
    ingested(here, lines(*(order(id=f"X{n}") for n in range(6)), LOST, TORN))
    local("quarantine", KEY, "--into", ".")
    [file] = here.glob("*_corrected-*.csv")
    # of two lines one is corrected, and a sound one keeps the file from being rejected
    content = file.read_bytes().replace(LOST, order(id="X7"))
    name = file.name if named == "as it is" else f"{names.stem(KEY)}-corrected.csv"
    ingested(here, content + order(id="X8") + b"\n", name)
    key = f"raw/{name}"

    assert local("withdraw", KEY, "--reason", "the wrong file").exit_code == 0

    assert TORN in local("quarantine", key).stdout_bytes
    swept = local("sweep")
    assert swept.stdout == ""
    assert "There was no file to look at" in swept.stderr
    assert TORN in local("quarantine", key).stdout_bytes


def test_a_corrected_line_counts_before_another_version_of_its_order_in_the_same_file(here):
    shipped = order(id="X1", status="shipped")
    ingested(here, lines(order(id="X1", status="pending"), shipped.replace(b"shipped", b"shiped")))
    local("quarantine", KEY, "--into", ".")
    [file] = here.glob("*_corrected-*.csv")

    ingested(here, file.read_bytes().replace(b"shiped", b"shipped"), file.name)

    assert {id_: status for id_, _, _, status, _ in answer(here)}["X1"] == "shipped"


def typed(command):
    """Run a command in a shell, as a person does."""
    return subprocess.run(
        command,
        shell=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_file_that_may_be_half_corrected_is_not_written_over(here):
    ingested(here, lines(LOST))
    (here / "out").mkdir()
    local("quarantine", KEY, "--into", "out")
    [file] = (here / "out").iterdir()
    file.write_bytes(b"half corrected")

    again = local("quarantine", KEY, "--into", "out")

    assert again.exit_code == 1
    assert f"out/{file.name} is there already" in again.stderr
    assert file.read_bytes() == b"half corrected"


@pytest.mark.parametrize("folder", [".lake", ".lake/raw", "shortcut", "out/../.lake/tmp"])
def test_bad_lines_are_not_written_into_the_lake_itself(here, folder):
    ingested(here, lines(LOST))
    (here / "out").mkdir()
    (here / "shortcut").symlink_to(here / ".lake" / "raw")
    before = sorted((here / ".lake").rglob("*"))

    out = local("quarantine", KEY, "--into", folder)

    assert out.exit_code == 2
    assert f"{folder} is inside the lake" in out.stderr
    assert "name a folder outside of it" in out.stderr
    assert sorted((here / ".lake").rglob("*")) == before


def test_what_is_printed_says_under_which_name_it_is_to_be_saved(here):
    ingested(here, lines(LOST))

    told = local("quarantine", KEY).stderr.splitlines()

    name = shlex.split(told[-1])[-1]
    assert told[-2] == f"Saved as {name} and corrected, they come in again by:"


def test_corrected_lines_overrule_no_later_export(here):
    ingested(here, lines(LOST), as_of="2025-11-10T12:30:00")
    ingested(here, lines(order(id="X1", status="confirmed")), "later.csv", as_of="2025-11-11")
    before = answer(here)

    out = local("quarantine", KEY)
    command = shlex.split(out.stderr.splitlines()[-1])
    (here / command[-1]).write_bytes(out.stdout_bytes.replace(b"lost", b"shipped"))
    local(*command[1:])

    assert answer(here) == before
    assert ("X1", "confirmed") in [(row[0], row[3]) for row in before]


def test_files_of_one_name_in_two_folders_have_corrections_of_two_names(here):
    names = set()
    for shop in ("bonn", "cologne"):
        raw = here / ".lake" / "raw" / shop
        raw.mkdir(parents=True)
        (raw / "orders.csv").write_bytes(lines(LOST))
        local("sweep")
        out = local("quarantine", f"raw/{shop}/orders.csv")
        names.add(shlex.split(out.stderr.splitlines()[-1])[-1])

    assert len(names) == 2


@pytest.mark.parametrize("withdrawn", [False, True])
def test_where_nothing_is_quarantined_there_is_nothing_to_correct(here, withdrawn):
    ingested(here, lines(LOST) if withdrawn else lines())
    if withdrawn:
        local("withdraw", KEY, "--reason", "wrong file")

    out = local("quarantine", KEY, "--into", ".")

    assert (out.exit_code, out.stdout_bytes) == (0, b"")
    assert out.stderr == f"There is nothing to correct: no line of {KEY} is quarantined.\n"
    assert not list(here.glob("*corrected*"))


def test_a_rejected_file_has_no_lines_to_correct_and_says_why(here):
    (here / "orders.csv").write_bytes(lines().replace(b",", b";"))
    local("ingest", here / "orders.csv")

    out = local("quarantine", KEY)

    assert (out.exit_code, out.stdout_bytes) == (1, b"")
    assert "rejected as a whole: the fields are separated by semicolons" in out.stderr
    assert "Correct the file itself" in out.stderr


def test_a_quarantine_whose_raw_file_is_another_by_now_has_no_header_and_says_so(here):
    ingested(here, lines(LOST))
    (here / ".lake" / KEY).write_bytes(b"")
    local("sweep")

    out = local("quarantine", KEY)

    assert (out.exit_code, out.stdout_bytes) == (1, b"")
    assert f"{KEY} is another file by now" in out.stderr


def test_a_quarantine_whose_raw_file_was_deleted_has_no_header_and_says_so(here):
    ingested(here, lines(LOST))
    (here / ".lake" / KEY).unlink()

    out = local("quarantine", KEY)

    assert (out.exit_code, out.stdout_bytes) == (1, b"")
    assert f"{KEY} is no longer in raw/, so the header" in out.stderr


def test_a_file_that_waits_has_no_quarantine_yet(here):
    ingested(here, lines())
    (here / ".lake" / "raw" / "new.csv").write_bytes(lines(LOST))

    out = local("quarantine", "raw/new.csv")

    assert out.exit_code == 2
    assert "raw/new.csv waits to be ingested: `sweep` looks at it" in out.stderr


# show


def test_show_tells_a_files_record_in_words(here):
    content = lines(LOST, order(id="X4", status="lost"), TORN, b"", order(status=" SHIPPED"))
    record = ingested(here, content)

    told = local("show", KEY).stdout.splitlines()

    assert told[0] == KEY
    shown = {line[2:14].strip(): line[14:] for line in told[1:] if line[2] != " "}
    assert shown["status"] == "committed"
    assert shown["as of"] == "2025-11-10 UTC"
    assert shown["rows"] == "7 = 3 kept, 1 dropped, 3 quarantined"
    assert shown["repairs"] == "blank_lines 1, mended_status 1"
    assert shown["size"] == f"{len(content)} bytes"
    assert record["fingerprint"] in shown["ingested"]
    assert shown["version"] == record["source_version"]
    assert told[-3:] == [
        "  quarantined",
        "    2 x Status is none of pending, confirmed, shipped, cancelled; line 3: "
        "X1,Dee,5.00,lost,2025-04-01",
        "    1 x fewer fields than the header has; line 5: X3,",
    ]


def test_show_moves_no_cursor_whatever_stands_on_a_line(here):
    evil = order(customer="\x1b[2J\x1b]0;title\x07\u202eevil", status="lost\x08")
    ingested(here, lines(evil, order(customer="D" * 500, status="lost"), b"\xff\xfe,"))

    told = local("show", KEY).stdout

    assert all(letter.isprintable() for line in told.splitlines() for letter in line)
    assert r"\x1b[2J" in told
    assert r"\xff\xfe," in told
    assert max(map(len, told.splitlines())) < 250


def test_show_tells_what_became_of_older_versions_and_what_waits(here):
    first = ingested(here, lines(LOST))
    rejected = here / ".lake" / KEY
    rejected.write_bytes(b"")
    local("sweep")
    rejected.write_bytes(lines())

    told = local("show", KEY).stdout

    assert "waiting since" in told
    assert f"status      committed\n  as of       {first['received_at'][:10]} UTC" in told
    assert "1 x Status is none of" in told, "the older version stands, with its quarantine"
    assert "rejected" in told.partition("other versions")[2]


def test_show_without_a_key_lists_every_file_on_a_line(here):
    ingested(here, lines(LOST))
    (here / "wrong.csv").write_bytes(b"")
    local("ingest", here / "wrong.csv")
    (here / ".lake" / "raw" / "new.csv").write_bytes(lines())

    told = local("show").stdout.splitlines()

    assert told[0] == "raw/new.csv  waiting"
    assert told[1] == (
        "raw/orders.csv  as of 2025-11-10: committed, 2 kept, 1 dropped, 1 quarantined"
    )
    assert told[2].startswith("raw/wrong.csv  as of ")
    assert "rejected, the file is empty" in told[2]


def test_a_key_that_is_not_there_is_told_with_the_nearest_that_is(here):
    ingested(here, lines())

    for words in (["show", "raw/order.csv"], ["withdraw", "raw/order.csv", "--reason", "x"]):
        done = local(*words)
        assert done.exit_code == 2
        assert "raw/order.csv is not in the lake: did you mean raw/orders.csv?" in done.stderr
    assert "`show` lists what is" in local("show", "raw/quite-another").stderr
    assert "keys begin with raw/" in local("show", "orders.csv").stderr


def test_only_a_close_name_is_suggested(here):
    ingested(here, lines(), "fakegz.csv")

    assert "did you mean" not in local("replay", "--key", "raw/zzz.csv").stderr
    assert "did you mean raw/fakegz.csv?" in local("replay", "--key", "raw/fakgz.csv").stderr


@pytest.mark.parametrize(
    "words",
    [["show"], ["quarantine"], ["replay", "--key"], ["withdraw", "--reason", "wrong file"]],
)
def test_a_key_without_its_beginning_is_told_with_it(here, words):
    ingested(here, lines())

    there, other = local(*words, "orders.csv"), local(*words, "order.csv")

    assert (there.exit_code, other.exit_code) == (2, 2)
    assert "none of it hidden; did you mean raw/orders.csv?" in there.stderr
    assert "did you mean" not in other.stderr


def test_a_replay_of_a_file_that_was_deleted_says_that_it_was_there(here):
    ingested(here, lines())
    ingested(here, lines(), "orders.csv.gz")
    (here / ".lake" / KEY).unlink()

    done = local("replay", "--key", KEY)

    assert done.exit_code == 2
    assert f"{KEY} is no longer in raw/: there is nothing to look at again" in done.stderr
    assert f"`show {KEY}` tells it" in done.stderr
    assert "status      committed" in local("show", KEY).stdout


# what is said on the way in


def test_an_as_of_that_is_still_to_come_is_said(here):
    (here / "orders.csv").write_bytes(lines())
    ahead = datetime.now(UTC).timestamp() + 40 * 86_400
    os.utime(here / "orders.csv", (ahead, ahead))

    by_option = local("ingest", "--as-of", "2345-12-31", here / "orders.csv")
    by_its_time = local("ingest", here / "orders.csv")
    past = local("ingest", "--as-of", "2025-11-10", here / "orders.csv")

    assert "counts as exported on 2345-12-31, which is still to come" in by_option.stderr
    assert "which is still to come" in by_its_time.stderr
    assert (by_option.exit_code, by_its_time.exit_code, past.stderr) == (0, 0, "")


def test_ingest_says_what_a_file_of_the_same_name_replaced_and_how_to_keep_both(here):
    for month, content in (("jan", lines(LOST)), ("feb", lines(order(id="F1")))):
        (here / month).mkdir()
        (here / month / "orders.csv").write_bytes(content)

    first = local("ingest", "--as-of", "2025-01-31", "jan/orders.csv")
    same = local("ingest", "--as-of", "2025-02-01", "jan/orders.csv")
    other = local("ingest", "--as-of", "2025-02-28", "feb/orders.csv")

    assert (first.stderr, same.stderr, other.exit_code) == ("", "", 0)
    brought = json.loads(same.stdout)
    assert other.stderr == (
        "raw/orders.csv: replaced the file of that name, as of 2025-02-01, that is no longer in "
        f"raw/; what it brought ({brought['kept']} kept, {brought['dropped']} dropped, 1 "
        "quarantined) is in no answer any more. To keep both, ingest it again under another name\n"
    )


def test_ingest_says_that_a_rejected_file_leaves_what_the_replaced_one_brought(here):
    ingested(here, lines())
    (here / "orders.csv").write_bytes(b"")

    done = local("ingest", here / "orders.csv")

    assert done.exit_code == 1
    assert "0 quarantined) stays. To keep both" in done.stderr


def test_ingest_says_that_it_replaced_a_file_that_was_not_ingested_yet(here):
    ingested(here, lines(), "another.csv")
    (here / ".lake" / KEY).write_bytes(lines(LOST))
    (here / "orders.csv").write_bytes(lines())

    done = local("ingest", "--as-of", "2025-11-10", here / "orders.csv")

    assert "replaced a file of that name that was not ingested yet" in done.stderr


@pytest.mark.parametrize("before", ["a withdrawn file", "a rejected one"])
def test_ingest_says_nothing_of_a_replaced_file_that_brought_nothing(here, before):
    ingested(here, lines() if before == "a withdrawn file" else b"")
    if before == "a withdrawn file":
        local("withdraw", KEY, "--reason", "wrong file")
    (here / "orders.csv").write_bytes(lines(order(id="F1")))

    done = local("ingest", "--as-of", "2025-11-11", here / "orders.csv")

    assert (done.exit_code, done.stderr) == (0, "")


def test_quarantine_says_that_its_file_replaces_one_that_came_in_before(here):
    ingested(here, lines(LOST, TORN))
    first = local("quarantine", KEY)
    name = shlex.split(first.stderr.splitlines()[-1])[-1]
    ingested(here, first.stdout_bytes.replace(b"lost", b"shipped"), name)

    again = local("quarantine", KEY)

    assert "came in before" not in first.stderr
    assert f"raw/{name} came in before: a file of that name replaces" in again.stderr


def test_of_a_withdrawn_file_nothing_is_still_to_come(here):
    ingested(here, lines(), as_of="2345-12-31")

    withdrawn = local("withdraw", KEY, "--reason", "wrong file")
    again = local("replay", "--key", KEY)

    assert (withdrawn.exit_code, withdrawn.stderr) == (0, "")
    assert (again.exit_code, again.stderr) == (0, "")


@pytest.mark.parametrize("as_of", ["0001-01-01", "9999-12-31"])
def test_an_as_of_that_the_disk_cannot_note_is_refused_and_not_another_one(here, as_of):
    (here / "orders.csv").write_bytes(lines())

    done = local("ingest", "--as-of", as_of, here / "orders.csv")

    noted = list((here / ".lake" / "raw").iterdir())
    if done.exit_code:
        assert f"cannot note {as_of} 00:00:00 as a file's time" in done.stderr
        assert noted == []
    else:
        assert json.loads(done.stdout)["received_at"].startswith(as_of)


def test_a_port_that_is_none_is_told_in_plain_words():
    done = local("serve", "--port", "foo")

    assert done.exit_code == 2
    assert "'foo' is no port: give a number from 0 to 65535" in done.stderr


def test_a_file_that_is_still_being_written_is_left_for_later_and_told(here):
    ingested(here, lines())
    with (here / ".lake" / "raw" / "copying.csv").open("wb") as copying:
        copying.write(lines())
        copying.flush()
        (here / ".lake" / "raw" / "whole.csv").write_bytes(lines())

        during = local("sweep")
    afterwards = local("sweep")

    assert during.exit_code == 1
    assert "raw/copying.csv is still being written" in during.stderr
    assert json.loads(during.stdout)["source_key"] == "raw/whole.csv"
    assert json.loads(afterwards.stdout)["source_key"] == "raw/copying.csv"
