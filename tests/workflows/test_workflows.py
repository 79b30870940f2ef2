"""The workflows: what the linters say of them, and who gets which rights when."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.workflows.actionlint import CannotBuild, actionlint

ROOT = Path(__file__).parent.parent.parent
GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
ACTION = GITHUB / "actions" / "pulumi" / "action.yml"
ZIZMOR = Path(sys.executable).parent / "zizmor"

LEAST = {
    "checks, tests, heavy engines": {"contents": "read"},
    "tests": {"contents": "read"},
    "preview of ${{ matrix.stack }}": {
        "contents": "read",
        "id-token": "write",
        "pull-requests": "write",
    },
    "up on dev": {"contents": "read", "id-token": "write"},
    "up on prod": {"contents": "read", "id-token": "write"},
    "claims, measured": {"contents": "read"},
    "long runs": {"contents": "read"},
}
"""job -> what its token may do"""


def read(path):
    # YAML 1.1 takes the key `on` for a truth value
    return yaml.safe_load(path.read_text().replace("\non:", "\n'on':"))


def jobs(name):
    return read(GITHUB / "workflows" / name)["jobs"]


def every_job():
    return [job for path in WORKFLOWS for job in read(path)["jobs"].values()]


def zizmor(*words):
    done = subprocess.run(
        [ZIZMOR, "--offline", "--no-progress", "--persona=pedantic", "--format=json", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def lint():
    try:
        binary = actionlint()
    except CannotBuild as reason:
        pytest.fail(str(reason), pytrace=False)

    def run(*paths):
        # shellcheck and pyflakes are not there everywhere: the same answer on every machine
        words = [binary, "-no-color", "-shellcheck=", "-pyflakes=", *map(str, paths)]
        return subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)

    return run


def test_actionlint_finds_nothing(lint):
    found = lint(*WORKFLOWS)
    assert found.returncode == 0, found.stdout


def test_actionlint_does_find_what_is_wrong(lint, tmp_path):
    wrong = tmp_path / "wrong.yml"
    text = (GITHUB / "workflows" / "deploy.yml").read_text()
    wrong.write_text(text.replace("github.job", "github.jobs"))
    assert 'property "jobs" is not defined' in lint(wrong).stdout


def test_zizmor_finds_nothing_at_its_strictest():
    assert zizmor(".github") == []


def test_zizmor_is_told_to_overlook_nothing_that_it_would_not_find():
    waived = set(read(GITHUB / "zizmor.yml")["rules"])
    assert {finding["ident"] for finding in zizmor("--no-config", ".github")} == waived


def test_every_job_has_just_the_rights_that_it_needs():
    found = {job["name"]: job["permissions"] for job in every_job()}
    assert found == LEAST
    for path in WORKFLOWS:
        assert read(path)["permissions"] == {}, f"{path.name} grants something to all its jobs"


def test_every_job_ends_some_day():
    for job in every_job():
        longest = 150 if job["name"] == "long runs" else 60
        assert "uses" in job or job["timeout-minutes"] <= longest, job["name"]


def test_a_preview_never_runs_for_a_fork():
    condition = jobs("preview.yml")["preview"]["if"]
    parts = {part.strip() for part in condition.split("&&")}
    assert "github.event.pull_request.head.repo.full_name == github.repository" in parts
    assert "||" not in condition


def test_no_workflow_runs_a_strangers_code_with_our_rights():
    triggers = {trigger for path in WORKFLOWS for trigger in read(path)["on"]}
    # by the last two runs what is on a branch of ours
    assert triggers == {"pull_request", "workflow_call", "push", "schedule", "workflow_dispatch"}


def test_a_preview_and_an_update_take_different_roles():
    preview = jobs("preview.yml")["preview"]
    assert preview["environment"] == "preview-${{ matrix.stack }}"
    assert preview["strategy"]["matrix"] == {"stack": ["dev", "prod"]}
    assert {name: job.get("environment") for name, job in jobs("deploy.yml").items()} == {
        "tests": None,
        "dev": "dev",
        "prod": "prod",
    }


def test_a_preview_is_one_comment_per_stack_that_is_kept_up_to_date():
    [step] = [s for s in jobs("preview.yml")["preview"]["steps"] if "pulumi" in s["uses"]]
    assert (step["with"]["command"], step["with"]["comment"]) == ("preview", "true")
    run = read(ACTION)["runs"]["steps"][-1]["with"]
    assert (run["comment-on-pr"], run["edit-pr-comment"]) == ("${{ inputs.comment }}", "true")


def test_what_is_on_main_goes_through_the_tests_to_dev_and_from_there_to_prod():
    deploy = GITHUB / "workflows" / "deploy.yml"
    assert read(deploy)["on"] == {"push": {"branches": ["main"]}}
    assert {name: job.get("needs") for name, job in jobs("deploy.yml").items()} == {
        "tests": None,
        "dev": "tests",
        "prod": "dev",
    }
    for name in ("dev", "prod"):
        [step] = [s for s in jobs("deploy.yml")[name]["steps"] if "pulumi" in s["uses"]]
        assert (step["with"]["command"], step["with"]["stack"]) == ("up", "${{ github.job }}")


def test_a_stack_is_updated_by_one_run_at_a_time_and_none_is_broken_off():
    for name in ("dev", "prod"):
        assert jobs("deploy.yml")[name]["concurrency"] == {
            "group": f"up-{name}",
            "cancel-in-progress": False,
        }


def test_the_stacks_are_those_with_a_file():
    stacks = {path.name.split(".")[1] for path in ROOT.glob("Pulumi.*.yaml")}
    assert set(jobs("preview.yml")["preview"]["strategy"]["matrix"]["stack"]) == stacks
    assert set(jobs("deploy.yml")) - {"tests"} == stacks


def test_the_packages_are_installed_before_the_program_runs():
    steps = read(ACTION)["runs"]["steps"]
    order = [step.get("run") or step["uses"].split("@")[0] for step in steps]
    assert order[-3:] == ["pulumi/actions", "pulumi install", "pulumi/actions"]
    assert "command" not in steps[-3]["with"]


def test_the_command_line_is_as_old_as_the_library():
    locked = re.search(r"^pulumi==(\S+)", (ROOT / "requirements/stack.txt").read_text(), re.M)[1]
    steps = [s for s in read(ACTION)["runs"]["steps"] if "pulumi/actions" in s.get("uses", "")]
    assert {step["with"]["pulumi-version"] for step in steps} == {locked}


def test_nothing_of_a_lake_is_told_in_a_log():
    assert read(ACTION)["runs"]["steps"][-1]["with"]["suppress-outputs"] == "true"


def test_pull_requests_are_tested_and_nothing_is_skipped():
    tests = read(GITHUB / "workflows" / "tests.yml")
    assert "pull_request" in tests["on"]
    assert tests["jobs"]["tests"]["steps"][-1] == {"run": ".ci/run"}
    assert "if" not in tests["jobs"]["tests"]


def test_claims_and_long_runs_are_looked_at_every_week():
    weekly = read(GITHUB / "workflows" / "weekly.yml")
    [when] = weekly["on"]["schedule"]
    minute, hour, day, month, weekday = when["cron"].split()

    assert weekday.isdigit()
    assert (day, month) == ("*", "*")
    assert minute.isdigit()
    assert minute != "0", "GitHub has most to do on the hour"
    assert hour.isdigit()
    assert {name: job["steps"][-1] for name, job in weekly["jobs"].items()} == {
        "bench": {"run": "make bench"},
        "soak": {"run": "make soak"},
    }
    assert not any("if" in job or "needs" in job for job in weekly["jobs"].values())
