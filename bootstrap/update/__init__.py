"""What an update of a stack may do, in parts that each fit one managed policy.

Patterns of actions stand where the provider reads a resource's many sub-resources one by one; none
covers a whole service. Whatever AWS lets a policy name, names the stack. What AWS knows only by a
random id (keys, the instance, its network) is bound by region and by the tag `stack`, which the
stack's file gives to everything (aws:defaultTags).
"""

import pulumi

from bootstrap.names import Names
from bootstrap.preview import preview_rights
from bootstrap.state import use_secrets_key, write_state
from bootstrap.update.catalog import catalog
from bootstrap.update.data import data
from bootstrap.update.function import function
from bootstrap.update.host import host
from bootstrap.update.roles import roles
from components.policy import Statement


def update_rights(
    names: Names, boundary_arn: pulumi.Input[str], state_bucket: str, secrets_key_arn: str
) -> dict[str, tuple[Statement, ...]]:
    """Return the statements of the role that updates a stack, by part."""
    return {
        "state": (
            *preview_rights(names, state_bucket, ""),
            *write_state(names, state_bucket),
            *use_secrets_key(secrets_key_arn, encrypt=True),
        ),
        "roles": roles(names, boundary_arn),
        "data": data(names),
        "catalog": catalog(names),
        "function": function(names),
        "host": host(names),
    }
