"""bootstrap/: who may come in from GitHub, and what they may do then."""

import json
from pathlib import Path

import pytest

from components.policy import ANYONE
from tests.bootstrap.conftest import REPOSITORY, STATE
from tests.bootstrap.provider_calls import CALLS
from tests.doubles.iam import ACCOUNT, Policies, Request, listed
from tests.doubles.registered import ENDING, REGION
from tests.doubles.rights import single_rights, table

TABLES = Path(__file__).parent / "tables"
STACKS = ("dev", "prod")
HOST = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}"
LONGEST_POLICY = 6144
"""Characters of a managed policy, blanks not counted (IAM's quotas)."""
MOST_POLICIES = 10
"""Managed policies of a role (IAM's quotas, unless raised)."""
SHORT = {f":{REGION}:{ACCOUNT}:": " ", f":{ACCOUNT}:": " ", "arn:aws:": "", "?" * 26: "..."}
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0123"


def boundary_of(access, stack):
    return access.one("iam.Policy", name=f"boundary-{stack}")


def role_of(access, name):
    return Policies(access.documents(name))


def enter(access, role, **claims):
    """Ask for a role with a token of GitHub's."""
    resource = access.one("iam.Role", name=role)
    arn = resource.outputs["arn"]
    trust = json.loads(resource.inputs["assumeRolePolicy"])
    context = {f"{HOST}:{name}": value for name, value in claims.items()}
    asked = Request("sts:AssumeRoleWithWebIdentity", arn, context, PROVIDER)
    return Policies({}, {arn: trust}).decide(asked)


# who comes in


@pytest.mark.parametrize("stack", STACKS)
@pytest.mark.parametrize("kind", ["preview", "update"])
def test_a_role_is_assumed_from_its_own_environment_alone(access, stack, kind):
    role = f"{kind}-{stack}"
    mine = f"preview-{stack}" if kind == "preview" else stack
    sub = f"repo:{REPOSITORY}:environment:"

    assert enter(access, role, aud="sts.amazonaws.com", sub=sub + mine)

    others = {f"preview-{other}" for other in STACKS} | set(STACKS) - {mine}
    for wrong in (
        *(sub + other for other in others - {mine}),
        f"repo:{REPOSITORY}:pull_request",
        f"repo:{REPOSITORY}:ref:refs/heads/main",
        f"repo:stranger/orders-lake:environment:{mine}",
        f"repo:{REPOSITORY}-2:environment:{mine}",
    ):
        assert not enter(access, role, aud="sts.amazonaws.com", sub=wrong), wrong
    assert not enter(access, role, aud="somebody-else", sub=sub + mine)
    assert not enter(access, role)


def test_the_environments_are_those_of_the_workflows(access):
    workflows = Path(__file__).parents[2] / ".github" / "workflows"
    assert "environment: preview-${{ matrix.stack }}" in (workflows / "preview.yml").read_text()
    deploy = (workflows / "deploy.yml").read_text()
    for stack in STACKS:
        assert f"\n    environment: {stack}\n" in deploy


def test_a_role_lasts_an_hour_and_nobody_holds_a_key(access):
    for role in access.of("iam.Role"):
        assert role.inputs["maxSessionDuration"] == 3600
    assert not access.of("iam.AccessKey")
    assert not access.of("iam.User")


def test_a_provider_that_is_there_is_not_made_again(bootstrap):
    given = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}"
    taken = bootstrap(providerArn=given)
    assert not taken.of("iam.OpenIdConnectProvider")
    trust = json.loads(taken.one("iam.Role", name="preview-dev").inputs["assumeRolePolicy"])
    assert trust["Statement"][0]["Principal"] == {"Federated": [given]}


# what a preview may do


def lake_objects(stack):
    prefixes = ("raw", "processed", "dropped", "quarantine", "ingests", "enriched", "state")
    return [f"arn:aws:s3:::orders-lake-{stack}-{ENDING}/{prefix}/a" for prefix in prefixes]


def state_file(stack):
    return f"arn:aws:s3:::{STATE}/.pulumi/stacks/orders-lake/{stack}.json"


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


# what an update may do


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
    }


def allowing_keys(policies, resources):
    """Let the key's policy hand the decision on to the role's, as that of the stack does."""
    root = {"Sid": "Account", "Effect": "Allow", "Action": "kms:*", "Resource": "*"}
    root["Principal"] = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    return Policies(policies.role, {one: {"Statement": [root]} for one in resources})


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
                if "PassRole" in action:
                    said["iam:PassedToService"] = services[place]
                if action in ("kms:CreateKey", "kms:TagResource"):
                    # what is just made has no tags yet
                    del said["aws:ResourceTag/stack"]
                yield Request(action, place, said)


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


UNNAMED = (
    "ec2:",
    "kms:CreateKey",
    "kms:TagResource",
    "kms:ListAliases",
    "logs:DescribeLogGroups",
    "cloudwatch:DescribeAlarms",
    "glue:",
    "elasticloadbalancing:",
    "lambda:GetEventSource",
)
"""What AWS lets no policy name, or not by the stack: bound by tag, region, or not at all."""


@pytest.mark.parametrize("stack", STACKS)
def test_an_update_touches_nothing_that_another_stack_has_a_name_for(access, lakes, stack):
    [other] = set(STACKS) - {stack}
    for lake in lakes[other]:
        requests = list(requests_for(access, other, lake))
        update = allowing_keys(
            role_of(access, f"update-{stack}"),
            {one.resource for one in requests if one.action.startswith("kms:")},
        )
        allowed = [one for one in requests if update.decide(one)]
        touched = [one for one in allowed if not one.action.startswith(UNNAMED)]
        assert not touched, "\n".join(map(str, touched))
        assert {one.resource for one in allowed if one.action.startswith("glue:")} <= {
            "*",
            f"arn:aws:glue:{REGION}:{ACCOUNT}:catalog",
        }
        deleted = [one for one in allowed if "Delete" in one.action or "Terminate" in one.action]
        assert {one.action.split(":")[0] for one in deleted} <= {"elasticloadbalancing", "glue"}


@pytest.mark.parametrize("stack", STACKS)
def test_an_update_makes_nothing_its_own_by_a_tag(access, stack):
    update = role_of(access, f"update-{stack}")
    [other] = set(STACKS) - {stack}
    taking = {
        "aws:RequestTag/stack": stack,
        "aws:ResourceTag/stack": other,
        "aws:RequestedRegion": REGION,
    }
    owned = allowing_keys(update, {KEY})
    assert not owned.decide(Request("kms:TagResource", KEY, taking))
    instance = f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/i-0123"
    assert not owned.decide(Request("ec2:CreateTags", instance, taking))
    for action in ("ec2:TerminateInstances", "ec2:DeleteTags", "ec2:ModifyInstanceAttribute"):
        assert not owned.decide(Request(action, instance, taking))
        assert owned.decide(Request(action, instance, {"aws:ResourceTag/stack": stack}))


@pytest.mark.parametrize("stack", STACKS)
def test_an_update_neither_reads_nor_deletes_an_order(access, stack):
    update = role_of(access, f"update-{stack}")
    for place in lake_objects(stack):
        for action in ("GetObject", "GetObjectVersion", "DeleteObject", "DeleteObjectVersion"):
            assert not update.decide(Request(f"s3:{action}", place)), f"{action} {place}"
        assert not update.decide(Request("s3:PutObject", place)), place


@pytest.mark.parametrize("stack", STACKS)
def test_an_update_gives_no_role_more_than_the_boundary(access, lakes, stack):
    update = role_of(access, f"update-{stack}")
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
def test_an_update_cannot_change_the_way_it_came_in(access, lakes, stack):
    update = role_of(access, f"update-{stack}")
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
def test_an_update_writes_the_state_of_its_stack_alone(access, stack):
    update = role_of(access, f"update-{stack}")
    [other] = set(STACKS) - {stack}
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


# the boundary


def asked_by(right):
    """Return a request that is just what a single right allows."""
    condition = {
        key: listed(values)[0].replace("*", "a")
        for keys in right["Condition"].values()
        for key, values in keys.items()
    }
    resource = right["Resource"]
    return Request(
        right["Action"], resource if resource == "*" else resource.replace("*", "a"), condition
    )


@pytest.mark.parametrize("stack", STACKS)
def test_the_boundary_takes_nothing_from_the_stacks_roles(access, lakes, stack):
    boundary = Policies({"boundary": json.loads(boundary_of(access, stack).inputs["policy"])})
    for lake in lakes[stack]:
        keys = {one.outputs["arn"] for one in lake.of("kms.Key")}
        held = allowing_keys(boundary, keys)
        for role in lake.of("iam.Role"):
            for right, statement in single_rights(lake.documents(role.outputs["id"])):
                assert held.decide(asked_by(statement)), f"{role.name}: {right}"


@pytest.mark.parametrize("stack", STACKS)
def test_the_boundary_is_no_wider_than_the_stacks_roles_need(access, lakes, stack):
    needed = {
        statement["Action"]
        for lake in lakes[stack]
        for role in lake.of("iam.Role")
        for _, statement in single_rights(lake.documents(role.outputs["id"]))
    }
    boundary = json.loads(boundary_of(access, stack).inputs["policy"])
    allowed = {action for one in boundary["Statement"] for action in one["Action"]}
    assert allowed == needed


def test_the_boundary_of_one_stack_does_not_reach_into_another(access, lakes):
    boundary = Policies({"boundary": json.loads(boundary_of(access, "dev").inputs["policy"])})
    shared = ("ssm", "ssmmessages:", "xray:", "kms:", "logs:")
    for lake in lakes["prod"]:
        held = allowing_keys(boundary, {one.outputs["arn"] for one in lake.of("kms.Key")})
        for role in lake.of("iam.Role"):
            for right, statement in single_rights(lake.documents(role.outputs["id"])):
                if not right.startswith(shared) and "glue" not in statement["Resource"]:
                    assert not held.decide(asked_by(statement)), right


def test_the_main_program_puts_the_boundary_on_all_its_roles(access):
    from tests.doubles.registered import run_stack  # noqa: PLC0415

    arn = boundary_of(access, "dev").outputs["arn"]
    lake = run_stack("dev", permissionsBoundary=arn)
    assert {role.inputs.get("permissionsBoundary") for role in lake.of("iam.Role")} == {arn}


# what IAM takes


def test_no_policy_is_longer_than_iam_takes(access):
    for policy in access.of("iam.Policy"):
        assert len("".join(policy.inputs["policy"].split())) <= LONGEST_POLICY, policy.name
    for role in access.of("iam.Role"):
        assert 1 <= len(access.documents(role.inputs["name"])) <= MOST_POLICIES


@pytest.mark.parametrize("name", ["preview", "update", "boundary"])
def test_the_rights_are_those_of_the_table(access, name):
    if name == "boundary":
        documents = {"boundary": json.loads(boundary_of(access, "dev").inputs["policy"])}
    else:
        documents = access.documents(f"{name}-dev")
    assert table(dict(sorted(documents.items())), SHORT) == (TABLES / f"{name}.txt").read_text()
