"""What is worth waking somebody: the alarms of function and queues, as plain values first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pulumi
from pulumi_aws import cloudwatch

NAMESPACE = "OrdersLake"
"""Where the function's own metrics stand, by FunctionName: Kept, Dropped, Quarantined, Rejected."""

SOON = 300
"""Seconds: the shortest period in which SQS's metrics come, too."""

HOUR = 3600


@dataclass(frozen=True)
class Metric:
    """One metric over a period."""

    namespace: str
    name: str
    of: Mapping[str, pulumi.Input[str]]
    """the dimensions: name -> value"""
    statistic: Literal["Sum", "Maximum", "SampleCount"] = "Sum"


@dataclass(frozen=True)
class Alarm:
    """When an alarm goes off, and what its message says."""

    name: str
    """what is the matter, in words joined by dashes"""
    says: pulumi.Input[str]
    """what happened, and what to do: the text of the message"""
    metrics: dict[str, Metric]
    """by the name that the expression has for them"""
    expression: str = ""
    """needed where there are several metrics"""
    above: float = 0
    below: float | None = None
    """takes the place of `above`"""
    period: int = SOON
    periods: int = 1
    missing: Literal["notBreaching", "breaching"] = "notBreaching"
    """what no value at all means"""


@dataclass(frozen=True)
class Watched:
    """What the alarms look at."""

    function: str
    """its name"""
    failures: str
    """names of the queues"""
    parked: str
    parked_url: pulumi.Input[str] = field(default="")


def alarms(watched: Watched, *, quarantine_percent: int, no_file_hours: int) -> Iterator[Alarm]:
    """Yield the alarms of a function. A percentage or a number of hours of 0 is no alarm."""

    def own(name: str, statistic: Literal["Sum", "SampleCount"] = "Sum") -> Metric:
        return Metric(NAMESPACE, name, {"FunctionName": watched.function}, statistic)

    def of_lambda(name: str) -> dict[str, Metric]:
        return {"m": Metric("AWS/Lambda", name, {"FunctionName": watched.function})}

    def in_queue(queue: str, state: str = "") -> Metric:
        name = f"ApproximateNumberOfMessages{state}"
        return Metric("AWS/SQS", name, {"QueueName": queue}, "Maximum")

    yield Alarm(
        "file-rejected",
        "A raw file was rejected; what was published of it before stays. A message of its own names"
        " the key and the reason; so do the table ingests and the dashboard's page /ingests. Mend"
        " the file and drop it again under the same name.",
        {"m": own("Rejected")},
    )
    if quarantine_percent:
        yield Alarm(
            "many-rows-quarantined",
            f"Of the rows of the last hour, more than {quarantine_percent} % could not be read. The"
            " dashboard's page /ingests names the files, the table quarantine has every line with"
            " its reason.",
            {"q": own("Quarantined"), "k": own("Kept"), "d": own("Dropped")},
            "100 * q / (q + k + d)",
            above=quarantine_percent,
            period=HOUR,
        )
    if no_file_hours:
        yield Alarm(
            "no-file",
            f"No raw file came for {no_file_hours} hours. Ask whoever exports the orders.",
            {"m": own("Rejected", "SampleCount")},
            below=1,
            period=HOUR,
            periods=no_file_hours,
            missing="breaching",
        )
    yield Alarm(
        "function-failed",
        f"A call of {watched.function} failed. Its log says why; it is tried again by itself, and"
        " after three tries it lies in the failure queue. After a failed sweep comes the next one.",
        of_lambda("Errors"),
    )
    yield Alarm(
        "function-throttled",
        f"Calls of {watched.function} had to wait: too many at once for the account's concurrency,"
        " or for what is reserved. They are tried again by themselves for six hours.",
        of_lambda("Throttles"),
    )
    yield Alarm(
        "failure-undelivered",
        f"A failed call of {watched.function} could not be put into the failure queue. The next"
        " sweep looks at its file again; look at the queue's policy and at the function's role.",
        of_lambda("DestinationDeliveryFailures"),
    )
    yield Alarm(
        "failure-queue-not-empty",
        "A call failed three times and waits in the failure queue, from where it is tried again"
        f" every hour or two. The log of {watched.function} names the key and the reason.",
        {
            "v": in_queue(watched.failures, "Visible"),
            "n": in_queue(watched.failures, "NotVisible"),
            "d": in_queue(watched.failures, "Delayed"),
        },
        "v + n + d",
    )
    yield Alarm(
        "failures-parked",
        pulumi.Output.concat(
            "A call failed at every try and is parked. To read the keys and the reason: aws sqs"
            " receive-message --queue-url ",
            watched.parked_url,
            ". When the cause is gone, the next sweep looks at the files; then purge the queue.",
        ),
        {"m": in_queue(watched.parked, "Visible")},
    )


def make(
    name: str, alarm: Alarm, *, owner: str, topic: pulumi.Input[str], opts: pulumi.ResourceOptions
) -> cloudwatch.MetricAlarm:
    """Make an alarm, `<owner>-<name>`, that tells the topic of that ARN."""
    below = alarm.below is not None
    return cloudwatch.MetricAlarm(
        name,
        name=f"{owner}-{alarm.name}",
        alarm_description=alarm.says,
        comparison_operator="LessThanThreshold" if below else "GreaterThanThreshold",
        threshold=alarm.below if below else alarm.above,
        evaluation_periods=alarm.periods,
        datapoints_to_alarm=alarm.periods,
        treat_missing_data=alarm.missing,
        alarm_actions=[topic],
        metric_queries=_queries(alarm),
        opts=opts,
    )


def _queries(alarm: Alarm) -> Sequence[cloudwatch.MetricAlarmMetricQueryArgs]:
    queries = [
        cloudwatch.MetricAlarmMetricQueryArgs(
            id=id_,
            return_data=not alarm.expression,
            metric=cloudwatch.MetricAlarmMetricQueryMetricArgs(
                namespace=metric.namespace,
                metric_name=metric.name,
                dimensions=metric.of,
                stat=metric.statistic,
                period=alarm.period,
            ),
        )
        for id_, metric in alarm.metrics.items()
    ]
    if alarm.expression:
        queries.append(
            cloudwatch.MetricAlarmMetricQueryArgs(
                id="e",
                expression=alarm.expression,
                label=alarm.name,
                return_data=True,
            )
        )
    return queries
