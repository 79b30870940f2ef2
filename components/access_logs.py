"""Who writes into the bucket with the access logs, and where."""

import pulumi

from components.account import Account
from components.policy import Statement

ACCESS_LOGS = "s3/"
BALANCER_LOGS = "elb/"


def log_writers(
    arn: pulumi.Output[str], account: Account, *, of: str, balancer: bool
) -> tuple[Statement, ...]:
    """Return who writes logs into the bucket of that ARN: this account's things alone.

    They are the access logs of the buckets whose names begin with `of`, and those of load
    balancers if there is one.
    """

    def writer(sid: str, service: str, prefix: str, source: pulumi.Input[str]) -> Statement:
        return Statement(
            sid,
            ("s3:PutObject",),
            (pulumi.Output.format("{}/{}*", arn, prefix),),
            {
                "StringEquals": {"aws:SourceAccount": account.id},
                "ArnLike": {"aws:SourceArn": source},
            },
            principals={"Service": (service,)},
        )

    access = writer(
        "AccessLogs",
        "logging.s3.amazonaws.com",
        ACCESS_LOGS,
        pulumi.Output.format("arn:{}:s3:::{}*", account.partition, of),
    )
    if not balancer:
        return (access,)
    return (
        access,
        writer(
            "BalancerLogs",
            "logdelivery.elasticloadbalancing.amazonaws.com",
            BALANCER_LOGS,
            account.arn("elasticloadbalancing", "loadbalancer/*"),
        ),
    )
