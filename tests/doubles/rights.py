"""The statements of policies, to be read as a table and to be taken one right at a time."""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.doubles.iam import listed

Documents = Mapping[str, Mapping[str, Any]]
"""what attaches it -> a policy document"""


def table(documents: Documents, short: Mapping[str, str]) -> str:
    """Return what documents say: effect and name, who, actions, resources, conditions.

    `short` gives what a reader knows a shorter name.
    """

    def shorter(text: str) -> str:
        for long, name in short.items():
            text = text.replace(long, name)
        return text

    blocks = []
    for document in documents.values():
        for statement in document["Statement"]:
            lines = [f"{statement['Effect'].lower()} {statement['Sid']}"]
            lines += [f"    by {shorter(who)}" for who in _principals(statement)]
            lines += [f"    {action}" for action in listed(statement["Action"])]
            lines += [f"    on {shorter(one)}" for one in listed(statement["Resource"])]
            lines += [
                f"    if {key} {operator} {' or '.join(map(shorter, listed(values)))}"
                for operator, keys in statement.get("Condition", {}).items()
                for key, values in keys.items()
            ]
            blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _principals(statement: Mapping[str, Any]) -> Iterator[str]:
    said = statement.get("Principal", {})
    if isinstance(said, str):
        yield "anybody" if said == "*" else said
    else:
        yield from (who for kind in said.values() for who in listed(kind))


def single_rights(documents: Documents) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every right that documents give, one action on one resource under one value each."""
    for document in documents.values():
        for statement in document["Statement"]:
            if statement["Effect"] == "Deny":
                continue
            for action in listed(statement["Action"]):
                for resource in listed(statement["Resource"]):
                    one = {**statement, "Action": action, "Resource": resource}
                    for condition in _single(statement.get("Condition", {})):
                        said = {**one, "Condition": condition}
                        yield f"{action} on {resource} {condition or ''}", said


def _single(condition: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    several = [
        (operator, key, listed(values))
        for operator, keys in condition.items()
        for key, values in keys.items()
        if len(listed(values)) > 1
    ]
    if not several:
        yield dict(condition)
    for operator, key, values in several:
        for value in values:
            yield {**condition, operator: {**condition[operator], key: value}}
