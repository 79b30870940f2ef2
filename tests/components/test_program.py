"""The program: what it tells whoever ran it, and what two stacks in one account share."""

import pulumi
import pytest
import yaml

from components.names import PROJECT
from tests.components.with_balancer import run_with_balancer
from tests.doubles.registered import ROOT, run_stack

SHOWN = 150
"""Characters of a text that the summary of an update shows; the rest is cut (seen in 3.259)."""

NAMES = ("name", "bucketPrefix", "layerName")
"""Inputs that become physical names."""


def test_the_outputs_say_what_to_do_next(dev):
    bucket = dev.exports["bucket"]

    assert dev.exports["drop"] == f"aws s3 cp orders.csv s3://{bucket}/raw/"
    assert dev.exports["open"] == "eval $(pulumi stack output session -s dev)"
    assert dev.exports["session"].startswith(
        "aws ssm start-session --region eu-central-1 --target "
    )
    assert dev.exports["dashboard"] == "http://localhost:5000"
    assert dev.exports["function"] == "FilterAndProcessOrders-dev"


def test_no_output_that_is_to_be_copied_is_cut_short_or_escaped(dev, prod):
    for stack in (dev, prod, run_with_balancer("prod")):
        told = {name: value for name, value in stack.exports.items() if name != "session"}
        assert len(told) >= 10
        assert {name for name, value in told.items() if len(value or "") > SHOWN} == set()
        assert {name for name, value in told.items() if set(value or "") & {'"', "\\"}} == set()


def test_the_project_is_called_in_its_file_as_in_its_names():
    assert yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["name"] == PROJECT


def test_two_stacks_share_no_physical_name(dev, prod):
    def names(stack):
        return {
            (one.type, one.inputs[key])
            for one in stack.resources
            for key in NAMES
            if key in one.inputs and one.type not in INSIDE
        }

    assert len(names(dev)) > 20
    assert names(dev) & names(prod) == set()


INSIDE = {
    "aws:glue/catalogTable:CatalogTable",
    "aws:athena/namedQuery:NamedQuery",
    "aws:lambda/alias:Alias",
}
"""Their names need to differ within a stack's database, workgroup or function only."""


def test_what_refuses_to_be_destroyed_waits_for_all_there_is(dev, prod):
    """So it is the first to go, and nothing goes before it has refused."""
    for stack, is_kept in ((dev, False), (prod, True)):
        [keeper] = [
            one
            for one in stack.resources
            if one.type == "pulumi:index:Stash" and one.name == "keepData"
        ]
        assert stack.options[keeper.name].protected == is_kept
        others = {one.name for one in stack.resources if one.type.startswith("aws:")}
        assert len(others) > 60
        assert [name for name in others if not stack.waits_for(keeper.name, name)] == []


def test_a_wrong_setting_ends_the_program_before_any_resource(monkeypatch):
    made = []
    monkeypatch.setattr(
        "tests.doubles.registered._Recorder.new_resource", lambda _, args: made.append(args)
    )

    with pytest.raises(pulumi.RunError, match="memoryMiB: '1' is not a whole number from 128"):
        run_stack("dev", memoryMiB=1)

    assert [one.typ for one in made if one.typ != "pulumi:pulumi:Stack"] == []
