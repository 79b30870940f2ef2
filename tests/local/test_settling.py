import os
import subprocess
import sys
import time

import pytest

from local.settling import QUIET_SECONDS, Settling, is_being_written

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="read leases are a thing of Linux")


def test_a_file_is_whole_after_it_has_stood_still(tmp_path):
    file = tmp_path / "orders.csv"
    file.write_bytes(b"a")
    settling = Settling()
    settling.note(file, now=0.0)

    assert settling.whole(now=QUIET_SECONDS / 2) == []
    assert settling.whole(now=QUIET_SECONDS) == [file]
    assert len(settling) == 0


def test_a_file_that_grows_waits_anew(tmp_path):
    file = tmp_path / "orders.csv"
    file.write_bytes(b"a")
    settling = Settling()
    settling.note(file, now=0.0)
    file.write_bytes(b"ab")

    assert settling.whole(now=QUIET_SECONDS) == []
    assert settling.whole(now=2 * QUIET_SECONDS) == [file]


def test_a_second_hint_does_not_make_a_still_file_wait_longer(tmp_path):
    file = tmp_path / "orders.csv"
    file.write_bytes(b"a")
    settling = Settling()
    settling.note(file, now=0.0)
    settling.note(file, now=QUIET_SECONDS / 2)

    assert settling.whole(now=QUIET_SECONDS) == [file]


def test_a_file_that_went_away_and_a_folder_do_not_wait(tmp_path):
    file = tmp_path / "orders.csv"
    file.write_bytes(b"a")
    settling = Settling()
    settling.note(file, now=0.0)
    settling.note(tmp_path, now=0.0)
    settling.note(tmp_path / "never.csv", now=0.0)
    file.unlink()

    assert settling.whole(now=QUIET_SECONDS) == []
    assert len(settling) == 0


def test_files_become_whole_in_the_order_they_came(tmp_path):
    settling = Settling()
    files = [tmp_path / name for name in ("c.csv", "a.csv", "b.csv")]
    for moment, file in enumerate(files):
        file.write_bytes(b"a")
        settling.note(file, now=float(moment))

    assert settling.whole(now=10.0) == files


@on_linux
def test_a_file_that_somebody_has_open_for_writing_is_not_whole_however_long_it_stalls(tmp_path):
    file = tmp_path / "orders.csv"
    settling = Settling()
    with file.open("wb", buffering=0) as writer:
        writer.write(b"a")
        settling.note(file, now=0.0)
        assert is_being_written(file)
        assert settling.whole(now=1e6) == []

    assert settling.whole(now=1e6) == [file], "whole at once when it is closed: it stood still"


def test_who_reads_a_file_does_not_hold_it_up(tmp_path):
    file = tmp_path / "orders.csv"
    file.write_bytes(b"a")
    with file.open("rb"):
        assert not is_being_written(file)


@on_linux
def test_neither_a_link_nor_a_pipe_holds_us_up(tmp_path):
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "link.csv").symlink_to(tmp_path / "pipe.csv")
    started = time.monotonic()

    assert not is_being_written(tmp_path / "pipe.csv")
    assert not is_being_written(tmp_path / "link.csv")
    assert time.monotonic() - started < 10


@on_linux
def test_a_writer_that_comes_in_the_moment_of_asking_ends_nobody(tmp_path):
    asked = subprocess.run(
        [sys.executable, "-c", RACE, tmp_path / "orders.csv"], check=False, timeout=60
    )

    assert asked.returncode == 0


RACE = """
import sys, threading, time
from pathlib import Path
from local.settling import is_being_written

file = Path(sys.argv[1])
file.touch()
over = threading.Event()

def write():
    while not over.is_set():
        file.open("ab").close()

writer = threading.Thread(target=write)
writer.start()
found, asked, end = set(), 0, time.monotonic() + 20
# until both were seen: then the writer did come between
while asked < 3000 or (len(found) < 2 and time.monotonic() < end):
    found.add(is_being_written(file))
    asked += 1
over.set()
writer.join()
assert found == {True, False}, found
"""
