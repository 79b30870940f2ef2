"""Access to the lake as statements per verb and prefix: whoever holds a role puts them there."""

import pulumi

from components.policy import Conditions, Statement


class Access:
    """What it takes to get at the objects of one bucket, encrypted with one key."""

    bucket_arn: pulumi.Output[str]
    key_arn: pulumi.Output[str]
    region: pulumi.Output[str]

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

    def locate(self) -> tuple[Statement, ...]:
        """Return what it takes to ask for the bucket's region, as Athena does."""
        return (Statement("LocateLake", ("s3:GetBucketLocation",), (self.bucket_arn,)),)

    def use_key(self, via: str = "s3", *, encrypt: bool = False) -> tuple[Statement, ...]:
        """Return what it takes to decrypt (and encrypt) through a service, never by hand.

        Through S3 it holds for this bucket alone.
        """
        conditions: dict[str, dict[str, pulumi.Input[str] | tuple[pulumi.Input[str], ...]]] = {
            "StringEquals": {
                "kms:ViaService": pulumi.Output.format("{}.{}.amazonaws.com", via, self.region)
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
