"""The rights on a stack's state, where an S3 bucket holds it.

The layout is that of Pulumi's self-managed backend: .pulumi/stacks/<project>/<stack>.json and so
on. A preview takes no lock and writes nothing (read in the CLI's source, 3.259).
"""

import pulumi

from bootstrap.names import Names
from components.names import PROJECT
from components.policy import Statement

ROOT = ".pulumi"


def read_state(names: Names, bucket: str) -> tuple[Statement, ...]:
    """Return what it takes to read a stack's state; the names of others are seen."""
    if not bucket:
        return ()
    arn = _arn(names, bucket)
    return (
        Statement(
            "ListState",
            ("s3:ListBucket",),
            (arn,),
            {"StringLike": {"s3:prefix": (ROOT, f"{ROOT}/*")}},
        ),
        Statement("LocateState", ("s3:GetBucketLocation",), (arn,)),
        Statement(
            "ReadState",
            ("s3:GetObject",),
            (_inside(arn, "meta.yaml"), *_places(arn, names.stack)),
        ),
    )


def write_state(names: Names, bucket: str) -> tuple[Statement, ...]:
    """Return what it takes, besides, to write a stack's state and to lock it."""
    if not bucket:
        return ()
    arn = _arn(names, bucket)
    # an update removes its lock, and nothing else but what it has replaced
    return (
        Statement("WriteState", ("s3:PutObject", "s3:DeleteObject"), _places(arn, names.stack)),
    )


def use_secrets_key(arn: str, *, encrypt: bool) -> tuple[Statement, ...]:
    """Return what it takes to read (and write) secrets that a KMS key encrypts."""
    if not arn:
        return ()
    more = ("kms:Encrypt", "kms:GenerateDataKey") if encrypt else ()
    return (Statement("UseSecretsKey", ("kms:Decrypt", "kms:DescribeKey", *more), (arn,)),)


def _arn(names: Names, bucket: str) -> pulumi.Output[str]:
    return pulumi.Output.format("arn:{}:s3:::{}", names.account.partition, bucket)


def _inside(arn: pulumi.Output[str], place: str) -> pulumi.Output[str]:
    return pulumi.Output.format("{}/{}/{}", arn, ROOT, place)


def _places(arn: pulumi.Output[str], stack: str) -> tuple[pulumi.Output[str], ...]:
    return (
        _inside(arn, f"stacks/{PROJECT}/{stack}.json*"),
        _inside(arn, f"history/{PROJECT}/{stack}/*"),
        _inside(arn, f"backups/{PROJECT}/{stack}/*"),
        _inside(arn, f"locks/organization/{PROJECT}/{stack}/*"),
    )
