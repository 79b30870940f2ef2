"""What an update of a stack may do, in parts that each fit one managed policy.

Patterns of actions stand where the provider reads a resource's many sub-resources one by one; none
covers a whole service. Whatever AWS lets a policy name, names the stack. What AWS knows only by a
random id (the instance, its groups, the keys) is bound by region, and by what else is there.
"""

import pulumi

from bootstrap.names import (
    CRAWLER,
    FUNCTION,
    LAKE,
    LAYER,
    PATH,
    SWEEP,
    WORKGROUP,
    Names,
)
from bootstrap.preview import preview_rights
from bootstrap.state import use_secrets_key, write_state
from components.policy import Statement
from components.storage import BUNDLES

Parts = dict[str, tuple[Statement, ...]]


def update_rights(
    names: Names, boundary_arn: pulumi.Input[str], state_bucket: str, secrets_key_arn: str
) -> Parts:
    """Return the statements of the role that updates a stack, by part."""
    return {
        "state": (
            *preview_rights(names, state_bucket, ""),
            *write_state(state_bucket, names.stack),
            *use_secrets_key(secrets_key_arn, encrypt=True),
        ),
        "roles": _roles(names, boundary_arn),
        "data": (*_data(names), *_keys(names)),
        "catalog": _catalog(names),
        "function": _function(names),
        "host": _host(names),
    }


def _roles(names: Names, boundary_arn: pulumi.Input[str]) -> tuple[Statement, ...]:
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
                "iam:ListRoleTags",
                "iam:TagRole",
                "iam:UntagRole",
                "iam:UpdateAssumeRolePolicy",
                "iam:UpdateRole",
                "iam:UpdateRoleDescription",
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


def _data(names: Names) -> tuple[Statement, ...]:
    return (
        Statement(
            "Buckets",
            (
                "s3:CreateBucket",
                "s3:DeleteBucket",
                "s3:DeleteBucketPolicy",
                "s3:GetAccelerateConfiguration",
                "s3:GetBucket*",
                "s3:GetEncryptionConfiguration",
                "s3:GetLifecycleConfiguration",
                "s3:GetReplicationConfiguration",
                "s3:ListBucket",
                "s3:ListTagsForResource",
                "s3:PutBucket*",
                "s3:PutEncryptionConfiguration",
                "s3:PutLifecycleConfiguration",
                "s3:TagResource",
                "s3:UntagResource",
            ),
            names.buckets(),
        ),
        # bundles and no order: those an update neither reads nor deletes
        Statement(
            "Bundles",
            (
                "s3:DeleteObject",
                "s3:DeleteObjectVersion",
                "s3:GetObject",
                "s3:GetObjectTagging",
                "s3:GetObjectVersion",
                "s3:ListBucketVersions",
                "s3:PutObject",
                "s3:PutObjectTagging",
            ),
            names.objects(BUNDLES),
        ),
    )


def _keys(names: Names) -> tuple[Statement, ...]:
    keys = names.arns("kms", "key/*")
    alias = names.arns("kms", f"alias/{LAKE}-{names.stack}")
    tagged = {"StringEquals": {"aws:ResourceTag/stack": names.stack}}
    return (
        Statement(
            "MakeKeys",
            ("kms:CreateKey", "kms:TagResource"),
            ("*",),
            {"StringEquals": {"aws:RequestTag/stack": names.stack}},
        ),
        Statement(
            "Keys",
            (
                "kms:CreateAlias",
                "kms:CreateGrant",
                "kms:Decrypt",
                "kms:DeleteAlias",
                "kms:DescribeKey",
                "kms:DisableKeyRotation",
                "kms:EnableKeyRotation",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:GetKeyPolicy",
                "kms:GetKeyRotationStatus",
                "kms:ListResourceTags",
                "kms:PutKeyPolicy",
                "kms:ScheduleKeyDeletion",
                "kms:UntagResource",
                "kms:UpdateAlias",
                "kms:UpdateKeyDescription",
            ),
            keys,
            tagged,
        ),
        Statement("Aliases", ("kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"), alias),
        Statement("ListAliases", ("kms:ListAliases",), ("*",)),
    )


def _catalog(names: Names) -> tuple[Statement, ...]:
    return (
        Statement(
            "Catalog",
            (
                "glue:CreateDatabase",
                "glue:CreateTable",
                "glue:DeleteDatabase",
                "glue:DeleteTable",
                "glue:GetDatabase",
                "glue:GetTable",
                "glue:GetTags",
                "glue:TagResource",
                "glue:UntagResource",
                "glue:UpdateDatabase",
                "glue:UpdateTable",
            ),
            names.arns(
                "glue",
                "catalog",
                f"database/orders_db_{names.snake}",
                f"table/orders_db_{names.snake}/*",
            ),
        ),
        Statement(
            "Crawler",
            (
                "glue:CreateCrawler",
                "glue:DeleteCrawler",
                "glue:GetCrawler",
                "glue:GetTags",
                "glue:StopCrawler",
                "glue:TagResource",
                "glue:UntagResource",
                "glue:UpdateCrawler",
            ),
            names.arns("glue", f"crawler/{CRAWLER}_{names.snake}"),
        ),
        # glue lets no policy name a security configuration
        Statement(
            "CrawlerSecurity",
            (
                "glue:CreateSecurityConfiguration",
                "glue:DeleteSecurityConfiguration",
                "glue:GetSecurityConfiguration",
            ),
            ("*",),
        ),
        Statement(
            "Workgroup",
            (
                "athena:CreateNamedQuery",
                "athena:CreateWorkGroup",
                "athena:DeleteNamedQuery",
                "athena:DeleteWorkGroup",
                "athena:GetNamedQuery",
                "athena:GetWorkGroup",
                "athena:ListNamedQueries",
                "athena:ListTagsForResource",
                "athena:TagResource",
                "athena:UntagResource",
                "athena:UpdateNamedQuery",
                "athena:UpdateWorkGroup",
            ),
            names.arns("athena", f"workgroup/{WORKGROUP}-{names.stack}"),
        ),
    )


def _function(names: Names) -> tuple[Statement, ...]:
    stack = names.stack
    function = f"function:{FUNCTION}-{stack}"
    return (
        Statement(
            "Function",
            (
                "lambda:AddPermission",
                "lambda:CreateFunction",
                "lambda:DeleteFunction",
                "lambda:DeleteFunctionConcurrency",
                "lambda:DeleteFunctionEventInvokeConfig",
                "lambda:GetFunction*",
                "lambda:GetPolicy",
                "lambda:GetRuntimeManagementConfig",
                "lambda:ListTags",
                "lambda:ListVersionsByFunction",
                "lambda:PutFunction*",
                "lambda:RemovePermission",
                "lambda:TagResource",
                "lambda:UntagResource",
                "lambda:UpdateFunction*",
            ),
            names.arns("lambda", function, f"{function}:*"),
        ),
        Statement(
            "Layers",
            (
                "lambda:DeleteLayerVersion",
                "lambda:GetLayerVersion",
                "lambda:PublishLayerVersion",
            ),
            names.arns("lambda", f"layer:{LAYER}-{stack}", f"layer:{LAYER}-{stack}:*"),
        ),
        # an event source is known by a random id; which function it calls is the condition
        Statement(
            "EventSources",
            (
                "lambda:CreateEventSourceMapping",
                "lambda:DeleteEventSourceMapping",
                "lambda:UpdateEventSourceMapping",
            ),
            ("*",),
            {"ArnLike": {"lambda:FunctionArn": names.account.arn("lambda", function)}},
        ),
        Statement(
            "ReadEventSources",
            ("lambda:GetEventSourceMapping", "lambda:ListTags"),
            names.arns("lambda", "event-source-mapping:*"),
        ),
        Statement(
            "Logs",
            (
                "logs:AssociateKmsKey",
                "logs:CreateLogGroup",
                "logs:DeleteLogGroup",
                "logs:DeleteRetentionPolicy",
                "logs:DisassociateKmsKey",
                "logs:ListTagsForResource",
                "logs:ListTagsLogGroup",
                "logs:PutRetentionPolicy",
                "logs:TagResource",
                "logs:UntagResource",
            ),
            names.arns(
                "logs",
                f"log-group:/aws/lambda/{FUNCTION}-{stack}*",
                f"log-group:/aws-glue/crawlers-role/{CRAWLER}_{names.snake}-*",
                f"log-group:/{LAKE}/{stack}/*",
            ),
        ),
        Statement("FindLogs", ("logs:DescribeLogGroups",), names.arns("logs", "log-group:*")),
        Statement(
            "Queues",
            (
                "sqs:CreateQueue",
                "sqs:DeleteQueue",
                "sqs:GetQueueAttributes",
                "sqs:GetQueueUrl",
                "sqs:ListQueueTags",
                "sqs:SetQueueAttributes",
                "sqs:TagQueue",
                "sqs:UntagQueue",
            ),
            names.arns("sqs", f"{FUNCTION}-{stack}-*"),
        ),
        Statement(
            "Topic",
            (
                "sns:CreateTopic",
                "sns:DeleteTopic",
                "sns:GetSubscriptionAttributes",
                "sns:GetTopicAttributes",
                "sns:ListSubscriptionsByTopic",
                "sns:ListTagsForResource",
                "sns:SetTopicAttributes",
                "sns:Subscribe",
                "sns:TagResource",
                "sns:Unsubscribe",
                "sns:UntagResource",
            ),
            names.arns("sns", f"{LAKE}-{stack}", f"{LAKE}-{stack}:*"),
        ),
        Statement(
            "Alarms",
            (
                "cloudwatch:DeleteAlarms",
                "cloudwatch:ListTagsForResource",
                "cloudwatch:PutMetricAlarm",
                "cloudwatch:TagResource",
                "cloudwatch:UntagResource",
            ),
            names.arns("cloudwatch", f"alarm:{FUNCTION}-{stack}-*"),
        ),
        Statement("FindAlarms", ("cloudwatch:DescribeAlarms",), ("*",)),
        Statement(
            "Schedule",
            (
                "scheduler:CreateSchedule",
                "scheduler:DeleteSchedule",
                "scheduler:GetSchedule",
                "scheduler:UpdateSchedule",
            ),
            names.arns("scheduler", f"schedule/default/{SWEEP}-{stack}"),
        ),
    )


def _host(names: Names) -> tuple[Statement, ...]:
    in_region = {"StringEquals": {"aws:RequestedRegion": names.account.region}}
    balancers = names.arns(
        "elasticloadbalancing",
        "loadbalancer/app/*",
        "targetgroup/*",
        "listener/app/*",
        "listener-rule/app/*",
    )
    return (
        Statement("Describe", ("ec2:Describe*", "elasticloadbalancing:Describe*"), ("*",)),
        # instances, groups, networks and endpoints have random ids: bound by region and by tag
        Statement(
            "Make",
            (
                "ec2:AllocateAddress",
                "ec2:AuthorizeSecurityGroupEgress",
                "ec2:AuthorizeSecurityGroupIngress",
                "ec2:CreateInternetGateway",
                "ec2:CreateRoute",
                "ec2:CreateRouteTable",
                "ec2:CreateSecurityGroup",
                "ec2:CreateSubnet",
                "ec2:CreateTags",
                "ec2:CreateVpc",
                "ec2:CreateVpcEndpoint",
                "ec2:RunInstances",
            ),
            ("*",),
            in_region,
        ),
        Statement(
            "Change",
            (
                "ec2:AssociateIamInstanceProfile",
                "ec2:AssociateRouteTable",
                "ec2:AttachInternetGateway",
                "ec2:DeleteInternetGateway",
                "ec2:DeleteRoute",
                "ec2:DeleteRouteTable",
                "ec2:DeleteSecurityGroup",
                "ec2:DeleteSubnet",
                "ec2:DeleteTags",
                "ec2:DeleteVpc",
                "ec2:DeleteVpcEndpoints",
                "ec2:DetachInternetGateway",
                "ec2:DisassociateRouteTable",
                "ec2:ModifyInstanceAttribute",
                "ec2:ModifyInstanceMetadataOptions",
                "ec2:ModifySecurityGroupRules",
                "ec2:ModifySubnetAttribute",
                "ec2:ModifyVpcAttribute",
                "ec2:ModifyVpcEndpoint",
                "ec2:MonitorInstances",
                "ec2:RevokeSecurityGroupEgress",
                "ec2:RevokeSecurityGroupIngress",
                "ec2:StartInstances",
                "ec2:StopInstances",
                "ec2:TerminateInstances",
                "ec2:UnmonitorInstances",
            ),
            ("*",),
            {"StringEquals": {"aws:ResourceTag/stack": names.stack}},
        ),
        Statement(
            "Balancer",
            (
                "elasticloadbalancing:AddTags",
                "elasticloadbalancing:CreateListener",
                "elasticloadbalancing:CreateLoadBalancer",
                "elasticloadbalancing:CreateRule",
                "elasticloadbalancing:CreateTargetGroup",
                "elasticloadbalancing:DeleteListener",
                "elasticloadbalancing:DeleteLoadBalancer",
                "elasticloadbalancing:DeleteRule",
                "elasticloadbalancing:DeleteTargetGroup",
                "elasticloadbalancing:DeregisterTargets",
                "elasticloadbalancing:ModifyListener",
                "elasticloadbalancing:ModifyListenerAttributes",
                "elasticloadbalancing:ModifyLoadBalancerAttributes",
                "elasticloadbalancing:ModifyRule",
                "elasticloadbalancing:ModifyTargetGroup",
                "elasticloadbalancing:ModifyTargetGroupAttributes",
                "elasticloadbalancing:RegisterTargets",
                "elasticloadbalancing:RemoveTags",
                "elasticloadbalancing:SetSecurityGroups",
                "elasticloadbalancing:SetSubnets",
            ),
            balancers,
            in_region,
        ),
    )
