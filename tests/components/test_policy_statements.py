import json

import pulumi
import pytest

from components.policy import ANYONE, Statement, document, tls_only, trust

READ = Statement("Read", ("s3:GetObject",), ("arn:aws:s3:::lake/raw/*",))


def written(document_: pulumi.Output[str]) -> dict:
    """Return a document that holds nothing unknown."""
    known = []

    @pulumi.runtime.test
    def run():
        return document_.apply(known.append)

    run()
    return json.loads(known[0])


def test_a_document_has_the_current_version_and_a_statement_each():
    assert written(document([READ])) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Read",
                "Effect": "Allow",
                "Action": ["s3:GetObject"],
                "Resource": ["arn:aws:s3:::lake/raw/*"],
            }
        ],
    }


def test_a_value_that_is_known_later_stands_in_the_document_when_it_is():
    later = pulumi.Output.from_input("arn:aws:s3:::later").apply(lambda arn: f"{arn}/*")
    statement = Statement("Read", ("s3:GetObject",), (later,), {"StringLike": {"s3:prefix": later}})

    [read] = written(document([statement]))["Statement"]

    assert read["Resource"] == ["arn:aws:s3:::later/*"]
    assert read["Condition"] == {"StringLike": {"s3:prefix": "arn:aws:s3:::later/*"}}


def test_several_values_of_a_condition_are_a_list():
    statement = Statement(
        "List", ("s3:ListBucket",), ("*",), {"StringLike": {"s3:prefix": ("a", "b")}}
    )

    [listing] = written(document([statement]))["Statement"]

    assert listing["Condition"] == {"StringLike": {"s3:prefix": ["a", "b"]}}


def test_two_statements_of_one_name_are_refused():
    with pytest.raises(ValueError, match="two statements of one policy are called Read"):
        document([READ, READ])


@pytest.mark.parametrize("sid", ["", "read-raw", "read raw", "läse"])
def test_a_name_that_iam_would_refuse_is_refused(sid):
    with pytest.raises(ValueError, match="letters and digits only"):
        Statement(sid, ("s3:GetObject",), ("*",))


def test_a_statement_without_an_action_is_refused():
    with pytest.raises(ValueError, match="Read names no action"):
        Statement("Read", (), ("*",))


def test_a_role_is_assumed_by_its_service_alone():
    [assume] = written(trust("lambda.amazonaws.com"))["Statement"]

    assert assume["Principal"] == {"Service": ["lambda.amazonaws.com"]}
    assert assume["Action"] == ["sts:AssumeRole"]
    assert "Resource" not in assume
    assert "Condition" not in assume


def test_whoever_speaks_without_tls_is_refused():
    [refusal] = written(document([tls_only("a", "b", action="s3:*")]))["Statement"]

    assert (refusal["Effect"], refusal["Principal"]) == ("Deny", ANYONE)
    assert refusal["Resource"] == ["a", "b"]
    assert refusal["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
