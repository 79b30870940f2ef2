"""What is worth waking somebody about the dashboard's host: its alarms, as plain values."""

from collections.abc import Iterator, Mapping

import pulumi

from components.alarms import Alarm, Metric


def host_alarms(
    instance_id: pulumi.Input[str], target_group: Mapping[str, pulumi.Input[str]]
) -> Iterator[Alarm]:
    """Yield the alarms of a host. `target_group` are its dimensions, none without a load balancer.

    No value is no alarm: the instance is being replaced, or somebody has stopped it. Without a load
    balancer nobody asks whether the dashboard answers, but who opens it.
    """
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
