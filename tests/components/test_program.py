"""The program: what it tells whoever ran it, and what two stacks in one account share."""

import pulumi
import pytest

from tests.doubles.registered import run_stack

NAMES = ("name", "bucketPrefix", "layerName")
"""Inputs that become physical names."""


def test_the_outputs_say_what_to_do_next(dev):
    bucket = dev.exports["bucket"]

    assert dev.exports["drop"] == f"aws s3 cp orders.csv s3://{bucket}/raw/"
    assert dev.exports["open"].startswith("aws ssm start-session --region eu-central-1 --target ")
    assert dev.exports["dashboard"] == "http://localhost:5000"
    assert dev.exports["function"] == "FilterAndProcessOrders-dev"


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


INSIDE = {"aws:glue/catalogTable:CatalogTable", "aws:athena/namedQuery:NamedQuery"}
"""Their names need to differ within a stack's database or workgroup only."""


def test_a_wrong_setting_ends_the_program_before_any_resource(monkeypatch):
    made = []
    monkeypatch.setattr(
        "tests.doubles.registered._Recorder.new_resource", lambda _, args: made.append(args)
    )

    with pytest.raises(pulumi.RunError, match="memoryMiB: '1' is not a whole number from 128"):
        run_stack("dev", memoryMiB=1)

    assert [one.typ for one in made if one.typ != "pulumi:pulumi:Stack"] == []
