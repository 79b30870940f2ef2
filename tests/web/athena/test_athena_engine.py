"""Athena's engine: starting once, looking, stopping, reusing, and what it all took."""

import os
import threading
import time
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest

from lake import names
from tests.doubles.athena import DATABASE, WORKGROUP
from tests.eventually import SOON, eventually
from web.athena import engine as module
from web.athena.engine import AthenaEngine
from web.athena.execution import PARAMETER_LENGTH, QUERY_BYTES
from web.engine import EngineError, Watch

LINK = (
    "https://eu-central-1.console.aws.amazon.com/athena/home?region=eu-central-1"
    "#/query-editor/history/"
)


@pytest.fixture
def started(athena):
    """Return a function that gives what was said in the only start."""

    def started():
        [request] = [r.body for r in athena.requests if r.operation == "StartQueryExecution"]
        return request

    return started


@pytest.fixture
def one_row(athena):
    athena.gives(["n integer"], ["1"])


def in_a_thread(run, watch):
    """Run a query in a thread; return the thread and the list its outcome goes to."""
    outcome = []

    def work():
        try:
            outcome.append(run(watch=watch))
        except EngineError as fault:
            outcome.append(fault)

    thread = threading.Thread(target=work)
    thread.start()
    return thread, outcome


def test_a_query_is_started_in_the_workgroup_that_says_where_results_lie(run, started, one_row):
    run("SELECT 1")

    request = started()
    token = request.pop("ClientRequestToken")
    assert request == {
        "QueryString": "SELECT 1",
        "WorkGroup": WORKGROUP,
        "QueryExecutionContext": {"Database": DATABASE},
    }
    assert 32 <= len(token) <= 128


def test_parameters_are_literals_in_their_order(run, started, one_row):
    run("SELECT 1", "O'Hara", date(2025, 3, 1), None, 42)

    assert started()["ExecutionParameters"] == ["'O''Hara'", "DATE '2025-03-01'", "NULL", "42"]


def test_the_longest_text_a_panel_takes_fits_whatever_it_holds(run, started, one_row):
    run("SELECT 1", "'" * 500)

    assert len(started()["ExecutionParameters"][0]) <= PARAMETER_LENGTH


@pytest.mark.parametrize(
    ("sql", "bind", "words"),
    [
        ("SELECT 1", "x" * PARAMETER_LENGTH, "choose a shorter one"),
        ("SELECT 1", "\0", r"U\+0000"),
        (f"SELECT '{'x' * QUERY_BYTES}'", 1, "262,144 bytes"),
    ],
    ids=["long value", "impossible value", "long query"],
)
def test_what_athena_cannot_take_is_told_before_anything_is_sent(run, athena, sql, bind, words):
    with pytest.raises(EngineError, match=words) as told:
        run(sql, bind)

    assert told.value.code == "query"
    assert not athena.requests


def test_a_start_whose_answer_is_lost_starts_no_second_query(run, athena, one_row, pauses):
    athena.drops("StartQueryExecution")

    assert run().rows == [(1,)]
    assert athena.asked()["StartQueryExecution"] == 2
    assert len(athena.queries) == 1


def test_two_runs_of_one_text_are_two_queries(run, athena, one_row):
    run()
    run()

    assert len(athena.queries) == 2


def test_the_first_look_comes_at_once(run, athena, one_row, monkeypatch):
    monkeypatch.setattr(module, "LEAST_WAIT_S", 60.0)

    assert run().rows == [(1,)]
    assert athena.asked()["GetQueryExecution"] == 1


class Patience(threading.Event):
    """A cancel that never comes; waiting for it moves the clocks instead."""

    def __init__(self, athena) -> None:
        super().__init__()
        self.athena = athena
        self.waits = []

    def wait(self, timeout=None):
        self.waits.append(timeout)
        self.athena.later_s += timeout
        return False


@pytest.mark.parametrize("latency", [0.3, 2.0, 280.0])
def test_the_looks_come_a_tenth_of_the_elapsed_time_apart_and_50_ms_at_least(
    run, athena, one_row, monkeypatch, latency
):
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=athena.now))
    athena.ending.runs_s = latency
    took = []
    # the requests take real time, and on a busy machine more of it
    for _ in range(3):
        began, patience = athena.now(), Patience(athena)
        run(watch=Watch(cancel=patience))
        took.append(athena.now() - began)

        elapsed = 0.0
        for wait in patience.waits:
            assert wait >= max(0.05, 0.1 * elapsed)
            elapsed += wait

    assert min(took) <= 1.1 * latency + 0.05 + 0.2, "and what the requests took"


def test_the_watcher_sees_the_bytes_so_far_and_where_athena_shows_the_query(run, athena, one_row):
    athena.ending.queued_s, athena.ending.runs_s = 0.1, 0.5
    athena.ending.scanned = 1_000_000
    watch = Watch()
    thread, outcome = in_a_thread(run, watch)

    assert eventually(lambda: watch.link)
    [query] = athena.queries
    assert watch.link == LINK + query
    assert eventually(lambda: watch.bytes and 0 < watch.bytes < 1_000_000)
    thread.join()
    assert outcome[0].stats.bytes == 1_000_000
    assert outcome[0].stats.link == LINK + query


def test_a_cancel_stops_the_query_at_once(run, athena):
    athena.ending.runs_s = 60.0
    watch = Watch()
    thread, outcome = in_a_thread(run, watch)
    assert eventually(lambda: athena.asked()["GetQueryExecution"] >= 1)

    began = time.monotonic()
    watch.cancel.set()
    thread.join(SOON)

    assert time.monotonic() - began < SOON
    assert outcome[0].code == "cancelled"
    [query] = athena.queries.values()
    assert query.stand(athena.now())[0] == "CANCELLED"


def test_a_run_that_was_cancelled_in_line_starts_nothing(run, athena):
    watch = Watch()
    watch.cancel.set()
    with pytest.raises(EngineError, match="cancelled"):
        run(watch=watch)

    assert not athena.requests


def test_a_stop_that_fails_is_still_a_cancel(run, athena, caplog):
    athena.ending.runs_s = 60.0
    athena.refuses("StopQueryExecution", "AccessDeniedException")
    watch = Watch()
    thread, outcome = in_a_thread(run, watch)
    assert eventually(lambda: athena.asked()["GetQueryExecution"] >= 1)
    watch.cancel.set()
    thread.join(SOON)

    assert outcome[0].code == "cancelled"
    assert "could not be stopped" in caplog.text


def test_a_query_is_stopped_when_it_can_no_longer_be_watched(run, athena):
    athena.ending.runs_s = 60.0
    athena.refuses("GetQueryExecution", "ExpiredTokenException")
    with pytest.raises(EngineError) as told:
        run()

    assert told.value.code == "away"
    assert athena.asked()["StopQueryExecution"] == 1


def test_a_query_that_has_ended_is_not_stopped(run, athena, one_row):
    run()
    athena.ending.state = "FAILED"
    with pytest.raises(EngineError):
        run()

    assert athena.asked()["StopQueryExecution"] == 0


def test_throttled_requests_are_sent_again_with_a_pause_that_grows(run, athena, one_row, pauses):
    athena.refuses("StartQueryExecution", "TooManyRequestsException", times=4)
    assert run().rows == [(1,)]

    assert athena.asked()["StartQueryExecution"] == 5
    assert len(pauses) == 4


def test_a_look_that_is_throttled_to_the_end_is_only_a_late_look(run, athena, one_row, pauses):
    athena.refuses("GetQueryExecution", "ThrottlingException", times=5)

    assert run().rows == [(1,)]
    assert len(athena.queries) == 1


def test_the_end_of_the_server_waits_for_queries_to_be_stopped(run, engine, athena):
    athena.ending.runs_s = 60.0
    watch = Watch()
    thread, _ = in_a_thread(run, watch)
    assert eventually(lambda: athena.asked()["GetQueryExecution"] >= 1)
    watch.cancel.set()
    engine.close(SOON)

    assert athena.asked()["StopQueryExecution"] == 1
    thread.join()


def test_the_statistics_say_what_it_took(run, athena, one_row):
    athena.ending.queued_s, athena.ending.runs_s = 0.02, 0.05
    athena.ending.scanned = 12_000_001
    stats = run().stats

    assert (stats.queued_ms, stats.run_ms, stats.bytes) == (20, 50, 12_000_001)
    assert stats.cost == Decimal("0.000065")
    assert stats.reused is False


def test_the_cost_follows_the_price_setting(athena, athena_client, store):
    athena.gives(["n integer"], ["1"])
    athena.ending.scanned = 2_000_000_000_000
    dear = AthenaEngine(
        athena_client,
        workgroup=WORKGROUP,
        database=DATABASE,
        store=store,
        usd_per_tb=Decimal("9.00"),
    )

    assert dear.run("SELECT 1", (), Watch()).stats.cost == Decimal("18.00")


class TestReuse:
    """Athena reuses by age alone, so the age is that of the lake's last change."""

    @pytest.fixture(autouse=True)
    def changed(self, athena, store, one_row):
        store.overwrite(names.MARKER, b"x")

    @pytest.fixture
    def changed_before(self, store):
        def changed_before(minutes):
            marker = store.path(names.MARKER)
            at = time.time() - 60 * minutes
            os.utime(marker, (at, at))

        return changed_before

    def allowed(self, started):
        return started().get("ResultReuseConfiguration")

    def test_just_after_a_change_none_is_reused(self, run, started):
        run()

        assert self.allowed(started) is None

    def test_of_a_lake_at_rest_those_are_that_began_after_the_change(
        self, run, started, changed_before
    ):
        changed_before(90.5)
        run()

        by_age = {"Enabled": True, "MaxAgeInMinutes": 60}
        assert self.allowed(started) == {"ResultReuseByAgeConfiguration": by_age}

    def test_never_older_than_athena_keeps_them(self, run, started, changed_before):
        changed_before(60 * 24 * 30)
        run()

        age = self.allowed(started)["ResultReuseByAgeConfiguration"]["MaxAgeInMinutes"]
        assert age == 10_080

    def test_a_refresh_reuses_none(self, run, started, changed_before):
        changed_before(90)
        run(watch=Watch(fresh=True))

        assert self.allowed(started) is None

    def test_a_text_with_parameters_reuses_none(self, run, started, changed_before):
        changed_before(90)
        run("SELECT ?", "Alice")

        assert self.allowed(started) is None

    def test_a_lake_that_was_never_written_reuses_none(self, run, started, store):
        store.path(names.MARKER).unlink()
        run()

        assert self.allowed(started) is None

    def test_a_reused_result_says_so_and_is_free(self, run, athena, changed_before):
        changed_before(90)
        athena.ending.scanned = 50_000_000
        first, again = run(), run()

        assert (first.stats.reused, first.stats.cost) == (False, Decimal("0.00025"))
        assert (again.stats.reused, again.stats.cost, again.stats.bytes) == (True, 0, 0)
        assert again.rows == first.rows

    def test_a_result_from_before_the_change_is_not_given_again(self, run, athena, changed_before):
        run()
        athena.later_s = 60 * 90
        # the lake changed 45 minutes ago, the result is 90 old
        changed_before(45)

        assert run().stats.reused is False
