"""What is said at a terminal holds nothing that a terminal obeys, whatever things are called."""

import json
import os
import pty
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from local.check import check
from local.command import main
from local.pipeline import Pipeline
from tests.handler.outcomes import lines, order
from tests.serving import Served, until

ROOT = Path(__file__).parents[2]
EVIL = "a\x1b[2Jb\x9b1m\u202ec\nd"
SPELT = r"a\x1b[2Jb\x9b1m\u202ec\nd"
HEADER = 'OrderID,Customer,Amount,Status,OrderDate,"x\x1b[2Jy\x9b"'.encode()
LOST = order(customer="\x1b[2Jevil", status="lost") + b",1"


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def lake(here):
    """A lake into which a file of such a name came, with a column and a line of that kind."""
    content = b"\n".join((HEADER, order() + b",1", LOST, b""))
    (here / f"{EVIL}.csv").write_bytes(content)
    Pipeline(here / ".lake").ingest(here / f"{EVIL}.csv", f"raw/{EVIL}.csv", None)
    return here / ".lake"


def local(*words):
    return CliRunner().invoke(main, [str(word) for word in words])


def is_plain(text):
    return all(letter.isprintable() or letter == "\n" for letter in text)


@pytest.mark.parametrize(
    "words",
    [
        ["show"],
        ["show", f"raw/{EVIL}.csv"],
        ["show", f"raw/{EVIL}"],
        ["show", EVIL],
        ["quarantine", f"raw/{EVIL}"],
        ["replay", "--key", EVIL],
        ["withdraw", f"raw/{EVIL}.cs", "--reason", "x"],
        ["ingest", EVIL],
        ["ingest", f".{EVIL}"],
        ["check", "--lake", EVIL],
        [EVIL],
    ],
)
def test_no_command_prints_what_a_terminal_obeys(here, lake, words):
    (here / f".{EVIL}").write_bytes(b"")

    done = local(*words)

    assert SPELT in done.output
    assert is_plain(done.output)


@pytest.mark.parametrize("words", [["ingest", f"{EVIL}.csv"], ["sweep"], ["withdraw"]])
def test_what_is_said_of_a_record_is_plain_and_the_record_is_as_it_is(here, lake, words):
    (here / f"{EVIL}.csv").write_bytes(b"")
    if words == ["sweep"]:
        (lake / "raw" / f"{EVIL}.csv").write_bytes(b"")
    if words == ["withdraw"]:
        words = ["withdraw", f"raw/{EVIL}.csv", "--reason", EVIL]

    done = local(*words)

    assert json.loads(done.stdout)["source_key"] == f"raw/{EVIL}.csv"
    assert is_plain(done.stderr)
    assert words[0] == "withdraw" or f"raw/{SPELT}.csv: rejected" in done.stderr


def test_several_faults_have_a_line_each(here, lake):
    for name in (f"{EVIL}.csv", "other.csv"):
        (lake / "raw" / name).unlink(missing_ok=True)
        (lake / "raw" / name).write_bytes(lines())
    with (
        (lake / "raw" / f"{EVIL}.csv").open("ab"),
        (lake / "raw" / "other.csv").open("ab"),
    ):
        done = local("sweep")

    told = done.stderr.splitlines()
    assert f"raw/{SPELT}.csv is still being written" in done.stderr
    assert sum("is still being written" in line for line in told) == 2


def test_what_comes_in_corrected_has_a_name_that_can_be_pasted(here, lake):
    told = local("quarantine", f"raw/{EVIL}.csv", "--into", ".").stderr.splitlines()

    [file] = here.glob("*_corrected-*.csv")
    assert is_plain(file.name)
    assert shlex.split(told[-1])[-1] == file.name
    assert all(map(is_plain, told))
    assert file.name > f"{EVIL}.csv", "of two versions of an order the corrected one is the newer"


def test_lines_to_correct_reach_a_pipe_as_they_are_and_a_terminal_spelt_out(lake):
    command = [sys.executable, "-m", "local", "quarantine", "--lake", lake, f"raw/{EVIL}.csv"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    piped = subprocess.run(command, env=environment, capture_output=True, check=True).stdout
    own, other = pty.openpty()
    with subprocess.Popen(command, env=environment, stdout=other, stderr=subprocess.DEVNULL):
        os.close(other)
        seen = b""
        # a terminal whose other end was closed is read with a fault
        while chunk := _read(own):
            seen += chunk
    os.close(own)

    assert piped == b"\n".join((HEADER, LOST, b""))
    assert rb"\x1b[2Jevil" in seen
    assert b"\x1b" not in seen


def _read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


def test_a_panels_title_columns_and_values_are_spelt_out(here, lake, tmp_path_factory):
    (here / "orders.csv").write_bytes(lines(order(customer="\x1b[2Jevil")))
    local("ingest", here / "orders.csv")
    panels = tmp_path_factory.mktemp("panels")
    (panels / "mine.sql").write_text(
        '/*\ntitle: "Mine \\e[2J"\ndescription: What I ask.\nchart: none\n*/\n'
        'SELECT customer AS "x\x1by", count(*) AS n FROM orders GROUP BY 1 ORDER BY 1'
    )

    [finding] = check(lake, panels)

    assert finding.sound, finding.text
    assert finding.text.startswith(r"x\x1by")
    assert r"\x1b[2Jevil" in finding.text
    assert is_plain(finding.text)


def test_the_servers_log_is_plain(here):
    served = Served("--no-sample", cwd=here)
    try:
        (here / ".lake" / "raw" / f"{EVIL}.csv").write_bytes(lines())
        until(lambda: served.rows("total-sales-by-customer"))
        served.get("/")
    finally:
        code, said = served.end()

    assert code == 0
    assert f"raw/{SPELT}.csv: committed" in said
    assert is_plain(said)
