"""Where the engine keeps a stack's state, and that the roles of bootstrap/ reach just that."""

from pathlib import Path

import pytest

from bootstrap.state import ROOT, read_state, write_state
from components.names import PROJECT
from tests.doubles.iam import Policies, Request

pytestmark = pytest.mark.engine

BUCKET = "the-state"
STACKS = ("dev", "prod")


def rights(stack, of):
    return Policies({"role": {"Statement": [statement.plain() for statement in of(BUCKET, stack)]}})


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
def test_what_an_update_has_written_it_may_write_and_no_other_stacks_role_may(backend, stack):
    [other] = set(STACKS) - {stack}
    mine = [
        path
        for path in files(backend)
        if f"/{PROJECT}/{stack}." in f"/{path}" or f"/{PROJECT}/{stack}/" in f"/{path}"
    ]
    kinds = {path.split("/")[1] for path in mine}
    assert {"stacks", "history", "backups"} <= kinds
    for path in mine:
        put = Request("s3:PutObject", f"arn:aws:s3:::{BUCKET}/{path}")
        get = Request("s3:GetObject", put.resource)
        assert rights(stack, write_state).decide(put), path
        assert rights(stack, read_state).decide(get), path
        assert not rights(other, write_state).decide(put), path
        assert not rights(other, read_state).decide(get), path


@pytest.mark.parametrize("stack", STACKS)
def test_an_update_may_lock_its_stack_and_unlock_it(backend, stack):
    place = backend / ROOT / "locks" / "organization" / PROJECT / stack
    assert place.is_dir(), "the engine locks elsewhere"
    for action in ("s3:PutObject", "s3:DeleteObject"):
        asked = Request(action, f"arn:aws:s3:::{BUCKET}/{place.relative_to(backend)}/0123.json")
        assert rights(stack, write_state).decide(asked)


def test_nothing_is_written_that_belongs_to_no_stack(backend):
    known = {"stacks", "history", "backups", "locks"}
    shared = {path for path in files(backend) if path.split("/")[1] not in known}
    assert shared == {f"{ROOT}/meta.yaml"}
    meta = Request("s3:GetObject", f"arn:aws:s3:::{BUCKET}/{ROOT}/meta.yaml")
    assert rights("dev", read_state).decide(meta)
