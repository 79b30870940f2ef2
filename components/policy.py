"""Policy statements: what a role, a bucket, a key, a queue or a topic allows, as plain values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import pulumi

VERSION = "2012-10-17"
"""The policy language's current version; the older one knows no variables."""

ANYONE = "*"

Conditions = Mapping[str, Mapping[str, "pulumi.Input[str] | tuple[pulumi.Input[str], ...]"]]
"""operator -> condition key -> value or values"""


@dataclass(frozen=True)
class Statement:
    """One statement of a policy document."""

    sid: str
    """letters and digits, different from all others in its document"""
    actions: tuple[str, ...]
    resources: tuple[pulumi.Input[str], ...]
    conditions: Conditions = field(default_factory=dict)
    effect: Literal["Allow", "Deny"] = "Allow"
    principals: Mapping[str, tuple[pulumi.Input[str], ...]] = field(default_factory=dict)
    """kind (AWS, Service) -> who, in a policy that belongs to a resource; {ANYONE: ()} is all"""

    def __post_init__(self) -> None:
        if not (self.sid.isascii() and self.sid.isalnum()):
            raise ValueError(f"the sid {self.sid!r} may hold letters and digits only")
        if not self.actions:
            raise ValueError(f"{self.sid} names no action")

    def plain(self) -> dict[str, Any]:
        """Return the statement as the document's JSON has it; values may still be outputs."""
        said: dict[str, Any] = {"Sid": self.sid, "Effect": self.effect}
        if self.principals:
            everybody = ANYONE in self.principals
            said["Principal"] = ANYONE if everybody else _lists(self.principals)
        said["Action"] = list(self.actions)
        # a role's trust is the only document whose statements name no resource
        if self.resources:
            said["Resource"] = list(self.resources)
        if self.conditions:
            said["Condition"] = {
                operator: {
                    key: list(value) if isinstance(value, tuple) else value
                    for key, value in keys.items()
                }
                for operator, keys in self.conditions.items()
            }
        return said


def document(statements: Sequence[Statement]) -> pulumi.Output[str]:
    """Return the policy document as JSON. Raises ValueError where two statements share a sid."""
    sids = [statement.sid for statement in statements]
    for sid in sids:
        if sids.count(sid) > 1:
            raise ValueError(f"two statements of one policy are called {sid}")
    return pulumi.Output.json_dumps(
        {"Version": VERSION, "Statement": [statement.plain() for statement in statements]}
    )


def trust(service: str, conditions: Conditions | None = None) -> pulumi.Output[str]:
    """Return the document of a role that a service, such as lambda.amazonaws.com, may assume."""
    return document(
        [
            Statement(
                "Assume",
                ("sts:AssumeRole",),
                (),
                conditions or {},
                principals={"Service": (service,)},
            )
        ]
    )


def tls_only(*resources: pulumi.Input[str], action: str) -> Statement:
    """Return the refusal of requests without TLS, for a bucket's, a queue's or a topic's policy."""
    return Statement(
        "TlsOnly",
        (action,),
        resources,
        {"Bool": {"aws:SecureTransport": "false"}},
        effect="Deny",
        principals={ANYONE: ()},
    )


def _lists(principals: Mapping[str, tuple[pulumi.Input[str], ...]]) -> dict[str, Any]:
    return {kind: list(who) for kind, who in principals.items()}
