"""The function does its whole flow under exactly its role's policy, with IAM enforced by moto.

moto enforces actions, resources and refusals for S3. Conditions, keys, and the resources of other
services (it refuses a message to the topic whatever the policy says) are decided in
test_policies_requests.py.
"""

import json

import boto3
import pytest
from botocore.exceptions import ClientError
from moto.core import set_initial_no_auth_action_count

from lake.ledger import Ledger
from lake.s3 import S3Store, client
from tests.components.policies import flows
from tests.doubles.registered import REGION

ROLE = "FilterAndProcessOrders-dev"


@pytest.fixture
def lake(dev, monkeypatch):
    with flows.lake_of(dev, monkeypatch) as lake:
        yield lake


@pytest.fixture
def as_the_role(dev, lake, monkeypatch):
    """Return a function that runs another one with the role's credentials and IAM enforced."""
    iam = boto3.Session(region_name=REGION).client("iam")
    trust = dev.one("iam.Role", name=ROLE).inputs["assumeRolePolicy"]
    role = iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)["Role"]
    for name, document in dev.documents(ROLE).items():
        iam.put_role_policy(RoleName=ROLE, PolicyName=name, PolicyDocument=json.dumps(document))
    sts = boto3.Session(region_name=REGION).client("sts")
    given = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="function")["Credentials"]

    def run(flow):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("AWS_ACCESS_KEY_ID", given["AccessKeyId"])
            patch.setenv("AWS_SECRET_ACCESS_KEY", given["SecretAccessKey"])
            patch.setenv("AWS_SESSION_TOKEN", given["SessionToken"])
            lake.recorder.listen(patch)
            return set_initial_no_auth_action_count(0)(flow)()

    return run


def refusal(call) -> str:
    try:
        call()
    except ClientError as fault:
        return fault.response["Error"]["Code"]
    return "allowed"


def test_everything_that_the_function_does_it_may_do(lake, as_the_role, tmp_path):
    key = "raw/orders.csv"
    lake.upload(key, flows.lines(flows.order(status="lost")))
    lake.upload("raw/broken.csv", b"\0")

    def flow():
        function, stricter = lake.function(tmp_path), lake.function(tmp_path, flows.STRICTER)
        flows.handle(flows.created(lake, key), function, lake.notices)
        flows.handle({"action": "sweep"}, function, lake.notices)
        flows.handle({"action": "replay"}, stricter, lake.notices)
        withdrawal = {"action": "withdraw", "key": key, "reason": "the wrong file"}
        return flows.handle(withdrawal, stricter, lake.notices)

    answer = as_the_role(flow)

    assert answer["looked"][key][-1]["status"] == "withdrawn"
    refused = [call for call in lake.recorder.calls if call.status == 403]
    assert {call.service for call in refused} <= {"sns"}
    ledger = Ledger(S3Store(lake.bucket, client()))
    assert not ledger.unsettled()
    assert not ledger.pending()


def test_what_the_function_must_not_do_is_refused(lake, as_the_role):
    lake.upload("raw/orders.csv", b"an export")
    owner = boto3.Session(region_name=REGION).client("s3")
    for key in ("enriched/result.csv", "processed/a.parquet", "bundles/app.zip"):
        owner.put_object(Bucket=lake.bucket, Key=key, Body=b"content")
    [version] = owner.list_object_versions(Bucket=lake.bucket, Prefix="raw/")["Versions"]

    def flow():
        s3 = client()
        raw = {"Bucket": lake.bucket, "Key": "raw/orders.csv"}
        other = [
            {"Bucket": lake.bucket, "Key": key}
            for key in ("processed/a.parquet", "bundles/app.zip")
        ]
        return {
            "overwrite an export": refusal(lambda: s3.put_object(**raw, Body=b"")),
            "add an export": refusal(
                lambda: s3.put_object(**{**raw, "Key": "raw/b.csv"}, Body=b"")
            ),
            "delete an export": refusal(lambda: s3.delete_object(**raw)),
            "delete a version of it": refusal(
                lambda: s3.delete_object(**raw, VersionId=version["VersionId"])
            ),
            "delete an output": refusal(lambda: s3.delete_object(**other[0])),
            "read a result": refusal(
                lambda: s3.get_object(Bucket=lake.bucket, Key="enriched/result.csv")
            ),
            "write a result": refusal(
                lambda: s3.put_object(Bucket=lake.bucket, Key="enriched/b.csv", Body=b"")
            ),
            "read a bundle": refusal(lambda: s3.get_object(**other[1])),
        }

    assert set(as_the_role(flow).values()) == {"AccessDenied"}
    [left] = owner.list_object_versions(Bucket=lake.bucket, Prefix="raw/")["Versions"]
    assert left["VersionId"] == version["VersionId"]


def test_without_its_policy_the_function_can_do_nothing(lake, as_the_role, tmp_path):
    iam = boto3.Session(region_name=REGION).client("iam")
    for name in iam.list_role_policies(RoleName=ROLE)["PolicyNames"]:
        iam.delete_role_policy(RoleName=ROLE, PolicyName=name)
    lake.upload("raw/orders.csv", flows.lines())

    def flow():
        flows.handle(flows.created(lake, "raw/orders.csv"), lake.function(tmp_path), lake.notices)

    with pytest.raises(ExceptionGroup, match="AccessDenied"):
        as_the_role(flow)
