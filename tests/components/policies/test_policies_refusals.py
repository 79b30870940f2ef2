"""What the roles must not do is refused, by IAM's rules over the registered documents."""

import pytest

from tests.components.policies.roles import CRAWLER, FUNCTION, HOST, ROLES, SWEEP
from tests.doubles.calls import Place
from tests.doubles.iam import ACCOUNT, Policies, Request


def refusals(place: Place) -> dict[str, dict[str, list[Request]]]:
    """Return what each role must not do, by a sentence."""
    everywhere = ("raw", "processed", "dropped", "quarantine", "ingests", "state", "enriched")
    everywhere = (*everywhere, "bundles")

    def on(action: str, *prefixes: str) -> list[Request]:
        return [place.on_object(action, {"Key": f"{prefix}/a"}) for prefix in prefixes]

    def listing(action: str, *prefixes: str) -> list[Request]:
        return [place.on_bucket(action, s3__prefix=prefix) for prefix in prefixes]

    def without(*mine: str) -> list[str]:
        return [prefix for prefix in everywhere if prefix not in mine]

    deletes = [*on("DeleteObject", *everywhere), *on("DeleteObjectVersion", *everywhere)]
    by_hand = [place.request(f"kms:{verb}", place.key) for verb in ("Decrypt", "GenerateDataKey")]
    of_another = [
        place.request(
            "kms:Decrypt",
            place.key,
            kms__ViaService=f"s3.{place.region}.amazonaws.com",
            **{"kms__EncryptionContext:aws:s3:arn": "arn:aws:s3:::somebody-elses"},
        )
    ]
    shut = {
        "deletes nothing": deletes,
        "uses the key through a service alone": by_hand,
        "and through S3 for this bucket alone": of_another,
        "makes nobody a reader": [
            place.on_bucket("PutBucketPolicy"),
            *on("PutObjectAcl", *everywhere),
            place.request("kms:CreateGrant", place.key),
        ],
        "takes no other role": [
            place.request("sts:AssumeRole", f"arn:aws:iam::{ACCOUNT}:role/{role}") for role in ROLES
        ],
    }
    function = place.local("lambda", f"function:{FUNCTION}")
    tables = {
        verb: [place.request(f"glue:{verb}", place.local("glue", "table/orders_db_dev/processed"))]
        for verb in ("DeleteTable", "UpdateTable", "CreateTable")
    }
    return {
        FUNCTION: {
            **shut,
            "writes nothing under raw/": [*on("PutObject", "raw")],
            "writes no results and no bundles": on("PutObject", "enriched", "bundles"),
            "reads no results and no bundles": on("GetObject", "enriched", "bundles"),
            "reads raw/ by version alone": on("GetObject", "raw"),
            "lists no more than it needs": [
                *listing("ListBucket", "", "raw/", "enriched/", "bundles/", "p"),
                *listing("ListBucketVersions", "", "processed/", "enriched/"),
            ],
            "calls no function, itself neither": [place.request("lambda:InvokeFunction", function)],
            "makes no log group": [
                place.request(
                    "logs:CreateLogGroup", place.local("logs", f"log-group:/aws/lambda/{FUNCTION}")
                )
            ],
            "empties no other queue": [
                place.request("sqs:DeleteMessage", place.local("sqs", f"{FUNCTION}-parked"))
            ],
        },
        SWEEP: {
            **shut,
            "calls no other function": [place.request("lambda:InvokeFunction", f"{function}-2")],
            "reads and writes nothing": [
                *on("GetObject", *everywhere),
                *on("PutObject", *everywhere),
            ],
        },
        CRAWLER: {
            **shut,
            "writes no object": on("PutObject", *everywhere),
            "reads processed/ alone": on("GetObject", *without("processed")),
            "reads no old version": on("GetObjectVersion", *everywhere),
            "lists processed/ alone": listing(
                "ListBucket", "", *(f"{p}/" for p in without("processed"))
            ),
            "makes and deletes no table": [*tables["DeleteTable"], *tables["CreateTable"]],
            "touches no other table": [
                place.request(
                    "glue:UpdateTable", place.local("glue", f"table/orders_db_dev/{table}")
                )
                for table in ("dropped", "quarantine", "ingests")
            ],
        },
        HOST: {
            **shut,
            "reads no export": [*on("GetObject", "raw"), *on("GetObjectVersion", *everywhere)],
            "writes results alone": on("PutObject", *without("enriched")),
            "reads no bundle but its own": on("GetObject", "bundles"),
            "lists no more than it needs": listing("ListBucket", "", "raw/", "bundles/"),
            "changes no table": [request for verb in tables.values() for request in verb],
            "queries in no other workgroup": [
                place.request(
                    "athena:StartQueryExecution", place.local("athena", f"workgroup/{name}")
                )
                for name in ("primary", "orders-prod")
            ],
            "changes no workgroup": [
                place.request(
                    "athena:UpdateWorkGroup", place.local("athena", f"workgroup/{place.workgroup}")
                )
            ],
            "reads no parameter": [
                place.request("ssm:GetParameter", place.local("ssm", "parameter/anything"))
            ],
            "asks nobody to withdraw": [place.request("lambda:InvokeFunction", function)],
        },
    }


@pytest.mark.parametrize("name", ROLES)
def test_what_a_role_must_not_do_is_refused(roles, name):
    role = roles[name]
    for sentence, requests in refusals(role.place)[name].items():
        assert requests, sentence
        for request in requests:
            verdict = role.policies.decide(request)
            assert not verdict, f"{name} {sentence}: {request} is allowed by {verdict.by}"


def test_what_the_function_must_never_do_is_refused_whatever_else_is_granted(roles):
    role = roles[FUNCTION]
    everything = {"Statement": [{"Sid": "All", "Effect": "Allow", "Action": "*", "Resource": "*"}]}
    granted = Policies({**role.policies.role, "more": everything}, role.policies.resources)
    key = {"Key": "raw/a.csv"}
    assert granted.decide(role.place.on_object("GetObject", key))
    assert granted.decide(role.place.on_object("PutObject", key)).by.endswith("NeverWriteRaw")
    for action in ("DeleteObject", "DeleteObjectVersion"):
        assert granted.decide(role.place.on_object(action, key)).by.endswith("NeverDelete")
