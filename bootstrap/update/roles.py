"""The rights on the stack's roles: none without the boundary, none on the way in."""

import pulumi

from bootstrap.names import PATH, Names
from components.policy import Statement


def roles(names: Names, boundary_arn: pulumi.Input[str]) -> tuple[Statement, ...]:
    """Return the rights on roles and instance profiles."""
    bounded = {"StringEquals": {"iam:PermissionsBoundary": boundary_arn}}
    own = names.iam("role", [f"{PATH.strip('/')}/*"])
    return (
        Statement(
            "RolesWithBoundary",
            (
                "iam:CreateRole",
                "iam:DeleteRolePolicy",
                "iam:PutRolePermissionsBoundary",
                "iam:PutRolePolicy",
            ),
            names.roles(),
            bounded,
        ),
        Statement(
            "Roles",
            (
                "iam:DeleteRole",
                "iam:GetRole",
                "iam:GetRolePolicy",
                "iam:ListAttachedRolePolicies",
                "iam:ListInstanceProfilesForRole",
                "iam:ListRolePolicies",
                "iam:TagRole",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
            ),
            names.roles(),
        ),
        Statement(
            "Profiles",
            (
                "iam:AddRoleToInstanceProfile",
                "iam:CreateInstanceProfile",
                "iam:DeleteInstanceProfile",
                "iam:GetInstanceProfile",
                "iam:RemoveRoleFromInstanceProfile",
                "iam:TagInstanceProfile",
                "iam:UntagInstanceProfile",
            ),
            names.profiles(),
        ),
        Statement(
            "PassRoles",
            ("iam:PassRole",),
            names.roles(),
            {
                "StringEquals": {
                    "iam:PassedToService": (
                        "ec2.amazonaws.com",
                        "glue.amazonaws.com",
                        "lambda.amazonaws.com",
                        "scheduler.amazonaws.com",
                    )
                }
            },
        ),
        # the load balancer's own role, which AWS makes with the account's first one
        Statement(
            "BalancerRole",
            ("iam:CreateServiceLinkedRole",),
            names.iam("role", ["aws-service-role/elasticloadbalancing.amazonaws.com/*"]),
            {"StringEquals": {"iam:AWSServiceName": "elasticloadbalancing.amazonaws.com"}},
        ),
        # the way in is not changed by who came through it
        Statement(
            "NeverTheWayIn",
            (
                "iam:AttachRolePolicy",
                "iam:DeleteRolePermissionsBoundary",
                "iam:PutRolePermissionsBoundary",
                "iam:PutRolePolicy",
                "iam:UpdateAssumeRolePolicy",
            ),
            own,
            effect="Deny",
        ),
        Statement(
            "NeverWithoutBoundary",
            ("iam:DeleteRolePermissionsBoundary",),
            ("*",),
            effect="Deny",
        ),
    )
