"""The boundary: what the stacks' roles need, and no more."""

import json

import pytest

from tests.bootstrap.entered import STACKS, allowing_keys, boundary_of
from tests.doubles.iam import Policies, Request, listed
from tests.doubles.registered import run_stack
from tests.doubles.rights import single_rights


def asked_by(right):
    """Return a request that is just what a single right allows."""
    condition = {
        key: listed(values)[0].replace("*", "a")
        for keys in right["Condition"].values()
        for key, values in keys.items()
    }
    resource = right["Resource"]
    return Request(
        right["Action"], resource if resource == "*" else resource.replace("*", "a"), condition
    )


@pytest.mark.parametrize("stack", STACKS)
def test_the_boundary_takes_nothing_from_the_stacks_roles(access, lakes, stack):
    boundary = Policies({"boundary": json.loads(boundary_of(access, stack).inputs["policy"])})
    for lake in lakes[stack]:
        keys = {one.outputs["arn"] for one in lake.of("kms.Key")}
        held = allowing_keys(boundary, keys)
        for role in lake.of("iam.Role"):
            for right, statement in single_rights(lake.documents(role.outputs["id"])):
                assert held.decide(asked_by(statement)), f"{role.name}: {right}"


@pytest.mark.parametrize("stack", STACKS)
def test_the_boundary_is_no_wider_than_the_stacks_roles_need(access, lakes, stack):
    needed = {
        statement["Action"]
        for lake in lakes[stack]
        for role in lake.of("iam.Role")
        for _, statement in single_rights(lake.documents(role.outputs["id"]))
    }
    boundary = json.loads(boundary_of(access, stack).inputs["policy"])
    allowed = {action for one in boundary["Statement"] for action in one["Action"]}
    assert allowed == needed


def test_the_boundary_of_one_stack_does_not_reach_into_another(access, lakes):
    boundary = Policies({"boundary": json.loads(boundary_of(access, "dev").inputs["policy"])})
    shared = ("ssm", "ssmmessages:", "xray:", "kms:", "logs:")
    for lake in lakes["prod"]:
        held = allowing_keys(boundary, {one.outputs["arn"] for one in lake.of("kms.Key")})
        for role in lake.of("iam.Role"):
            for right, statement in single_rights(lake.documents(role.outputs["id"])):
                if not right.startswith(shared) and "glue" not in statement["Resource"]:
                    assert not held.decide(asked_by(statement)), right


def test_the_main_program_puts_the_boundary_on_all_its_roles(access):
    arn = boundary_of(access, "dev").outputs["arn"]
    lake = run_stack("dev", permissionsBoundary=arn)
    assert {role.inputs.get("permissionsBoundary") for role in lake.of("iam.Role")} == {arn}
