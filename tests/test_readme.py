"""What the README says of settings, costs and components is what the program has."""

import re
from pathlib import Path

import pytest

from components.private_vpc import ENDPOINTS
from components.settings import FunctionSettings
from docs import settings_table
from tests.components.with_balancer import SECRET, SETTINGS
from tests.doubles.registered import run, run_stack

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
    sweeps = HOURS * 60 // FunctionSettings().sweep_minutes

    assert f"{len(ENDPOINTS)} interface endpoints" in told
    assert f"every {FunctionSettings().sweep_minutes} minutes" in told
    assert f"{sweeps:,} calls" in told


def alarms_and_metrics(stack, secret=None, **settings):
    """Return how many alarms a stack has, and how many metrics they watch."""
    made = run_stack(stack, secret, **settings).of("cloudwatch.MetricAlarm")
    queries = [query for alarm in made for query in alarm.inputs["metricQueries"]]
    return len(made), sum("metric" in query for query in queries)


def test_the_costs_count_the_alarms_of_either_stack_and_of_a_load_balancer():
    told = section("What it costs")
    alarms, metrics = alarms_and_metrics("dev")

    assert f"{alarms} alarms that watch {metrics} metrics × 0.10" in told
    assert alarms_and_metrics("prod") == (alarms + 1, metrics + 1)
    assert f"with `alarmNoFileHours` {alarms + 1} that watch {metrics + 1};" in told
    balanced = alarms_and_metrics("dev", {"oidcClientSecret": SECRET}, **SETTINGS)
    assert balanced == (alarms + 1, metrics + 1)
    assert "two public addresses, an alarm" in told


def test_a_component_goes_into_another_program_as_it_is_shown(tmp_path: Path):
    [program] = re.findall(
        r"```python\n(.*?)```", section("One component in another program"), re.S
    )
    (tmp_path / "__main__.py").write_text(program)
    (tmp_path / "Pulumi.yaml").write_text("name: another\n")

    made = run(tmp_path / "__main__.py", "dev", {})

    assert {one.name for one in made.of("s3.Bucket")} == {"lake-logs", "lake"}
    assert {one.type.split(":")[1].split("/")[0] for one in made.resources} == {"s3", "kms"}


def test_the_components_that_the_program_wires_are_counted():
    program = (settings_table.ROOT / "__main__.py").read_text()
    wired = re.findall(r"^\w+ = (\w+)\(\n", program, re.M)

    assert wired == ["DataLake", "OrdersFilter", "OrdersCatalog", "Network", "DashboardHost"]
    assert "wires all five." in section("One component in another program")


@pytest.mark.parametrize("path", [".github/workflows/deploy.yml", "bootstrap/__main__.py"])
def test_who_points_to_a_part_of_it_names_one_that_is_there(path):
    text = (settings_table.ROOT / path).read_text()
    [title] = re.findall(r'README, "([^"]+)"', text)

    assert f"\n### {title}\n" in PAGE
