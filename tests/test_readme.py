"""What the README says of settings, costs and components is what the program has."""

import re
from pathlib import Path

import pytest

from components.alarms import Watched, alarms
from components.private_vpc import ENDPOINTS
from components.settings import FunctionSettings
from docs import settings_table
from tests.doubles.registered import run

PAGE = settings_table.PAGE.read_text()
HOURS = 730


def section(title: str) -> str:
    """Return what stands under a title of the page."""
    [_, after] = PAGE.split(f"\n### {title}\n")
    return re.split(r"\n###? ", after)[0]


def test_the_settings_are_those_of_pulumi_yaml():
    made = settings_table.table(settings_table.ROOT / "Pulumi.yaml")

    assert settings_table.replaced(PAGE, made) == PAGE, "run `python -m docs.settings_table`"


def test_the_costs_add_up():
    rows = [line.split("|")[1:-1] for line in section("What it costs").split("\n") if "|" in line]
    *parts, together = rows[2:]
    sums = [sum(float(part[column]) for part in parts) for column in (1, 2)]

    assert len(parts) == 5
    assert [float(cell.strip("* ")) for cell in together[1:3]] == [round(one) for one in sums]


def test_the_costs_count_what_the_stack_makes():
    told = section("What it costs")
    watched = list(alarms(Watched("", "", ""), quarantine_percent=1, no_file_hours=1))
    metrics = sum(len(alarm.metrics) for alarm in watched)
    sweeps = HOURS * 60 // FunctionSettings().sweep_minutes

    assert f"{len(watched)} alarms that watch {metrics} metrics" in told
    assert f"{len(ENDPOINTS)} interface endpoints" in told
    assert f"every {FunctionSettings().sweep_minutes} minutes" in told
    assert f"{sweeps:,} calls" in told


def test_a_component_goes_into_another_program_as_it_is_shown(tmp_path: Path):
    [program] = re.findall(
        r"```python\n(.*?)```", section("One component in another program"), re.S
    )
    (tmp_path / "__main__.py").write_text(program)
    (tmp_path / "Pulumi.yaml").write_text("name: another\n")

    made = run(tmp_path / "__main__.py", "dev", {})

    assert {one.name for one in made.of("s3.Bucket")} == {"lake-logs", "lake"}
    assert {one.type.split(":")[1].split("/")[0] for one in made.resources} == {"s3", "kms"}


@pytest.mark.parametrize("path", [".github/workflows/deploy.yml", "bootstrap/__main__.py"])
def test_who_points_to_a_part_of_it_names_one_that_is_there(path):
    text = (settings_table.ROOT / path).read_text()
    [title] = re.findall(r'README, "([^"]+)"', text)

    assert f"\n### {title}\n" in PAGE
