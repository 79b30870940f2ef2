"""The alarms of the dashboard's host."""

import pytest

from tests.components.with_balancer import run_with_balancer

OWNER = "Athena-Dashboard-Server-dev"


@pytest.fixture(scope="module")
def open_dev():
    return run_with_balancer("dev")


def metric_of(stack, name):
    """Return an alarm's inputs and the one metric that it watches."""
    alarm = stack.one("cloudwatch.MetricAlarm", name=f"{OWNER}-{name}").inputs
    [query] = alarm["metricQueries"]
    return alarm, query["metric"]


def names(stack):
    made = {alarm.inputs["name"] for alarm in stack.of("cloudwatch.MetricAlarm")}
    return {name for name in made if name.startswith(OWNER)}


def test_without_a_load_balancer_nobody_knows_whether_it_answers(dev, open_dev):
    instance = {f"{OWNER}-not-set-up", f"{OWNER}-instance-failed"}
    assert names(dev) == instance
    assert names(open_dev) == instance | {f"{OWNER}-not-answering"}


def test_a_first_script_that_fails_is_counted_by_what_it_says_in_the_log(dev):
    counted = dev.one("cloudwatch.LogMetricFilter").inputs
    _, metric = metric_of(dev, "not-set-up")
    transformation = counted["metricTransformation"]

    assert counted["logGroupName"] == "/orders-lake/dev/dashboard"
    assert f"echo {counted['pattern'][:-1]}: line" in dev.one("ec2.Instance").inputs["userData"]
    assert metric["namespace"] == transformation["namespace"]
    assert metric["metricName"] == transformation["name"]
    assert "dimensions" not in metric or metric["dimensions"] == {}
    assert "dev" in transformation["name"], "another stack of the account has its own"


def test_the_instance_is_the_one_that_serves_and_its_message_names_it(dev):
    alarm, metric = metric_of(dev, "instance-failed")
    instance = dev.one("ec2.Instance").outputs["id"]

    assert (metric["namespace"], metric["metricName"]) == ("AWS/EC2", "StatusCheckFailed")
    assert metric["dimensions"] == {"InstanceId": instance}
    assert f"aws ec2 stop-instances --instance-ids {instance}," in alarm["alarmDescription"]


def test_an_instance_that_is_being_replaced_has_no_value_and_raises_no_alarm(open_dev):
    for name in ("instance-failed", "not-answering"):
        alarm, _ = metric_of(open_dev, name)
        assert alarm["treatMissingData"] == "notBreaching"


def test_a_dashboard_that_does_not_answer_is_the_load_balancers_unhealthy_host(open_dev):
    alarm, metric = metric_of(open_dev, "not-answering")
    balancer = open_dev.one("lb.LoadBalancer").outputs["arnSuffix"]
    target = open_dev.one("lb.TargetGroup").outputs["arnSuffix"]

    assert metric["namespace"] == "AWS/ApplicationELB"
    assert metric["metricName"] == "UnHealthyHostCount"
    assert metric["dimensions"] == {"LoadBalancer": balancer, "TargetGroup": target}
    assert balancer.startswith("app/")
    assert target.startswith("targetgroup/")
    assert (alarm["threshold"], alarm["comparisonOperator"]) == (0, "GreaterThanThreshold")


def test_a_host_that_is_set_up_within_minutes_raises_no_alarm(open_dev):
    alarm, metric = metric_of(open_dev, "not-answering")

    assert metric["period"] * alarm["evaluationPeriods"] == 15 * 60
    assert alarm["datapointsToAlarm"] == alarm["evaluationPeriods"]


def test_a_message_says_what_to_do(open_dev):
    topic = open_dev.one("sns.Topic").outputs["arn"]
    for name in ("not-set-up", "instance-failed", "not-answering"):
        alarm, _ = metric_of(open_dev, name)
        assert alarm["alarmActions"] == [topic]
        assert 80 < len(alarm["alarmDescription"]) <= 1024
