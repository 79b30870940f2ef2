"""The second program, run once by a person, on the real engine."""

import json

import pytest

from tests.engines.examples import bootstrap
from tests.engines.pulumi_engine import PulumiEngine

pytestmark = pytest.mark.engine

PROVIDER = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"


@pytest.fixture(scope="module")
def once(tmp_path_factory, pulumi_command, project):
    """The program's stack, up in an account of its own, and the runs that made it."""
    engine = PulumiEngine(tmp_path_factory.mktemp("bootstrap"), pulumi_command)
    stack = bootstrap(engine, project)
    previewed = stack.preview()
    assert engine.provider.calls == []
    runs = (previewed, stack.up(), stack.up())
    yield engine, stack, runs
    engine.stop()


def test_it_makes_what_its_preview_said_once(once):
    _, _, (previewed, first, second) = once

    assert not first.failed, first.said
    assert previewed.changed == first.changed
    assert second.changed == set()
    assert [run.messages for run in (previewed, first, second)] == [[], [], []]


def test_a_stack_has_a_role_to_preview_one_to_update_and_a_boundary(once):
    engine, _, _ = once
    roles = {thing.id for thing in engine.provider.account.of("aws:iam/role:Role")}

    for stack in ("dev", "prod"):
        assert len([role for role in roles if stack in role]) == 2
    assert (
        len(engine.provider.account.of("aws:iam/openIdConnectProvider:OpenIdConnectProvider")) == 1
    )


def test_nobody_but_the_repository_assumes_the_roles(once):
    engine, _, _ = once

    for role in engine.provider.account.of("aws:iam/role:Role"):
        trust = json.loads(role.properties["assumeRolePolicy"])
        for statement in trust["Statement"]:
            subjects = json.dumps(statement["Condition"])
            assert "repo:example/orders-lake:environment:" in subjects
            assert "*" not in subjects


def test_its_outputs_are_what_the_other_program_and_github_are_told(once):
    engine, stack, _ = once
    outputs = stack.outputs()
    arns = {
        thing.properties["arn"]
        for thing in engine.provider.account.things.values()
        if "arn" in thing.properties
    }

    assert set(outputs.values()) <= arns
    assert len(outputs) == 6


def test_another_stack_gets_its_own_and_changes_nobody_elses(once):
    _, stack, _ = once

    previewed = stack.preview({"stacks": ["dev", "prod", "demo"]})

    assert not previewed.failed, previewed.said
    assert {step.op for step in previewed.changes} == {"create"}
    assert all("demo" in step.name for step in previewed.changes)


def test_an_account_that_has_the_provider_already_names_it(once):
    _, stack, _ = once
    arn = "arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"

    previewed = stack.preview({"providerArn": arn})

    assert not previewed.failed, previewed.said
    assert {step.op for step in previewed.changes} == {"delete"}
    assert len(previewed.changes) == 1


def test_destroy_leaves_nothing(once):
    engine, stack, _ = once

    destroyed = stack.destroy()

    assert not destroyed.failed, destroyed.output
    assert engine.provider.account.things == {}
