"""The calls that code really sends through botocore, and what each asks IAM for.

The table of S3's actions is the one of the service authorization reference; what KMS is asked for
is "Using server-side encryption with AWS KMS", with a bucket key: the encryption context is then
the bucket's ARN. A call that the tables do not know is refused.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.session import get_session
from pytest import MonkeyPatch as Patch

import lake.s3
from tests.doubles.iam import ACCOUNT, Context, Request

REGION = "eu-central-1"


@dataclass(frozen=True)
class Call:
    """One API call, without its body."""

    service: str
    operation: str
    params: dict[str, Any]
    status: int | None
    """of the answer; None where there was none"""

    def __str__(self) -> str:
        return f"{self.service}:{self.operation} {self.params}"


@dataclass
class Recorder:
    """Listens to the clients of a session."""

    calls: list[Call] = field(default_factory=list)

    def listen(self, patch: Patch) -> None:
        """Let every client that is made from now on be recorded."""
        session = get_session()
        session.set_config_variable("region", REGION)
        session.register("before-parameter-build", self._before)
        session.register("after-call", self._after)
        session.register("after-call-error", self._lost)
        patch.setattr(boto3, "DEFAULT_SESSION", boto3.Session(botocore_session=session))
        patch.setattr(lake.s3, "get_session", lambda: session)

    def _before(self, params: dict[str, Any], model: Any, context: dict[str, Any], **_: Any):
        context["sent"] = {key: value for key, value in params.items() if key != "Body"}

    def _after(self, http_response: Any, model: Any, context: dict[str, Any], **_: Any):
        self._add(model.service_model.service_name, model.name, context, http_response.status_code)

    def _lost(self, context: dict[str, Any], event_name: str, **_: Any):
        _, service, operation = event_name.split(".")
        self._add(service, operation, context, None)

    def _add(self, service: str, operation: str, context: dict[str, Any], status: int | None):
        self.calls.append(Call(service, operation, context["sent"], status))


@dataclass(frozen=True)
class Place:
    """Where calls go: which key encrypts the bucket, and where things live."""

    key: str
    """ARN of the bucket's KMS key"""
    bucket: str
    """the lake's name, whatever the one is called in which the calls were recorded"""
    role: str
    """ARN of who calls"""
    workgroup: str = ""
    region: str = REGION

    def asks(self, call: Call) -> Iterator[Request]:
        """Yield what a call asks IAM for."""
        try:
            asked = _ASKS[call.service][call.operation]
        except KeyError:
            raise LookupError(f"nobody said what {call} asks IAM for") from None
        yield from asked(self, call.params)
        if call.operation == "GetObject" and call.status == 404:
            # moto says 404 where S3 says 403 to these roles: the store asks a listing then
            yield from self.lists(call.params["Key"])

    def request(self, action: str, resource: str, **context: str) -> Request:
        """Return a request with what every request over TLS brings; `__` in a key is a colon."""
        said: Context = {key.replace("__", ":"): value for key, value in context.items()}
        always = {"aws:SecureTransport": "true", "aws:PrincipalAccount": ACCOUNT}
        return Request(action, resource, {**always, **said}, self.role)

    def on_object(self, action: str, params: dict[str, Any], **context: str) -> Request:
        """Return a request on an object."""
        resource = f"arn:aws:s3:::{self.bucket}/{params['Key']}"
        return self.request(f"s3:{action}", resource, s3__TlsVersion="1.3", **context)

    def on_bucket(self, action: str, **context: str) -> Request:
        """Return a request on a bucket."""
        resource = f"arn:aws:s3:::{self.bucket}"
        return self.request(f"s3:{action}", resource, s3__TlsVersion="1.3", **context)

    def on_key(self, action: str, via: str = "s3", of: str = "") -> Request:
        """Return what a service asks the key for in the caller's name; `of` is an object's path."""
        said = {
            "kms__ViaService": f"{via}.{self.region}.amazonaws.com",
            "kms__CallerAccount": ACCOUNT,
        }
        if via == "s3":
            said["kms__EncryptionContext:aws:s3:arn"] = f"arn:aws:s3:::{self.bucket}{of}"
        return self.request(f"kms:{action}", self.key, **said)

    def reads(self, key: str) -> Iterator[Request]:
        """Yield what reading an object asks for."""
        yield from _reads(self, {"Key": key})

    def writes(self, key: str) -> Iterator[Request]:
        """Yield what writing an object asks for."""
        yield from _writes(self, {"Key": key})

    def lists(self, prefix: str) -> Iterator[Request]:
        """Yield what listing a prefix asks for."""
        yield from _lists(self, {"Prefix": prefix})

    def local(self, service: str, resource: str) -> str:
        """Return the ARN of something of a service in this account and region."""
        return f"arn:aws:{service}:{self.region}:{ACCOUNT}:{resource}"


Asks = Callable[[Place, dict[str, Any]], Iterator[Request]]


def _reads(place: Place, params: dict[str, Any]) -> Iterator[Request]:
    if "VersionId" in params:
        yield place.on_object("GetObjectVersion", params, s3__versionid=params["VersionId"])
    else:
        yield place.on_object("GetObject", params)
    yield place.on_key("Decrypt")
    # an uploader may have switched the bucket key off
    yield place.on_key("Decrypt", of=f"/{params['Key']}")


def _writes(place: Place, params: dict[str, Any]) -> Iterator[Request]:
    headers = {
        "IfMatch": "s3__if-match",
        "IfNoneMatch": "s3__if-none-match",
        "ServerSideEncryption": "s3__x-amz-server-side-encryption",
        "ACL": "s3__x-amz-acl",
        "SSEKMSKeyId": "s3__x-amz-server-side-encryption-aws-kms-key-id",
    }
    said = {key: params[name] for name, key in headers.items() if name in params}
    yield place.on_object("PutObject", params, **said)
    if "IfMatch" in params:
        # the answer tells the writer whether the object is still the one it named: believed, from
        # the S3 user guide's "Conditional writes"
        yield place.on_object("GetObject", params)
    yield place.on_key("GenerateDataKey")


def _lists(place: Place, params: dict[str, Any]) -> Iterator[Request]:
    yield place.on_bucket("ListBucket", s3__prefix=params.get("Prefix", ""))


def _lists_versions(place: Place, params: dict[str, Any]) -> Iterator[Request]:
    yield place.on_bucket("ListBucketVersions", s3__prefix=params.get("Prefix", ""))


def _deletes(place: Place, params: dict[str, Any]) -> Iterator[Request]:
    action = "DeleteObjectVersion" if "VersionId" in params else "DeleteObject"
    yield place.on_object(action, params)


def _publishes(place: Place, params: dict[str, Any]) -> Iterator[Request]:
    yield place.request("sns:Publish", params["TopicArn"])
    yield place.on_key("GenerateDataKey", via="sns")
    yield place.on_key("Decrypt", via="sns")


def _on_workgroup(action: str) -> Asks:
    def asks(place: Place, params: dict[str, Any]) -> Iterator[Request]:
        # calls by execution id are decided on the workgroup in which it runs
        # a call by the id of a query is decided on the workgroup in which that runs: the only one
        del params
        yield place.request(
            f"athena:{action}", place.local("athena", f"workgroup/{place.workgroup}")
        )

    return asks


_ASKS: dict[str, dict[str, Asks]] = {
    "s3": {
        "GetObject": _reads,
        "HeadObject": _reads,
        "PutObject": _writes,
        "DeleteObject": _deletes,
        "ListObjectsV2": _lists,
        "ListObjectVersions": _lists_versions,
    },
    "sns": {"Publish": _publishes},
    "athena": {
        action: _on_workgroup(action)
        for action in (
            "StartQueryExecution",
            "GetQueryExecution",
            "GetQueryResults",
            "GetQueryRuntimeStatistics",
            "StopQueryExecution",
            "GetWorkGroup",
        )
    },
}
