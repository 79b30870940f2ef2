"""A bucket that nobody outside sees, with versions, and what each of ours has."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import s3

from components.order import after
from components.policy import Statement, document, tls_only


@dataclass(frozen=True)
class PrivateBucket:
    """A bucket, and what must be there before it is used."""

    bucket: s3.Bucket
    closed: tuple[pulumi.Resource, ...]
    """encryption, versions, no public access, TLS only"""


def private_bucket(
    name: str,
    *,
    prefix: str,
    encryption: s3.BucketServerSideEncryptionConfigurationRuleArgs,
    lifecycle: Sequence[s3.BucketLifecycleConfigurationRuleArgs],
    keep: bool,
    opts: pulumi.ResourceOptions,
    statements: Callable[[pulumi.Output[str]], Sequence[Statement]] = lambda _: (),
) -> PrivateBucket:
    """Make a bucket: versioned, encrypted, TLS only, no public access, no ACLs, with a lifecycle.

    Its name begins with `prefix` and ends with what makes it the only one in the world. `keep`
    refuses to delete it with what it holds. `statements` are further ones of its policy, made from
    its ARN.
    """
    bucket = s3.Bucket(name, bucket_prefix=prefix, force_destroy=not keep, opts=opts)
    versions = s3.BucketVersioning(
        f"{name}-versions",
        bucket=bucket.id,
        versioning_configuration=s3.BucketVersioningVersioningConfigurationArgs(status="Enabled"),
        opts=opts,
    )
    encrypted = s3.BucketServerSideEncryptionConfiguration(
        f"{name}-encryption", bucket=bucket.id, rules=[encryption], opts=opts
    )
    not_public = s3.BucketPublicAccessBlock(
        f"{name}-not-public",
        bucket=bucket.id,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        opts=opts,
    )
    owned = s3.BucketOwnershipControls(
        f"{name}-owner",
        bucket=bucket.id,
        rule=s3.BucketOwnershipControlsRuleArgs(object_ownership="BucketOwnerEnforced"),
        opts=after(opts, not_public),
    )
    # s3 answers 409 to a policy while the access block is being put
    tls = s3.BucketPolicy(
        f"{name}-policy",
        bucket=bucket.id,
        policy=document(
            [
                tls_only(bucket.arn, _all(bucket.arn), action="s3:*"),
                *statements(bucket.arn),
            ]
        ),
        opts=after(opts, not_public, owned),
    )
    # rules for old versions need versions
    s3.BucketLifecycleConfiguration(
        f"{name}-lifecycle", bucket=bucket.id, rules=list(lifecycle), opts=after(opts, versions)
    )
    return PrivateBucket(bucket, (versions, encrypted, not_public, owned, tls))


def _all(arn: pulumi.Output[str]) -> pulumi.Output[str]:
    return pulumi.Output.format("{}/*", arn)
