"""Where the engine keeps a stack's state, and that the roles of bootstrap/ reach just that."""

import json
from pathlib import Path

import pytest

from bootstrap.state import ROOT
from components.names import PROJECT
from tests.doubles.iam import Policies, Request
from tests.engines.examples import STATE

pytestmark = pytest.mark.engine

STACKS = ("dev", "prod")


@pytest.fixture(scope="module")
def rights(pulumi_engine, bootstrapped):
    """Return a function that gives what a role of bootstrap/ may do."""
    assert bootstrapped.resources()
    account = pulumi_engine.provider.account
    documents = {
        policy.properties["arn"]: json.loads(policy.properties["policy"])
        for policy in account.of("aws:iam/policy:Policy")
    }
    attached = account.of("aws:iam/rolePolicyAttachment:RolePolicyAttachment")

    def rights(role):
        arns = [one.properties["policyArn"] for one in attached if one.properties["role"] == role]
        return Policies({arn: documents[arn] for arn in arns})

    return rights


def files(backend: Path) -> dict[str, tuple[int, bytes]]:
    """Return what lies in the backend, where a bucket would have it: when written, and what.

    Files that end in .attrs take the place of a bucket's metadata.
    """
    return {
        str(path.relative_to(backend)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in backend.rglob("*")
        if path.is_file() and path.suffix != ".attrs"
    }


@pytest.fixture(scope="module")
def backend(pulumi_engine, stacks):
    for name in STACKS:
        assert stacks[name]
    return pulumi_engine.folder / "backend"


def test_a_preview_writes_nothing_there_not_even_a_lock(backend, stacks):
    before = files(backend)

    previewed = stacks["dev"].preview()

    assert not previewed.failed, previewed.said
    assert files(backend) == before


@pytest.mark.parametrize("stack", STACKS)
def test_what_an_update_has_written_it_may_write_and_no_other_stacks_role_may(
    backend, rights, stack
):
    [other] = set(STACKS) - {stack}
    mine = [
        path
        for path in files(backend)
        if f"/{PROJECT}/{stack}." in f"/{path}" or f"/{PROJECT}/{stack}/" in f"/{path}"
    ]
    kinds = {path.split("/")[1] for path in mine}
    assert {"stacks", "history", "backups"} <= kinds
    for path in mine:
        put = Request("s3:PutObject", f"arn:aws:s3:::{STATE}/{path}")
        get = Request("s3:GetObject", put.resource)
        assert rights(f"update-{stack}").decide(put), path
        assert rights(f"preview-{stack}").decide(get), path
        assert not rights(f"preview-{stack}").decide(put), path
        assert not rights(f"update-{other}").decide(put), path
        assert not rights(f"preview-{other}").decide(get), path


@pytest.mark.parametrize("stack", STACKS)
def test_an_update_may_lock_its_stack_and_unlock_it(backend, rights, stack):
    place = backend / ROOT / "locks" / "organization" / PROJECT / stack
    assert place.is_dir(), "the engine locks elsewhere"
    for action in ("s3:PutObject", "s3:DeleteObject"):
        asked = Request(action, f"arn:aws:s3:::{STATE}/{place.relative_to(backend)}/0123.json")
        assert rights(f"update-{stack}").decide(asked)


def test_nothing_is_written_that_belongs_to_no_stack(backend, rights):
    known = {"stacks", "history", "backups", "locks"}
    shared = {path for path in files(backend) if path.split("/")[1] not in known}
    assert shared == {f"{ROOT}/meta.yaml"}
    meta = Request("s3:GetObject", f"arn:aws:s3:::{STATE}/{ROOT}/meta.yaml")
    assert rights("preview-dev").decide(meta)
