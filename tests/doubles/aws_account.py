"""An AWS account as far as the table of beliefs goes: what exists in it, what it makes of inputs.

It is shared by all stacks of a test, as a real account is: what one of them has taken another is
refused.
"""

import hashlib
import itertools
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from pulumi.runtime.rpc import UNKNOWN

from tests.doubles import aws_beliefs as beliefs
from tests.doubles import aws_refusals
from tests.doubles.aws_schema import META, schema
from tests.doubles.properties import Properties

NOT_BELIEVED = "not in tests/doubles/aws_beliefs.txt"
DEFAULT_VPC = "vpc-0d0000000000000de"


class Refused(Exception):
    """What AWS, or the provider, answers instead of doing it."""


@dataclass(frozen=True)
class Thing:
    """One resource that exists."""

    token: str
    id: str
    urn: str
    inputs: Mapping[str, Any]
    properties: Mapping[str, Any]
    """inputs, and what AWS adds"""
    takes: tuple[str, ...]
    """what nothing else can have as long as it is there"""
    serial: int
    revision: int = 1
    """how often its content came anew"""


@dataclass
class Account:
    """One AWS account; `region` is what the provider was configured with last."""

    id: str = "123456789012"
    partition: str = "aws"
    region: str = "eu-central-1"
    default_vpc: bool = True
    concurrency: int = 10
    """how many calls of functions run at once in all: a new account's number"""
    instance_types: dict[str, str] = field(
        default_factory=lambda: {
            "t4g.small": "arm64",
            "t4g.medium": "arm64",
            "m7g.large": "arm64",
            "t3.small": "x86_64",
        }
    )
    """those that the region has, and their processor"""
    default_subnets: dict[str, str] = field(
        default_factory=lambda: {
            f"eu-central-1{zone}": f"subnet-0d000000000000{zone * 3}" for zone in "abc"
        }
    )
    """the default VPC's, by zone"""
    foreign_subnets: set[str] = field(default_factory=set)
    """made by somebody else"""
    images: dict[str, str] = field(
        default_factory=lambda: {
            "arm64": "ami-0arm00000000000001",
            "x86_64": "ami-0x860000000000001",
        }
    )
    """the newest image by architecture"""
    used: set[str] = field(default_factory=set)
    """ids of what somebody else has put something into: objects in a bucket, queries in a group"""
    things: dict[tuple[str, str], Thing] = field(default_factory=dict)
    _serials: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def create(self, token: str, urn: str, inputs: Properties) -> Thing:
        """Make a resource. Raises Refused."""
        thing = self._made(token, urn, inputs, next(self._serials), 1)
        self._refuse("create", thing)
        for other in self.things.values():
            for taken in set(thing.takes) & set(other.takes):
                raise Refused(f"creating {token}: {taken} exists already: {other.urn}")
        self.things[token, thing.id] = thing
        return thing

    def update(self, token: str, id_: str, urn: str, inputs: Properties) -> Thing:
        """Change a resource in place. Raises Refused."""
        old = self._find(token, id_)
        revision = old.revision + bool(renewed(token, old.inputs, inputs))
        thing = self._made(token, urn, inputs, old.serial, revision)
        if thing.id != id_:
            raise Refused(f"updating {token}: its id changes from {id_} to {thing.id}")
        self._refuse("update", thing)
        self.things[token, id_] = thing
        return thing

    def delete(self, token: str, id_: str) -> None:
        """Take a resource away. Raises Refused."""
        thing = self._find(token, id_)
        self._refuse("delete", thing)
        del self.things[token, id_]

    def of(self, token: str) -> list[Thing]:
        """Return all resources of a type."""
        return [thing for thing in self.things.values() if thing.token == token]

    def _find(self, token: str, id_: str) -> Thing:
        try:
            return self.things[token, id_]
        except KeyError:
            raise Refused(f"{token} {id_} does not exist") from None

    def _made(self, token: str, urn: str, inputs: Properties, serial: int, revision: int) -> Thing:
        state = {key: value for key, value in inputs.items() if key not in META}
        # who reads what the table does not tell is refused by his own Check
        known = schema(token)
        unknown = (known.computed & known.texts) - beliefs.has(token)
        state |= {name: f"{NOT_BELIEVED}: {token} {name}" for name in unknown}
        context = _Context(self, serial, revision, state)
        for row in beliefs.of(token, beliefs.HAS):
            name, _, template = row.value.partition(": ")
            if state.get(name) is None:
                state[name] = context.format(template)
        id_ = state.pop("id")
        state.setdefault("region", self.region)
        takes = tuple(context.format(row.value) for row in beliefs.of(token, beliefs.ALONE))
        return Thing(token, id_, urn, inputs, state, takes, serial, revision)

    def _refuse(self, verb: str, thing: Thing) -> None:
        for row in beliefs.of(thing.token, beliefs.REFUSES):
            rule, *words = row.value.split()
            reason = getattr(aws_refusals, rule)(self, verb, thing, *words)
            if reason:
                raise Refused(f"{verb} {thing.token} {thing.id}: {reason}")


def renewed(token: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> set[str]:
    """Return the computed properties that come anew when inputs `old` become `new`."""
    names: set[str] = set()
    for row in beliefs.of(token, beliefs.RENEWS):
        computed, _, causes = row.value.partition(": ")
        if any(_content(old.get(cause)) != _content(new.get(cause)) for cause in causes.split()):
            names |= set(computed.split())
    return names


def _content(value: Any) -> Any:
    """What counts of a value: of an asset its hash, not where it lies."""
    return value.get("hash", value) if isinstance(value, Mapping) else value


class _Context(Mapping[str, Any]):
    """What a template may name: the account, the resource's properties, and what is its own."""

    def __init__(
        self, account: Account, serial: int, revision: int, state: Mapping[str, Any]
    ) -> None:
        digest = hashlib.sha256(str(serial).encode()).hexdigest()
        renewed = hashlib.sha256(f"{serial} {revision}".encode()).hexdigest()
        self._state = state
        self._own = {
            "account": account.id,
            "partition": account.partition,
            "region": account.region,
            "serial": serial,
            "revision": f"{revision:02}",
            "host": str(state.get("url", "")).removeprefix("https://"),
            "hex8": digest[:8],
            "hex16": digest[:16],
            "hex17": digest[:17],
            "digits26": str(int(digest, 16))[:26],
            "uuid": str(uuid.UUID(digest[:32])),
            "new32": renewed[:32],
        }

    def format(self, template: str) -> str:
        return template.format_map(self)

    def __getitem__(self, name: str) -> Any:
        if name in self._own:
            return self._own[name]
        value = self._state.get(name)
        return "" if value is None else value

    def __iter__(self) -> Iterator[str]:
        return iter({**self._own, **self._state})

    def __len__(self) -> int:
        return len({**self._own, **self._state})


def is_unknown(value: Any) -> bool:
    """Whether a value, or a part of it, is not known before it is there."""
    if isinstance(value, Mapping):
        return any(map(is_unknown, value.values()))
    if isinstance(value, list):
        return any(map(is_unknown, value))
    return bool(value == UNKNOWN)
