"""A region gets another zone: nobody asked for another instance."""

import pytest

pytestmark = pytest.mark.engine

ZONE = "eu-central-10"
SUBNET = "subnet-0a0000000000000a0"
"""Both come first where they are sorted."""


@pytest.fixture
def newer_zone(stacks, pulumi_engine, monkeypatch):
    """Return a function that gives a stack which was up before there was another zone."""

    def stack(name):
        up = stacks[name]
        monkeypatch.setitem(pulumi_engine.provider.account.default_subnets, ZONE, SUBNET)
        return up

    return stack


@pytest.mark.parametrize(
    ("name", "noted"),
    [("dev", "network-subnets"), ("prod", "network-zones"), ("demo", "network-zones")],
    ids=["public", "private", "private and balanced"],
)
def test_a_new_zone_with_its_default_subnet_changes_nothing_but_a_note(newer_zone, name, noted):
    previewed = newer_zone(name).preview()

    assert not previewed.failed, previewed.said
    assert previewed.changed == {f"update Stash {noted} (input)"}


def test_once_noted_it_changes_nothing_either(fresh_stacks):
    stack = fresh_stacks["prod"]
    fresh_stacks.engine.provider.account.default_subnets[ZONE] = SUBNET

    noted = stack.up()
    again = stack.preview()

    assert noted.changed == {"update Stash network-zones (input)"}
    assert again.changed == set()


def test_an_instance_whose_zone_is_no_longer_offered_moves(stacks, pulumi_engine, monkeypatch):
    account = pulumi_engine.provider.account
    stack = stacks["dev"]
    # the double offers instances in all zones but the first
    _, *others = account.default_subnets.items()
    monkeypatch.setattr(account, "default_subnets", dict(others))

    previewed = stack.preview()

    assert not previewed.failed, previewed.said
    assert "replace Instance dashboard (subnetId)" in previewed.changed
