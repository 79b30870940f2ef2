"""Rules about IAM: what no policy of a role may say."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.components.rules.rule import Holds, Rule, inputs, said, with_statement
from tests.doubles.iam import listed, matches

KINDS = ("iam.RolePolicy", "iam.Policy")

ESCALATION = (
    *("iam:AttachRolePolicy", "iam:AttachUserPolicy", "iam:CreateAccessKey"),
    *("iam:CreateLoginProfile", "iam:CreatePolicyVersion", "iam:PassRole", "iam:PutRolePolicy"),
    *("iam:PutUserPolicy", "iam:SetDefaultPolicyVersion", "iam:UpdateAssumeRolePolicy"),
    *("lambda:UpdateFunctionCode", "sts:AssumeRole"),
)
"""By these whoever has some rights gets more (Checkov's list, from Rhino Security's)."""
CREDENTIALS = (
    *("ecr:GetAuthorizationToken", "iam:CreateAccessKey", "iam:CreateLoginProfile"),
    *("redshift:GetClusterCredentials", "sts:GetFederationToken", "sts:GetSessionToken"),
)
DATA = (
    *("s3:GetObject", "s3:GetObjectVersion", "ssm:GetParameter", "ssm:GetParameters"),
    *("secretsmanager:GetSecretValue", "rds:CopyDBSnapshot", "dynamodb:Scan"),
)
MANAGEMENT = (
    *("s3:PutBucketPolicy", "s3:PutBucketAcl", "s3:PutObjectAcl", "kms:PutKeyPolicy"),
    *("kms:CreateGrant", "lambda:AddPermission", "sqs:AddPermission", "sns:AddPermission"),
    *("iam:CreateRole", "iam:PutRolePolicy", "glue:PutResourcePolicy"),
)

WITHOUT_RESOURCE = (
    *("xray:PutTraceSegments", "xray:PutTelemetryRecords"),
    *("ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel"),
    *("ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel"),
    *("ec2:Describe*", "elasticloadbalancing:Describe*", "cloudwatch:DescribeAlarms"),
    *("kms:CreateKey", "kms:ListAliases", "lambda:ListEventSourceMappings"),
    *("glue:CreateSecurityConfiguration", "glue:DeleteSecurityConfiguration"),
    "glue:GetSecurityConfiguration",
)
"""Actions for which AWS lets no policy name a resource (Service Authorization Reference)."""

READS = ("Get", "List", "Describe", "BatchGet", "View")


def statements(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [one for one in said(given["policy"]) if one["Effect"] == "Allow"]


def unbound(given: Mapping[str, Any]) -> list[str]:
    """Return the actions that are allowed on everything, without a condition."""
    return [
        action
        for one in statements(given)
        if "*" in listed(one.get("Resource", ())) and not one.get("Condition")
        for action in listed(one.get("Action", ()))
    ]


def has_none_of(actions: tuple[str, ...]) -> Callable[[Mapping[str, Any]], bool]:
    """Return a check that none of them is allowed on everything."""
    return lambda given: (
        not any(
            matches(allowed.lower(), action.lower())
            for allowed in unbound(given)
            for action in actions
        )
    )


def names_its_resources(given: Mapping[str, Any], *, only: Callable[[str], bool]) -> bool:
    return not [
        action
        for action in unbound(given)
        if only(action) and not any(matches(one, action) for one in WITHOUT_RESOURCE)
    ]


def writes(action: str) -> bool:
    return not action.partition(":")[2].startswith(READS)


def is_no_administrator(given: Mapping[str, Any]) -> bool:
    return not any("*" in listed(one.get("Action", ())) for one in statements(given))


def has_no_whole_service(given: Mapping[str, Any]) -> bool:
    return not any(
        action.endswith(":*") or "NotAction" in one
        for one in statements(given)
        for action in listed(one.get("Action", ()))
    )


def everywhere(
    id_: str, says: str, holds: Callable[[Mapping[str, Any]], bool], *, action: str
) -> tuple[Rule, ...]:
    """Return a rule about both kinds of policies; it fires where `action` is allowed on all."""
    check: Holds = inputs(holds)
    return tuple(
        Rule(id_, says, kind, check, with_statement(kind, Action=[action], Resource=["*"]))
        for kind in KINDS
    )


RULES = (
    *everywhere("IAM.1", "nobody may do everything", is_no_administrator, action="*"),
    *everywhere("IAM.21", "nobody has a whole service", has_no_whole_service, action="s3:*"),
    *everywhere(
        "CKV_AWS_286", "nobody can get more rights", has_none_of(ESCALATION), action="iam:PassRole"
    ),
    *everywhere(
        "CKV_AWS_287",
        "nobody gets credentials",
        has_none_of(CREDENTIALS),
        action="sts:GetFederationToken",
    ),
    *everywhere("CKV_AWS_288", "nobody reads all data", has_none_of(DATA), action="s3:GetObject"),
    *everywhere(
        "CKV_AWS_289",
        "nobody gives rights away",
        has_none_of(MANAGEMENT),
        action="s3:PutBucketPolicy",
    ),
    *everywhere(
        "CKV_AWS_290",
        "nobody writes everywhere",
        lambda given: names_its_resources(given, only=writes),
        action="sqs:SendMessage",
    ),
    *everywhere(
        "CKV_AWS_355",
        "a right names what it is on, where it can",
        lambda given: names_its_resources(given, only=lambda _: True),
        action="glue:GetTable",
    ),
)
