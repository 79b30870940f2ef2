"""What a preview may do: read the stack's state and look up what the program asks for.

A preview compares the program with the state and asks AWS for hardly anything. AWS's own
ReadOnlyAccess would let a pull request's code read every order: this cannot read one.
"""

import pulumi

from bootstrap.names import Names
from bootstrap.state import read_state, use_secrets_key
from components.account import Account
from components.policy import Statement

LOOK_UPS = ("ec2:DescribeInstanceTypeOfferings", "ec2:DescribeSubnets", "ec2:DescribeVpcs")
"""What the program looks up of the network; describing takes no resource."""


def preview_rights(names: Names, state_bucket: str, secrets_key_arn: str) -> tuple[Statement, ...]:
    """Return the statements of the role that previews a stack."""
    return (
        Statement("LookUp", LOOK_UPS, ("*",)),
        # AWS's own public parameters belong to no account: their ARN has none
        Statement(
            "PublicParameters",
            ("ssm:GetParameter",),
            (_public_parameters(names.account),),
        ),
        *read_state(names, state_bucket),
        *use_secrets_key(secrets_key_arn, encrypt=False),
    )


def _public_parameters(account: Account) -> pulumi.Output[str]:
    return pulumi.Output.format(
        "arn:{}:ssm:{}::parameter/aws/service/*", account.partition, account.region
    )
