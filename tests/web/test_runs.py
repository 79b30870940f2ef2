"""Runs: one flight a question, a cap, a deadline, cancel, the lease, and changes of the lake."""

import threading
import time

import pytest

from tests.doubles.engine import ANSWERS, ScriptedEngine
from tests.eventually import SOON, eventually, quickest
from web import runs as module
from web.answers import Answers
from web.question import Question
from web.runs import Runs

SALES, MONTHLY, STATUS = "total-sales-by-customer", "monthly-orders-and-revenue", "order-status"
"""Longest a test waits for what is about to happen."""


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def engine():
    return ScriptedEngine()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def runs(engine, clock):
    runs = Runs(engine, Answers(None), clock=clock, cap=2)
    yield runs
    runs.close()


@pytest.fixture
def ask(engine, runs):
    def ask(slug, state="s1", **how):
        return runs.ask(question(engine, slug), state, **how)

    return ask


def question(engine, slug, *binds) -> Question:
    return Question(f"SELECT {engine._sql[slug]}", binds)


def test_a_quick_answer_is_there_within_the_wait(ask):
    standing = ask(SALES, wait=SOON)

    assert standing.current
    assert standing.kept.answer.rows == ANSWERS[SALES].rows
    assert standing.going is None


def test_a_slow_run_is_told_as_going_without_waiting_longer(ask, engine):
    with engine.held(SALES):
        began = time.monotonic()
        standing = ask(SALES, wait=0.1)

        assert time.monotonic() - began < SOON / 3, "the engine is held for as long as that"
        assert standing.kept is None
        assert standing.going.ahead is None


def test_elapsed_progress_and_bytes_are_what_the_engine_reported(ask, engine, clock):
    with engine.held(SALES):
        ask(SALES)
        assert eventually(lambda: engine.watches)
        engine.watches[0].progress, engine.watches[0].bytes = 0.5, 1000
        clock.now += 7

        going = ask(SALES).going

        assert (going.elapsed_s, going.progress, going.bytes) == (7, 0.5, 1000)


def test_however_many_ask_one_run_answers(ask, engine):
    found = []
    with engine.held(SALES) as go:
        askers = [
            threading.Thread(target=lambda: found.append(ask(SALES, wait=SOON))) for _ in range(20)
        ]
        for asker in askers:
            asker.start()
        assert eventually(lambda: engine.count(SALES) == 1)
        go.set()
        for asker in askers:
            asker.join()

    assert len(found) == 20
    assert all(standing.current for standing in found)
    assert engine.count(SALES) == 1


def test_other_binds_are_another_question(engine, runs):
    runs.ask(question(engine, SALES, "1"), "s", wait=SOON)
    runs.ask(question(engine, SALES, 1), "s", wait=SOON)

    assert [binds for _, binds in engine.calls] == [("1",), (1,)]


def test_an_answer_is_not_run_for_again_under_the_same_state(ask, engine):
    ask(SALES, wait=SOON)
    ask(SALES, wait=SOON)

    assert engine.count(SALES) == 1


def test_the_cap_holds_and_the_line_is_told(ask, engine, runs):
    with engine.held(SALES), engine.held(MONTHLY), engine.held(STATUS):
        ask(SALES)
        ask(MONTHLY)
        assert eventually(lambda: len(engine.calls) == 2)
        ask(STATUS)
        assert ask(STATUS).going.ahead == 0
        assert ask("largest-orders").going.ahead == 1
        time.sleep(0.05)
        assert engine.busiest == 2

    assert ask("largest-orders", wait=SOON).current


def test_a_full_line_says_so_and_takes_no_more(engine, runs, monkeypatch):
    monkeypatch.setattr(module, "QUEUE_CAP", 1)
    with engine.held(SALES):
        for bind in (1, 2):
            runs.ask(question(engine, SALES, bind), "s")
            assert eventually(lambda: len(engine.calls) == bind)  # noqa: B023
        runs.ask(question(engine, SALES, 3), "s")

        assert runs.ask(question(engine, SALES, 4), "s").ended.code == "busy"
        assert runs.refresh(question(engine, SALES, 4), "s").code == "busy"
        assert runs.refresh(question(engine, SALES, 3), "s") is None, "it is in line already"
    assert eventually(lambda: len(engine.calls) == 3)


def test_all_are_started_before_any_is_waited_for(engine, runs):
    with engine.held(SALES), engine.held(MONTHLY):
        asked = [question(engine, slug) for slug in (SALES, MONTHLY)]

        def seconds():
            began = time.monotonic()
            assert len(runs.ask_all(asked, "s", wait=0.5)) == 2
            return time.monotonic() - began

        assert quickest(seconds, 0.95) < 0.95, "one wait for all, not one each"
        assert {slug for slug, _ in engine.calls} == {SALES, MONTHLY}


def test_a_run_of_an_older_state_is_joined_and_one_run_for_the_new_state_follows(ask, engine):
    with engine.held(SALES) as go:
        ask(SALES, "s1")
        assert eventually(lambda: engine.count(SALES) == 1)
        assert ask(SALES, "s2").going
        assert ask(SALES, "s3").going
        assert engine.count(SALES) == 1, "joined, not started once more"
        go.set()
        assert eventually(lambda: ask(SALES, "s1").kept)

    followed = ask(SALES, "s3", wait=SOON)

    assert followed.current
    assert engine.count(SALES) == 2


def test_while_the_new_state_is_read_the_older_answer_is_shown_as_such(ask, engine):
    ask(SALES, "s1", wait=SOON)
    with engine.held(SALES):
        standing = ask(SALES, "s2", wait=0.05)

        assert standing.kept.state == "s1"
        assert not standing.current
        assert standing.going


def test_an_answer_is_kept_under_the_state_its_run_began_with(ask, engine, runs):
    with engine.held(SALES) as go:
        ask(SALES, "s1")
        joined = threading.Thread(target=ask, args=(SALES, "s2"), kwargs={"wait": SOON})
        joined.start()
        go.set()
        joined.join()

    assert ask(SALES, "s1").kept.state == "s1"


def test_cancel_stops_the_engine_and_is_shown_at_once(ask, engine, runs):
    with engine.held(SALES):
        ask(SALES)
        assert eventually(lambda: engine.watches)

        runs.cancel(question(engine, SALES))

        assert ask(SALES).ended.code == "cancelled"
        assert engine.watches[0].cancel.is_set()


def test_cancel_is_shown_even_when_the_engine_is_deaf_and_its_late_answer_is_dropped(
    ask, engine, runs
):
    with engine.held(SALES, deaf=True) as go:
        ask(SALES)
        assert eventually(lambda: engine.watches)
        runs.cancel(question(engine, SALES))
        go.set()
        assert eventually(lambda: engine._running == 0)

    assert ask(SALES).ended.code == "cancelled"


def test_a_cancelled_run_in_line_never_reaches_the_engine(ask, engine, runs):
    with engine.held(SALES), engine.held(MONTHLY):
        ask(SALES)
        ask(MONTHLY)
        assert eventually(lambda: len(engine.calls) == 2)
        ask(STATUS)
        runs.cancel(question(engine, STATUS))

    assert ask(SALES, wait=SOON)
    assert engine.count(STATUS) == 0


def test_a_cancel_without_a_run_does_nothing(ask, engine, runs):
    runs.cancel(question(engine, SALES))

    assert ask(SALES, wait=SOON).current


@pytest.mark.parametrize("code", ["query", "away", "failed"])
def test_a_failed_end_is_kept_for_a_minute_so_that_polls_start_nothing(ask, engine, clock, code):
    engine.fails(SALES, code, "it does not work")
    assert ask(SALES, wait=SOON).ended.message == "it does not work"

    clock.now += module.ENDS_KEPT_S - 1
    assert ask(SALES, "a newer state").ended.code == code
    assert engine.count(SALES) == 1

    clock.now += 1
    engine.recovers(SALES)
    assert ask(SALES, wait=SOON).current


def test_a_failure_keeps_the_older_answer_beside_it(ask, engine):
    ask(SALES, "s1", wait=SOON)
    engine.fails(SALES, "away", "no answer from the engine")

    standing = ask(SALES, "s2", wait=SOON)

    assert standing.ended.code == "away"
    assert standing.kept.state == "s1"


def test_a_fault_that_the_engine_does_not_name_ends_the_run_and_not_the_worker(ask, engine, caplog):
    engine.breaks(SALES)

    ended = ask(SALES, wait=SOON).ended

    assert ended.code == "failed"
    assert "/secret" not in ended.message
    assert "/secret" in caplog.text
    assert ask(MONTHLY, wait=SOON).current


def test_a_refresh_forgets_the_end_and_runs_anew(ask, engine, runs):
    engine.fails(SALES, "away", "gone")
    ask(SALES, wait=SOON)
    engine.recovers(SALES)

    runs.refresh(question(engine, SALES), "s1")

    assert ask(SALES, wait=SOON).current


def test_a_refresh_runs_although_there_is_an_answer_and_asks_the_engine_for_a_fresh_one(
    ask, engine, runs
):
    ask(SALES, wait=SOON)
    with engine.held(SALES):
        runs.refresh(question(engine, SALES), "s1")
        standing = ask(SALES)

        assert standing.kept, "the answer stays to be seen"
        assert standing.going
        assert eventually(lambda: engine.count(SALES) == 2)
        assert engine.watches[1].fresh

    assert ask(SALES, wait=SOON).going is None


def test_a_run_that_nobody_asks_about_is_stopped_after_the_lease(ask, engine, runs, clock):
    with engine.held(SALES):
        ask(SALES)
        assert eventually(lambda: engine.watches)
        clock.now += module.LEASE_S - 1
        runs.tick()
        assert not engine.watches[0].cancel.is_set()
        clock.now += 1
        runs.tick()

        assert engine.watches[0].cancel.is_set()


def test_who_comes_back_after_the_lease_gets_a_new_run_not_an_old_end(ask, engine, runs, clock):
    with engine.held(SALES):
        ask(SALES)
        assert eventually(lambda: engine.watches)
        clock.now += module.LEASE_S
        runs.tick()

    assert ask(SALES, wait=SOON).current


def test_asking_renews_the_lease(ask, engine, runs, clock):
    with engine.held(SALES):
        for _ in range(4):
            ask(SALES)
            clock.now += module.LEASE_S - 1
            runs.tick()

        assert ask(SALES).going
        assert eventually(lambda: engine.count(SALES) == 1)


def test_after_a_minute_of_polls_the_lease_is_long(ask, engine, runs, clock):
    with engine.held(SALES):
        for _ in range(7):
            ask(SALES)
            clock.now += 10
        ask(SALES)
        assert eventually(lambda: engine.watches)
        clock.now += module.LONG_LEASE_S - 1
        runs.tick()
        assert not engine.watches[0].cancel.is_set(), "hidden pages ask once a minute"
        clock.now += 1
        runs.tick()

        assert engine.watches[0].cancel.is_set()


@pytest.mark.parametrize("how", ["refresh", "export", "export that joins"])
def test_refreshes_and_exports_have_only_the_deadline(ask, engine, runs, clock, how):
    with engine.held(SALES):
        if how == "refresh":
            runs.refresh(question(engine, SALES), "s1")
        else:
            if how == "export that joins":
                ask(SALES)
            ask(SALES, patient=True)
        assert eventually(lambda: engine.watches)
        clock.now += module.DEADLINE_S - 1
        runs.tick()
        assert not engine.watches[0].cancel.is_set()
        clock.now += 1
        runs.tick()

        assert engine.watches[0].cancel.is_set()
        assert ask(SALES).ended.code == "deadline"


def test_the_deadline_counts_from_when_the_engine_has_it(ask, engine, runs, clock):
    with engine.held(SALES), engine.held(MONTHLY):
        ask(SALES, patient=True)
        ask(MONTHLY, patient=True)
        assert eventually(lambda: len(engine.calls) == 2)
        clock.now += module.DEADLINE_S - 1
        ask(STATUS, patient=True)
        clock.now += 1
        runs.tick()

        assert ask(STATUS).ended is None


def test_the_reaper_looks_by_itself(ask, engine, clock, monkeypatch):
    monkeypatch.setattr(module, "TICK_S", 0.01)
    with engine.held(SALES):
        ask(SALES)
        assert eventually(lambda: engine.watches)
        clock.now += module.LEASE_S

        assert eventually(engine.watches[0].cancel.is_set)


def test_closing_stops_what_runs_and_starts_nothing_more(ask, engine, runs):
    with engine.held(SALES):
        ask(SALES)
        assert eventually(lambda: engine.watches)
        runs.close()

        assert engine.watches[0].cancel.is_set()
        assert ask(MONTHLY).ended.code == "busy"
