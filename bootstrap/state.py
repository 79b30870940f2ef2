"""The rights on a stack's state, where an S3 bucket holds it.

The layout is that of Pulumi's self-managed backend: .pulumi/stacks/<project>/<stack>.json and so
on. A preview takes no lock and writes nothing (read in the CLI's source, 3.259).
"""

from components.names import PROJECT
from components.policy import Statement

ROOT = ".pulumi"


def read_state(bucket: str, stack: str) -> tuple[Statement, ...]:
    """Return what it takes to read a stack's state; the names of others are seen."""
    if not bucket:
        return ()
    arn = f"arn:aws:s3:::{bucket}"
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
            (f"{arn}/{ROOT}/meta.yaml", *_places(arn, stack)),
        ),
    )


def write_state(bucket: str, stack: str) -> tuple[Statement, ...]:
    """Return what it takes, besides, to write a stack's state and to lock it."""
    if not bucket:
        return ()
    arn = f"arn:aws:s3:::{bucket}"
    # an update removes its lock, and nothing else but what it has replaced
    return (Statement("WriteState", ("s3:PutObject", "s3:DeleteObject"), _places(arn, stack)),)


def use_secrets_key(arn: str, *, encrypt: bool) -> tuple[Statement, ...]:
    """Return what it takes to read (and write) secrets that a KMS key encrypts."""
    if not arn:
        return ()
    more = ("kms:Encrypt", "kms:GenerateDataKey") if encrypt else ()
    return (Statement("UseSecretsKey", ("kms:Decrypt", "kms:DescribeKey", *more), (arn,)),)


def _places(arn: str, stack: str) -> tuple[str, ...]:
    return (
        f"{arn}/{ROOT}/stacks/{PROJECT}/{stack}.json*",
        f"{arn}/{ROOT}/history/{PROJECT}/{stack}/*",
        f"{arn}/{ROOT}/backups/{PROJECT}/{stack}/*",
        f"{arn}/{ROOT}/locks/organization/{PROJECT}/{stack}/*",
    )
