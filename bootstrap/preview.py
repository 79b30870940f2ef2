"""What a preview may do: read the stack's state and look up what the program asks for.

A preview compares the program with the state and asks AWS for hardly anything. AWS's own
ReadOnlyAccess would let a pull request's code read every order: this cannot read one.
"""

from bootstrap.names import Names
from bootstrap.state import read_state, use_secrets_key
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
            (names.account.region.apply(_public_parameters),),
        ),
        *read_state(state_bucket, names.stack),
        *use_secrets_key(secrets_key_arn, encrypt=False),
    )


def _public_parameters(region: str) -> str:
    return f"arn:aws:ssm:{region}::parameter/aws/service/*"
