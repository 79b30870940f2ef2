"""The function's alarms: which there are, on what, and what their messages tell a person to do."""

import pytest

from components import alarms
from components.alarms import Watched
from handler import metrics
from handler.notices import FUNCTION_VARIABLE
from tests.doubles.registered import run_stack

WATCHED = Watched("the-function", "the-failures", "the-parked", "https://the-queue")


def all_alarms(quarantine_percent=5, no_file_hours=48):
    made = alarms.alarms(
        WATCHED, quarantine_percent=quarantine_percent, no_file_hours=no_file_hours
    )
    return {alarm.name: alarm for alarm in made}


def test_there_is_one_for_everything_that_a_person_should_know():
    assert set(all_alarms()) == {
        "file-rejected",
        "many-rows-quarantined",
        "no-file",
        "function-failed",
        "function-throttled",
        "failure-undelivered",
        "failure-queue-not-empty",
        "failures-parked",
    }


def test_two_of_them_can_be_switched_off():
    gone = set(all_alarms()) - set(all_alarms(quarantine_percent=0, no_file_hours=0))

    assert gone == {"many-rows-quarantined", "no-file"}


def test_the_functions_own_metrics_are_those_that_it_writes():
    assert alarms.NAMESPACE == metrics.NAMESPACE
    own = [
        metric
        for alarm in all_alarms().values()
        for metric in alarm.metrics.values()
        if metric.namespace == alarms.NAMESPACE
    ]
    assert {metric.name for metric in own} == set(metrics.METRICS)
    assert all(metric.of == {metrics.DIMENSION: "the-function"} for metric in own)
    assert FUNCTION_VARIABLE == "AWS_LAMBDA_FUNCTION_NAME", "Lambda sets it to the same name"


@pytest.mark.parametrize("percent", [1, 50])
def test_quarantined_rows_are_held_against_all_rows_of_an_hour(percent):
    alarm = all_alarms(quarantine_percent=percent)["many-rows-quarantined"]

    def share(q, k, d):
        return eval(alarm.expression, {"q": q, "k": k, "d": d})

    assert alarm.period == 3600
    assert share(q=1, k=2, d=1) == 25
    assert alarm.above == percent
    assert {metric.name for metric in alarm.metrics.values()} == {"Quarantined", "Kept", "Dropped"}


def test_no_file_means_no_value_in_any_of_the_hours():
    alarm = all_alarms(no_file_hours=48)["no-file"]
    [metric] = alarm.metrics.values()

    assert (alarm.period, alarm.periods, alarm.below, alarm.missing) == (3600, 48, 1, "breaching")
    assert metric.statistic == "SampleCount", "every file has a value, be it 0"


def test_cloudwatch_takes_the_longest_time_without_a_file():
    # periods of an hour or more may span seven days in all (PutMetricAlarm)
    alarm = all_alarms(no_file_hours=168)["no-file"]

    assert alarm.period * alarm.periods <= 7 * 24 * 3600


def test_the_failure_queue_counts_what_waits_what_is_delayed_and_what_is_worked_on():
    alarm = all_alarms()["failure-queue-not-empty"]

    assert {metric.name for metric in alarm.metrics.values()} == {
        "ApproximateNumberOfMessagesVisible",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
    }
    assert all(metric.of == {"QueueName": "the-failures"} for metric in alarm.metrics.values())
    assert sum(map(alarm.expression.count, alarm.metrics)) == 3


def test_every_alarm_tells_the_topic_what_happened_and_what_to_do(dev):
    topic = dev.one("sns.Topic").outputs["arn"]
    made = dev.of("cloudwatch.MetricAlarm")

    assert len(made) == 9
    for alarm in made:
        assert alarm.inputs["alarmActions"] == [topic]
        assert alarm.inputs["name"].startswith(
            ("FilterAndProcessOrders-dev-", "Athena-Dashboard-Server-dev-")
        )
        # CloudWatch takes 1,024 characters
        assert 80 < len(alarm.inputs["alarmDescription"]) <= 1024


def test_no_value_is_no_alarm_but_where_no_file_is_the_matter(prod):
    for alarm in prod.of("cloudwatch.MetricAlarm"):
        expected = "breaching" if alarm.inputs["name"].endswith("-no-file") else "notBreaching"
        assert alarm.inputs["treatMissingData"] == expected


def test_exactly_one_query_of_an_alarm_gives_the_value_that_counts(prod):
    for alarm in prod.of("cloudwatch.MetricAlarm"):
        queries = alarm.inputs["metricQueries"]
        assert [one["returnData"] for one in queries].count(True) == 1
        assert queries[-1]["returnData"] is True


def test_the_parked_message_says_how_to_read_it(dev):
    alarm = dev.one("cloudwatch.MetricAlarm", name="FilterAndProcessOrders-dev-failures-parked")
    queue = dev.one("sqs.Queue", name="FilterAndProcessOrders-dev-parked").outputs["id"]

    assert f"aws sqs receive-message --queue-url {queue}." in alarm.inputs["alarmDescription"]


def test_a_changed_threshold_changes_its_alarm():
    stack = run_stack("dev", alarmQuarantinePercent=20)
    alarm = stack.one(
        "cloudwatch.MetricAlarm", name="FilterAndProcessOrders-dev-many-rows-quarantined"
    )

    assert alarm.inputs["threshold"] == 20
    assert alarm.inputs["comparisonOperator"] == "GreaterThanThreshold"
