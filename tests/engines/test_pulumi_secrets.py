"""The one secret there is, the OIDC client's: where it goes, and where it never stands."""

import json

import pytest

from tests.engines.examples import SECRET

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def stack(stacks):
    return stacks["demo"]


def test_aws_is_told_the_secret(stack, pulumi_engine):
    """Else the other tests of this file would show nothing."""
    told = {
        thing.urn.split(":")[2]
        for thing in pulumi_engine.provider.account.of("aws:lb/listener:Listener")
        if SECRET in json.dumps(thing.properties)
    }

    assert "demo" in told


def test_in_the_stacks_file_it_is_encrypted(stack):
    assert SECRET not in stack.file.read_text()
    assert "secure: v1:" in stack.file.read_text()


def test_in_the_state_it_is_encrypted(stack, pulumi_engine):
    [listener] = [r for r in stack.resources() if r["type"] == "aws:lb/listener:Listener"]
    files = [path for path in (pulumi_engine.folder / "backend").rglob("*") if path.is_file()]

    assert "ciphertext" in json.dumps(listener["inputs"]["defaultActions"])
    assert "ciphertext" in json.dumps(listener["outputs"]["defaultActions"])
    assert [path for path in files if SECRET.encode() in path.read_bytes()] == []


def test_it_stands_in_no_output_and_on_no_terminal(stack, stacks):
    outputs = json.dumps(stack.outputs())

    assert SECRET not in outputs
    assert "ciphertext" not in outputs
    assert SECRET not in stacks.runs["demo"].said
    assert SECRET not in stack.preview({"oidcIssuer": "https://other.example.com"}).said


def test_it_is_in_no_user_data_and_no_environment(stack, pulumi_engine):
    others = [
        thing.id
        for thing in pulumi_engine.provider.account.things.values()
        if not thing.token.startswith("aws:lb/listener") and SECRET in json.dumps(thing.properties)
    ]

    assert others == []


def test_no_secret_is_in_user_data_at_all(stacks, pulumi_engine):
    """Whoever may look at an instance reads its user data."""
    assert stacks["prod"].resources()
    for instance in pulumi_engine.provider.account.of("aws:ec2/instance:Instance"):
        text = instance.properties["userData"].lower()
        assert "secret" not in text
        assert "password" not in text
