"""The rights on buckets and keys."""

from bootstrap.names import Names
from components.policy import Statement
from components.storage import BUNDLES


def data(names: Names) -> tuple[Statement, ...]:
    """Return the rights on the lake's buckets, but for the orders in them, and on its key."""
    return (
        *_keys(names),
        Statement(
            "Buckets",
            (
                "s3:CreateBucket",
                "s3:DeleteBucket",
                "s3:DeleteBucketPolicy",
                "s3:GetAccelerateConfiguration",
                "s3:GetBucket*",
                "s3:GetEncryptionConfiguration",
                "s3:GetLifecycleConfiguration",
                "s3:GetReplicationConfiguration",
                "s3:ListBucket",
                "s3:ListTagsForResource",
                "s3:PutBucket*",
                "s3:PutEncryptionConfiguration",
                "s3:PutLifecycleConfiguration",
                "s3:TagResource",
                "s3:UntagResource",
            ),
            names.buckets(),
        ),
        # bundles and no order: those an update neither reads nor deletes
        Statement(
            "Bundles",
            (
                "s3:AbortMultipartUpload",
                "s3:DeleteObject",
                "s3:DeleteObjectVersion",
                "s3:GetObject",
                "s3:GetObjectTagging",
                "s3:PutObject",
                "s3:PutObjectTagging",
            ),
            names.objects(BUNDLES),
        ),
        # a bundle that is replaced goes with all its versions, and those the provider lists first
        Statement(
            "BundlesVersions",
            ("s3:ListBucketVersions",),
            names.buckets(),
            {"StringLike": {"s3:prefix": f"{BUNDLES}*"}},
        ),
    )


def _keys(names: Names) -> tuple[Statement, ...]:
    # a new key's tag may take five minutes to count (KMS, "ABAC for AWS KMS"): one reason why a
    # person makes a stack, and GitHub updates it
    keys = names.arns("kms", "key/*")
    alias = names.arns("kms", f"alias/{names.called.lake}")
    tagged = {"StringEquals": {"aws:ResourceTag/stack": names.stack}}
    return (
        Statement(
            "MakeKeys",
            ("kms:CreateKey", "kms:TagResource"),
            ("*",),
            {
                "StringEquals": {"aws:RequestTag/stack": names.stack},
                # what is another stack's key is not made this one's by a tag
                "Null": {"aws:ResourceTag/stack": "true"},
            },
        ),
        Statement(
            "Keys",
            (
                "kms:CreateAlias",
                "kms:CreateGrant",
                "kms:Decrypt",
                "kms:DeleteAlias",
                "kms:DescribeKey",
                "kms:EnableKeyRotation",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:GetKeyPolicy",
                "kms:GetKeyRotationStatus",
                "kms:ListResourceTags",
                "kms:PutKeyPolicy",
                "kms:ScheduleKeyDeletion",
                "kms:UntagResource",
                "kms:UpdateAlias",
                "kms:UpdateKeyDescription",
            ),
            keys,
            tagged,
        ),
        Statement("Aliases", ("kms:CreateAlias", "kms:DeleteAlias", "kms:UpdateAlias"), alias),
        Statement("ListAliases", ("kms:ListAliases",), ("*",)),
    )
