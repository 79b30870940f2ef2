"""What buckets, key, queues and topic let others do: AWS's services, for this account alone."""

import json
from pathlib import Path

import pytest

from tests.components.policies.test_policies_tables import short
from tests.doubles.iam import ACCOUNT, Policies, Request
from tests.doubles.registered import ENDING, REGION
from tests.doubles.rights import table

TABLE = Path(__file__).parent / "tables" / "resources.txt"
KINDS = ("s3.BucketPolicy", "kms.Key", "sqs.QueuePolicy", "sns.TopicPolicy")
LOGS_BUCKET = f"arn:aws:s3:::orders-lake-prod-logs-{ENDING}"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:orders-lake-prod"
STRANGER = "999999999999"


def documents(stack):
    found = [one for kind in KINDS for one in stack.of(kind)]
    return {one.name: json.loads(one.inputs["policy"]) for one in found}


@pytest.fixture(scope="module")
def decide(balanced):
    """Ask what a service is asked, of which only the resource's own policy decides."""
    policies = Policies({}, balanced.policies("FilterAndProcessOrders-prod").resources)

    def decide(service, action, resource, **context):
        said = {key.replace("__", ":"): value for key, value in context.items()}
        said = {"aws:SecureTransport": "true", **said}
        return policies.decide(Request(action, resource, said, f"{service}.amazonaws.com"))

    return decide


def test_the_policies_of_resources_are_those_of_the_table(balanced):
    said = {
        name: f"[{name}]\n{table({name: document}, {LOGS_BUCKET: 'LOGS', **short(balanced)})}"
        for name, document in documents(balanced).items()
    }
    assert "\n".join(said[name] for name in sorted(said)) == TABLE.read_text()


@pytest.mark.parametrize("account", [ACCOUNT, STRANGER])
def test_an_alarm_of_this_account_tells_the_topic_and_nobody_elses(decide, balanced, account):
    mine = account == ACCOUNT
    source = f"arn:aws:cloudwatch:{REGION}:{account}:alarm:a"
    context = {"aws__SourceAccount": account, "aws__SourceArn": source}
    assert decide("cloudwatch", "sns:Publish", TOPIC, **context).allowed is mine
    key = balanced.one("kms.Key").outputs["arn"]
    for action in ("kms:Decrypt", "kms:GenerateDataKey"):
        assert decide("cloudwatch", action, key, **context).allowed is mine
    assert not decide("cloudwatch", "kms:Decrypt", key)
    assert not decide("events", "sns:Publish", TOPIC, **context)


@pytest.mark.parametrize("account", [ACCOUNT, STRANGER])
def test_the_log_service_uses_the_key_for_groups_of_this_account(decide, balanced, account):
    key = balanced.one("kms.Key").outputs["arn"]
    group = f"arn:aws:logs:{REGION}:{account}:log-group:/aws/lambda/a"
    for action in ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey"):
        asked = decide(
            f"logs.{REGION}", action, key, **{"kms__EncryptionContext:aws:logs:arn": group}
        )
        assert asked.allowed is (account == ACCOUNT)
    assert not decide(f"logs.{REGION}", "kms:Decrypt", key)
    assert not decide("logs.us-east-1", "kms:Decrypt", key)


DELIVERIES = {
    "logging.s3": ("s3", f"arn:aws:s3:::orders-lake-prod-{ENDING}"),
    "logdelivery.elasticloadbalancing": (
        "elb",
        f"arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/a/1",
    ),
}


@pytest.mark.parametrize("service", DELIVERIES)
def test_access_logs_are_delivered_for_this_account_under_their_prefix(decide, service):
    prefix, source = DELIVERIES[service]
    mine = {"aws__SourceAccount": ACCOUNT, "aws__SourceArn": source}
    place = f"{LOGS_BUCKET}/{prefix}/a"
    assert decide(service, "s3:PutObject", place, **mine)
    assert not decide(service, "s3:PutObject", place, **{**mine, "aws__SourceAccount": STRANGER})
    assert not decide(service, "s3:PutObject", f"{LOGS_BUCKET}/elsewhere/a", **mine)
    assert not decide(service, "s3:GetObject", place, **mine)
    assert not decide(service, "s3:PutObject", place, **{**mine, "aws__SecureTransport": "false"})


def test_no_policy_lets_in_anybody(balanced):
    for name, document in documents(balanced).items():
        for statement in document["Statement"]:
            if statement["Effect"] == "Allow":
                assert set(statement["Principal"]) <= {"Service", "AWS"}, name
                root = f"arn:aws:iam::{ACCOUNT}:root"
                assert statement["Principal"].get("AWS", [root]) == [root], name
