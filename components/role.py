"""A role that one AWS service assumes, with one policy of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import iam

from components.policy import Conditions, Statement, document, trust


@dataclass(frozen=True)
class ServiceRole:
    """A role with its policy: what uses it waits for both, since services try it at once."""

    role: iam.Role
    policy: iam.RolePolicy

    @property
    def arn(self) -> pulumi.Output[str]:
        """Its ARN."""
        return self.role.arn


def service_role(
    name: str,
    *,
    physical_name: str,
    service: str,
    statements: Sequence[Statement],
    opts: pulumi.ResourceOptions,
    only_for: Conditions | None = None,
) -> ServiceRole:
    """Make the role. `only_for` says for whose things the service may assume it."""
    role = iam.Role(
        name, name=physical_name, assume_role_policy=trust(service, only_for), opts=opts
    )
    policy = iam.RolePolicy(f"{name}-policy", role=role.id, policy=document(statements), opts=opts)
    return ServiceRole(role, policy)


def keep_bounded(boundary: str) -> None:
    """Give every role that is made from here on a permission boundary, by its policy's ARN."""

    def bounded(
        args: pulumi.ResourceTransformationArgs,
    ) -> pulumi.ResourceTransformationResult | None:
        if args.type_ != "aws:iam/role:Role":
            return None
        props = {**args.props, "permissions_boundary": boundary}
        return pulumi.ResourceTransformationResult(props, args.opts)

    pulumi.runtime.register_stack_transformation(bounded)
