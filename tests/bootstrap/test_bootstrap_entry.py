"""Who comes in from GitHub: one environment of one repository a role."""

import json
from pathlib import Path

import pytest

from tests.bootstrap.conftest import REPOSITORY
from tests.bootstrap.entered import STACKS
from tests.doubles.iam import ACCOUNT, Policies, Request

HOST = "token.actions.githubusercontent.com"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{HOST}"


def enter(access, role, **claims):
    """Ask for a role with a token of GitHub's."""
    resource = access.one("iam.Role", name=role)
    arn = resource.outputs["arn"]
    trust = json.loads(resource.inputs["assumeRolePolicy"])
    context = {f"{HOST}:{name}": value for name, value in claims.items()}
    asked = Request("sts:AssumeRoleWithWebIdentity", arn, context, PROVIDER)
    return Policies({}, {arn: trust}).decide(asked)


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
