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
    "aws:lambda/alias:Alias": "its function",
}
"""types whose names need to be the only ones in something else that carries the stack's name"""


ONLY_DEV = pytest.mark.parametrize("life", ["dev"], indirect=True)
ONLY_PROD = pytest.mark.parametrize("life", ["prod"], indirect=True)


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
    engine, _, runs, made_by_preview = life

    assert not runs["preview"].failed, runs["preview"].said
    assert made_by_preview == []
    # it went through with values that nobody could know yet
    assert {
        "aws:ec2/instance:Instance",
        "aws:iam/rolePolicy:RolePolicy",
        "aws:lambda/function:Function",
        "aws:s3/bucketNotification:BucketNotification",
    } <= engine.provider.unknown


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


def kept(stack):
    """What `pulumi destroy` refuses to delete, and leaves where it is if it is made to."""
    return {
        f"{resource['type'].rpartition(':')[2]} {resource['urn'].rpartition('::')[2]}"
        for resource in stack.resources()
        if resource.get("protect") and resource.get("retainOnDelete")
    }


def use(engine, stack):
    """Leave the traces of somebody who works with it: the function has written, a query has run."""
    outputs = stack.outputs()
    engine.provider.account.used |= {outputs["bucket"], outputs["workgroup"]}


@ONLY_DEV
def test_in_dev_nothing_is_kept_and_destroy_leaves_nothing(life):
    engine, stack, _, _ = life
    assert kept(stack) == set()
    use(engine, stack)

    destroyed = stack.destroy()

    assert not destroyed.failed, destroyed.output
    assert engine.provider.account.things == {}
    assert stack.resources() == []


@ONLY_PROD
def test_in_prod_data_and_key_are_kept(life):
    _, stack, _, _ = life

    assert {"Bucket lake", "Bucket lake-logs", "Key lake-key", "BucketPolicy lake-policy"} <= (
        kept(stack)
    )


@ONLY_PROD
@pytest.mark.parametrize("words", [(), ("--skip-preview",)], ids=["previewed", "at once"])
def test_in_prod_destroy_refuses_in_words_and_touches_nothing(life, words):
    engine, stack, _, _ = life
    use(engine, stack)
    done = list(engine.provider.calls)

    destroyed = stack.destroy(*words)

    assert destroyed.failed
    assert engine.provider.calls == done
    assert 'Stash::keepData" cannot be deleted' in destroyed.output
    assert "because it is protected" in destroyed.output
    assert "pulumi state unprotect" in destroyed.output


@ONLY_PROD
def test_prod_goes_when_its_protection_is_taken_by_hand_and_data_and_key_stay(life):
    """And the stack can be made anew beside them."""
    engine, stack, _, _ = life
    account = engine.provider.account
    use(engine, stack)
    done = list(engine.provider.calls)
    stack.unprotect("keepData")

    kept_all = stack.destroy()
    calls = list(engine.provider.calls)
    stack.unprotect()
    refused = stack.destroy()
    # the history of its queries is deleted by hand
    account.used.discard("orders-prod")
    gone = stack.destroy()

    assert kept_all.failed
    assert "DataLake$aws:" in kept_all.output
    assert calls == done
    assert refused.failed
    assert "WorkGroup orders-prod is not empty" in refused.output
    assert not gone.failed, gone.output
    assert {token.rpartition(":")[2] for token, _ in account.things} == {
        *("Bucket", "BucketLifecycleConfiguration", "BucketLogging"),
        *("BucketOwnershipControls", "BucketPolicy", "BucketPublicAccessBlock"),
        *("BucketServerSideEncryptionConfiguration", "BucketVersioning", "Key"),
    }
    anew = stack.up()
    assert not anew.failed, anew.said


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
