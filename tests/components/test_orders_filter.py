"""OrdersFilter: what the function is, what calls it, where its failures go, what it may do."""

import json

import pytest

from components import bundles
from components.compute import HANDLER
from components.function import LoopError, check_no_loop, environment
from components.settings import FunctionSettings
from components.storage import OUTPUTS, RAW
from components.sweep import every
from handler import entry
from lake.rule import Limits, Rule, Settings
from tests.doubles.registered import run_stack

NAME = "FilterAndProcessOrders-dev"


@pytest.fixture(scope="session")
def function(dev):
    return dev.one("lambda.Function").inputs


def test_the_function_runs_the_bundle_on_arm64_with_the_python_that_its_wheels_are_for(
    dev, function
):
    layer = dev.one("lambda.LayerVersion")

    assert function["name"] == NAME
    assert function["architectures"] == layer.inputs["compatibleArchitectures"] == ["arm64"]
    assert function["runtime"] == f"python{bundles.FUNCTION_PYTHON}"
    assert layer.inputs["compatibleRuntimes"] == [function["runtime"]]
    assert function["layers"] == [layer.outputs["arn"]]
    assert function["handler"] == HANDLER
    keys = {one.inputs["key"] for one in dev.of("s3.BucketObjectv2")}
    assert {function["s3Key"], layer.inputs["s3Key"]} < keys


def test_the_handler_that_is_named_is_there():
    assert f"{entry.__name__}.{entry.lambda_handler.__name__}" == HANDLER


def test_limits_and_rule_are_those_of_the_settings():
    function = (
        run_stack(
            "dev",
            memoryMiB=512,
            diskMiB=900,
            maxFileMiB=300,
            timeoutSeconds=60,
            reservedConcurrency=4,
            dropDays=7,
            dropStatuses=["shipped"],
            maxBadPercent=10,
        )
        .one("lambda.Function")
        .inputs
    )

    assert (function["memorySize"], function["timeout"]) == (512, 60)
    assert function["ephemeralStorage"] == {"size": 900}
    assert function["reservedConcurrentExecutions"] == 4
    assert Settings.from_environment(function["environment"]["variables"]) == Settings(
        Rule(("shipped",), 7), Limits(300 << 20, Limits.line_bytes, 0.1)
    )


def test_no_concurrency_is_reserved_unless_asked_for(function):
    assert "reservedConcurrentExecutions" not in function


@pytest.mark.parametrize("percent", range(101))
def test_a_percentage_arrives_as_the_share_that_it_is(percent):
    given = environment(FunctionSettings(max_bad_percent=percent))

    assert Settings.from_environment(given).limits.bad_share == percent / 100


def test_environment_log_and_topic_are_encrypted_with_the_lakes_key(dev, function):
    key = dev.one("kms.Key").outputs["arn"]

    assert function["kmsKeyArn"] == key
    assert dev.one("cloudwatch.LogGroup", name=f"/aws/lambda/{NAME}").inputs["kmsKeyId"] == key
    assert dev.one("sns.Topic").inputs["kmsMasterKeyId"] == key


def test_calls_are_traced(function):
    assert function["tracingConfig"] == {"mode": "Active"}


def test_the_log_group_and_the_rights_are_there_before_the_function(dev):
    assert dev.waits_for("orders", "orders-logs")
    assert dev.waits_for("orders", "orders-role-policy")


# events


def test_uploads_under_raw_that_end_in_csv_are_events(dev):
    notification = dev.one("s3.BucketNotification").inputs

    assert [
        (one["filterPrefix"], one["filterSuffix"], one["events"])
        for one in notification["lambdaFunctions"]
    ] == [
        ("raw/", ".csv", ["s3:ObjectCreated:*"]),
        ("raw/", ".CSV", ["s3:ObjectCreated:*"]),
    ]
    assert len({one["id"] for one in notification["lambdaFunctions"]}) == 2


def test_only_this_bucket_of_this_account_may_call_and_that_is_said_first(dev):
    permission = dev.one("lambda.Permission").inputs

    assert permission["principal"] == "s3.amazonaws.com"
    assert permission["sourceArn"] == f"arn:aws:s3:::{dev.exports['bucket']}"
    assert permission["sourceAccount"] == "123456789012"
    assert dev.waits_for("orders-notifications", "orders-from-bucket")


def test_what_the_function_writes_is_no_event():
    check_no_loop(RAW, OUTPUTS)


@pytest.mark.parametrize(
    ("watched", "written"), [("raw/", "raw/done/"), ("raw/", "raw/"), ("raw/", ""), ("", "a/")]
)
def test_a_loop_is_refused(watched, written):
    with pytest.raises(LoopError, match="it would call itself"):
        check_no_loop(watched, [written])


def test_a_loop_that_comes_about_all_the_same_is_cut_by_lambda(dev):
    recursion = dev.one("lambda.FunctionRecursionConfig").inputs

    assert (recursion["functionName"], recursion["recursiveLoop"]) == (NAME, "Terminate")


@pytest.mark.parametrize(
    ("minutes", "expression"), [(1, "rate(1 minute)"), (15, "rate(15 minutes)")]
)
def test_the_sweep_comes_as_often_as_set(minutes, expression):
    assert every(minutes) == expression


def test_the_schedule_asks_the_function_for_a_sweep(dev):
    schedule = dev.one("scheduler.Schedule").inputs

    assert json.loads(schedule["target"]["input"]) == {"action": "sweep"}
    assert schedule["target"]["arn"] == f"{dev.one('lambda.Function').outputs['arn']}:sweep"
    assert schedule["scheduleExpression"] == "rate(15 minutes)"
    assert schedule["flexibleTimeWindow"] == {"mode": "OFF"}


def test_sweeps_call_the_newest_function_by_an_alias_of_their_own(dev):
    alias = dev.one("lambda.Alias").inputs

    assert (alias["functionName"], alias["name"]) == (NAME, "sweep")
    assert alias["functionVersion"] == "$LATEST"


@pytest.mark.parametrize(("minutes", "seconds"), [(1, 60), (15, 900), (1440, 6 * 3600)])
def test_a_failed_sweep_is_tried_again_by_nobody_and_none_waits_for_the_next(minutes, seconds):
    stack = run_stack("dev", sweepMinutes=minutes)
    config = stack.one("lambda.FunctionEventInvokeConfig", qualifier="sweep").inputs
    schedule = stack.one("scheduler.Schedule").inputs

    assert config["functionName"] == NAME
    assert config["maximumRetryAttempts"] == 0
    assert config["maximumEventAgeInSeconds"] == seconds
    assert "destinationConfig" not in config
    assert schedule["target"]["retryPolicy"] == {"maximumRetryAttempts": 0}
    assert stack.waits_for("orders-sweep", "orders-sweep-once")


# failures


def queue(stack, end):
    return stack.one("sqs.Queue", name=f"{NAME}-{end}")


def test_a_call_that_failed_three_times_goes_into_the_failure_queue(dev):
    config = dev.one("lambda.FunctionEventInvokeConfig", qualifier=None).inputs

    assert config["maximumRetryAttempts"] == 2
    assert config["maximumEventAgeInSeconds"] == 6 * 3600
    assert config["destinationConfig"] == {
        "onFailure": {"destination": queue(dev, "failures").outputs["arn"]}
    }
    assert dev.waits_for("orders-failures", "orders-role-policy")


def test_from_there_it_is_tried_again_later_one_by_one_and_parked_at_last(dev):
    redrive = dev.one("lambda.EventSourceMapping").inputs
    failures, parked = queue(dev, "failures"), queue(dev, "parked")

    assert redrive["eventSourceArn"] == failures.outputs["arn"]
    assert redrive["batchSize"] == 1
    assert failures.inputs["delaySeconds"] == 900
    assert json.loads(failures.inputs["redrivePolicy"]) == {
        "deadLetterTargetArn": parked.outputs["arn"],
        "maxReceiveCount": 5,
    }
    allow = dev.one("sqs.RedriveAllowPolicy", queueUrl=parked.outputs["id"]).inputs
    assert json.loads(allow["redriveAllowPolicy"])["sourceQueueArns"] == [failures.outputs["arn"]]


def test_a_message_stays_hidden_while_it_is_worked_on():
    stack = run_stack("dev", timeoutSeconds=100)

    assert queue(stack, "failures").inputs["visibilityTimeoutSeconds"] == 600


def test_the_queues_are_encrypted_tls_only_and_keep_messages_as_long_as_they_can(dev):
    for one in dev.of("sqs.Queue"):
        assert one.inputs["sqsManagedSseEnabled"] is True
        assert one.inputs["messageRetentionSeconds"] == 14 * 24 * 3600
        policy = json.loads(dev.one("sqs.QueuePolicy", queueUrl=one.outputs["id"]).inputs["policy"])
        [refusal] = policy["Statement"]
        assert refusal["Effect"] == "Deny"
        assert refusal["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


# messages


def test_messages_go_to_the_address_that_is_set_and_to_nobody_else(dev):
    assert dev.of("sns.TopicSubscription") == []
    subscription = run_stack("dev", alarmEmail="orders@example.com").one("sns.TopicSubscription")
    assert subscription.inputs["protocol"] == "email"
    assert subscription.inputs["endpoint"] == "orders@example.com"


def test_the_function_knows_the_topic_and_may_publish_to_no_other(dev, function):
    topic = dev.one("sns.Topic").outputs["arn"]
    role = dev.one("iam.Role", name=NAME).outputs["id"]
    [document] = dev.documents(role).values()
    publish = [one for one in document["Statement"] if one["Action"] == ["sns:Publish"]]

    assert function["environment"]["variables"]["NOTICES_TOPIC_ARN"] == topic
    assert [one["Resource"] for one in publish] == [[topic]]


def test_a_boundary_holds_for_every_role_of_the_stack(dev):
    arn = "arn:aws:iam::123456789012:policy/boundary-dev"

    bounded = run_stack("dev", permissionsBoundary=arn).of("iam.Role")

    assert len(bounded) == len(dev.of("iam.Role")) >= 4
    assert {role.inputs["permissionsBoundary"] for role in bounded} == {arn}
    assert all("permissionsBoundary" not in role.inputs for role in dev.of("iam.Role"))
