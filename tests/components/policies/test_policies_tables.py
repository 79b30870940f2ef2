"""What every role of the stack may do, as a table to read: tables/<role>.txt.

A change of a right is a change of a table, seen in review. The stack dev is written down; another
stack differs by its name alone.
"""

import json
from pathlib import Path

import pytest

from tests.doubles.iam import ACCOUNT, listed
from tests.doubles.registered import REGION, Registered
from tests.doubles.rights import table

TABLES = Path(__file__).parent / "tables"
ROLES = {
    "function": "FilterAndProcessOrders-{stack}",
    "sweep": "orders-sweep-{stack}",
    "crawler": "orders_processed_crawler_{stack}",
    "host": "Athena-Dashboard-Server-{stack}",
}

WITHOUT_RESOURCE = {
    "xray:PutTelemetryRecords": "X-Ray knows no resources",
    "xray:PutTraceSegments": "X-Ray knows no resources",
    "ssm:UpdateInstanceInformation": "its resource is the instance, which comes after its role",
    "ssmmessages:CreateControlChannel": "the message gateway knows no resources",
    "ssmmessages:CreateDataChannel": "the message gateway knows no resources",
    "ssmmessages:OpenControlChannel": "the message gateway knows no resources",
    "ssmmessages:OpenDataChannel": "the message gateway knows no resources",
}
"""action -> why AWS takes no other resource than `*` (Service Authorization Reference)"""


def short(stack: Registered) -> dict[str, str]:
    """Return what a reader knows."""
    lake = stack.one("s3.BucketNotification").inputs["bucket"]
    return {
        f"arn:aws:s3:::{lake}": "LAKE",
        stack.one("kms.Key").outputs["arn"]: "KEY",
        f":{REGION}:{ACCOUNT}:": " ",
        "arn:aws:": "",
        f".{REGION}.amazonaws.com": "",
    }


def of_role(stack: Registered, which: str) -> str:
    return table(stack.documents(ROLES[which].format(stack=stack.stack)), short(stack))


@pytest.mark.parametrize("which", ROLES)
def test_a_role_may_do_what_its_table_says(dev, which):
    assert of_role(dev, which) == (TABLES / f"{which}.txt").read_text()


@pytest.mark.parametrize("which", ROLES)
def test_in_another_stack_a_role_may_do_the_same_to_that_stacks_things(dev, prod, which):
    def named(text: str) -> str:
        return text.replace("-prod", "-dev").replace("_prod", "_dev").replace("/prod/", "/dev/")

    assert named(of_role(prod, which)) == of_role(dev, which)


def test_there_is_a_table_for_every_role(dev, balanced):
    for stack in (dev, balanced):
        made = {role.inputs["name"] for role in stack.of("iam.Role")}
        assert made == {name.format(stack=stack.stack) for name in ROLES.values()}
    assert {path.stem for path in TABLES.glob("*.txt")} == {*ROLES, "resources", "requests"}


@pytest.mark.parametrize("which", ROLES)
def test_no_right_is_a_pattern_of_actions(dev, which):
    for document in dev.documents(ROLES[which].format(stack="dev")).values():
        for statement in document["Statement"]:
            actions = listed(statement["Action"])
            if statement["Effect"] == "Allow":
                assert not [action for action in actions if "*" in action or "?" in action]
                assert "NotAction" not in statement
                assert "NotResource" not in statement


def test_only_what_knows_no_resource_is_allowed_on_all(dev, prod, balanced):
    found = {
        action
        for stack in (dev, prod, balanced)
        for role in stack.of("iam.Role")
        for document in stack.documents(role.outputs["id"]).values()
        for statement in document["Statement"]
        if "*" in listed(statement["Resource"]) and statement["Effect"] == "Allow"
        for action in listed(statement["Action"])
    }
    assert found == set(WITHOUT_RESOURCE)


def test_every_role_is_assumed_by_one_service_alone(dev):
    trusts = {
        role.inputs["name"]: json.loads(role.inputs["assumeRolePolicy"])["Statement"]
        for role in dev.of("iam.Role")
    }
    assert {name: [one["Principal"] for one in trust] for name, trust in trusts.items()} == {
        "FilterAndProcessOrders-dev": [{"Service": ["lambda.amazonaws.com"]}],
        "orders-sweep-dev": [{"Service": ["scheduler.amazonaws.com"]}],
        "orders_processed_crawler_dev": [{"Service": ["glue.amazonaws.com"]}],
        "Athena-Dashboard-Server-dev": [{"Service": ["ec2.amazonaws.com"]}],
    }
