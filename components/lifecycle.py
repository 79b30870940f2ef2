"""What goes from a bucket by itself, and when: rules by prefix."""

from collections.abc import Iterable

from pulumi_aws import s3

ABORT_AFTER_DAYS = 1
"""Parts of an upload that nobody finished are billed and shown by no listing; the longest upload
that there is here, Athena's of a result, ends within half an hour."""


def abort_uploads() -> s3.BucketLifecycleConfigurationRuleArgs:
    """Return the rule that clears away unfinished uploads, everywhere."""
    return s3.BucketLifecycleConfigurationRuleArgs(
        id="abort-uploads",
        status="Enabled",
        filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=""),
        abort_incomplete_multipart_upload=s3.BucketLifecycleConfigurationRuleAbortIncompleteMultipartUploadArgs(
            days_after_initiation=ABORT_AFTER_DAYS
        ),
    )


def expire(prefix: str, days: int) -> s3.BucketLifecycleConfigurationRuleArgs:
    """Return the rule by which all objects under a prefix are gone a day after they expired."""
    return _rule(
        prefix,
        expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(days=days),
        noncurrent_days=1,
    )


def expire_old_versions(
    prefixes: Iterable[str], days: int
) -> list[s3.BucketLifecycleConfigurationRuleArgs]:
    """Return the rules by which replaced and deleted versions under prefixes are gone."""
    return [
        _rule(
            prefix,
            expiration=s3.BucketLifecycleConfigurationRuleExpirationArgs(
                expired_object_delete_marker=True
            ),
            noncurrent_days=days,
        )
        for prefix in prefixes
    ]


def _rule(
    prefix: str,
    expiration: s3.BucketLifecycleConfigurationRuleExpirationArgs,
    noncurrent_days: int,
) -> s3.BucketLifecycleConfigurationRuleArgs:
    return s3.BucketLifecycleConfigurationRuleArgs(
        id=f"expire-{prefix.strip('/') or 'all'}",
        status="Enabled",
        filter=s3.BucketLifecycleConfigurationRuleFilterArgs(prefix=prefix),
        expiration=expiration,
        noncurrent_version_expiration=s3.BucketLifecycleConfigurationRuleNoncurrentVersionExpirationArgs(
            noncurrent_days=noncurrent_days
        ),
    )
