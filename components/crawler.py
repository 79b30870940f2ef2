"""The crawler: it reads `processed`, says in its log what does not fit the table, edits nothing."""

import json

import pulumi
from pulumi_aws import cloudwatch, glue

from components.account import Account
from components.names import StackNames
from components.order import after
from components.policy import Statement
from components.role import service_role
from components.storage import DataLake
from lake.schema import PROCESSED

CONFIGURATION = json.dumps(
    {
        "Version": 1.0,
        # both are needed for a target in the catalog
        "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}},
        "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"},
    }
)

READ_CATALOG = (
    "glue:BatchGetPartition",
    "glue:GetDatabase",
    "glue:GetPartition",
    "glue:GetPartitions",
    "glue:GetTable",
    "glue:GetTables",
)
"""What it takes to read a table's declaration."""


def crawler(
    name: str,
    *,
    stack: str,
    lake: DataLake,
    database: pulumi.Output[str],
    table: pulumi.Output[str],
    schedule: str,
    log_days: int,
    account: Account,
    opts: pulumi.ResourceOptions,
) -> glue.Crawler:
    """Make the crawler with its role, its log group and its encryption.

    An empty schedule lets it run only when somebody starts it.
    """
    names = StackNames(stack)
    encryption = glue.SecurityConfiguration(
        f"{name}-encryption",
        name=names.crawler,
        encryption_configuration=_encryption(lake.key_arn),
        opts=opts,
    )
    # believed: a crawler with a security configuration logs to the group of this name; made here
    # it has a retention
    cloudwatch.LogGroup(
        f"{name}-logs",
        name=names.crawler_log,
        retention_in_days=log_days,
        kms_key_id=lake.key_arn,
        opts=opts,
    )
    role = service_role(
        f"{name}-role",
        physical_name=names.crawler,
        service="glue.amazonaws.com",
        only_for={"StringEquals": {"aws:SourceAccount": account.id}},
        statements=crawler_statements(lake, database, account),
        opts=opts,
    )
    return glue.Crawler(
        name,
        name=names.crawler,
        description="compares the files under processed/ with the declared table",
        role=role.arn,
        database_name=database,
        catalog_targets=[glue.CrawlerCatalogTargetArgs(database_name=database, tables=[table])],
        # what the schema declares is right: a crawler that updates would remove what it did not
        # set, and one that deletes is refused for a target in the catalog
        schema_change_policy=glue.CrawlerSchemaChangePolicyArgs(
            update_behavior="LOG", delete_behavior="LOG"
        ),
        configuration=CONFIGURATION,
        security_configuration=encryption.name,
        schedule=schedule or None,
        opts=after(opts, role.policy),
    )


def crawler_statements(
    lake: DataLake, database: pulumi.Output[str], account: Account
) -> tuple[Statement, ...]:
    """Return what the crawler may do."""
    return (
        *lake.read(PROCESSED.prefix),
        *lake.list(PROCESSED.prefix),
        *lake.locate(),
        *lake.use_key(),
        Statement(
            "ReadTable",
            READ_CATALOG,
            catalog_arns(account, database, PROCESSED.name),
        ),
        # it notes at the table when it was there, though it changes no column
        Statement(
            "NoteAtTable",
            (
                "glue:BatchCreatePartition",
                "glue:CreatePartition",
                "glue:UpdatePartition",
                "glue:UpdateTable",
            ),
            catalog_arns(account, database, PROCESSED.name),
        ),
        # glue makes its groups itself, whoever has made them before, and sets their key
        Statement(
            "Log",
            (
                "logs:AssociateKmsKey",
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:PutLogEvents",
            ),
            (account.arn("logs", "log-group:/aws-glue/crawlers*"),),
        ),
    )


def catalog_arns(
    account: Account, database: pulumi.Output[str], *tables: str
) -> tuple[pulumi.Output[str], ...]:
    """Return the ARNs that a right on tables is asked for: Glue looks at all three kinds."""
    return (
        account.arn("glue", "catalog"),
        account.arn("glue", pulumi.Output.format("database/{}", database)),
        *(
            account.arn("glue", pulumi.Output.format("table/{}/{}", database, table))
            for table in tables
        ),
    )


def _encryption(
    key_arn: pulumi.Input[str],
) -> glue.SecurityConfigurationEncryptionConfigurationArgs:
    return glue.SecurityConfigurationEncryptionConfigurationArgs(
        cloudwatch_encryption=glue.SecurityConfigurationEncryptionConfigurationCloudwatchEncryptionArgs(
            cloudwatch_encryption_mode="SSE-KMS", kms_key_arn=key_arn
        ),
        job_bookmarks_encryption=glue.SecurityConfigurationEncryptionConfigurationJobBookmarksEncryptionArgs(
            job_bookmarks_encryption_mode="CSE-KMS", kms_key_arn=key_arn
        ),
        s3_encryption=glue.SecurityConfigurationEncryptionConfigurationS3EncryptionArgs(
            s3_encryption_mode="SSE-KMS", kms_key_arn=key_arn
        ),
    )
