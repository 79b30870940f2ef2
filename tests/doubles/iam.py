"""IAM's decision over policy documents, by its published rules, for one account.

moto enforces actions and resources but no conditions, no key policies and no bucket policies; this
does. A document with something that is not understood here is refused rather than guessed at. What
it leaves out: organisation policies, session policies, VPC endpoint policies, cross-account access.
Source: IAM user guide, "Policy evaluation logic" and "IAM JSON policy elements reference".
"""

import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

ACCOUNT = "123456789012"
Context = Mapping[str, str | tuple[str, ...]]
"""condition key -> the request's value or values; keys that the request lacks are absent"""

KNOWN = {
    "Sid",
    "Effect",
    "Principal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
}
SEGMENTS = 6
"""Parts of an ARN; a wildcard does not reach beyond its part."""


class NotUnderstood(ValueError):
    """A document says something that this evaluator does not know."""


@dataclass(frozen=True)
class Request:
    """What one API call asks IAM for; a call can ask for several."""

    action: str
    resource: str
    context: Context = field(default_factory=dict)
    principal: str = f"arn:aws:iam::{ACCOUNT}:role/caller"
    """ARN of the role, or a service such as s3.amazonaws.com"""

    def __str__(self) -> str:
        said = ", ".join(f"{key}={value}" for key, value in sorted(self.context.items()))
        return f"{self.action} on {self.resource}" + (f" with {said}" if said else "")


@dataclass(frozen=True)
class Verdict:
    """Whether a request is allowed, and what decided it."""

    allowed: bool
    by: str
    """`<document>.<sid>`, or why no statement allows it"""

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True)
class Policies:
    """All the documents that have a say in one role's requests; JSON texts or parsed."""

    role: Mapping[str, str | Mapping[str, Any]]
    """name -> document attached to the role"""
    resources: Mapping[str, str | Mapping[str, Any]] = field(default_factory=dict)
    """ARN of a bucket, key, queue or topic -> its own policy"""
    boundary: str | Mapping[str, Any] | None = None

    def decide(self, request: Request) -> Verdict:
        """Decide: a Deny anywhere wins, then the boundary must allow, then one Allow is enough.

        A KMS key's policy has to allow too: the role itself, or the account, which hands the
        decision on to the role's policies.
        """
        own = [(name, document) for name, document in self.role.items()]
        of_resource = [
            (owner, document)
            for owner, document in self.resources.items()
            if request.resource == owner or request.resource.startswith(f"{owner}/")
        ]
        boundary = [("boundary", self.boundary)] if self.boundary is not None else []
        for name, statement in _statements([*own, *of_resource, *boundary]):
            if statement["Effect"] == "Deny" and _applies(statement, request):
                return Verdict(False, f"{name}.{statement.get('Sid', 'unnamed')}")
        if boundary and not _first(boundary, request):
            return Verdict(False, "the boundary does not allow it")
        direct = _first(of_resource, request, principals={request.principal})
        if direct:
            return Verdict(True, direct)
        if request.action.startswith("kms:") and not _first(of_resource, request):
            return Verdict(False, "the key's policy does not allow it")
        by = _first(own, request)
        return Verdict(True, by) if by else Verdict(False, "nothing allows it")


def matches(pattern: str, text: str) -> bool:
    """Tell whether a text matches a pattern with * and ?."""
    return _compiled(pattern).fullmatch(text) is not None


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in pattern)
    return re.compile("".join(parts), re.DOTALL)


def matches_arn(pattern: str, arn: str) -> bool:
    """Tell whether an ARN matches a pattern, part by part; * alone matches all."""
    if pattern == "*":
        return True
    wanted, given = pattern.split(":", SEGMENTS - 1), arn.split(":", SEGMENTS - 1)
    return len(wanted) == len(given) and all(map(matches, wanted, given))


def statements(document: str | Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a document's statements. Raises NotUnderstood."""
    said = json.loads(document) if isinstance(document, str) else document
    found = said["Statement"]
    listed = [found] if isinstance(found, dict) else list(found)
    for statement in listed:
        unknown = set(statement) - KNOWN
        if unknown or statement["Effect"] not in ("Allow", "Deny"):
            raise NotUnderstood(f"{sorted(unknown) or statement['Effect']} in {statement}")
    return listed


def listed(value: str | Iterable[str]) -> tuple[str, ...]:
    """Return what JSON gives as one text or as a list."""
    return (value,) if isinstance(value, str) else tuple(value)


def _statements(documents: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, document in documents:
        for statement in statements(document):
            yield name, statement


def _first(
    documents: Iterable[tuple[str, Any]], request: Request, principals: set[str] | None = None
) -> str | None:
    """Return the first statement that allows a request, by document and sid.

    With `principals`, only those that name one of them count, not those that name the account.
    """
    for name, statement in _statements(documents):
        if statement["Effect"] == "Allow" and _applies(statement, request, principals):
            return f"{name}.{statement.get('Sid', 'unnamed')}"
    return None


def _applies(
    statement: Mapping[str, Any], request: Request, principals: set[str] | None = None
) -> bool:
    return (
        _principal_applies(statement, request, principals)
        and _action_applies(statement, request.action)
        and _resource_applies(statement, request)
        and all(
            _condition_holds(operator, key, listed(wanted), request.context)
            for operator, keys in statement.get("Condition", {}).items()
            for key, wanted in keys.items()
        )
    )


def _principal_applies(
    statement: Mapping[str, Any], request: Request, principals: set[str] | None
) -> bool:
    who = statement.get("Principal")
    if who is None:
        return True
    if who == "*":
        return principals is None or statement["Effect"] == "Deny"
    named = {one for kind in who.values() for one in listed(kind)}
    is_service = not request.principal.startswith("arn:")
    account = set() if is_service else {f"arn:aws:iam::{ACCOUNT}:root", ACCOUNT, "*"}
    return bool(named & (principals or {request.principal, *account}))


def _action_applies(statement: Mapping[str, Any], action: str) -> bool:
    if "NotAction" in statement:
        return not _any_action(statement["NotAction"], action)
    return _any_action(statement["Action"], action)


def _any_action(patterns: str | Iterable[str], action: str) -> bool:
    return any(matches(pattern.lower(), action.lower()) for pattern in listed(patterns))


def _resource_applies(statement: Mapping[str, Any], request: Request) -> bool:
    if "NotResource" in statement:
        return not _any_resource(statement["NotResource"], request)
    # the policy of a role's trust names no resource: it is the role
    return "Resource" not in statement or _any_resource(statement["Resource"], request)


def _any_resource(patterns: str | Iterable[str], request: Request) -> bool:
    for pattern in listed(patterns):
        filled = _filled(pattern, request.context)
        if filled is not None and matches_arn(filled, request.resource):
            return True
    return False


def _filled(pattern: str, context: Context) -> str | None:
    """Put the request's values for ${variables}; None where the request lacks one."""
    for name in re.findall(r"\$\{([^}]*)\}", pattern):
        value = _lookup(context, name)
        if value is None or len(value) != 1:
            return None
        pattern = pattern.replace(f"${{{name}}}", value[0])
    return pattern


def _lookup(context: Context, key: str) -> tuple[str, ...] | None:
    """Return the values of a condition key, whose letter case does not count."""
    for name, value in context.items():
        if name.lower() == key.lower():
            return listed(value)
    return None


_COMPARE = {
    "StringEquals": lambda wanted, given: wanted == given,
    "StringEqualsIgnoreCase": lambda wanted, given: wanted.lower() == given.lower(),
    "StringLike": matches,
    "ArnEquals": matches_arn,
    "ArnLike": matches_arn,
    "Bool": lambda wanted, given: wanted.lower() == given.lower(),
    "NumericEquals": lambda wanted, given: float(given) == float(wanted),
    "NumericLessThan": lambda wanted, given: float(given) < float(wanted),
    "NumericLessThanEquals": lambda wanted, given: float(given) <= float(wanted),
    "NumericGreaterThan": lambda wanted, given: float(given) > float(wanted),
}
_NEGATIVE = {
    "StringNotEquals": "StringEquals",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}


def _condition_holds(operator: str, key: str, wanted: tuple[str, ...], context: Context) -> bool:
    given = _lookup(context, key)
    if operator == "Null":
        return (given is None) == (wanted == ("true",))
    quantifier, _, plain = operator.rpartition(":")
    name = plain.removesuffix("IfExists")
    negative = name in _NEGATIVE
    name = _NEGATIVE.get(name, name)
    if name not in _COMPARE or quantifier not in ("", "ForAnyValue", "ForAllValues"):
        raise NotUnderstood(f"the operator {operator}")
    if given is None:
        # a key that the request lacks fails a condition, unless it says what not to be
        return negative or plain.endswith("IfExists") or quantifier == "ForAllValues"
    filled = [one for one in (_filled(want, context) for want in wanted) if one is not None]

    def one_holds(value: str) -> bool:
        return any(_COMPARE[name](want, value) for want in filled) != negative

    if quantifier == "ForAllValues":
        return all(map(one_holds, given))
    if len(given) > 1 and not quantifier:
        raise NotUnderstood(f"{key} has several values, {operator} is for one")
    return any(map(one_holds, given))
