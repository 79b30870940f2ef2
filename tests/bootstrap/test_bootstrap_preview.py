"""What a preview may do: look, and see no order."""

import pytest

from components.policy import ANYONE
from tests.bootstrap.entered import KEY, STACKS, lake_objects, role_of, state_file
from tests.doubles.iam import ACCOUNT, Policies, Request
from tests.doubles.registered import REGION
from tests.doubles.rights import single_rights


@pytest.mark.parametrize("stack", STACKS)
def test_a_preview_reads_its_stacks_state_and_no_order(access, stack):
    preview = role_of(access, f"preview-{stack}")
    [other] = set(STACKS) - {stack}
    assert preview.decide(Request("s3:GetObject", state_file(stack)))
    for refused in (state_file(other), *lake_objects(stack), *lake_objects(other)):
        for action in ("s3:GetObject", "s3:GetObjectVersion"):
            assert not preview.decide(Request(action, refused)), refused


ASKS = {
    "aws:index/getCallerIdentity:getCallerIdentity": "",
    "aws:index/getRegion:getRegion": "",
    "aws:index/getPartition:getPartition": "",
    "aws:ec2/getVpcs:getVpcs": "ec2:DescribeVpcs",
    "aws:ec2/getSubnets:getSubnets": "ec2:DescribeSubnets",
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": (
        "ec2:DescribeInstanceTypeOfferings"
    ),
    "aws:ssm/getParameter:getParameter": "ssm:GetParameter",
}
"""function of the provider -> what it asks IAM for; who one is needs no right"""


@pytest.mark.parametrize("stack", STACKS)
def test_a_preview_looks_up_what_the_program_asks_for_and_nothing_else(access, lakes, stack):
    preview = role_of(access, f"preview-{stack}")
    asked = [one for lake in lakes[stack] for one in lake.asked]
    for token, arguments in asked:
        parameter = f"arn:aws:ssm:{REGION}::parameter{arguments.get('name')}"
        place = parameter if "ssm" in token else "*"
        assert not ASKS[token] or preview.decide(Request(ASKS[token], place)), token
    assert not preview.decide(
        Request("ssm:GetParameter", f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/a-secret")
    )
    needed = {
        ASKS[token] for lakes_ in lakes.values() for lake in lakes_ for token, _ in lake.asked
    }
    looks = {
        action
        for document in access.documents(f"preview-{stack}").values()
        for one in document["Statement"]
        if one["Sid"] in ("LookUp", "PublicParameters")
        for action in one["Action"]
    }
    assert looks == needed - {""}


@pytest.mark.parametrize("stack", STACKS)
def test_a_preview_changes_nothing(access, stack):
    looks = ("Get", "List", "Describe")
    rights = [right for right, _ in single_rights(access.documents(f"preview-{stack}"))]
    assert rights
    for right in rights:
        assert right.split()[0].partition(":")[2].startswith(looks), right


def test_a_preview_decrypts_secrets_only_where_a_key_is_named(bootstrap):
    decrypt = Request("kms:Decrypt", KEY)
    key = {
        KEY: {
            "Statement": [
                {"Effect": "Allow", "Principal": ANYONE, "Action": "kms:*", "Resource": "*"}
            ]
        }
    }
    with_key = bootstrap(secretsKeyArn=KEY.replace("0123", "0123abcd-0123-0123-0123-0123456789ab"))
    named = with_key.documents("preview-dev")
    [statement] = [
        one
        for document in named.values()
        for one in document["Statement"]
        if one["Sid"] == "UseSecretsKey"
    ]
    assert statement["Action"] == ["kms:Decrypt", "kms:DescribeKey"]
    assert not Policies(bootstrap().documents("preview-dev"), key).decide(decrypt)
