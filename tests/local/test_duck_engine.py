import threading
import time
from datetime import date, datetime
from decimal import Decimal

import polars
import pytest

from lake.ledger import Record
from lake.schema import QUARANTINE, TABLES
from tests import generated
from tests.folder_lake import FolderLake
from tests.panels import FIVE
from web.engine import ROW_LIMIT, EngineError, Watch


@pytest.fixture
def lake(tmp_path):
    lake = FolderLake(tmp_path / "lake")
    yield lake
    lake.engine.close()


def refused(lake, sql, *binds):
    with pytest.raises(EngineError) as caught:
        lake.run(sql, *binds)
    return caught.value


def test_values_come_back_as_they_are_bound(lake):
    values = (
        "O'Hara; --",
        2**60,
        Decimal("12.34"),
        0.1,
        date(2025, 2, 28),
        datetime(2025, 1, 2, 3),
    )

    answer = lake.run(
        "SELECT ? AS a, ? AS b, CAST(? AS decimal(18,2)) AS c, ? AS d, ? AS e, ? AS f", *values
    )

    assert answer.rows == [values]
    assert [column.type for column in answer.columns] == [
        "text",
        "integer",
        "decimal",
        "double",
        "date",
        "timestamp",
    ]


def test_a_sum_of_whole_numbers_is_an_integer_however_wide_duckdb_makes_it(lake):
    answer = lake.run("SELECT sum(n) AS n FROM (VALUES (9223372036854775807), (1)) AS t(n)")

    assert answer.rows == [(2**63,)]
    assert answer.columns[0].type == "integer"


def test_a_column_of_another_type_is_refused_with_what_to_do(lake):
    error = refused(lake, "SELECT true AS yes")

    assert error.code == "query"
    assert "yes is of type boolean" in error.message
    assert "CAST" in error.message


def test_a_longer_answer_is_cut_and_says_so(lake):
    cut = lake.run(f"SELECT * FROM range({ROW_LIMIT + 1})")
    whole = lake.run(f"SELECT * FROM range({ROW_LIMIT})")

    assert (len(cut.rows), cut.truncated) == (ROW_LIMIT, True)
    assert (len(whole.rows), whole.truncated) == (ROW_LIMIT, False)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT nothing FROM orders_of_nobody",
        "SELEC 1",
        "SELECT CAST('x' AS integer)",
        "SELECT ?",  # no value for it
        "",
        "SELECT 1; SELECT 2",
        "SELECT 1; DROP TABLE latest",
        "DROP TABLE latest",
        "CREATE TABLE mine AS SELECT 1",
        "COPY (SELECT 1) TO 'x.csv'",
        "PRAGMA database_list",
        "SET threads = 1",
        "ATTACH 'x.db'",
    ],
)
def test_what_is_not_one_right_select_is_the_querys_fault(lake, sql):
    assert refused(lake, sql).code == "query"


@pytest.mark.parametrize(
    "source",
    [
        "read_text('/etc/passwd')",
        "read_csv('/etc/passwd')",
        "'/etc/passwd'",
        "glob('/etc/*')",
        "read_text('{root}/../outside.txt')",
        "read_text('{root}/link.txt')",
        "read_blob('https://example.org/')",
        "here",  # a variable of this function
    ],
)
def test_nothing_but_the_lakes_folder_can_be_read(lake, source):
    here = [1]  # noqa: F841 - DuckDB would find it by its name
    outside = lake.root.parent / "outside.txt"
    outside.write_text("secret")
    (lake.root / "link.txt").symlink_to(outside)

    error = refused(lake, f"SELECT * FROM {source.format(root=lake.root)}")

    assert "secret" not in error.message


def test_what_locks_the_engine_down_cannot_be_set_again(lake):
    settings = dict(
        lake.rows(
            "SELECT name, value FROM duckdb_settings() WHERE name IN ('enable_external_access', "
            "'lock_configuration', 'autoload_known_extensions', 'autoinstall_known_extensions', "
            "'allow_community_extensions', 'python_enable_replacements', 'TimeZone')"
        )
    )

    assert settings == {
        "enable_external_access": "false",
        "lock_configuration": "true",
        "autoload_known_extensions": "false",
        "autoinstall_known_extensions": "false",
        "allow_community_extensions": "false",
        "python_enable_replacements": "false",
        "TimeZone": "UTC",
    }


ENDLESS = (
    "SELECT count(*) FROM range(1000000000) a, range(1000000) b WHERE a.range % 7 = b.range % 5"
)


def test_a_cancelled_run_stops_at_once(lake):
    lake.rows("SELECT 1")
    watch = Watch()
    cancelled = []

    def cancel():
        cancelled.append(time.monotonic())
        watch.cancel.set()

    threading.Timer(0.1, cancel).start()
    with pytest.raises(EngineError) as caught:
        lake.engine.run(ENDLESS, [], watch)

    assert caught.value.code == "cancelled"
    # it is noticed within 20 ms; the rest is what a busy machine may take
    assert time.monotonic() - cancelled[0] < 10


def test_a_run_that_was_cancelled_before_it_began_does_not_run(lake):
    lake.rows("SELECT 1")
    watch = Watch()
    watch.cancel.set()

    with pytest.raises(EngineError) as caught:
        lake.engine.run(ENDLESS, [], watch)

    assert caught.value.code == "cancelled"


def test_cancelling_one_run_leaves_the_others_alone(lake):
    first, second = Watch(), Watch()
    ends = []

    def run(watch, sql):
        try:
            ends.append(lake.engine.run(sql, [], watch).rows)
        except EngineError as error:
            ends.append(error.code)

    endless = threading.Thread(target=run, args=(first, ENDLESS))
    endless.start()
    short = threading.Thread(
        target=run, args=(second, "SELECT count(*) FROM range(30000000) WHERE range % 3 = 1")
    )
    short.start()
    first.cancel.set()
    endless.join(5)
    short.join(20)

    assert ends == ["cancelled", [(10_000_000,)]]


def test_an_engine_that_is_closed_says_so_and_one_that_runs_is_stopped(tmp_path):
    lake = FolderLake(tmp_path / "lake")
    ends = []

    def run():
        try:
            lake.engine.run(ENDLESS, [], Watch())
        except EngineError as error:
            ends.append(error.code)

    running = threading.Thread(target=run)
    running.start()
    time.sleep(0.1)
    lake.engine.close()
    running.join(5)

    assert not running.is_alive()
    assert len(ends) == 1
    assert refused(lake, "SELECT 1").code == "away"


def test_an_empty_lake_gives_the_five_panels_no_rows(lake):
    assert lake.panels() == {slug: [] for slug in FIVE}


def test_every_table_of_an_empty_lake_has_its_declared_columns(lake):
    for table in TABLES:
        columns = lake.rows(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? "
            "ORDER BY column_index",
            table.name,
        )
        assert columns == [(column.name, column.type.duckdb) for column in table.columns]
        assert lake.rows(f"SELECT count(*) FROM {table.name}") == [(0,)]


@pytest.mark.parametrize("kept", [True, False], ids=["only processed", "only dropped"])
def test_either_table_may_be_empty(lake, kept):
    versions = [v for v in generated.versions(seed=1) if v.kept is kept]
    lake.publish(versions)

    [(found,)] = lake.rows("SELECT count(*) FROM latest")

    assert found == len({version.order_id for version in versions})
    assert bool(lake.panels()["order-status"]) is kept


def test_the_quarantine_and_the_records_can_be_read_by_name(lake):
    forms = {column.name: generated.FORMS[column.name] for column in QUARANTINE.columns}
    row = ["raw/a.csv", "v", 3, b"\xff'", "not UTF-8", datetime(2025, 1, 1, 0, 0, 0, 1000)]
    (lake.root / "quarantine").mkdir()
    polars.DataFrame([row], schema=forms, orient="row").write_parquet(
        lake.root / "quarantine" / "a.parquet"
    )
    moment = datetime(2025, 1, 1, 2, 3, 4, 567000)
    record = Record(
        *("raw/ä.csv", "v", "committed", moment, moment, None),
        *(10, 3, 1, 1, 1, {"blank lines": 2}, None, "f", {"processed": "e"}),
    )
    path = lake.root / "ingests" / "2025-01-01" / "a-v.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(record.to_json())

    assert lake.rows("SELECT to_hex(raw), reason, received_at FROM quarantine") == [
        ("FF27", "not UTF-8", datetime(2025, 1, 1, 0, 0, 0, 1000))
    ]
    assert lake.rows(
        "SELECT source_key, started_at, finished_at, rows_in, repairs['blank lines'] FROM ingests"
    ) == [("raw/ä.csv", moment, None, 3, 2)]


@pytest.mark.parametrize(
    "name", ["we[i]rd", "star*", "what?", "it's", "a=b", "with space", "~", "é"]
)
def test_the_lake_may_lie_in_a_folder_of_any_name(tmp_path, name):
    lake = FolderLake(tmp_path / name / "lake")
    versions = generated.versions(seed=1, orders=20, files=1)
    lake.publish(versions)

    assert lake.rows("SELECT count(*) FROM processed") == [(sum(v.kept for v in versions),)]
    assert lake.panels()["order-status"]
    assert [c.name for c in lake.run("SELECT * FROM processed").columns][-1] == "received_at"
    lake.engine.close()


def test_a_lake_behind_a_symbolic_link_can_be_read(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    lake = FolderLake(tmp_path / "link")
    lake.publish(generated.versions(seed=1, orders=20, files=1))

    assert lake.panels()["order-status"]
    lake.engine.close()


def test_what_does_not_fit_into_memory_goes_to_the_lakes_temporary_folder(lake):
    [(folder,)] = lake.rows("SELECT value FROM duckdb_settings() WHERE name = 'temp_directory'")

    assert folder.startswith(str(lake.root / "tmp") + "/duckdb-")
