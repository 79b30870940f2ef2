"""Rules about queues, topics, keys, logs and alarms."""

from collections.abc import Mapping
from typing import Any

from tests.components.rules.rule import (
    Rule,
    changed,
    inputs,
    said,
    with_statement,
    without_statement,
)
from tests.doubles.registered import Registered, Resource

LEAST_LOG_DAYS = 365
"""CKV_AWS_338: a year."""


def is_encrypted(given: Mapping[str, Any]) -> bool:
    return bool(given.get("sqsManagedSseEnabled") or given.get("kmsMasterKeyId"))


def speaks_tls_alone(queue: Resource, stack: Registered) -> bool:
    return any(
        one["Effect"] == "Deny"
        and one["Principal"] == "*"
        and one["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for policy in stack.of("sqs.QueuePolicy")
        if policy.inputs["queueUrl"] == queue.outputs["id"]
        for one in said(policy.inputs["policy"])
    )


def is_not_public(given: Mapping[str, Any]) -> bool:
    return all(
        one["Principal"] not in ("*", {"AWS": "*"}, {"AWS": ["*"]})
        for one in said(given["policy"])
        if one["Effect"] == "Allow"
    )


QUEUE, KEY, LOGS = "sqs.Queue", "kms.Key", "cloudwatch.LogGroup"

RULES = (
    Rule(
        "SQS.1",
        "messages are encrypted",
        QUEUE,
        inputs(is_encrypted),
        changed(QUEUE, "sqsManagedSseEnabled", False),
    ),
    Rule(
        "CKV_AWS_27",
        "messages are encrypted, on the way too",
        QUEUE,
        lambda queue, stack: is_encrypted(queue.inputs) and speaks_tls_alone(queue, stack),
        without_statement("sqs.QueuePolicy", "TlsOnly"),
    ),
    Rule(
        "SNS.1",
        "notices are encrypted",
        "sns.Topic",
        inputs(lambda given: bool(given.get("kmsMasterKeyId"))),
        changed("sns.Topic", "kmsMasterKeyId", None),
    ),
    Rule(
        "KMS.4",
        "keys rotate",
        KEY,
        inputs(lambda given: given.get("enableKeyRotation") is True),
        changed(KEY, "enableKeyRotation", False),
    ),
    Rule(
        "CKV_AWS_7",
        "keys rotate, at least once a year",
        KEY,
        inputs(
            lambda given: (
                given.get("enableKeyRotation") is True
                and given.get("rotationPeriodInDays", 365) <= 365
            )
        ),
        changed(KEY, "rotationPeriodInDays", 2560),
    ),
    Rule(
        "KMS.5",
        "keys are not public",
        KEY,
        inputs(is_not_public),
        with_statement(KEY, Principal={"AWS": ["*"]}, Action="kms:Decrypt", Resource="*"),
    ),
    Rule(
        "CKV_AWS_158",
        "logs are encrypted with a key of ours",
        LOGS,
        inputs(lambda given: bool(given.get("kmsKeyId"))),
        changed(LOGS, "kmsKeyId", None),
    ),
    Rule(
        "CKV_AWS_338",
        "logs are kept for a year",
        LOGS,
        inputs(lambda given: given.get("retentionInDays", 0) >= LEAST_LOG_DAYS),
        changed(LOGS, "retentionInDays", 30),
    ),
    Rule(
        "CloudWatch.15",
        "an alarm tells somebody",
        "cloudwatch.MetricAlarm",
        inputs(lambda given: bool(given.get("alarmActions")) and given.get("actionsEnabled", True)),
        changed("cloudwatch.MetricAlarm", "alarmActions", []),
    ),
)
