"""The evaluator of policies decides as IAM's documentation says."""

import pytest

from tests.doubles.iam import ACCOUNT, NotUnderstood, Policies, Request, matches_arn, statements

ROLE = f"arn:aws:iam::{ACCOUNT}:role/caller"
BUCKET = "arn:aws:s3:::lake"
KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/1"
ROOT = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}


def says(action, resource, effect="Allow", **more):
    return {"Sid": "It", "Effect": effect, "Action": action, "Resource": resource, **more}


def policies(*own, of_bucket=(), of_key=(), boundary=None):
    resources = {}
    if of_bucket:
        resources[BUCKET] = {"Statement": list(of_bucket)}
    if of_key:
        resources[KEY] = {"Statement": list(of_key)}
    bound = None if boundary is None else {"Statement": list(boundary)}
    return Policies({"own": {"Statement": list(own)}}, resources, bound)


def get(key="raw/a.csv", action="s3:GetObject", **context):
    return Request(action, f"{BUCKET}/{key}", {k.replace("_", ":"): v for k, v in context.items()})


def test_nothing_is_allowed_that_no_statement_allows():
    assert policies().decide(get()).by == "nothing allows it"


def test_one_allow_is_enough_and_is_named():
    verdict = policies(says("s3:GetObject", f"{BUCKET}/raw/*")).decide(get())
    assert (verdict.allowed, verdict.by) == (True, "own.It")


def test_a_deny_wins_over_every_allow():
    allow, deny = says("s3:*", "*"), says("s3:Delete*", "*", "Deny")
    decided = policies(allow, deny)
    assert decided.decide(get())
    assert not decided.decide(get(action="s3:DeleteObject"))


def test_the_letter_case_of_an_action_does_not_count_that_of_a_resource_does():
    decided = policies(says("S3:getobject", f"{BUCKET}/raw/*"))
    assert decided.decide(get())
    assert not decided.decide(get("RAW/a.csv"))


def test_a_statement_on_the_objects_says_nothing_of_the_bucket():
    decided = policies(says("s3:ListBucket", f"{BUCKET}/*"))
    assert not decided.decide(Request("s3:ListBucket", BUCKET))


@pytest.mark.parametrize(
    ("pattern", "arn", "is_so"),
    [
        ("*", BUCKET, True),
        ("arn:aws:s3:::la*", f"{BUCKET}/raw/a", True),
        ("arn:aws:s3:::lak?", BUCKET, True),
        ("arn:aws:logs:*:*:log-group:/aws/a:*", "arn:aws:logs:r:1:log-group:/aws/a:x", True),
        ("arn:*:table/a", "arn:aws:glue:r:1:table/a", False),
        ("arn:aws:glue:*:table/a", "arn:aws:glue:r:1:table/a", False),
    ],
)
def test_a_wildcard_reaches_to_the_end_of_its_part_of_an_arn(pattern, arn, is_so):
    assert matches_arn(pattern, arn) is is_so


HELD = {"s3:prefix": "raw/a"}


@pytest.mark.parametrize(
    ("condition", "context", "holds"),
    [
        ({"StringEquals": {"s3:prefix": "raw/a"}}, HELD, True),
        ({"StringEquals": {"s3:prefix": ["b", "raw/a"]}}, HELD, True),
        ({"StringEquals": {"S3:Prefix": "raw/a"}}, HELD, True),
        ({"StringEquals": {"s3:prefix": "raw/*"}}, HELD, False),
        ({"StringLike": {"s3:prefix": "raw/*"}}, HELD, True),
        ({"StringLike": {"s3:prefix": "raw/*"}}, {"s3:prefix": ""}, False),
        ({"StringLike": {"s3:prefix": "raw/*"}}, {}, False),
        ({"StringLikeIfExists": {"s3:prefix": "raw/*"}}, {}, True),
        ({"StringNotLike": {"s3:prefix": "raw/*"}}, HELD, False),
        ({"StringNotEquals": {"s3:prefix": ["b", "raw/a"]}}, HELD, False),
        ({"StringNotEquals": {"s3:prefix": ["b", "c"]}}, HELD, True),
        ({"StringNotEquals": {"s3:prefix": "b"}}, {}, True),
        ({"Null": {"s3:prefix": "true"}}, {}, True),
        ({"Null": {"s3:prefix": "false"}}, {}, False),
        ({"Bool": {"aws:SecureTransport": "false"}}, {"aws:SecureTransport": "true"}, False),
        ({"NumericLessThan": {"s3:TlsVersion": "1.2"}}, {"s3:TlsVersion": "1.1"}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:s3:::la*"}}, {"aws:SourceArn": BUCKET}, True),
        ({"ForAnyValue:StringEquals": {"k": ["a"]}}, {"k": ("a", "b")}, True),
        ({"ForAllValues:StringEquals": {"k": ["a"]}}, {"k": ("a", "b")}, False),
        ({"ForAllValues:StringEquals": {"k": ["a"]}}, {}, True),
        ({"StringEquals": {"a": "1", "b": "2"}}, {"a": "1"}, False),
        ({"StringEquals": {"a": "1"}, "StringLike": {"b": "2"}}, {"a": "1", "b": "2"}, True),
        ({"StringEquals": {"a": "${aws:PrincipalAccount}"}}, {"a": "1"}, False),
    ],
)
def test_conditions(condition, context, holds):
    decided = policies(says("s3:ListBucket", BUCKET, Condition=condition))
    assert decided.decide(Request("s3:ListBucket", BUCKET, context)).allowed is holds


def test_a_variable_takes_the_value_of_the_request():
    decided = policies(says("s3:GetObject", BUCKET + "/${aws:PrincipalTag/team}/*"))
    assert decided.decide(Request("s3:GetObject", f"{BUCKET}/a/b", {"aws:PrincipalTag/team": "a"}))
    assert not decided.decide(Request("s3:GetObject", f"{BUCKET}/a/b"))


def test_a_bucket_policy_can_refuse_and_can_allow_the_role_by_name():
    tls = says(
        "s3:*",
        [BUCKET, f"{BUCKET}/*"],
        "Deny",
        Principal="*",
        Condition={"Bool": {"aws:SecureTransport": "false"}},
    )
    for_role = says("s3:GetObject", f"{BUCKET}/*", Principal={"AWS": ROLE})
    decided = policies(of_bucket=[tls, for_role])
    assert decided.decide(get(aws_SecureTransport="true")).by == f"{BUCKET}.It"
    assert not decided.decide(get(aws_SecureTransport="false"))


def test_a_bucket_policy_that_names_the_account_leaves_it_to_the_role():
    of_bucket = says("s3:GetObject", f"{BUCKET}/*", Principal=ROOT)
    assert not policies(of_bucket=[of_bucket]).decide(get())
    assert policies(says("s3:GetObject", f"{BUCKET}/*"), of_bucket=[of_bucket]).decide(get())


def test_a_key_needs_its_own_policy_and_the_roles():
    decrypt = Request("kms:Decrypt", KEY)
    of_key, own = says("kms:*", "*", Principal=ROOT), says("kms:Decrypt", KEY)
    assert policies(own, of_key=[of_key]).decide(decrypt)
    assert policies(of_key=[of_key]).decide(decrypt).by == "nothing allows it"
    assert policies(own).decide(decrypt).by == "the key's policy does not allow it"
    only_service = says("kms:Decrypt", "*", Principal={"Service": "logs.amazonaws.com"})
    assert not policies(own, of_key=[only_service]).decide(decrypt)


def test_a_service_is_allowed_by_the_resource_alone():
    of_key = says("kms:Decrypt", "*", Principal={"Service": "sns.amazonaws.com"})
    for who, is_so in (("sns.amazonaws.com", True), ("logs.amazonaws.com", False)):
        asked = Request("kms:Decrypt", KEY, principal=who)
        assert policies(of_key=[of_key]).decide(asked).allowed is is_so
    of_account = says("kms:Decrypt", "*", Principal=ROOT)
    asked = Request("kms:Decrypt", KEY, principal="sns.amazonaws.com")
    assert not policies(of_key=[of_account]).decide(asked)


def test_a_boundary_allows_nothing_and_limits_everything():
    own, boundary = says("s3:*", "*"), says("s3:GetObject", "*")
    assert policies(own, boundary=[boundary]).decide(get())
    put = get(action="s3:PutObject")
    assert policies(own, boundary=[boundary]).decide(put).by == "the boundary does not allow it"
    assert not policies(boundary=[boundary]).decide(get())


def test_all_but_some_actions_or_resources():
    but = {"Sid": "It", "Effect": "Allow", "NotAction": "iam:*", "NotResource": f"{BUCKET}/raw/*"}
    decided = policies(but)
    assert decided.decide(get("processed/a"))
    assert not decided.decide(get("raw/a"))
    assert not decided.decide(Request("iam:CreateUser", "arn:aws:iam::1:user/x"))


@pytest.mark.parametrize(
    "statement",
    [
        says("s3:*", "*", NotPrincipal="*"),
        says("s3:*", "*", effect="Maybe"),
    ],
)
def test_what_it_does_not_know_it_refuses(statement):
    with pytest.raises(NotUnderstood):
        statements({"Statement": [statement]})


def test_an_operator_it_does_not_know_is_refused():
    decided = policies(says("s3:*", "*", Condition={"DateLessThan": {"aws:CurrentTime": "x"}}))
    with pytest.raises(NotUnderstood, match="DateLessThan"):
        decided.decide(get())
