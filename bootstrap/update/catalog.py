"""The rights on database, crawler, workgroup and named queries."""

from bootstrap.names import Names
from components.policy import Statement


def catalog(names: Names) -> tuple[Statement, ...]:
    """Return the rights on what queries need."""
    return (
        Statement(
            "Catalog",
            (
                "glue:CreateDatabase",
                "glue:CreateTable",
                "glue:DeleteDatabase",
                "glue:DeleteTable",
                "glue:GetDatabase",
                "glue:GetPartitionIndexes",
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
                f"database/{names.called.database}",
                f"table/{names.called.database}/*",
                # who deletes a database must be allowed to delete what could be in it
                f"userDefinedFunction/{names.called.database}/*",
            ),
        ),
        Statement(
            "Crawler",
            (
                "glue:CreateCrawler",
                "glue:DeleteCrawler",
                "glue:GetCrawler",
                "glue:GetTags",
                "glue:TagResource",
                "glue:UntagResource",
                "glue:UpdateCrawler",
            ),
            names.arns("glue", f"crawler/{names.called.crawler}"),
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
                "athena:ListTagsForResource",
                "athena:TagResource",
                "athena:UntagResource",
                "athena:UpdateWorkGroup",
            ),
            names.arns("athena", f"workgroup/{names.called.workgroup}"),
        ),
    )
