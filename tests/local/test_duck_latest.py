import random
import threading
import time
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import polars
import pytest

from lake import names
from lake.folder import FolderStore
from lake.schema import DROPPED, PROCESSED
from tests import generated, reference
from tests.eventually import SOON
from tests.folder_lake import FolderLake
from tests.reference import Version
from web.engine import EngineError, Watch

CONFIRMED = Version(
    "O1",
    "Alice",
    Decimal("10.00"),
    "confirmed",
    date(2025, 3, 1),
    "raw/march.csv",
    2,
    datetime(2025, 3, 31),
    kept=True,
)
CANCELLED = replace(
    CONFIRMED,
    status="cancelled",
    source_key="raw/may.csv",
    received_at=datetime(2025, 5, 31),
    kept=False,
)
OTHER = replace(
    CONFIRMED, order_id="O2", source_key="raw/june.csv", received_at=datetime(2025, 6, 30)
)


class CountingStore(FolderStore):
    def __init__(self, root):
        super().__init__(root)
        self.asked = []

    def head(self, key):
        self.asked.append(key)
        return super().head(key)

    def etag(self, key):
        self.asked.append(key)
        return super().etag(key)

    def get(self, key):
        self.asked.append(key)
        return super().get(key)

    def list(self, prefix):
        self.asked.append(prefix)
        return super().list(prefix)


@pytest.fixture
def lake(tmp_path):
    lake = FolderLake(tmp_path / "lake", CountingStore(tmp_path / "lake"))
    yield lake
    lake.engine.close()


def orders(lake):
    return [row[0] for row in lake.rows("SELECT order_id FROM latest WHERE kept ORDER BY 1")]


def statuses(lake):
    return lake.rows(
        "SELECT order_id, status, CASE WHEN kept THEN 1 ELSE 0 END FROM latest ORDER BY 1"
    )


def test_an_order_confirmed_in_march_and_cancelled_in_may_does_not_count_in_june(lake):
    lake.publish([CONFIRMED])
    assert orders(lake) == ["O1"]

    lake.publish([CANCELLED])
    lake.publish([OTHER])

    assert orders(lake) == ["O2"]


def test_an_old_export_loaded_late_does_not_overrule_a_newer_one(lake):
    lake.publish([CANCELLED])
    assert orders(lake) == []

    lake.publish([CONFIRMED])

    assert statuses(lake) == [("O1", "cancelled", 0)]


def test_a_drop_wins_where_a_reader_comes_between_two_writes(lake):
    lake.publish([CONFIRMED, replace(CONFIRMED, status="pending", kept=False)])

    assert statuses(lake) == [("O1", "pending", 0)]


@pytest.mark.parametrize("first", [0, 1])
def test_files_of_one_moment_come_in_the_order_of_their_names_in_whatever_order_they_are_read(
    lake, first
):
    pair = [
        replace(CONFIRMED, source_key="raw/a.csv", source_line=9, status="pending"),
        replace(CONFIRMED, source_key="raw/b.csv", source_line=2, status="shipped"),
    ]
    lake.publish([pair[first]])
    assert len(orders(lake)) == 1

    lake.publish([pair[1 - first]])

    assert statuses(lake) == [("O1", "shipped", 1)]


def test_a_newer_version_with_a_missing_value_borrows_nothing_from_an_older_one(lake):
    lake.publish([CONFIRMED])
    lake.publish([replace(CONFIRMED, source_key="raw/n.csv", source_line=1, customer=None)])

    assert lake.rows("SELECT customer FROM latest") == [(None,)]


def test_files_folded_in_one_by_one_give_what_all_at_once_give(lake, tmp_path):
    versions = generated.versions(seed=7, files=8)
    keys = sorted({version.source_key for version in versions})
    for key in keys:
        lake.publish(version for version in versions if version.source_key == key)
        so_far = [version for version in versions if version.source_key <= key]
        assert lake.panels() == reference.panels(so_far)


@pytest.mark.parametrize("seed", range(4))
def test_after_whatever_changes_the_table_is_what_the_files_say(lake, seed):
    chance = random.Random(seed)
    pool = generated.versions(seed=seed, orders=60, files=5)
    keys = sorted({version.source_key for version in pool})
    files = {}
    for _ in range(15):
        for key in chance.sample(keys, chance.choice([1, 1, 2])):
            for table in (PROCESSED, DROPPED):
                (lake.root / names.output(table, key)).unlink(missing_ok=True)
            # now and then it only goes away; it may also come back as it was
            files[key] = [
                version for version in pool if version.source_key == key and chance.random() < 0.5
            ] * chance.choice([0, 1, 1, 1])
            generated.write(lake.root, files[key])
        lake.mark()
        versions = [version for some in files.values() for version in some]
        assert lake.panels() == reference.panels(versions)


def test_processed_is_listed_before_dropped_since_a_writer_goes_the_other_way(lake):
    lake.publish([CONFIRMED])
    orders(lake)

    listed = [asked for asked in lake.store.asked if asked.endswith("/")]

    assert listed == ["processed/", "dropped/"] * 2


def test_a_replaced_file_takes_with_it_what_was_kept_because_of_it(lake):
    lake.publish([CONFIRMED, OTHER])
    assert orders(lake) == ["O1", "O2"]

    lake.publish([replace(CONFIRMED, order_id="O3")])

    assert orders(lake) == ["O2", "O3"]


def test_a_file_that_is_gone_takes_with_it_what_was_kept_because_of_it(lake):
    lake.publish([CONFIRMED, OTHER])
    assert orders(lake) == ["O1", "O2"]

    (lake.root / names.output(PROCESSED, CONFIRMED.source_key)).unlink()
    lake.mark()

    assert orders(lake) == ["O2"]


def test_a_file_emptied_by_a_withdrawal_gives_the_older_version_back(lake):
    lake.publish([CONFIRMED])
    lake.publish([CANCELLED])
    assert orders(lake) == []

    path = lake.root / names.output(DROPPED, CANCELLED.source_key)
    generated.write_file(path, DROPPED, [])
    lake.mark()

    assert orders(lake) == ["O1"]


def test_an_unchanged_lake_costs_one_look_at_its_marker(lake):
    lake.publish([CONFIRMED])
    orders(lake)
    lake.store.asked.clear()

    orders(lake)

    assert lake.store.asked == [names.MARKER]


def test_a_change_whose_marker_is_not_written_yet_is_not_looked_for(lake):
    lake.publish([CONFIRMED])
    assert orders(lake) == ["O1"]

    generated.write(lake.root, [OTHER])

    assert orders(lake) == ["O1"]


def test_an_engine_over_a_filled_lake_without_a_marker_reads_it(lake):
    generated.write(lake.root, [CONFIRMED])

    assert orders(lake) == ["O1"]


def test_a_file_replaced_while_it_is_read_is_read_again(tmp_path):
    class Meddling(FolderStore):
        """Replaces the file after it was listed: the writer wins the race against the reader."""

        meddle = None

        def list(self, prefix):
            entries = list(super().list(prefix))
            if prefix == DROPPED.prefix and self.meddle:
                meddle, self.meddle = self.meddle, None
                meddle()
            return iter(entries)

    lake = FolderLake(tmp_path / "lake", Meddling(tmp_path / "lake"))
    generated.write(lake.root, [CONFIRMED, replace(CONFIRMED, order_id="O3", source_line=3)])
    lake.store.meddle = lambda: generated.write(lake.root, [OTHER, replace(CONFIRMED, amount=None)])

    assert orders(lake) == ["O1", "O2"]
    assert lake.rows("SELECT amount FROM latest WHERE order_id = 'O1'") == [(None,)]
    lake.engine.close()


def test_a_file_that_goes_away_between_listing_and_reading_is_not_missed(tmp_path):
    class Forgetting(FolderStore):
        forget = None

        def list(self, prefix):
            entries = list(super().list(prefix))
            if prefix == DROPPED.prefix and self.forget:
                forget, self.forget = self.forget, None
                forget.unlink()
            return iter(entries)

    lake = FolderLake(tmp_path / "lake", Forgetting(tmp_path / "lake"))
    generated.write(lake.root, [CONFIRMED, OTHER])
    lake.store.forget = lake.root / names.output(PROCESSED, CONFIRMED.source_key)

    assert orders(lake) == ["O2"]
    lake.engine.close()


def test_readers_see_one_state_while_another_thread_writes(lake):
    """Every publish gives all orders one new status: a mixture would be two states at once."""
    count = 500

    def export(number):
        return [
            replace(
                CONFIRMED,
                order_id=f"O{line}",
                status=f"s{number}",
                source_key=f"raw/{number}.csv",
                source_line=line,
                received_at=datetime(2025, 1, 1 + number),
            )
            for line in range(count)
        ]

    lake.publish(export(0))
    done, seen, faults = threading.Event(), [], []

    def read():
        while not done.is_set():
            try:
                seen.append(lake.rows("SELECT status, count(*) FROM latest GROUP BY status"))
            except EngineError as error:
                faults.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1, 15):
        lake.publish(export(number))
        # at least one answer between two changes, so that the readers really read meanwhile
        until, count_before = time.monotonic() + 5, len(seen)
        while len(seen) == count_before and not faults and time.monotonic() < until:
            time.sleep(0.005)
    assert lake.rows("SELECT DISTINCT status FROM latest") == [("s14",)]
    done.set()
    for reader in readers:
        reader.join()

    assert faults == []
    assert all(len(rows) == 1 and rows[0][1] == count for rows in seen)
    assert len({rows[0][0] for rows in seen}) > 5


def test_a_run_that_waits_for_the_table_ends_when_it_is_cancelled(tmp_path):
    class Slow(FolderStore):
        gate = threading.Event()

        def list(self, prefix):
            self.gate.wait(SOON)
            return super().list(prefix)

    lake = FolderLake(tmp_path / "lake", Slow(tmp_path / "lake"))
    watch = Watch()
    threading.Timer(0.05, watch.cancel.set).start()
    began = time.monotonic()

    with pytest.raises(EngineError) as caught:
        lake.engine.run("SELECT 1", [], watch)

    assert caught.value.code == "cancelled"
    assert time.monotonic() - began < SOON / 2
    lake.store.gate.set()
    assert lake.rows("SELECT 1") == [(1,)]
    lake.engine.close()


def test_closing_the_engine_ends_a_build_that_runs(tmp_path):
    class Slow(FolderStore):
        begun = threading.Event()

        def list(self, prefix):
            self.begun.set()
            return super().list(prefix)

    lake = FolderLake(tmp_path / "lake", Slow(tmp_path / "lake"))
    rows = [replace(CONFIRMED, order_id=f"O{n}", source_line=n) for n in range(2_000)]
    for file in range(20):
        generated.write(lake.root, [replace(row, source_key=f"raw/{file}.csv") for row in rows])
    ends = []

    def run():
        try:
            ends.append(orders(lake))
        except EngineError as error:
            ends.append(error.code)

    reader = threading.Thread(target=run)
    reader.start()
    lake.store.begun.wait(5)
    lake.engine.close()
    reader.join(5)

    assert ends == ["away"]


@pytest.mark.parametrize(
    ("content", "code"), [(b"not Parquet at all", "failed"), (b"", "failed")], ids=["text", "empty"]
)
def test_a_file_that_is_not_parquet_is_named(lake, content, code):
    lake.publish([CONFIRMED])
    stranger = lake.root / "processed" / "stranger.parquet"
    stranger.write_bytes(content)
    lake.mark()

    with pytest.raises(EngineError) as caught:
        orders(lake)

    assert caught.value.code == code
    assert "stranger.parquet" in caught.value.message

    stranger.unlink()
    lake.mark()
    assert orders(lake) == ["O1"]


def test_a_file_of_another_form_is_refused_instead_of_cast(lake):
    lake.publish([CONFIRMED])
    path = lake.root / names.output(PROCESSED, CONFIRMED.source_key)
    frame = polars.read_parquet(path)
    frame.with_columns(polars.col("amount").cast(polars.Float64)).write_parquet(path)
    lake.mark()

    with pytest.raises(EngineError, match="amount is DOUBLE, where DECIMAL"):
        orders(lake)
