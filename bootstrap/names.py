"""The ARNs of a stack's things, by the names that the main program gives them."""

from collections.abc import Iterable
from dataclasses import dataclass

import pulumi

from components.account import Account
from components.names import StackNames

PATH = "/orders-lake-ci/"
"""Path of the roles and policies made here: what the stacks' updates may never touch."""


@dataclass(frozen=True)
class Names:
    """The ARNs of one stack's things in one account."""

    account: Account
    stack: str

    @property
    def called(self) -> StackNames:
        """The plain names."""
        return StackNames(self.stack)

    def arns(self, service: str, *resources: str) -> tuple[pulumi.Output[str], ...]:
        """Return the ARNs of resources in this account and region."""
        return tuple(self.account.arn(service, resource) for resource in resources)

    def roles(self) -> tuple[pulumi.Output[str], ...]:
        """Return the stack's own roles; those of CI have another path."""
        called = self.called
        return self.iam("role", (called.function, called.sweep, called.crawler, called.server))

    def profiles(self) -> tuple[pulumi.Output[str], ...]:
        """Return the stack's instance profiles."""
        return self.iam("instance-profile", [self.called.server])

    def logs(self) -> tuple[pulumi.Output[str], ...]:
        """Return the stack's log groups; some calls name them with `:*`."""
        groups = [f"log-group:{name}" for name in self.called.logs]
        return self.arns("logs", *groups, *(f"{group}:*" for group in groups))

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
        return tuple(
            pulumi.Output.format("arn:{}:s3:::{}{}", self.account.partition, beginning, ending)
            for beginning in self.called.buckets
        )

    def objects(self, prefix: str = "") -> tuple[pulumi.Output[str], ...]:
        """Return the objects under a prefix of the stack's buckets."""
        return tuple(pulumi.Output.format("{}/{}*", arn, prefix) for arn in self.buckets())
