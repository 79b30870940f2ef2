"""Every request that is really sent is allowed, and nothing is allowed that nobody sends.

Decided by IAM's rules over the documents that the stack registers.
"""

from pathlib import Path

import pytest

from tests.components.policies.roles import FUNCTION, RECORDED, ROLES, Role
from tests.doubles.iam import ACCOUNT, Policies, Request
from tests.doubles.rights import single_rights

REQUESTS = Path(__file__).parent / "tables" / "requests.txt"
UNUSED = {
    "kms:GenerateDataKey": "said in one statement with Decrypt, which an object without the bucket"
    " key needs; to write one takes the right to write it"
}
"""Actions of which a part is never asked for, and why the part is there all the same."""


def kinds_of(calls) -> set[tuple[str, str]]:
    """Return what calls do, and under which prefix."""
    return {
        (call.operation, (call.params.get("Key") or call.params.get("Prefix", "")).split("/")[0])
        for call in calls
    }


def test_the_function_was_recorded_in_all_its_ways(function_calls):
    assert kinds_of(function_calls) == {
        *{("GetObject", prefix) for prefix in ("raw", "ingests", "processed", "dropped", "state")},
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
        ("GetObject", "state"),
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
    assert missing == {"ingests", "processed", "dropped", "state"}
    assert not role.policies.decide(role.place.on_bucket("ListBucket"))
    for prefix in missing:
        assert all(map(role.policies.decide, role.place.lists(f"{prefix}/a")))
