"""Every rule by its id: it holds for what each stack registers, or its waiver says why not."""

import pytest

from tests.components.rules import access, buckets, catalogs, functions, hosts, messages
from tests.components.rules.rule import Rule
from tests.components.rules.waivers import WAIVERS
from tests.doubles.registered import run_stack

RULES: tuple[Rule, ...] = (
    *buckets.RULES,
    *functions.RULES,
    *catalogs.RULES,
    *messages.RULES,
    *hosts.RULES,
    *access.RULES,
)
STACKS = ("dev", "prod", "dev with a load balancer", "prod with a load balancer", "bootstrap")
OF_THE_ACCOUNT = {
    "S3.1": "blocks public access for the whole account, which is not this stack's to decide",
    "EC2.7": "encrypts every new disk of the account and region; those of the stack are encrypted",
}
"""Rules about settings of the account: the README tells them, no stack makes them."""

KNOWN = {
    *("S3.1", "S3.8", "S3.5", "S3.6", "S3.12", "S3.9", "S3.13", "CKV_AWS_300", "S3.14", "S3.17"),
    *("Lambda.1", "Lambda.2", "CKV_AWS_50", "CKV_AWS_115", "CKV_AWS_116", "CKV_AWS_173"),
    *("CKV_AWS_159", "CKV_AWS_82", "CKV_AWS_195", "SQS.1", "CKV_AWS_27"),
    *("CKV_AWS_158", "CKV_AWS_338", "KMS.4", "CKV_AWS_7"),
    *("EC2.8", "CKV_AWS_79", "CKV_AWS_341", "EC2.3", "EC2.7", "EC2.9", "EC2.18", "EC2.19"),
    *("CKV_AWS_24", "CKV_AWS_260", "CKV_AWS_46", "CKV_AWS_126", "CKV_AWS_135"),
    *("IAM.1", "IAM.21", "CKV_AWS_286", "CKV_AWS_287", "CKV_AWS_288", "CKV_AWS_289"),
    *("CKV_AWS_290", "CKV_AWS_355"),
    *("ELB.1", "ELB.4", "ELB.5", "ELB.6", "ELB.12", "ELB.17"),
}
"""What this project sets itself to meet; there are some rules more."""


def names(rules) -> list[str]:
    return [f"{rule.id} {rule.about}" for rule in rules]


def waived(rule: Rule, stack: str) -> set[str]:
    return {one.resource for one in WAIVERS if one.rule == rule.id and stack in one.stacks}


@pytest.mark.parametrize("rule", RULES, ids=names(RULES))
def test_a_rule_holds_in_every_stack_but_for_its_waivers(stacks, rule):
    for name, stack in stacks.items():
        assert rule.faults(stack) - waived(rule, name) == set(), f"{name}: {rule.says}"


@pytest.mark.parametrize("rule", RULES, ids=names(RULES))
def test_a_rule_fires_when_it_is_broken(stacks, rule):
    fired = False
    for name, stack in stacks.items():
        held = {one.name for one in stack.of(rule.about)} - rule.faults(stack)
        if held:
            assert held <= rule.faults(rule.broken(stack)), f"{name}: {rule.says}"
            fired = True
    assert fired or rule.id == "CKV_AWS_115", f"{rule.id} holds for nothing in any stack"


def test_a_reserved_concurrency_meets_the_rule_that_is_waived_without():
    [rule] = [rule for rule in RULES if rule.id == "CKV_AWS_115"]
    stack = run_stack("prod", reservedConcurrency=5)
    assert rule.faults(stack) == set()
    assert rule.faults(rule.broken(stack)) == {"orders"}


def test_every_rule_that_is_to_be_met_has_its_test():
    tested = {rule.id for rule in RULES}
    assert KNOWN - tested == set(OF_THE_ACCOUNT)
    assert not tested & set(OF_THE_ACCOUNT)


def test_a_waiver_that_nothing_needs_fails(stacks):
    by_id = {}
    for rule in RULES:
        by_id.setdefault(rule.id, []).append(rule)
    for waiver in WAIVERS:
        assert waiver.reason
        for name in waiver.stacks:
            faults = set().union(*(rule.faults(stacks[name]) for rule in by_id[waiver.rule]))
            assert waiver.resource in faults, f"{waiver.rule} holds for {waiver.resource} in {name}"
