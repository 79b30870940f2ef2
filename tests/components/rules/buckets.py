"""Rules about S3."""

from collections.abc import Mapping
from typing import Any

from tests.components.rules.rule import (
    Rule,
    changed,
    companion,
    said,
    with_statement,
    without,
    without_statement,
)
from tests.doubles.iam import ACCOUNT

BUCKET = "s3.Bucket"
POLICY = "s3.BucketPolicy"
BLOCKED = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def refuses_clear_text(given: Mapping[str, Any]) -> bool:
    return any(
        one["Effect"] == "Deny"
        and one["Principal"] == "*"
        and one["Action"] in ("s3:*", ["s3:*"])
        and set(one["Resource"]) == {f"arn:aws:s3:::{given['bucket']}{end}" for end in ("", "/*")}
        and one["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for one in said(given["policy"])
    )


def lets_in_nobody_else(given: Mapping[str, Any]) -> bool:
    """Only services, and those for things of this account."""
    return all(
        set(one["Principal"]) == {"Service"}
        and one["Condition"]["StringEquals"]["aws:SourceAccount"] == ACCOUNT
        for one in said(given["policy"])
        if one["Effect"] == "Allow"
    )


def rules(given: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [rule for rule in given["rules"] if rule["status"] == "Enabled"]


def is_encrypted_with_a_key(given: Mapping[str, Any]) -> bool:
    return all(
        rule["applyServerSideEncryptionByDefault"]["sseAlgorithm"] == "aws:kms"
        and rule["applyServerSideEncryptionByDefault"]["kmsMasterKeyId"]
        and rule["bucketKeyEnabled"]
        for rule in given["rules"]
    )


ENCRYPTION = "s3.BucketServerSideEncryptionConfiguration"
LIFECYCLE = "s3.BucketLifecycleConfiguration"

RULES = (
    Rule(
        "S3.8",
        "no bucket is public",
        BUCKET,
        companion("s3.BucketPublicAccessBlock", lambda given: all(given.get(k) for k in BLOCKED)),
        changed("s3.BucketPublicAccessBlock", "restrictPublicBuckets", False),
    ),
    Rule(
        "S3.5",
        "requests without TLS are refused",
        BUCKET,
        companion(POLICY, refuses_clear_text),
        without_statement(POLICY, "TlsOnly"),
    ),
    Rule(
        "S3.6",
        "nobody of another account gets in",
        BUCKET,
        companion(POLICY, lets_in_nobody_else),
        with_statement(
            POLICY,
            Principal={"AWS": "arn:aws:iam::999999999999:root"},
            Action="s3:PutBucketPolicy",
            Resource="*",
        ),
    ),
    Rule(
        "S3.12",
        "access control lists are off",
        BUCKET,
        companion(
            "s3.BucketOwnershipControls",
            lambda given: given["rule"]["objectOwnership"] == "BucketOwnerEnforced",
        ),
        changed("s3.BucketOwnershipControls", "rule.objectOwnership", "ObjectWriter"),
    ),
    Rule(
        "S3.9",
        "access is logged, into another bucket",
        BUCKET,
        companion("s3.BucketLogging", lambda given: given["targetBucket"] != given["bucket"]),
        without("s3.BucketLogging"),
    ),
    Rule(
        "S3.13",
        "there is a lifecycle, in which old versions or logs expire",
        BUCKET,
        companion(
            LIFECYCLE,
            lambda given: any("noncurrentVersionExpiration" in rule for rule in rules(given)),
        ),
        without(LIFECYCLE),
    ),
    Rule(
        "CKV_AWS_300",
        "uploads that were broken off are cleared away",
        BUCKET,
        companion(
            LIFECYCLE,
            lambda given: any(
                rule["filter"].get("prefix") == "" and "abortIncompleteMultipartUpload" in rule
                for rule in rules(given)
            ),
        ),
        changed(LIFECYCLE, "rules.0.status", "Disabled"),
    ),
    Rule(
        "S3.14",
        "objects have versions",
        BUCKET,
        companion(
            "s3.BucketVersioning",
            lambda given: given["versioningConfiguration"]["status"] == "Enabled",
        ),
        changed("s3.BucketVersioning", "versioningConfiguration.status", "Suspended"),
    ),
    Rule(
        "S3.17",
        "objects are encrypted with a key of ours, by way of a bucket key",
        BUCKET,
        companion(ENCRYPTION, is_encrypted_with_a_key),
        changed(ENCRYPTION, "rules.0.applyServerSideEncryptionByDefault.sseAlgorithm", "AES256"),
    ),
)
