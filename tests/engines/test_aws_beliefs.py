"""The provider's double without the engine: its table, what it refuses, what it calls a change."""

import re

import pytest
from pulumi.runtime.rpc import _special_asset_sig, _special_sig_key

from tests.doubles import aws_beliefs as beliefs
from tests.doubles import aws_refusals
from tests.doubles.aws_account import NOT_BELIEVED, Account, Refused, renewed
from tests.doubles.aws_invokes import INVOKES
from tests.doubles.aws_schema import NoSuchType, Shape, schema
from tests.doubles.differences import differences

SOURCES = {"api", "arns", "believed", "cloudformation", "terraform"}
BUCKET = "aws:s3/bucket:Bucket"
QUEUE = "aws:sqs/queue:Queue"
INSTANCE = "aws:ec2/instance:Instance"
EVERY_LINE = [line for line in beliefs.table() if line.token != beliefs.EVERY]


def words(row):
    """The properties that a line names, with what they stand in."""
    match row.verb:
        case beliefs.REPLACES:
            return [part for word in row.value.split() for part in word.split("?")]
        case beliefs.RENEWS:
            return row.value.replace(":", "").split()
        case beliefs.NAMED:
            return row.value.split()
        case beliefs.HAS:
            return [row.value.partition(": ")[0]]
        case beliefs.LIMITS | beliefs.MATCHES:
            return [row.value.partition(" ")[0]]
        case _:
            return []


def test_every_type_is_one_of_the_providers():
    for token in beliefs.tokens():
        assert schema(token).inputs.properties


def test_every_line_names_properties_that_there_are():
    for row in EVERY_LINE:
        known = schema(row.token)
        for word in words(row):
            properties = known.inputs.properties
            *blocks, last = word.split(".")
            for block in blocks:
                content = properties[block]
                properties = (content[0] if isinstance(content, list) else content).properties
            there = last in properties or (not blocks and last in known.outputs | {"id"})
            assert there, f"line {row.line}: {row.token} has no {word}"


def test_every_line_has_a_source_of_a_known_kind():
    kinds = {re.split(r"[:;]", row.source)[0] for row in beliefs.table()}

    assert kinds == SOURCES


def test_every_type_has_an_id_and_says_what_replaces_it_or_why_not():
    cannot_be_replaced = {"aws:ec2/internetGateway:InternetGateway"}
    for token in beliefs.tokens():
        assert "id" in beliefs.has(token), token
        own = [row for row in beliefs.of(token, beliefs.REPLACES) if row.token == token]
        assert own or token in cannot_be_replaced, token


def test_every_refusal_is_one_that_the_table_names():
    named = {row.value.split()[0] for row in beliefs.table() if row.verb == beliefs.REFUSES}
    written = {
        name
        for name, value in vars(aws_refusals).items()
        if callable(value) and value.__module__ == aws_refusals.__name__
    }

    assert {name for name in written if not name.startswith("_")} - {"texts"} == named


def test_the_page_lists_what_is_only_believed():
    """`python -m tests.doubles.aws_beliefs` writes it."""
    assert beliefs.DOCUMENT.read_text() == beliefs.document()
    for row in beliefs.table():
        assert not row.believed or row.value in beliefs.document()


def test_a_line_without_a_source_is_refused(monkeypatch, tmp_path):
    table = tmp_path / "table.txt"
    table.write_text("sqs/queue:Queue\n  replaces name\n")
    monkeypatch.setattr(beliefs, "TABLE", table)

    with pytest.raises(ValueError, match=r"table.txt:2: not `verb value # source`: replaces name"):
        beliefs.table.__wrapped__()


def test_an_input_that_the_type_has_not_is_refused_wherever_it_stands():
    known = schema("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs

    faults = dict(known.faults({"rules": [{"id": "a", "status": "x", "filter": {"prefx": ""}}]}))

    assert faults == {
        "bucket": "is required",
        "rules[0].filter.prefx": "is no input of this type",
    }


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"rules": "a"}, "is a list"),
        ({"rules": ["a"]}, "is an object"),
        ({"bucket": []}, "is no list"),
    ],
    ids=str,
)
def test_an_input_of_another_form_is_refused(given, reason):
    known = schema("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs

    assert reason in dict(known.faults({"bucket": "b"} | given)).values()


def test_a_type_that_the_provider_has_not_is_no_type():
    with pytest.raises(NoSuchType):
        schema("aws:sqs/queue:Cue")


def test_a_schema_knows_what_is_inside():
    assert isinstance(schema(INSTANCE).inputs.properties["rootBlockDevice"], Shape)
    assert "publicIp" in schema(INSTANCE).computed
    assert "userData" not in schema(INSTANCE).computed


@pytest.mark.parametrize(
    ("token", "given", "faults"),
    [
        (QUEUE, {"delaySeconds": 901}, {"delaySeconds": "is 901, not 0 to 900"}),
        (QUEUE, {"delaySeconds": 900}, {}),
        (BUCKET, {"bucketPrefix": "A-"}, {"bucketPrefix"}),
        (
            "aws:athena/workgroup:Workgroup",
            {"name": "a", "configuration": {"bytesScannedCutoffPerQuery": 10_485_759}},
            {"configuration.bytesScannedCutoffPerQuery"},
        ),
        ("aws:ec2/securityGroup:SecurityGroup", {"description": "it's"}, {"description"}),
    ],
    ids=str,
)
def test_a_value_outside_what_is_documented_is_refused(token, given, faults):
    found = dict(beliefs.value_faults(token, given))

    assert found == faults if isinstance(faults, dict) else found.keys() == faults


def test_user_data_replaces_only_where_the_program_says_so():
    assert "userData" in beliefs.replacing(INSTANCE, {"userDataReplaceOnChange": True})
    assert "userData" not in beliefs.replacing(INSTANCE, {"userDataReplaceOnChange": False})


def test_differences_are_told_by_path():
    old = {"a": 1, "b": {"c": [1, {"d": 2}]}, "gone": {"x": 1}, "__defaults": ["a"]}
    new = {"a": 1, "b": {"c": [1, {"d": 3}, 4]}, "come": [5], "__defaults": []}

    assert list(differences(old, new)) == [
        ("b.c[1].d", 2, 3),
        ("b.c[2]", None, 4),
        ("come[0]", None, 5),
        ("gone.x", 1, None),
    ]


def test_a_file_with_the_same_bytes_is_the_same_wherever_it_lies():
    def file(path, hash_):
        return {"source": {_special_sig_key: _special_asset_sig, "path": path, "hash": hash_}}

    assert list(differences(file("/a/x", "1"), file("/b/x", "1"))) == []
    assert [path for path, _, _ in differences(file("/a", "1"), file("/a", "2"))] == ["source"]


@pytest.fixture
def account():
    return Account()


def test_what_one_stack_has_another_cannot_take(account):
    account.create(QUEUE, "urn:one", {"name": "failures"})

    with pytest.raises(Refused, match="queue failures in eu-central-1 exists already: urn:one"):
        account.create(QUEUE, "urn:two", {"name": "failures"})


def test_a_prefix_makes_two_names(account):
    first, second = (account.create(BUCKET, "urn", {"bucketPrefix": "lake-"}) for _ in range(2))

    assert first.id != second.id
    assert re.fullmatch(r"lake-\d{26}", first.id)


def test_a_new_object_under_the_same_key_is_a_new_version(account):
    bucket = account.create(BUCKET, "urn", {"bucket": "lake"})
    token = "aws:s3/bucketObjectv2:BucketObjectv2"
    inputs = {"bucket": bucket.id, "key": "a", "source": {"hash": "1"}}
    first = account.create(token, "urn", inputs)

    same = account.update(token, first.id, "urn", inputs | {"tags": {"a": "b"}})
    other = account.update(token, first.id, "urn", inputs | {"source": {"hash": "2"}})

    assert same.properties["versionId"] == first.properties["versionId"]
    assert other.properties["versionId"] != first.properties["versionId"]
    assert renewed(token, inputs, inputs | {"source": {"hash": "2"}}) == {"etag", "versionId"}


def test_a_bucket_with_objects_goes_only_if_told_so(account):
    bucket = account.create(BUCKET, "urn", {"bucket": "lake"})
    account.used.add(bucket.id)

    with pytest.raises(Refused, match="BucketNotEmpty"):
        account.delete(BUCKET, bucket.id)
    account.update(BUCKET, bucket.id, "urn", {"bucket": "lake", "forceDestroy": True})
    account.delete(BUCKET, bucket.id)

    assert account.things == {}


def test_a_notification_needs_the_permission_first(account):
    bucket = account.create(BUCKET, "urn", {"bucket": "lake"})
    arn = "arn:aws:lambda:eu-central-1:123456789012:function:filter"
    inputs = {"bucket": bucket.id, "lambdaFunctions": [{"lambdaFunctionArn": arn}]}

    with pytest.raises(Refused, match="Unable to validate the following destination"):
        account.create("aws:s3/bucketNotification:BucketNotification", "urn", inputs)


def test_what_the_table_does_not_tell_is_no_value_to_go_on_with(account):
    function = account.create(
        "aws:ec2/securityGroup:SecurityGroup", "urn", {"namePrefix": "a-", "vpcId": "vpc-1"}
    )
    topic = account.create("aws:sns/topic:Topic", "urn", {"name": "told"})

    assert NOT_BELIEVED not in str(function.properties["arn"])
    assert NOT_BELIEVED in topic.properties["beginningArchiveTime"]


def test_a_missing_default_vpc_is_an_empty_list(account):
    account.default_vpc = False
    asked = {"filters": [{"name": "is-default", "values": ["true"]}]}

    assert INVOKES["aws:ec2/getVpcs:getVpcs"](account, asked)["ids"] == []
