"""What the tests of bootstrap/ share: its roles, and the places that they may or may not reach."""

from tests.bootstrap.conftest import STATE
from tests.doubles.iam import ACCOUNT, Policies
from tests.doubles.registered import ENDING, REGION

STACKS = ("dev", "prod")
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0123"


def boundary_of(access, stack):
    return access.one("iam.Policy", name=f"boundary-{stack}")


def role_of(access, name):
    return Policies(access.documents(name))


def lake_objects(stack):
    prefixes = ("raw", "processed", "dropped", "quarantine", "ingests", "enriched", "state")
    return [f"arn:aws:s3:::orders-lake-{stack}-{ENDING}/{prefix}/a" for prefix in prefixes]


def state_file(stack):
    return f"arn:aws:s3:::{STATE}/.pulumi/stacks/orders-lake/{stack}.json"


def allowing_keys(policies, resources):
    """Let the key's policy hand the decision on to the role's, as that of the stack does."""
    root = {"Sid": "Account", "Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    root["Principal"] = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    return Policies(policies.role, {one: {"Statement": [root]} for one in resources})
