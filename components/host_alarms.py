"""What is worth waking somebody about the dashboard's host: its alarms, as plain values."""

from collections.abc import Iterator, Mapping

import pulumi
from pulumi_aws import cloudwatch

from components.alarms import NAMESPACE, Alarm, Metric
from components.user_data import NOT_SET_UP


def count_failed_set_ups(
    name: str, *, owner: str, log_group: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> Metric:
    """Make the metric of first scripts that failed, as far as the log agent told of it."""
    # a filter gives a metric no dimension of its own choice: the name says whose it is
    counted = f"{owner}-NotSetUp"
    cloudwatch.LogMetricFilter(
        name,
        name=f"{owner}-not-set-up",
        log_group_name=log_group,
        pattern=f'"{NOT_SET_UP}"',
        metric_transformation=cloudwatch.LogMetricFilterMetricTransformationArgs(
            namespace=NAMESPACE, name=counted, value="1"
        ),
        opts=opts,
    )
    return Metric(NAMESPACE, counted, {})


def host_alarms(
    not_set_up: Metric,
    instance_id: pulumi.Input[str],
    target_group: Mapping[str, pulumi.Input[str]],
) -> Iterator[Alarm]:
    """Yield the alarms of a host. `target_group` are its dimensions, none without a load balancer.

    No value is no alarm: the instance is being replaced, or somebody has stopped it. Without a load
    balancer nobody asks whether the dashboard answers, but who opens it.
    """
    yield Alarm(
        "not-set-up",
        "The first script of the dashboard's instance failed. Orders come in all the same. The"
        " host's log group says why, in the stream INSTANCE/boot; pulumi up --replace"
        " '**Instance::dashboard' makes another one.",
        {"m": not_set_up},
    )
    yield Alarm(
        "instance-failed",
        pulumi.Output.concat(
            "AWS's checks of the dashboard's instance have failed for ten minutes. Orders come in"
            " all the same. To move it to another machine: aws ec2 stop-instances --instance-ids ",
            instance_id,
            ", and when it has stopped, aws ec2 start-instances. It holds nothing that cannot be"
            " made anew.",
        ),
        {"m": Metric("AWS/EC2", "StatusCheckFailed", {"InstanceId": instance_id}, "Maximum")},
        periods=2,
    )
    if target_group:
        yield Alarm(
            "not-answering",
            "The dashboard has not answered the load balancer for a quarter of an hour. Orders come"
            " in all the same. The host's log group says why: how it was set up stands in the"
            " stream INSTANCE/boot, what the dashboard says in INSTANCE/dashboard.",
            {"m": Metric("AWS/ApplicationELB", "UnHealthyHostCount", target_group, "Maximum")},
            # a new host is set up within minutes, and is unhealthy until then
            periods=3,
        )
