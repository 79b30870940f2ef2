"""The rights that bootstrap/ gives, as tables to read, and within what IAM takes."""

import json
from pathlib import Path

import pytest

from tests.bootstrap.entered import boundary_of
from tests.doubles.iam import ACCOUNT
from tests.doubles.registered import REGION
from tests.doubles.rights import table

TABLES = Path(__file__).parent / "tables"
LONGEST_POLICY = 6144
"""Characters of a managed policy, blanks not counted (IAM's quotas)."""
MOST_POLICIES = 10
"""Managed policies of a role (IAM's quotas, unless raised)."""
SHORT = {f":{REGION}:{ACCOUNT}:": " ", f":{ACCOUNT}:": " ", "arn:aws:": "", "?" * 26: "..."}


def test_no_policy_is_longer_than_iam_takes(access):
    for policy in access.of("iam.Policy"):
        assert len("".join(policy.inputs["policy"].split())) <= LONGEST_POLICY, policy.name
    for role in access.of("iam.Role"):
        assert 1 <= len(access.documents(role.inputs["name"])) <= MOST_POLICIES


@pytest.mark.parametrize("name", ["preview", "update", "boundary"])
def test_the_rights_are_those_of_the_table(access, name):
    if name == "boundary":
        documents = {"boundary": json.loads(boundary_of(access, "dev").inputs["policy"])}
    else:
        documents = access.documents(f"{name}-dev")
    assert table(dict(sorted(documents.items())), SHORT) == (TABLES / f"{name}.txt").read_text()
