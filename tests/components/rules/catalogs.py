"""Rules about Athena and Glue."""

from collections.abc import Mapping
from typing import Any

from tests.components.rules.rule import Rule, changed, inputs
from tests.doubles.registered import Registered, Resource

WORKGROUP = "athena.Workgroup"


def configuration(given: Mapping[str, Any]) -> Mapping[str, Any]:
    return given.get("configuration") or {}


def encrypts_results(given: Mapping[str, Any]) -> bool:
    result = configuration(given).get("resultConfiguration", {})
    encryption = result.get("encryptionConfiguration", {})
    return encryption.get("encryptionOption") == "SSE_KMS" and bool(encryption.get("kmsKeyArn"))


def is_secured(crawler: Resource, stack: Registered) -> bool:
    """It has a security configuration that encrypts objects and logs."""
    for one in stack.of("glue.SecurityConfiguration"):
        if one.inputs["name"] == crawler.inputs.get("securityConfiguration"):
            encryption = one.inputs["encryptionConfiguration"]
            return (
                encryption["s3Encryption"]["s3EncryptionMode"] == "SSE-KMS"
                and encryption["cloudwatchEncryption"]["cloudwatchEncryptionMode"] == "SSE-KMS"
                and encryption["jobBookmarksEncryption"]["jobBookmarksEncryptionMode"] == "CSE-KMS"
            )
    return False


RULES = (
    Rule(
        "CKV_AWS_159",
        "results are encrypted with a key of ours",
        WORKGROUP,
        inputs(encrypts_results),
        changed(WORKGROUP, "configuration.resultConfiguration.encryptionConfiguration", None),
    ),
    Rule(
        "CKV_AWS_82",
        "no query can choose other settings",
        WORKGROUP,
        inputs(lambda given: configuration(given).get("enforceWorkgroupConfiguration") is True),
        changed(WORKGROUP, "configuration.enforceWorkgroupConfiguration", False),
    ),
    Rule(
        "Athena.4",
        "queries are measured, and stopped before they scan too much",
        WORKGROUP,
        inputs(
            lambda given: bool(
                configuration(given).get("publishCloudwatchMetricsEnabled")
                and configuration(given).get("bytesScannedCutoffPerQuery")
            )
        ),
        changed(WORKGROUP, "configuration.publishCloudwatchMetricsEnabled", False),
    ),
    Rule(
        "CKV_AWS_195",
        "the crawler encrypts what it writes",
        "glue.Crawler",
        is_secured,
        changed("glue.Crawler", "securityConfiguration", None),
    ),
)
