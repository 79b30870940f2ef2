"""The lake: its bucket, its key, its access logs; whoever needs access gets it from here."""

from dataclasses import dataclass
from pathlib import Path

import pulumi
from pulumi_aws import s3

from components.account import Account, here
from components.bucket import private_bucket
from components.key import key
from components.lifecycle import abort_uploads, expire, expire_old_versions
from components.policy import Conditions, Statement
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
ACCESS_LOGS = "s3/"
BALANCER_LOGS = "elb/"
"""Prefixes of the access-log bucket."""


@dataclass(frozen=True, kw_only=True)
class DataLakeArgs:
    """What a lake is made of."""

    stack: str
    """stands in the names of what is made"""
    settings: LakeSettings
    balancer_logs: bool = False
    """whether a load balancer writes its logs here too"""


class DataLake(pulumi.ComponentResource):
    """The bucket of one stack's lake.

    Makes: a KMS key with its alias; the bucket with versions, encryption by that key, TLS only, no
    public access, no ACLs, a lifecycle by prefix; a second bucket for its access logs, which
    expire. `raw/` never expires. Access is given by the methods, which return policy statements
    per verb and prefix: whoever holds a role puts them into its policy.
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
        self._account = here(self)
        # what is kept is kept as it is: a bucket without its policy would be another one
        child = pulumi.ResourceOptions(
            parent=self, protect=args.settings.keep_data, retain_on_delete=args.settings.keep_data
        )
        lake_key = key(
            f"{name}-key", args.stack, self._account, keep=args.settings.keep_data, opts=child
        )
        logs = private_bucket(
            f"{name}-logs",
            prefix=f"{_bucket_prefix(args.stack)}logs-",
            # the log services cannot use a key of ours
            encryption=_encryption("AES256"),
            lifecycle=[abort_uploads(), expire("", args.settings.access_log_days)],
            keep=args.settings.keep_data,
            opts=child,
            statements=lambda arn: _log_writers(arn, args, self._account),
        )
        lake = private_bucket(
            name,
            prefix=_bucket_prefix(args.stack),
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
            opts=pulumi.ResourceOptions.merge(
                child, pulumi.ResourceOptions(depends_on=list(logs.closed))
            ),
        )
        self._closed = lake.closed
        self.bucket = lake.bucket.id
        self.bucket_arn = lake.bucket.arn
        self.key_arn = lake_key.arn
        self.logs_bucket = logs.bucket.id
        self.region = self._account.region
        self.register_outputs(
            {
                "bucket": self.bucket,
                "bucket_arn": self.bucket_arn,
                "key_arn": self.key_arn,
                "logs_bucket": self.logs_bucket,
                "region": self.region,
            }
        )

    def read(self, *prefixes: str) -> tuple[Statement, ...]:
        """Return what it takes to read the newest versions under prefixes (such as `raw/`)."""
        return self._objects("Read", ("s3:GetObject",), prefixes)

    def read_versions(self, *prefixes: str) -> tuple[Statement, ...]:
        """Return what it takes to read any version under prefixes, named by its id."""
        return self._objects("ReadVersions", ("s3:GetObjectVersion",), prefixes)

    def write(self, *prefixes: str) -> tuple[Statement, ...]:
        """Return what it takes to write under prefixes, each object in one request."""
        return self._objects("Write", ("s3:PutObject",), prefixes)

    def write_parts(self, *prefixes: str) -> tuple[Statement, ...]:
        """Return what it takes, besides `write`, to upload in parts, as Athena does its results."""
        actions = ("s3:AbortMultipartUpload", "s3:ListMultipartUploadParts")
        return self._objects("WriteParts", actions, prefixes)

    def list(self, *prefixes: str) -> tuple[Statement, ...]:
        """Return what it takes to list what lies under prefixes, and nothing above them.

        That an object is missing is still answered with 403: a right that is bound to prefixes does
        not count when S3 chooses between that and 404 (lake/s3.py asks a listing then).
        """
        return self._listing("List", "s3:ListBucket", prefixes)

    def list_versions(self, *prefixes: str) -> tuple[Statement, ...]:
        """Return what it takes to list the versions under prefixes: names, no content."""
        return self._listing("ListVersions", "s3:ListBucketVersions", prefixes)

    def read_ledger(self) -> tuple[Statement, ...]:
        """Return what lake/ledger.py takes: all records, the state, names of what came and is."""
        tables = tuple(table.prefix for table in TABLES)
        return (
            *self.read(INGESTS.prefix),
            *self.list(STATE, *tables),
            *self.list_versions(RAW),
        )

    def locate(self) -> tuple[Statement, ...]:
        """Return what it takes to ask for the bucket's region, as Athena does."""
        return (Statement("LocateLake", ("s3:GetBucketLocation",), (self.bucket_arn,)),)

    def use_key(self, via: str = "s3", *, encrypt: bool = False) -> tuple[Statement, ...]:
        """Return what it takes to decrypt (and encrypt) through a service, never by hand.

        Through S3 it holds for this bucket alone.
        """
        conditions: dict[str, dict[str, pulumi.Input[str] | tuple[pulumi.Input[str], ...]]] = {
            "StringEquals": {
                "kms:ViaService": pulumi.Output.format(
                    "{}.{}.amazonaws.com", via, self._account.region
                )
            }
        }
        if via == "s3":
            # the bucket with its bucket key, an object where the uploader switched that off
            conditions["StringLike"] = {
                "kms:EncryptionContext:aws:s3:arn": (self.bucket_arn, self._arn("*"))
            }
        actions = ("kms:Decrypt", "kms:GenerateDataKey") if encrypt else ("kms:Decrypt",)
        return (Statement(f"UseKeyVia{via.capitalize()}", actions, (self.key_arn,), conditions),)

    def refuse(self, sid: str, actions: tuple[str, ...], prefix: str = "") -> Statement:
        """Return a refusal under a prefix that no other statement can overrule."""
        return Statement(sid, actions, (self._arn(f"{prefix}*"),), effect="Deny")

    def upload(
        self, name: str, path: Path, sha256: str, opts: pulumi.ResourceOptions
    ) -> s3.BucketObjectv2:
        """Put an archive under `bundles/`, with the digest in its key: other content, other key."""
        return s3.BucketObjectv2(
            name,
            bucket=self.bucket,
            key=f"{BUNDLES}{path.stem}-{sha256[:16]}{path.suffix}",
            source=pulumi.FileAsset(str(path)),
            opts=pulumi.ResourceOptions.merge(
                opts, pulumi.ResourceOptions(depends_on=list(self._closed))
            ),
        )

    def _objects(
        self, verb: str, actions: tuple[str, ...], prefixes: tuple[str, ...]
    ) -> tuple[Statement, ...]:
        resources = tuple(self._arn(f"{prefix}*") for prefix in prefixes)
        return (Statement(_sid(verb, prefixes), actions, resources),)

    def _listing(self, verb: str, action: str, prefixes: tuple[str, ...]) -> tuple[Statement, ...]:
        conditions: Conditions = {
            "StringLike": {"s3:prefix": tuple(f"{prefix}*" for prefix in prefixes)}
        }
        return (Statement(_sid(verb, prefixes), (action,), (self.bucket_arn,), conditions),)

    def _arn(self, keys: str) -> pulumi.Output[str]:
        return pulumi.Output.format("{}/{}", self.bucket_arn, keys)


def _sid(verb: str, prefixes: tuple[str, ...]) -> str:
    """Return a name that no other verb or prefixes have, such as ReadProcessedDropped."""
    return verb + "".join(prefix.strip("/").capitalize() for prefix in prefixes)


def _bucket_prefix(stack: str) -> str:
    """Return how the names of a stack's buckets begin."""
    return f"orders-lake-{stack}-"


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


def _log_writers(
    arn: pulumi.Output[str], args: DataLakeArgs, account: Account
) -> tuple[Statement, ...]:
    """Return who writes logs into the bucket of that ARN, for things of this account alone."""

    def writer(sid: str, service: str, prefix: str, source: pulumi.Input[str]) -> Statement:
        return Statement(
            sid,
            ("s3:PutObject",),
            (pulumi.Output.format("{}/{}*", arn, prefix),),
            {
                "StringEquals": {"aws:SourceAccount": account.id},
                "ArnLike": {"aws:SourceArn": source},
            },
            principals={"Service": (service,)},
        )

    access = writer(
        "AccessLogs",
        "logging.s3.amazonaws.com",
        ACCESS_LOGS,
        pulumi.Output.format("arn:{}:s3:::{}*", account.partition, _bucket_prefix(args.stack)),
    )
    if not args.balancer_logs:
        return (access,)
    return (
        access,
        writer(
            "BalancerLogs",
            "logdelivery.elasticloadbalancing.amazonaws.com",
            BALANCER_LOGS,
            account.arn("elasticloadbalancing", "loadbalancer/*"),
        ),
    )
