"""A newer image of Amazon Linux comes every other week, and nobody asked for another instance."""

import os
import shutil

import pytest

pytestmark = pytest.mark.engine

NEWER = "ami-0arm00000000000002"


@pytest.fixture
def newer_image(stacks, pulumi_engine, monkeypatch):
    """A stack that is up, and after it a newer image."""
    stack = stacks["dev"]
    monkeypatch.setitem(pulumi_engine.provider.account.images, "arm64", NEWER)
    return stack


def test_a_newer_image_alone_changes_no_instance(newer_image):
    previewed = newer_image.preview()

    assert not previewed.failed, previewed.said
    assert previewed.changed == {"update Stash dashboard-image (input)"}


def test_a_changed_app_takes_the_newer_image(newer_image, project, tmp_path):
    copy = shutil.copytree(project, tmp_path / "changed", copy_function=os.link)
    page = copy / "web" / "templates" / "base.html"
    text = page.read_text()
    page.unlink()
    page.write_text(f"{text}<!-- changed -->")

    previewed = newer_image.preview(source=copy)

    assert not previewed.failed, previewed.said
    # in the sources' tests, where the image is the same, the user data alone is another
    assert "replace Instance dashboard (ami userData)" in previewed.changed
