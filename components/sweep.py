"""The sweep's clock: the function looks for files that no event told of."""

import json

import pulumi
from pulumi_aws import scheduler

from components.account import Account
from components.names import StackNames
from components.order import after
from components.policy import Statement
from components.role import service_role

ACTION = json.dumps({"action": "sweep"})
GROUP = "default"
"""The schedule group that every account has."""


def every(minutes: int) -> str:
    """Return the schedule's expression."""
    return "rate(1 minute)" if minutes == 1 else f"rate({minutes} minutes)"


def sweep(
    name: str,
    *,
    stack: str,
    minutes: int,
    function_arn: pulumi.Output[str],
    account: Account,
    opts: pulumi.ResourceOptions,
) -> scheduler.Schedule:
    """Make the schedule, and the role that may invoke this one function."""
    role = service_role(
        f"{name}-role",
        physical_name=StackNames(stack).sweep,
        service="scheduler.amazonaws.com",
        only_for={
            "StringEquals": {
                "aws:SourceAccount": account.id,
                "aws:SourceArn": account.arn("scheduler", f"schedule-group/{GROUP}"),
            }
        },
        statements=[Statement("Sweep", ("lambda:InvokeFunction",), (function_arn,))],
        opts=opts,
    )
    return scheduler.Schedule(
        name,
        name=StackNames(stack).sweep,
        group_name=GROUP,
        description="looks at raw files that no event told of, and at outputs that are not theirs",
        schedule_expression=every(minutes),
        flexible_time_window=scheduler.ScheduleFlexibleTimeWindowArgs(mode="OFF"),
        target=scheduler.ScheduleTargetArgs(
            arn=function_arn,
            role_arn=role.arn,
            input=ACTION,
            # the next one comes soon enough
            retry_policy=scheduler.ScheduleTargetRetryPolicyArgs(maximum_retry_attempts=0),
        ),
        opts=after(opts, role.policy),
    )
