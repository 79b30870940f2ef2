"""A rule that auditors know by its id, held against what a program registers."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from tests.doubles.registered import Registered, Resource

Holds = Callable[[Resource, Registered], bool]
Mutation = Callable[[Registered], Registered]


@dataclass(frozen=True)
class Rule:
    """One rule: what it is about, when it holds, and what makes it fire."""

    id: str
    """of AWS Foundational Security Best Practices, or of Checkov"""
    says: str
    about: str
    """the type of resource, such as s3.Bucket"""
    holds: Holds
    broken: Mutation
    """makes of a stack in which the rule holds one in which it does not"""

    def faults(self, stack: Registered) -> set[str]:
        """Return the names of the resources for which it does not hold."""
        return {one.name for one in stack.of(self.about) if not self.holds(one, stack)}


def companion(kind: str, holds: Callable[[Mapping[str, Any]], bool]) -> Holds:
    """Return a check of a bucket by another resource that names it: it is there, and it holds."""

    def check(bucket: Resource, stack: Registered) -> bool:
        found = [one for one in stack.of(kind) if one.inputs["bucket"] == bucket.outputs["id"]]
        return bool(found) and all(holds(one.inputs) for one in found)

    return check


def inputs(holds: Callable[[Mapping[str, Any]], bool]) -> Holds:
    """Return a check of a resource's own inputs."""
    return lambda resource, _: holds(resource.inputs)


def without(kind: str) -> Mutation:
    """Return a mutation that leaves out the resources of a type."""

    def mutate(stack: Registered) -> Registered:
        gone = {id(one) for one in stack.of(kind)}
        assert gone, f"there is no {kind} to leave out"
        return replace(stack, resources=[one for one in stack.resources if id(one) not in gone])

    return mutate


def changed(kind: str, path: str, value: Any) -> Mutation:
    """Return a mutation that sets an input, such as `rules.0.status`, of all resources of a type.

    A value of None takes the input away.
    """

    def change(given: dict[str, Any]) -> None:
        *way, last = path.split(".")
        there: Any = given
        for step in way:
            there = there[int(step)] if step.isdigit() else there.setdefault(step, {})
        if value is None:
            there.pop(last, None)
        else:
            there[last] = value

    return edited(kind, change)


def edited(kind: str, edit: Callable[[dict[str, Any]], None]) -> Mutation:
    """Return a mutation that edits a copy of the inputs of all resources of a type."""

    def mutate(stack: Registered) -> Registered:
        concerned = {id(one) for one in stack.of(kind)}
        assert concerned, f"there is no {kind} to change"

        def mutated(resource: Resource) -> Resource:
            if id(resource) not in concerned:
                return resource
            # assets cannot be copied deep, and no rule is about them
            given = {
                k: v if k in ("source", "code") else copy.deepcopy(v)
                for k, v in resource.inputs.items()
            }
            edit(given)
            return replace(resource, inputs=given)

        return replace(stack, resources=list(map(mutated, stack.resources)))

    return mutate


def with_statement(kind: str, **statement: Any) -> Mutation:
    """Return a mutation that adds a statement to the policies of a type."""

    def edit(given: dict[str, Any]) -> None:
        document = json.loads(given["policy"])
        document["Statement"].append({"Sid": "Added", "Effect": "Allow", **statement})
        given["policy"] = json.dumps(document)

    return edited(kind, edit)


def without_statement(kind: str, sid: str) -> Mutation:
    """Return a mutation that takes a statement from the policies of a type."""

    def edit(given: dict[str, Any]) -> None:
        document = json.loads(given["policy"])
        document["Statement"] = [one for one in document["Statement"] if one["Sid"] != sid]
        given["policy"] = json.dumps(document)

    return edited(kind, edit)


def said(policy: str) -> Iterator[dict[str, Any]]:
    """Yield the statements of a policy's text."""
    yield from json.loads(policy)["Statement"]
