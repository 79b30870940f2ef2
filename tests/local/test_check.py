import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lake.folder import FolderStore
from local.check import check
from local.pipeline import Pipeline
from queries import catalog
from tests.eventually import quickest
from tests.handler.outcomes import lines, order
from tests.panels import sound

ROOT = Path(__file__).parents[2]
HEAD = "/*\ntitle: Mine\ndescription: What I ask.\nchart: none\n*/\n"


@pytest.fixture
def panels(tmp_path):
    """A folder of panels of which one is sound."""
    folder = tmp_path / "panels"
    folder.mkdir()
    shutil.copy(catalog.FOLDER / "order-status.sql", folder)
    return folder


@pytest.fixture
def lake(tmp_path):
    return FolderStore(tmp_path / "lake").root


def found(lake, panels):
    return {finding.title: (finding.sound, finding.text) for finding in check(lake, panels)}


@pytest.mark.parametrize("slug", sound())
def test_every_panel_in_queries_runs_on_an_empty_lake(lake, tmp_path, slug):
    shutil.copy(catalog.FOLDER / f"{slug}.sql", tmp_path)
    [finding] = check(lake, tmp_path)
    if not finding.sound:
        pytest.fail(finding.text, pytrace=False)


def test_a_sound_panel_shows_its_columns_even_on_an_empty_lake(lake, panels):
    assert found(lake, panels) == {"Order status": (True, "status  orders  revenue\n(0 rows)")}


def test_a_wrong_column_is_told_with_file_and_line_and_the_others_run(lake, panels):
    (panels / "mine.sql").write_text(f"{HEAD}SELECT\n  customer,\n  amonut\nFROM orders\n")

    sound, text = found(lake, panels)["Mine"]

    assert not sound
    assert text.startswith("mine.sql:8: ")
    assert "amonut" in text
    assert "\n" not in text
    assert found(lake, panels)["Order status"][0]


def test_the_line_is_right_in_a_panel_with_relations_of_its_own(lake, panels):
    (panels / "mine.sql").write_text(
        f"{HEAD}WITH mine AS (\n  SELECT customer FROM orders\n)\nSELECT custmoer\nFROM mine\n"
    )

    assert found(lake, panels)["Mine"][1].startswith("mine.sql:9: ")


def test_a_panel_that_cannot_be_read_is_told_with_file_and_line(lake, panels):
    (panels / "mine.sql").write_text("SELECT 1")

    sound, text = found(lake, panels)["mine"]

    assert not sound
    assert text.startswith("mine.sql:1: ")


SLOW = f"""{HEAD}SELECT count(*) AS n
FROM orders AS a CROSS JOIN orders AS b CROSS JOIN orders AS c CROSS JOIN orders AS d
WHERE a.amount + b.amount + c.amount + d.amount < 0
"""
"""Among a thousand orders a million million rows: nobody sees its end."""

TYPED = """
import runpy, signal, sys
from functools import partial
from pathlib import Path
import local.check
signal.signal(signal.SIGINT, signal.default_int_handler)
local.check.check = partial(local.check.check, panels=Path(sys.argv.pop(1)))
runpy.run_module("local", run_name="__main__")
"""
"""`python -m local` with the panels of another folder, also where a shell has set SIGINT aside."""


def test_ctrl_c_ends_a_check_within_a_second_and_tells_what_was_checked(lake, panels, tmp_path):
    (tmp_path / "orders.csv").write_bytes(lines(*(order(id=f"O{n}") for n in range(1000))))
    Pipeline(lake).ingest(tmp_path / "orders.csv", "raw/orders.csv", None)
    (panels / "slow.sql").write_text(SLOW)

    def seconds():
        with subprocess.Popen(
            [sys.executable, "-c", TYPED, panels, "check", "--lake", lake],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                told = [process.stdout.readline() for _ in range(4)]
                assert told[0] == "Order status\n"
                time.sleep(0.5)  # the slow one has begun
                began = time.monotonic()
                process.send_signal(signal.SIGINT)
                _, said = process.communicate(timeout=10)
                took = time.monotonic() - began
            finally:
                process.kill()
        assert process.returncode == 130
        assert said == "Stopped while Mine ran. Panels checked before it: 1, with a fault: 0.\n"
        return took

    assert quickest(seconds, 1) < 1
