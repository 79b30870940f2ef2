"""The boundary of a stack's roles: what they can do at most, whatever an update writes into them.

A boundary grants nothing. Without it, whoever may write a role's policy may do everything: an
update of a stack has to make roles, so it may make only roles with this boundary. It names the
actions of the stack's roles and no more; a role that is to do something new needs bootstrap/ to be
run again.
"""

import pulumi

from bootstrap.names import Names
from components.names import SWEEP_ALIAS
from components.policy import Statement

SERVICES_WITH_KEY = ("lambda", "s3", "sns")
"""Through these a role may use a key; never by hand."""


def boundary(names: Names) -> tuple[Statement, ...]:
    """Return the most that the roles of a stack can do."""
    region = names.account.region
    return (
        Statement(
            "Objects",
            (
                "s3:AbortMultipartUpload",
                "s3:GetObject",
                "s3:GetObjectVersion",
                "s3:ListMultipartUploadParts",
                "s3:PutObject",
            ),
            names.objects(),
        ),
        Statement(
            "Buckets",
            (
                "s3:GetBucketLocation",
                "s3:ListBucket",
                "s3:ListBucketVersions",
            ),
            names.buckets(),
        ),
        Statement(
            "Keys",
            ("kms:Decrypt", "kms:GenerateDataKey"),
            names.arns("kms", "key/*"),
            {
                "StringEquals": {
                    "kms:ViaService": tuple(
                        pulumi.Output.format("{}.{}.amazonaws.com", service, region)
                        for service in SERVICES_WITH_KEY
                    )
                }
            },
        ),
        Statement(
            "Logs",
            ("logs:CreateLogStream", "logs:PutLogEvents"),
            names.arns(
                "logs",
                f"log-group:{names.called.function_log}:*",
                f"log-group:{names.called.dashboard_log}:*",
            ),
        ),
        # crawlers of the whole account share the beginning of this name
        Statement(
            "CrawlerLogs",
            (
                "logs:AssociateKmsKey",
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:PutLogEvents",
            ),
            names.arns("logs", "log-group:/aws-glue/crawlers*"),
        ),
        Statement(
            "Function",
            ("lambda:InvokeFunction",),
            names.arns("lambda", f"function:{names.called.function}:{SWEEP_ALIAS}"),
        ),
        Statement(
            "Messages",
            (
                "sqs:DeleteMessage",
                "sqs:GetQueueAttributes",
                "sqs:ReceiveMessage",
                "sqs:SendMessage",
            ),
            names.arns("sqs", names.called.failures),
        ),
        Statement("Notices", ("sns:Publish",), names.arns("sns", names.called.lake)),
        Statement(
            "Catalog",
            (
                "glue:BatchCreatePartition",
                "glue:BatchGetPartition",
                "glue:CreatePartition",
                "glue:GetDatabase",
                "glue:GetPartition",
                "glue:GetPartitions",
                "glue:GetTable",
                "glue:GetTables",
                "glue:UpdatePartition",
                "glue:UpdateTable",
            ),
            names.arns(
                "glue",
                "catalog",
                "database/default",
                f"database/{names.called.database}",
                f"table/{names.called.database}/*",
            ),
        ),
        Statement(
            "Queries",
            (
                "athena:GetQueryExecution",
                "athena:GetQueryResults",
                "athena:GetWorkGroup",
                "athena:StartQueryExecution",
                "athena:StopQueryExecution",
            ),
            names.arns("athena", f"workgroup/{names.called.workgroup}"),
        ),
        # none of these takes a resource: the service authorization reference lists them so
        Statement(
            "WithoutResource",
            (
                "ssm:UpdateInstanceInformation",
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
                "xray:PutTelemetryRecords",
                "xray:PutTraceSegments",
            ),
            ("*",),
        ),
    )
