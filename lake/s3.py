"""A lake in an S3 bucket: the store port over botocore, which is what boto3 stands on.

Commits are PutObject under If-Match or If-None-Match, which S3 decides atomically. That an object
exists is asked by listing: a read of a missing one is answered with 404 only to who may list the
whole bucket, and with 403 to the stack's roles, which may list some prefixes of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import get_session

from lake import times
from lake.store import AS_OF, AT_ONCE, Body, Conflict, Entry, Gone, NoFile, StoreError, Version

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CHUNK_SIZE = 1 << 20
"""Bytes a read: measured nearly as fast as ranged reads, and one request cannot mix versions."""

ATTEMPTS = 5
"""Tries a request, with botocore's standard backoff: throttling and resets pass within seconds."""

LOST = {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}
MISSING = {"NoSuchKey", "NoSuchVersion", "NoSuchUpload", "404"}
DENIED = {"AccessDenied", "403"}
NO_BYTES = "InvalidRange"
"""What S3 answers who asks for the last bytes of an empty object."""


def client(region: str | None = None) -> "S3Client":
    """Return an S3 client with the retries that the store counts on, in the region or the usual."""
    config = Config(
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        max_pool_connections=AT_ONCE,
    )
    # boto3 would bring a manager of transfers along, 35 ms of a function's start and never used
    s3 = get_session().create_client("s3", region_name=region, config=config)
    return cast("S3Client", s3)


class S3Store:
    """The store port over one bucket."""

    def __init__(self, bucket: str, s3: "S3Client | None" = None) -> None:
        self.bucket = bucket
        self._s3 = s3 or client()

    def versions(self, prefix: str) -> Iterator[Version]:
        """Yield the versions of all keys with the prefix: key by key, the newest first."""
        pages = self._s3.get_paginator("list_object_versions")
        with _faults(f"list the versions under {prefix}"):
            for page in pages.paginate(Bucket=self.bucket, Prefix=prefix):
                for item in page.get("Versions", ()):
                    yield Version(
                        item["Key"],
                        item["VersionId"],
                        item["Size"],
                        times.cut(item["LastModified"]),
                    )

    def received_at(self, version: Version) -> datetime:
        """Return the version's `as-of`, else when it arrived. Raises Gone."""
        with _faults(f"look at {version.key}"):
            head = self._s3.head_object(Bucket=self.bucket, Key=version.key, VersionId=version.id)
        return _received_at(version, head["Metadata"])

    @contextmanager
    def open(self, version: Version) -> Iterator[Body]:
        """Open exactly that version. Raises Gone, and StoreError when it comes short."""
        with _faults(f"read {version.key}"):
            answer = self._s3.get_object(Bucket=self.bucket, Key=version.key, VersionId=version.id)
        stream, length = answer["Body"], answer["ContentLength"]

        def chunks() -> Iterator[bytes]:
            got = 0
            with _faults(f"read {version.key}"):
                for chunk in stream.iter_chunks(CHUNK_SIZE):
                    got += len(chunk)
                    yield chunk
            if got != length:
                raise StoreError(f"{version.key} came short: {got} of {length} bytes")

        try:
            yield Body(_received_at(version, answer["Metadata"]), chunks())
        finally:
            stream.close()

    def list(self, prefix: str) -> Iterator[Entry]:
        """Yield the objects under a prefix, by key."""
        pages = self._s3.get_paginator("list_objects_v2")
        with _faults(f"list {prefix}"):
            for page in pages.paginate(Bucket=self.bucket, Prefix=prefix):
                for item in page.get("Contents", ()):
                    yield _entry(item)

    def head(self, key: str) -> Entry | None:
        """Return the object's entry, or None if there is no such object."""
        with _faults(f"look at {key}"):
            # the key itself sorts before all that merely begin with it
            found = self._s3.list_objects_v2(Bucket=self.bucket, Prefix=key, MaxKeys=1)
        for item in found.get("Contents", ()):
            if item["Key"] == key:
                return _entry(item)
        return None

    def etag(self, key: str) -> str | None:
        """Return an object's ETag, or None if there is no such object: for a small one."""
        # a read costs a twelfth of a listing
        found = self._get(key)
        return found[1] if found else None

    def get(self, key: str) -> tuple[bytes, str] | None:
        """Return an object's content and ETag, or None if there is no such object."""
        return self._get(key)

    def tail(self, key: str, size: int) -> bytes | None:
        """Return the last `size` bytes of an object, or None if there is no such object."""
        try:
            found = self._get(key, Range=f"bytes=-{size}")
        except StoreError as fault:
            if _code(fault.__cause__) == NO_BYTES:
                return b""
            raise
        return found[0] if found else None

    def put(self, key: str, content: bytes | Path, *, replaces: str | None) -> str:
        """Write an object if it still is what `replaces` says; return its ETag. Raises Conflict."""
        condition = {"IfMatch": replaces} if replaces else {"IfNoneMatch": "*"}
        try:
            return self._put(key, content, condition)
        except Gone as fault:
            # If-Match on an object that is no longer there is answered with 404
            raise Conflict(str(fault)) from fault

    def overwrite(self, key: str, content: bytes | Path) -> str:
        """Write an object whatever was there; return its ETag."""
        return self._put(key, content, {})

    def _get(self, key: str, **more: Any) -> tuple[bytes, str] | None:
        try:
            with _faults(f"read {key}"):
                answer = self._s3.get_object(Bucket=self.bucket, Key=key, **more)
                return answer["Body"].read(), answer["ETag"]
        except Gone:
            return None
        except StoreError as fault:
            # a right to list that is bound to prefixes does not count when S3 decides how to say
            # that an object is missing; a listing of its prefix tells
            if _code(fault.__cause__) in DENIED and self.head(key) is None:
                return None
            raise

    def _put(self, key: str, content: bytes | Path, condition: dict[str, Any]) -> str:
        with _faults(f"write {key}"):
            if isinstance(content, bytes):
                answer = self._s3.put_object(Bucket=self.bucket, Key=key, Body=content, **condition)
            else:
                with content.open("rb") as file:
                    answer = self._s3.put_object(
                        Bucket=self.bucket, Key=key, Body=file, **condition
                    )
        return answer["ETag"]


@contextmanager
def _faults(what: str) -> Iterator[None]:
    """Turn AWS's faults into the store's."""
    try:
        yield
    except ClientError as fault:
        code = _code(fault)
        if code in LOST:
            raise Conflict(f"cannot {what}: somebody else wrote it meanwhile") from fault
        if code in MISSING:
            raise Gone(f"cannot {what}: it is no longer there") from fault
        raise StoreError(f"cannot {what}: {fault}") from fault
    except (BotoCoreError, OSError) as fault:
        raise StoreError(f"cannot {what}: {fault}") from fault


def _code(fault: BaseException | None) -> str:
    """Return S3's code of a fault, such as NoSuchKey; empty for any other fault."""
    return fault.response.get("Error", {}).get("Code", "") if isinstance(fault, ClientError) else ""


def _received_at(version: Version, metadata: dict[str, str]) -> datetime:
    if AS_OF not in metadata:
        return version.arrived
    try:
        return times.read(metadata[AS_OF])
    except ValueError:
        raise NoFile(
            f"its metadata {AS_OF} is {metadata[AS_OF]!r}: give a date like 2025-11-10"
        ) from None


def _entry(item: Any) -> Entry:
    return Entry(item["Key"], item["ETag"], item["Size"], times.cut(item["LastModified"]))
