"""A stack's life on Pulumi's own engine: previewed, made, made again, looked at, destroyed."""

import pytest

from tests.doubles import aws_beliefs as beliefs
from tests.engines.examples import MORE, prepare
from tests.engines.pulumi_engine import PulumiEngine

pytestmark = pytest.mark.engine

WITHIN = {
    "aws:glue/catalogTable:CatalogTable": "its database",
    "aws:athena/namedQuery:NamedQuery": "its workgroup",
    "aws:iam/rolePolicy:RolePolicy": "its role",
}
"""types whose names need to be the only ones in something else that carries the stack's name"""


@pytest.fixture(scope="module", params=["dev", "prod"])
def life(request, tmp_path_factory, pulumi_command, project):
    """A stack of the checkout, alone in its account, and the runs of its life so far."""
    engine = PulumiEngine(tmp_path_factory.mktemp("life"), pulumi_command)
    stack = prepare(engine, project, request.param)
    calls = engine.provider.calls
    runs = {"preview": stack.preview()}
    made_by_preview = list(calls)
    runs |= {"first": stack.up(), "second": stack.up()}
    yield engine, stack, runs, made_by_preview
    engine.stop()


def test_a_preview_of_what_is_not_there_yet_makes_nothing(life):
    _, _, runs, made_by_preview = life

    assert not runs["preview"].failed, runs["preview"].said
    assert made_by_preview == []


def test_the_first_up_makes_what_the_preview_said(life):
    _, _, runs, _ = life

    assert not runs["first"].failed, runs["first"].said
    assert runs["first"].changed == runs["preview"].changed
    assert {step.op for step in runs["first"].changes} == {"create"}
    assert len(runs["first"].changes) > 70


def test_the_second_up_changes_nothing(life):
    _, _, runs, _ = life

    assert not runs["second"].failed, runs["second"].said
    assert runs["second"].changed == set()


def test_nobody_is_warned_of_anything(life):
    _, _, runs, _ = life

    assert [run.messages for run in runs.values()] == [[], [], []]


def test_the_account_holds_what_the_state_names_and_nothing_else(life):
    engine, stack, _, _ = life
    named = {
        (resource["type"], resource["id"])
        for resource in stack.resources()
        if resource["type"].startswith("aws:")
    }

    assert engine.provider.account.things.keys() == named


def test_a_refresh_finds_nothing_changed(life):
    _, stack, _, _ = life

    assert stack.refresh().changed == set()


def test_what_is_protected_is_the_data_and_it_stays(life):
    _, stack, _, _ = life
    kept = {
        f"{resource['type'].rpartition(':')[2]} {resource['urn'].rpartition('::')[2]}"
        for resource in stack.resources()
        if resource.get("protect") and resource.get("retainOnDelete")
    }

    if stack.name == "dev":
        assert kept == set()
    else:
        assert {"Bucket lake", "Bucket lake-logs", "Key lake-key", "BucketPolicy lake-policy"} <= (
            kept
        )


def test_destroy_leaves_nothing_in_dev_and_refuses_in_words_in_prod(life):
    engine, stack, _, _ = life
    account = engine.provider.account
    # the function has written, somebody has asked a question
    account.used |= {stack.outputs()["bucket"].value, stack.outputs()["workgroup"].value}
    before = dict(account.things)

    destroyed = stack.destroy()

    if stack.name == "dev":
        assert not destroyed.failed, destroyed.output
        assert account.things == {}
        assert stack.resources() == []
    else:
        assert destroyed.failed
        assert account.things == before
        assert "DataLake$aws:" in destroyed.output
        assert "because it is protected" in destroyed.output
        assert "pulumi state unprotect" in destroyed.output


def test_what_prod_keeps_when_it_goes_for_good(life):
    """After the protection was taken by hand; a workgroup with a history goes by hand too."""
    engine, stack, _, _ = life
    if stack.name == "dev":
        assert engine.provider.account.things == {}
        return
    account = engine.provider.account
    stack.unprotect()

    refused = stack.destroy()
    account.used.discard("orders-prod")
    gone = stack.destroy()

    assert refused.failed
    assert "WorkGroup orders-prod is not empty" in refused.output
    assert not gone.failed, gone.output
    assert {token.rpartition(":")[2] for token, _ in account.things} == {
        *("Alias", "Bucket", "BucketLifecycleConfiguration", "BucketLogging"),
        *("BucketOwnershipControls", "BucketPolicy", "BucketPublicAccessBlock"),
        *("BucketServerSideEncryptionConfiguration", "BucketVersioning", "Key"),
    }


def test_two_stacks_live_in_one_account_and_share_no_physical_name(stacks, pulumi_engine):
    for name in ("dev", "prod", *MORE):
        assert stacks[name].resources()
    taken: dict[str, set[str]] = {}
    for (token, _), thing in pulumi_engine.provider.account.things.items():
        stack = thing.urn.split(":")[2]
        for property_ in ("name", "namePrefix", "bucket", "key", "layerName", "statementId"):
            value = thing.properties.get(property_)
            if value and token not in WITHIN and "ec2/defaultSecurityGroup" not in token:
                taken.setdefault(f"{token} {property_} {value}", set()).add(stack)

    assert len(taken) > 100
    shared = {name for name, stacks in taken.items() if len(stacks) > 1 and " key " not in name}
    assert shared == set()


def test_the_table_knows_what_the_stacks_are_made_of_and_nothing_more(stacks, bootstrapped):
    made = {
        resource["type"]
        for stack in (*(stacks[name] for name in ("dev", "prod", *MORE)), bootstrapped)
        for resource in stack.resources()
        if resource["type"].startswith("aws:")
    }

    assert made == beliefs.tokens()
