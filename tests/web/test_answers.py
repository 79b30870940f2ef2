"""The answers' cache: exact, bounded, and never in the way."""

import logging
import sqlite3
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.doubles.engine import answer
from web.answers import KEPT_S, Answers, pack, unpack
from web.engine import Answer, Column, Stats

EVERY_TYPE = answer(
    "a text, b integer, c decimal, d double, e date, f timestamp",
    ("=O'Hara \u202e\x00 🦀", 2**70, Decimal("0.10"), 0.1, date(2024, 2, 29), datetime(2025, 1, 2)),
    (None, None, None, None, None, None),
    ("", -1, Decimal("-99999999999999999.99"), -0.0, date(1, 1, 1), datetime(9999, 12, 31)),
    bytes=12,
    cost=Decimal("0.000050"),
    queued_ms=1,
    run_ms=2,
    reused=False,
)  # fmt: skip


@pytest.fixture
def file(tmp_path):
    return tmp_path / "state" / "answers.sqlite"


def small(number: int) -> Answer:
    return answer("n integer, t text", (number, f"{number}" * 500))


def test_every_type_comes_back_from_the_file_as_it_went_in(file):
    Answers(file).put("q", "s", EVERY_TYPE)

    back = Answers(file).get("q", "s").answer

    assert (back.columns, list(back.rows), back.stats) == (
        EVERY_TYPE.columns,
        list(EVERY_TYPE.rows),
        EVERY_TYPE.stats,
    )
    assert [type(value) for value in back.rows[0]] == [str, int, Decimal, float, date, datetime]


# a machine that does much else is no slow reader
@settings(deadline=None)
@given(st.decimals(allow_nan=False), st.floats(allow_nan=False), st.text(), st.datetimes())
def test_any_value_round_trips_to_its_last_digit(number, real, text, moment):
    columns = tuple(Column(n, n) for n in ("decimal", "double", "text", "timestamp"))
    row = (number, real, text, moment)

    back = unpack(pack(Answer(columns, [row])))

    assert repr(back.rows[0][:3]) == repr(row[:3])
    assert back.rows[0][3] == moment


def test_an_answer_survives_a_restart_with_its_state_and_time(file):
    first = Answers(file, wall=lambda: 1000.0)
    first.put("q", "state 1", small(1))
    first.close()

    kept = Answers(file, wall=lambda: 2000.0).get("q", "state 1")

    assert (kept.state, kept.made_at) == ("state 1", 1000.0)


def test_what_nobody_asked_for_in_a_day_is_gone_from_the_file_to_its_last_byte(file):
    def erased(question):
        return answer("customer text", (f"Erased, as it was {question}",))

    now = [1000.0]
    answers = Answers(file, memory_bytes=0, wall=lambda: now[0])
    for question in ("used", "unused"):
        answers.put(question, "s", erased(question))
    assert pack(erased("used")) in file.with_name(f"{file.name}-wal").read_bytes()
    now[0] += KEPT_S
    assert answers.get("used", "s")
    now[0] += 1
    answers.put("new", "s", small(1))

    assert answers.get("unused", "s") is None
    assert answers.get("used", "s")
    answers.close()

    now[0] += KEPT_S + 1
    Answers(file, wall=lambda: now[0]).close()
    assert list(sqlite3.connect(file).execute("SELECT * FROM answers")) == []
    for question in ("unused", "used"):
        assert pack(erased(question)) not in file.read_bytes()


def test_another_state_is_another_key(file):
    answers = Answers(file)
    answers.put("q", "old", small(1))

    assert answers.get("q", "new") is None


@pytest.mark.parametrize("memory_bytes", [0, 10**6])
def test_the_newest_answer_is_found_whatever_its_state(file, memory_bytes):
    times = iter((1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0))
    answers = Answers(file, memory_bytes=memory_bytes, wall=lambda: next(times))
    answers.put("q", "old", small(1))
    answers.put("q", "new", small(2))
    answers.put("another", "newer still", small(3))

    assert answers.newest("q").state == "new"
    assert answers.newest("nobody asked") is None


def test_the_file_stays_below_its_cap_and_forgets_what_was_used_least_lately(file):
    now = [0.0]
    one = len(pack(small(1)))
    answers = Answers(file, file_bytes=3 * one + 20, memory_bytes=0, wall=lambda: now[0])
    for number in (1, 2, 3):
        now[0] += 100
        answers.put(f"q{number}", "s", small(number))
    now[0] += 100
    answers.get("q1", "s")
    now[0] += 100

    answers.put("q4", "s", small(4))
    answers.put("evict from memory", "s", small(5))

    kept = [n for n in (1, 2, 3, 4) if answers.get(f"q{n}", "s")]
    assert 1 in kept, "it was just used"
    assert 2 not in kept, "it was used least lately"
    with sqlite3.connect(file) as base:
        assert base.execute("SELECT sum(size) FROM answers").fetchone()[0] <= 3 * one + 20


def test_an_answer_larger_than_the_file_is_still_there_for_who_waits(file):
    answers = Answers(file, file_bytes=10, memory_bytes=10)

    answers.put("q", "s", small(1))

    assert answers.get("q", "s").answer.rows == small(1).rows


def test_without_a_file_answers_live_in_memory():
    answers = Answers(None)
    answers.put("q", "s", small(1))

    assert answers.get("q", "s")
    assert answers.get("q", "other") is None


def test_memory_is_bounded_too(file):
    one = len(pack(small(1)))
    answers = Answers(None, memory_bytes=2 * one + 10)
    for number in range(5):
        answers.put(f"q{number}", "s", small(number))

    assert [n for n in range(5) if answers.get(f"q{n}", "s")] == [3, 4]


def broken(file):
    file.write_bytes(b"SQLite format 3\x00" + b"garbage" * 4000)


def truncated(file):
    file.write_bytes(file.read_bytes()[:5000])


def of_another_form(file):
    with sqlite3.connect(file) as base:
        base.execute("PRAGMA user_version = 99")
    base.close()


@pytest.mark.parametrize("harm", [broken, truncated, of_another_form])
def test_a_file_that_cannot_be_read_is_replaced_with_a_log_line(file, harm, caplog):
    answers = Answers(file)
    for number in range(30):
        answers.put(f"q{number}", "s", EVERY_TYPE)
    answers.close()
    for ending in ("-wal", "-shm"):
        file.with_name(file.name + ending).unlink(missing_ok=True)
    harm(file)

    with caplog.at_level(logging.WARNING):
        again = Answers(file)
        again.put("new", "s", small(1))
        again.close()

    assert "is replaced" in caplog.text
    assert Answers(file).get("new", "s")


def test_an_answer_that_cannot_be_read_is_dropped_alone(file, caplog):
    answers = Answers(file)
    answers.put("bad", "s", small(1))
    answers.put("good", "s", small(2))
    answers.close()
    with sqlite3.connect(file) as base:
        base.execute("UPDATE answers SET body = x'00' WHERE question = 'bad'")
    base.close()

    again = Answers(file)

    assert again.get("bad", "s") is None
    assert again.get("good", "s")
    assert "is dropped" in caplog.text


def test_a_folder_that_cannot_be_written_costs_only_a_log_line(tmp_path, caplog):
    (tmp_path / "folder").mkdir()
    answers = Answers(tmp_path / "folder")  # a folder is no file

    answers.put("q", "s", small(1))

    assert answers.get("q", "s")
    assert "in memory only" in caplog.text


def test_two_processes_can_share_the_file(file):
    one, other = Answers(file), Answers(file)
    one.put("q", "s", small(1))

    assert other.get("q", "s").answer.rows == [tuple(small(1).rows[0])]


def test_stats_that_no_engine_told_stay_unknown():
    assert unpack(pack(small(1))).stats == Stats()
