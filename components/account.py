"""The account and region that a stack is made in, as ARNs need them."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True)
class Account:
    """Where the stack stands."""

    id: pulumi.Output[str]
    region: pulumi.Output[str]
    partition: pulumi.Output[str]
    """aws, aws-cn, aws-us-gov"""

    def arn(self, service: str, resource: pulumi.Input[str]) -> pulumi.Output[str]:
        """Return the ARN of something of a service in this account and region."""
        return pulumi.Output.format(
            "arn:{}:{}:{}:{}:{}", self.partition, service, self.region, self.id, resource
        )


def here(parent: pulumi.Resource) -> Account:
    """Return the account of a component's provider."""
    opts = pulumi.InvokeOutputOptions(parent=parent)
    return Account(
        aws.get_caller_identity_output(opts=opts).account_id,
        aws.get_region_output(opts=opts).region,
        aws.get_partition_output(opts=opts).partition,
    )
