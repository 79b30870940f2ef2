"""The lake: its bucket, its key, its access logs; whoever needs access gets it from here."""

from dataclasses import dataclass
from pathlib import Path

import pulumi
from pulumi_aws import s3

from components.access import Access
from components.access_logs import ACCESS_LOGS, log_writers
from components.account import here
from components.bucket import private_bucket
from components.key import key
from components.lifecycle import abort_uploads, expire, expire_old_versions
from components.names import StackNames
from components.order import after
from components.policy import Statement
from components.settings import LakeSettings
from lake import names
from lake.schema import INGESTS, TABLES

RAW = names.RAW
STATE = names.MARKER.rpartition("/")[0] + "/"
"""Where the marker lies."""
RESULTS = "enriched/"
"""Where Athena writes the results of queries."""
BUNDLES = "bundles/"
"""Where the archives of function, layer and dashboard lie."""
OUTPUTS = (*(table.prefix for table in TABLES), STATE)
"""What the function writes."""


@dataclass(frozen=True, kw_only=True)
class DataLakeArgs:
    """What a lake is made of."""

    stack: str
    """stands in the names of what is made"""
    settings: LakeSettings
    balancer_logs: bool = False
    """whether a load balancer writes its logs here too"""


class DataLake(Access, pulumi.ComponentResource):
    """The bucket of one stack's lake.

    Makes: a KMS key with its alias; the bucket with versions, encryption by that key, TLS only, no
    public access, no ACLs, a lifecycle by prefix; a second bucket for its access logs, which
    expire. `raw/` never expires. Access is given by the methods (see access.py).
    """

    bucket: pulumi.Output[str]
    """its name"""
    bucket_arn: pulumi.Output[str]
    key_arn: pulumi.Output[str]
    logs_bucket: pulumi.Output[str]
    """name of the bucket with the access logs"""
    region: pulumi.Output[str]
    """where all this is"""

    def __init__(
        self, name: str, args: DataLakeArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("orders-lake:components:DataLake", name, None, opts)
        account = here(self)
        of_lake, of_logs = StackNames(args.stack).buckets
        # what is kept is kept as it is: a bucket without its policy would be another one
        child = pulumi.ResourceOptions(
            parent=self, protect=args.settings.keep_data, retain_on_delete=args.settings.keep_data
        )
        lake_key = key(f"{name}-key", args.stack, account, keep=args.settings.keep_data, opts=child)
        logs = private_bucket(
            f"{name}-logs",
            prefix=of_logs,
            # the log services cannot use a key of ours
            encryption=_encryption("AES256"),
            lifecycle=[abort_uploads(), expire("", args.settings.access_log_days)],
            keep=args.settings.keep_data,
            opts=child,
            statements=lambda arn: log_writers(
                arn, account, of=of_lake, balancer=args.balancer_logs
            ),
        )
        lake = private_bucket(
            name,
            prefix=of_lake,
            encryption=_encryption("aws:kms", lake_key.arn),
            lifecycle=[
                abort_uploads(),
                expire(RESULTS, args.settings.result_days),
                *expire_old_versions((*OUTPUTS, BUNDLES), args.settings.old_version_days),
            ],
            keep=args.settings.keep_data,
            opts=child,
        )
        s3.BucketLogging(
            f"{name}-logging",
            bucket=lake.bucket.id,
            target_bucket=logs.bucket.id,
            target_prefix=ACCESS_LOGS,
            opts=after(child, *logs.closed),
        )
        self._closed = lake.closed
        self.bucket = lake.bucket.id
        self.bucket_arn = lake.bucket.arn
        self.key_arn = lake_key.arn
        self.logs_bucket = logs.bucket.id
        self.region = account.region
        self.register_outputs(
            {
                "bucket": self.bucket,
                "bucket_arn": self.bucket_arn,
                "key_arn": self.key_arn,
                "logs_bucket": self.logs_bucket,
                "region": self.region,
            }
        )

    def read_ledger(self) -> tuple[Statement, ...]:
        """Return what lake/ledger.py takes: all records, the state, names of what came and is."""
        tables = tuple(table.prefix for table in TABLES)
        return (
            *self.read(STATE, INGESTS.prefix),
            *self.list(STATE, *tables),
            *self.list_versions(RAW),
        )

    def upload(
        self, name: str, path: Path, sha256: str, opts: pulumi.ResourceOptions
    ) -> s3.BucketObjectv2:
        """Put an archive under `bundles/`, with the digest in its key: other content, other key."""
        return s3.BucketObjectv2(
            name,
            bucket=self.bucket,
            key=f"{BUNDLES}{path.stem}-{sha256[:16]}{path.suffix}",
            source=pulumi.FileAsset(str(path)),
            opts=after(opts, *self._closed),
        )


def _encryption(
    algorithm: str, key_arn: pulumi.Input[str] | None = None
) -> s3.BucketServerSideEncryptionConfigurationRuleArgs:
    by_default = (
        s3.BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultArgs
    )
    return s3.BucketServerSideEncryptionConfigurationRuleArgs(
        apply_server_side_encryption_by_default=by_default(
            sse_algorithm=algorithm, kms_master_key_id=key_arn
        ),
        bucket_key_enabled=key_arn is not None,
    )
