"""How the things of a stack are called: the main program's names, as patterns in ARNs."""

from collections.abc import Iterable
from dataclasses import dataclass

import pulumi

from components.account import Account

PATH = "/orders-lake-ci/"
"""Path of the roles and policies made here: what the stacks' updates may never touch."""

FUNCTION = "FilterAndProcessOrders"
SWEEP = "orders-sweep"
CRAWLER = "orders_processed_crawler"
SERVER = "Athena-Dashboard-Server"
LAYER = "orders-polars"
WORKGROUP = "orders"
LAKE = "orders-lake"


@dataclass(frozen=True)
class Names:
    """The ARNs of one stack's things in one account."""

    account: Account
    stack: str

    @property
    def snake(self) -> str:
        """The stack's name where a dash may not stand."""
        return self.stack.replace("-", "_")

    def arns(self, service: str, *resources: str) -> tuple[pulumi.Output[str], ...]:
        """Return the ARNs of resources in this account and region."""
        return tuple(self.account.arn(service, resource) for resource in resources)

    def roles(self) -> tuple[pulumi.Output[str], ...]:
        """Return the stack's own roles; those of CI have another path."""
        names = (
            f"{FUNCTION}-{self.stack}",
            f"{SWEEP}-{self.stack}",
            f"{CRAWLER}_{self.snake}",
            f"{SERVER}-{self.stack}",
        )
        return self.iam("role", names)

    def profiles(self) -> tuple[pulumi.Output[str], ...]:
        """Return the stack's instance profiles."""
        return self.iam("instance-profile", [f"{SERVER}-{self.stack}"])

    def iam(self, kind: str, names: Iterable[str]) -> tuple[pulumi.Output[str], ...]:
        """Return ARNs of IAM, which knows no region."""
        return tuple(
            pulumi.Output.format(
                "arn:{}:iam::{}:{}/{}", self.account.partition, self.account.id, kind, name
            )
            for name in names
        )

    def buckets(self) -> tuple[pulumi.Output[str], ...]:
        """Return the stack's buckets. The provider ends their names with 26 characters, no dash."""
        ending = "?" * 26
        names = (f"{LAKE}-{self.stack}-{ending}", f"{LAKE}-{self.stack}-logs-{ending}")
        return tuple(
            pulumi.Output.format("arn:{}:s3:::{}", self.account.partition, name) for name in names
        )

    def objects(self, prefix: str = "") -> tuple[pulumi.Output[str], ...]:
        """Return the objects under a prefix of the stack's buckets."""
        return tuple(pulumi.Output.format("{}/{}*", arn, prefix) for arn in self.buckets())
