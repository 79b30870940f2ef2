"""F17: an ingest that is killed anywhere leaves whole files, and the next look makes it good."""

import pytest

from benchmarks import kills

KILLS = 20


@pytest.mark.engine
def test_f17_ingests_that_are_killed_at_random_moments_leave_nothing_by_halves(capsys):
    kills.main(KILLS)

    assert capsys.readouterr().out.startswith(f"{KILLS} of ")
