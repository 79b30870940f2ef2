"""What the machine does to a look: a disk that is full, a parser that gives up."""

import subprocess
import sys
import threading
import time
from pathlib import Path

import polars as pl
import pytest

from components.agreements import COPIES
from handler import sorting
from handler.draft import taken_in
from handler.look import Looker
from handler.sweep import look_at
from lake import names, times
from lake.folder import FolderStore
from lake.rule import Settings
from lake.schema import DROPPED, PROCESSED
from tests.doubles.memory import MemoryStore
from tests.handler.outcomes import HEADER, lines, order

ROOT = Path(__file__).parents[2]
KEY, OTHER_KEY = "raw/orders.csv", "raw/zebra.csv"


@pytest.fixture
def store(tmp_path):
    store = FolderStore(tmp_path / "lake")
    (tmp_path / "orders.csv").write_bytes(lines(order(status="lost")))
    for key in (KEY, OTHER_KEY):
        store.add(tmp_path / "orders.csv", key, times.read("2025-11-10"))
    return store


@pytest.fixture
def looker(store, tmp_path):
    return Looker(store, Settings(), tmp_path)


def panicking(monkeypatch, times_: int) -> None:
    """Let Polars panic the first times it is asked for a pass."""
    collect, left = pl.collect_all, [True] * times_

    def collect_all(*given, **options):
        if left:
            left.pop()
            raise pl.exceptions.PanicException("index out of bounds")
        return collect(*given, **options)

    monkeypatch.setattr(pl, "collect_all", collect_all)


GOOD = b"1000001,Northwind Traders,1234.50,shipped,2025-10-31"
BAD = GOOD.replace(b"shipped", b"mislaid")
ODD = (b'1000001,North"wind,1.00,shipped,2025-10-31', b"1000001,Caf\xe9,1.00,shipped,2025-10-31")


@pytest.mark.parametrize(
    "rows",
    [
        (GOOD,) * 5_000,
        (GOOD, *ODD) * 2_000,
        (GOOD, BAD) * 2_500 + ODD,
        (BAD,) * 5_000 + ODD,
        (b",,,,",) * 40_000 + ODD,
        (GOOD, *(b"",) * 30) * 1_500 + ODD,
    ],
    ids=["plain", "odd", "half bad", "all bad", "commas", "blank"],
)
@pytest.mark.parametrize("end", [b"\n", b"\r"])
def test_the_disk_holds_at_most_as_many_copies_as_the_settings_ask_for(tmp_path, rows, end):
    store = MemoryStore()
    content = end.join((HEADER, *rows)) + end
    version = store.upload(KEY, content)
    work = tmp_path / "work"
    work.mkdir()
    peak = 0
    ended = threading.Event()

    def size(file):
        try:
            return file.stat().st_size
        except FileNotFoundError:
            return 0

    def watch():
        nonlocal peak
        while not ended.wait(0.001):
            peak = max(peak, sum(map(size, work.iterdir())))

    watching = threading.Thread(target=watch)
    watching.start()
    taken_in(store, version, Settings(), work)
    ended.set()
    watching.join()

    assert len(content) < peak < COPIES * len(content)


def test_many_blank_lines_take_no_longer_than_their_number(tmp_path):
    """Each was once looked for from the start of its part of the file: 200,000 took 10 s."""
    store = MemoryStore()
    version = store.upload(KEY, HEADER + b"\n" + GOOD + b"\n" * 200_001)

    began = time.monotonic()
    record = taken_in(store, version, Settings(), tmp_path).record

    assert (record.rows_in, record.repairs) == (1, {"blank_lines": 200_000})
    assert time.monotonic() - began < 5


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from contextlib import contextmanager
from dataclasses import replace
from handler import arrival, draft
from handler.look import Looker
from lake.folder import FolderStore
from lake.rule import Settings
from lake.store import StoreError

class Streaming(FolderStore):
    @contextmanager
    def open(self, version):
        with super().open(version) as body:
            yield replace(body, in_place=None)

def then_full(step):
    def steps(*given, **more):
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
        return step(*given, **more)
    return steps

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
where, step = {"copy": arrival, "read": draft}[sys.argv[2]], sys.argv[2]
setattr(where, step, then_full(getattr(where, step)))
store = {"copy": Streaming, "read": FolderStore}[step](Path(sys.argv[1]))
try:
    Looker(store, Settings(), store.root / "tmp").look("raw/orders.csv")
except StoreError as fault:
    print(fault)
"""


@pytest.mark.parametrize(
    ("step", "told"), [("copy", "File too large"), ("read", "an output cannot be written")]
)
def test_f26_a_disk_that_fills_up_is_told_as_such_and_rejects_no_file(tmp_path, step, told):
    store = FolderStore(tmp_path / "lake")
    (tmp_path / "orders.csv").write_bytes(lines(*(order(id=f"{n:x}") for n in range(3000))))
    store.add(tmp_path / "orders.csv", KEY)

    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, tmp_path / "lake", step],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.startswith(f"cannot work in {tmp_path / 'lake' / 'tmp'}: ")
    assert told in done.stdout
    assert not (tmp_path / "lake" / "ingests").exists()


def test_f36_a_file_that_is_written_to_while_it_is_sorted_is_looked_at_again(
    looker, store, monkeypatch
):
    sort, before = sorting.sort, [store.path(KEY).read_bytes()]

    def sort_and_write(*given, **more):
        ordered = sort(*given, **more)
        if before:
            store.path(KEY).write_bytes(before.pop() + order(id="X2") + b"\n")
        return ordered

    monkeypatch.setattr(sorting, "sort", sort_and_write)
    [record] = looker.look(KEY)

    [version] = store.versions(KEY)
    assert (record.source_version, record.rows_in) == (version.id, 5)
    processed = pl.read_parquet(store.path(names.output(PROCESSED, KEY)))
    assert "X2" in set(processed["order_id"])
    assert set(processed["source_version"]) == {version.id}


@pytest.mark.parametrize(
    "name", ["or*[d]ers?.csv", "a=1.csv", "100%25 #1.csv", "Übersicht – März.csv", "s3:x.csv"]
)
def test_a_file_is_read_in_place_whatever_its_name(looker, store, name):
    key = f"raw/{name}"
    store.add(store.path(KEY), key)

    [record] = looker.look(key)

    assert (record.source_key, record.status, record.rows_in) == (key, "committed", 4)


def test_a_panic_of_the_fast_way_is_followed_by_the_strict_one(looker, store, monkeypatch):
    panicking(monkeypatch, 1)

    [record] = looker.look(KEY)

    assert (record.status, record.rows_in, record.quarantined) == ("committed", 4, 1)


def test_a_panic_costs_its_key_alone_and_leaves_it_pending(looker, store, monkeypatch):
    panicking(monkeypatch, 2)
    done = []

    with pytest.raises(ExceptionGroup, match=f"{KEY}: Polars cannot parse it: index out of"):
        for key, _ in look_at(looker, [KEY, OTHER_KEY]):
            done.append(key)

    assert done == [OTHER_KEY]
    assert store.head(names.output(PROCESSED, KEY)) is None


def test_a_panic_anywhere_else_is_a_fault_that_a_sweep_survives(looker, monkeypatch):
    def panic(*_):
        raise pl.exceptions.PanicException("index out of bounds")

    monkeypatch.setattr("handler.quarantine.judge", panic)

    with pytest.raises(RuntimeError, match="Polars gave up: index out of bounds"):
        looker.look(KEY)


@pytest.mark.parametrize("table", [PROCESSED, DROPPED], ids=lambda table: table.name)
@pytest.mark.parametrize("content", [b"", b"somebody else's", b"PAR1"], ids=repr)
def test_what_is_no_output_goes_also_where_every_version_is_rejected(
    looker, store, tmp_path, table, content
):
    (tmp_path / "orders.csv").write_bytes(b"")
    store.add(tmp_path / "orders.csv", KEY)
    store.overwrite(names.output(table, KEY), content)

    [record] = looker.look(KEY)

    assert record.status == "rejected"
    for output in (PROCESSED, DROPPED):
        assert pl.read_parquet(store.path(names.output(output, KEY))).height == 0
