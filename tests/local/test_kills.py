"""F17: an ingest that is killed anywhere leaves whole files, and the next look makes it good."""

import pytest

from benchmarks import kills

ROUNDS = 20


@pytest.mark.engine
def test_f17_ingests_that_are_killed_at_random_moments_leave_nothing_by_halves(capsys):
    kills.main(ROUNDS)

    assert f"of {ROUNDS} ingests were killed before their end" in capsys.readouterr().out
