"""Every request that is really sent is allowed, nothing is allowed that nobody sends, and the rest
is refused: decided by IAM's rules over the documents that the stack registers."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.components.policies import flows, services
from tests.doubles.athena import AthenaServer
from tests.doubles.bucket import Bucket, Server
from tests.doubles.calls import Place
from tests.doubles.iam import ACCOUNT, Policies, Request
from tests.doubles.registered import Registered
from tests.doubles.rights import single_rights

FUNCTION = "FilterAndProcessOrders-dev"
SWEEP = "orders-sweep-dev"
CRAWLER = "orders_processed_crawler_dev"
HOST = "Athena-Dashboard-Server-dev"
ROLES = (FUNCTION, SWEEP, CRAWLER, HOST)
RECORDED = (FUNCTION, HOST)
"""Roles in whose name our own code calls AWS."""


REQUESTS = Path(__file__).parent / "tables" / "requests.txt"
UNUSED = {
    "kms:GenerateDataKey": "said in one statement with Decrypt, which an object without the bucket"
    " key needs; to write one takes the right to write it"
}
"""Actions of which a part is never asked for, and why the part is there all the same."""


@dataclass(frozen=True)
class Role:
    """A role of the stack dev, and what is asked for in its name."""

    policies: Policies
    place: Place
    requests: tuple[Request, ...]
    sent: tuple[Request, ...]
    """those of them that our own code sends; the others are AWS's, in the role's name"""


@pytest.fixture(scope="module")
def function_calls(dev, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch, flows.lake_of(dev, patch) as lake:
        return flows.work_on_files(lake, tmp_path_factory.mktemp("function"))


@pytest.fixture(scope="module")
def dashboard_calls(tmp_path_factory):
    server, athena = Server(), AthenaServer()
    try:
        with pytest.MonkeyPatch.context() as patch:
            flows.set_environment(patch, AWS_ENDPOINT_URL_S3=server.url)
            folder = tmp_path_factory.mktemp("host")
            return flows.look_at_pages(athena, Bucket(server), folder, patch)
    finally:
        athena.stop()
        server.stop()


@pytest.fixture(scope="module")
def roles(dev, function_calls, dashboard_calls):
    def role(name, calls, asked):
        place = place_of(dev, name)
        sent = [request for call in calls for request in place.asks(call)]
        unique = {str(request): request for request in (*sent, *asked(place, dev))}
        return Role(dev.policies(name), place, tuple(unique.values()), tuple(sent))

    return {
        FUNCTION: role(FUNCTION, function_calls, services.of_function),
        SWEEP: role(SWEEP, [], services.of_sweep),
        CRAWLER: role(CRAWLER, [], services.of_crawler),
        HOST: role(HOST, dashboard_calls, services.of_host),
    }


def place_of(stack: Registered, role: str) -> Place:
    return Place(
        key=stack.one("kms.Key").outputs["arn"],
        bucket=stack.one("s3.BucketNotification").inputs["bucket"],
        role=stack.one("iam.Role", name=role).outputs["arn"],
        workgroup=stack.one("athena.Workgroup").inputs["name"],
    )


def kinds_of(calls) -> set[tuple[str, str]]:
    """Return what calls do, and under which prefix."""
    return {
        (call.operation, (call.params.get("Key") or call.params.get("Prefix", "")).split("/")[0])
        for call in calls
    }


def test_the_function_was_recorded_in_all_its_ways(function_calls):
    assert kinds_of(function_calls) == {
        *{("GetObject", prefix) for prefix in ("raw", "ingests", "processed", "dropped")},
        *{("ListObjectsV2", p) for p in ("processed", "dropped", "quarantine", "ingests")},
        *{("PutObject", p) for p in ("processed", "dropped", "quarantine", "ingests", "state")},
        ("HeadObject", "raw"),
        ("ListObjectVersions", "raw"),
        ("Publish", ""),
    }
    replaced = {
        call.params["Key"].split("/")[0] for call in function_calls if "IfMatch" in call.params
    }
    assert replaced == {"processed", "dropped", "quarantine", "ingests"}


def test_the_dashboard_was_recorded_in_all_its_ways(dashboard_calls):
    assert kinds_of(dashboard_calls) == {
        *{("ListObjectsV2", p) for p in ("processed", "dropped", "quarantine", "ingests", "state")},
        ("ListObjectVersions", "raw"),
        ("GetObject", "ingests"),
        ("StartQueryExecution", ""),
        ("GetQueryExecution", ""),
        ("GetQueryResults", ""),
        ("StopQueryExecution", ""),
    }


@pytest.mark.parametrize("name", ROLES)
def test_whatever_is_asked_for_in_a_roles_name_is_allowed(roles, name):
    role = roles[name]
    decided = {str(request): role.policies.decide(request) for request in role.requests}
    refused = [f"{request}: {verdict.by}" for request, verdict in decided.items() if not verdict]
    assert decided
    assert not refused, "\n".join(refused)


def row(role: Role, request: Request) -> str:
    """Return a request in short: what, who asks, which statement allows it, on what."""
    resource = request.resource
    for long, name in {
        f"arn:aws:s3:::{role.place.bucket}": "LAKE",
        role.place.key: "KEY",
        f":{role.place.region}:{ACCOUNT}:": " ",
        "arn:aws:": "",
    }.items():
        resource = resource.replace(long, name)
    if resource.startswith("LAKE/"):
        resource = f"LAKE/{resource.split('/')[1]}/..."
    via = request.context.get("kms:ViaService", "").split(".")[0]
    prefix = request.context.get("s3:prefix")
    more = f" via {via}" if via else ""
    more += f" below {prefix.split('/')[0]}/" if prefix else ""
    by = role.policies.decide(request).by.split(".")[-1]
    who = "sent" if request in role.sent else "by AWS"
    return f"{request.action:33} {who:6}  {by:46} {resource}{more}"


def test_the_requests_are_those_of_the_table(roles):
    sections = [
        f"[{name}]\n" + "\n".join(sorted({row(role, one) for one in role.requests}))
        for name, role in roles.items()
    ]
    assert "\n\n".join(sections) + "\n" == REQUESTS.read_text()


@pytest.mark.parametrize("name", ROLES)
def test_a_role_has_no_right_that_nothing_asks_for(roles, name):
    role = roles[name]
    unused = [
        right
        for right, statement in single_rights(role.policies.role)
        if not any(
            Policies({"one": {"Statement": [statement]}}, role.policies.resources).decide(request)
            for request in role.requests
        )
    ]
    waived = [right for right in unused if right.split()[0] in UNUSED]
    assert unused == waived, "\n".join(unused)
    assert bool(waived) == (name in RECORDED), "a waiver that nothing needs"


@pytest.mark.parametrize("name", RECORDED)
def test_nothing_is_asked_for_without_tls_or_by_who_is_nobody(roles, name):
    role = roles[name]
    for request in role.requests:
        if request.action.startswith("s3:"):
            clear = {**request.context, "aws:SecureTransport": "false"}
            verdict = role.policies.decide(Request(request.action, request.resource, clear))
            assert (verdict.allowed, verdict.by.split(".")[-1]) == (False, "TlsOnly"), request
    nobody = Policies({}, role.policies.resources)
    assert not [request for request in role.requests if nobody.decide(request)]


def test_a_missing_object_is_answered_with_403_so_the_store_asks_a_listing(roles, function_calls):
    """moto says 404; what S3 says depends on a right to list that no prefix limits."""
    role = roles[FUNCTION]
    missing = {call.params["Key"].split("/")[0] for call in function_calls if call.status == 404}
    assert missing == {"ingests", "processed", "dropped"}
    assert not role.policies.decide(role.place.on_bucket("ListBucket"))
    for prefix in missing:
        assert all(map(role.policies.decide, role.place.lists(f"{prefix}/a")))


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
            "reads no results and no bundles": on("GetObject", "enriched", "bundles", "state"),
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
