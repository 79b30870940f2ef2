"""What an update may do: all of its own stack, nothing of another, within the boundary."""

import json

import pytest

from components.names import StackNames
from tests.bootstrap.conftest import STATE
from tests.bootstrap.entered import (
    KEY,
    STACKS,
    allowing_keys,
    boundary_of,
    lake_objects,
    role_of,
    state_file,
)
from tests.bootstrap.provider_calls import CALLS, RULE
from tests.bootstrap.test_bootstrap_entry import PROVIDER
from tests.doubles.iam import ACCOUNT, Request, matches
from tests.doubles.registered import ENDING, REGION
from tests.doubles.rights import single_rights

ADOPTED = ("DefaultSecurityGroup", "ec2:CreateTags")


def calls_of(resource):
    """Yield what the provider calls for a resource, as requests without a context."""
    kind = resource.type.split(":")
    name = f"{kind[1].split('/')[0]}.{kind[2]}"
    known = {**resource.inputs, **resource.outputs}
    for actions, place in CALLS[name]:
        for action in actions.split():
            yield action, place.format_map(known) if place else "*"


def context_of(access, stack, lake):
    function = lake.one("lambda.Function").outputs["arn"]
    return {
        "iam:PermissionsBoundary": boundary_of(access, stack).outputs["arn"],
        "aws:RequestedRegion": REGION,
        "aws:ResourceTag/stack": stack,
        "aws:RequestTag/stack": stack,
        "lambda:FunctionArn": function,
        "ec2:CreateAction": "RunInstances",
        "iam:AWSServiceName": "elasticloadbalancing.amazonaws.com",
        "s3:prefix": "bundles/a",
    }


def is_untagged(kind, action, place):
    """Tell whether what a request is about is just made, and has no tags yet."""
    if action.startswith("kms:"):
        return action in ("kms:CreateKey", "kms:TagResource")
    return place == RULE or (kind, action) == ADOPTED


def requests_for(access, stack, lake):
    """Yield every request of an update that makes, changes or deletes all of a stack."""
    context = context_of(access, stack, lake)
    services = {
        role.outputs["arn"]: json.loads(role.inputs["assumeRolePolicy"])["Statement"][0][
            "Principal"
        ]["Service"][0]
        for role in lake.of("iam.Role")
    }
    for resource in lake.resources:
        if resource.type.startswith("aws:"):
            for action, place in calls_of(resource):
                said = dict(context)
                kind = resource.type.rpartition(":")[2]
                if "PassRole" in action:
                    said["iam:PassedToService"] = services[place]
                if is_untagged(kind, action, place):
                    del said["aws:ResourceTag/stack"]
                if (kind, action) == ADOPTED:
                    # it comes with its network: it is tagged afterwards
                    del said["ec2:CreateAction"]
                yield Request(action, place, said)


@pytest.fixture
def update(access, stack):
    """The role with which GitHub updates the stack."""
    return role_of(access, f"update-{stack}")


@pytest.fixture
def other(stack):
    """The other stack."""
    [other] = set(STACKS) - {stack}
    return other


@pytest.mark.parametrize("stack", STACKS)
def test_an_update_may_make_change_and_delete_all_that_its_stack_is_of(access, lakes, stack):
    for lake in lakes[stack]:
        requests = list(requests_for(access, stack, lake))
        update = allowing_keys(
            role_of(access, f"update-{stack}"),
            {one.resource for one in requests if one.action.startswith("kms:")},
        )
        refused = [str(request) for request in requests if not update.decide(request)]
        assert len(requests) > 150
        assert not refused, "\n".join(refused)


@pytest.mark.parametrize("stack", STACKS)
def test_an_update_may_do_nothing_that_the_provider_never_calls(access, stack):
    called = {
        action for calls in CALLS.values() for actions, _ in calls for action in actions.split()
    }
    documents = access.documents(f"update-{stack}")
    # what lies in the state's bucket, the command line calls, and the look-ups are the preview's
    del documents[f"update-{stack}-state"]
    rights = {statement["Action"] for _, statement in single_rights(documents)}
    assert len(rights) > 150
    assert [one for one in rights if not any(matches(one, action) for action in called)] == []


@pytest.mark.parametrize("name", ["preview-dev", "update-dev", "boundary-dev"])
def test_a_right_on_a_bucket_names_buckets_and_one_on_objects_objects(access, name):
    """The other way round it allows nothing, and nobody tells."""
    documents = (
        {name: json.loads(boundary_of(access, "dev").inputs["policy"])}
        if name == "boundary-dev"
        else access.documents(name)
    )
    seen = set()
    for right, statement in single_rights(documents):
        if statement["Action"].startswith("s3:"):
            on_objects = "Object" in statement["Action"] or "Multipart" in statement["Action"]
            assert ("/" in statement["Resource"]) == on_objects, right
            seen.add(on_objects)
    assert seen == {True, False}


UNNAMED = (
    "ec2:",
    "kms:CreateKey",
    "kms:TagResource",
    "kms:ListAliases",
    "logs:DescribeLogGroups",
    "cloudwatch:DescribeAlarms",
    "glue:",
    "elasticloadbalancing:Describe",
    # a zone of aws's own, a role of aws's own
    "route53:AssociateVPCWithHostedZone",
    "iam:CreateServiceLinkedRole",
)
"""What AWS lets no policy name, or not by the stack: bound by tag, region, or not at all."""


@pytest.mark.parametrize("stack", STACKS)
def test_an_update_touches_nothing_that_another_stack_has_a_name_for(access, lakes, stack, other):
    for lake in lakes[other]:
        requests = list(requests_for(access, other, lake))
        update = allowing_keys(
            role_of(access, f"update-{stack}"),
            {one.resource for one in requests if one.action.startswith("kms:")},
        )
        allowed = [one for one in requests if update.decide(one)]
        touched = [
            one
            for one in allowed
            if not one.action.startswith(UNNAMED) and "event-source-mapping" not in one.resource
        ]
        assert not touched, "\n".join(map(str, touched))
        assert {one.resource for one in allowed if one.action.startswith("glue:")} <= {
            "*",
            f"arn:aws:glue:{REGION}:{ACCOUNT}:catalog",
        }
        deleted = [one for one in allowed if "Delete" in one.action or "Terminate" in one.action]
        assert {one.action.split(":")[0] for one in deleted} <= {"glue"}


def deletions(of):
    """Yield how to delete what has a name of a stack's, but for its alarms."""
    local = f"{REGION}:{ACCOUNT}"
    yield "s3:DeleteBucket", f"arn:aws:s3:::{of.buckets[0]}{ENDING}"
    yield "iam:DeleteRole", f"arn:aws:iam::{ACCOUNT}:role/{of.server}"
    yield "kms:DeleteAlias", f"arn:aws:kms:{local}:alias/{of.lake}"
    yield "lambda:DeleteFunction", f"arn:aws:lambda:{local}:function:{of.function}"
    yield "lambda:DeleteLayerVersion", f"arn:aws:lambda:{local}:layer:{of.layer}:1"
    for log in of.logs:
        yield "logs:DeleteLogGroup", f"arn:aws:logs:{local}:log-group:{log}"
    yield "sqs:DeleteQueue", f"arn:aws:sqs:{local}:{of.parked}"
    yield "sns:DeleteTopic", f"arn:aws:sns:{local}:{of.lake}"
    yield "scheduler:DeleteSchedule", f"arn:aws:scheduler:{local}:schedule/default/{of.sweep}"
    yield "glue:DeleteTable", f"arn:aws:glue:{local}:table/{of.database}/processed"
    yield "glue:DeleteCrawler", f"arn:aws:glue:{local}:crawler/{of.crawler}"
    yield "athena:DeleteWorkGroup", f"arn:aws:athena:{local}:workgroup/{of.workgroup}"
    balancers = f"arn:aws:elasticloadbalancing:{local}:loadbalancer/app"
    yield "elasticloadbalancing:DeleteLoadBalancer", f"{balancers}/{of.lake}/0123"


def test_a_stack_whose_name_goes_on_is_another_stack(access):
    """To a pattern with * at its end, `dev-2` would be `dev`."""
    update = allowing_keys(
        role_of(access, "update-dev"),
        {place for stack in ("dev", "dev-2") for _, place in deletions(StackNames(stack))},
    )
    for action, place in deletions(StackNames("dev")):
        assert update.decide(Request(action, place)), place
    for action, place in deletions(StackNames("dev-2")):
        assert not update.decide(Request(action, place)), place


@pytest.mark.parametrize("stack", STACKS)
def test_an_update_makes_nothing_its_own_by_a_tag(stack, update, other):
    taking = {
        "aws:RequestTag/stack": stack,
        "aws:ResourceTag/stack": other,
        "aws:RequestedRegion": REGION,
    }
    owned = allowing_keys(update, {KEY})
    assert not owned.decide(Request("kms:TagResource", KEY, taking))
    instance = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0123"
    assert not owned.decide(Request("ec2:CreateTags", instance, taking))
    for action in (
        *("ec2:TerminateInstances", "ec2:DeleteTags", "ec2:ModifyInstanceAttribute"),
        "ec2:CreateRoute",
    ):
        assert not owned.decide(Request(action, instance, taking))
        assert owned.decide(Request(action, instance, {"aws:ResourceTag/stack": stack}))


@pytest.mark.parametrize("stack", STACKS)
def test_an_update_opens_its_own_groups_alone(stack, update, other):
    group = f"arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/sg-0123"
    context = {"aws:RequestedRegion": REGION, "aws:RequestTag/stack": stack}
    for action in ("ec2:AuthorizeSecurityGroupIngress", "ec2:AuthorizeSecurityGroupEgress"):
        assert update.decide(Request(action, RULE, context))
        assert update.decide(Request(action, group, {**context, "aws:ResourceTag/stack": stack}))
        assert not update.decide(Request(action, group, context))
        assert not update.decide(
            Request(action, group, {**context, "aws:ResourceTag/stack": other})
        )


@pytest.mark.parametrize("stack", STACKS)
def test_an_update_adopts_the_group_that_its_network_comes_with_and_nothing_else(
    stack, update, other
):
    place = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
    mine = {"aws:RequestedRegion": REGION, "aws:RequestTag/stack": stack}
    tag = "ec2:CreateTags"
    assert update.decide(Request(tag, f"{place}:security-group/sg-0123", mine))
    for there, said in (
        ("security-group/sg-0123", {**mine, "aws:ResourceTag/stack": other}),
        ("security-group/sg-0123", {**mine, "aws:RequestTag/stack": other}),
        ("instance/i-0123", mine),
        ("vpc/vpc-0123", mine),
    ):
        assert not update.decide(Request(tag, f"{place}:{there}", said)), there


@pytest.mark.parametrize("stack", STACKS)
def test_an_update_neither_reads_nor_deletes_an_order(stack, update):
    for place in lake_objects(stack):
        for action in ("GetObject", "GetObjectVersion", "DeleteObject", "DeleteObjectVersion"):
            assert not update.decide(Request(f"s3:{action}", place)), f"{action} {place}"
        assert not update.decide(Request("s3:PutObject", place)), place


@pytest.mark.parametrize("stack", STACKS)
def test_an_update_gives_no_role_more_than_the_boundary(access, lakes, stack, update):
    role = lakes[stack][0].of("iam.Role")[0].outputs["arn"]
    context = context_of(access, stack, lakes[stack][0])
    for action in ("iam:CreateRole", "iam:PutRolePolicy"):
        assert update.decide(Request(action, role, context))
        assert not update.decide(Request(action, role)), "without a boundary"
        wrong = {
            **context,
            "iam:PermissionsBoundary": "arn:aws:iam::aws:policy/AdministratorAccess",
        }
        assert not update.decide(Request(action, role, wrong)), "with another boundary"
    removal = Request("iam:DeleteRolePermissionsBoundary", role, context)
    assert update.decide(removal).by.endswith("NeverWithoutBoundary")
    for action in ("iam:AttachRolePolicy", "iam:CreateUser", "iam:CreateAccessKey"):
        assert not update.decide(Request(action, role, context)), action


@pytest.mark.parametrize("stack", STACKS)
def test_an_update_cannot_change_the_way_it_came_in(access, lakes, stack, update):
    context = context_of(access, stack, lakes[stack][0])
    for resource in (*access.of("iam.Role"), *access.of("iam.Policy")):
        arn = resource.outputs["arn"]
        for action in (
            *("PutRolePolicy", "AttachRolePolicy", "UpdateAssumeRolePolicy", "DeleteRole"),
            *("CreatePolicyVersion", "SetDefaultPolicyVersion", "DeletePolicy", "PassRole"),
        ):
            assert not update.decide(Request(f"iam:{action}", arn, context)), f"{action} {arn}"
    provider = Request("iam:UpdateOpenIDConnectProviderThumbprint", PROVIDER, context)
    assert not update.decide(provider)


@pytest.mark.parametrize("stack", STACKS)
def test_an_update_writes_the_state_of_its_stack_alone(stack, update, other):
    lock = f"arn:aws:s3:::{STATE}/.pulumi/locks/organization/orders-lake/{stack}/a.json"
    for place in (state_file(stack), lock):
        for action in ("s3:GetObject", "s3:PutObject", "s3:DeleteObject"):
            assert update.decide(Request(action, place)), place
    for place in (state_file(other), lock.replace(f"/{stack}/", f"/{other}/")):
        assert not update.decide(Request("s3:PutObject", place)), place


def test_without_a_state_bucket_no_role_has_rights_on_one(bootstrap):
    documents = bootstrap(stateBucket="").documents("update-dev")
    sids = {one["Sid"] for document in documents.values() for one in document["Statement"]}
    assert not {sid for sid in sids if sid.endswith("State")}
