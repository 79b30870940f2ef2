"""The sweep's clock: the function looks for files that no event told of."""

import json

import pulumi
from pulumi_aws import lambda_, scheduler

from components.account import Account
from components.names import SWEEP_ALIAS, StackNames
from components.order import after
from components.policy import Statement
from components.role import service_role

ACTION = json.dumps({"action": "sweep"})
GROUP = "default"
"""The schedule group that every account has."""

LONGEST_AGE_SECONDS = 6 * 3600
"""The most that Lambda takes for how long a call may wait (PutFunctionEventInvokeConfig)."""


def every(minutes: int) -> str:
    """Return the schedule's expression."""
    return "rate(1 minute)" if minutes == 1 else f"rate({minutes} minutes)"


def sweep(
    name: str,
    *,
    stack: str,
    minutes: int,
    function: lambda_.Function,
    account: Account,
    opts: pulumi.ResourceOptions,
) -> scheduler.Schedule:
    """Make the schedule, and the role that may invoke this one function by its alias for sweeps.

    The scheduler's calls are asynchronous: Lambda itself would try one that fails, or that runs
    into the timeout, twice more, beside the next sweep. The alias is where it is told not to.
    """
    alias = lambda_.Alias(
        f"{name}-alias",
        name=SWEEP_ALIAS,
        function_name=function.name,
        # always the newest: no versions are published
        function_version="$LATEST",
        opts=opts,
    )
    once = lambda_.FunctionEventInvokeConfig(
        f"{name}-once",
        function_name=function.name,
        qualifier=alias.name,
        # the next one comes soon enough
        maximum_retry_attempts=0,
        maximum_event_age_in_seconds=min(minutes * 60, LONGEST_AGE_SECONDS),
        opts=opts,
    )
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
        statements=[Statement("Sweep", ("lambda:InvokeFunction",), (alias.arn,))],
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
            arn=alias.arn,
            role_arn=role.arn,
            input=ACTION,
            retry_policy=scheduler.ScheduleTargetRetryPolicyArgs(maximum_retry_attempts=0),
        ),
        opts=after(opts, role.policy, once),
    )
