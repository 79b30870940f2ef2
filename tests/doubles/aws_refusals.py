"""Requests that AWS refuses because of what else there is, or is not, in the account.

Each function takes the account, the verb (create, update, delete) and the resource as it would be,
and returns the reason, or nothing. The table names them.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.doubles.aws_account import Account, Thing


def no_such_bucket(account: "Account", verb: str, thing: "Thing") -> str | None:
    """What belongs to a bucket needs the bucket."""
    bucket = thing.properties["bucket"]
    if verb == "delete" or ("aws:s3/bucket:Bucket", bucket) in account.things:
        return None
    return f"NoSuchBucket: The specified bucket does not exist: {bucket}"


def bucket_not_empty(account: "Account", verb: str, thing: "Thing") -> str | None:
    """A bucket that holds objects stays, unless it is told to let them go."""
    if verb != "delete" or thing.properties.get("forceDestroy"):
        return None
    holds = thing.id in account.foreign_objects or any(
        other.properties["bucket"] == thing.id
        for other in account.of("aws:s3/bucketObjectv2:BucketObjectv2")
    )
    return "BucketNotEmpty: The bucket you tried to delete is not empty" if holds else None
