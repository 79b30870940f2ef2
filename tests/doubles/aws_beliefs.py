"""What the provider's double believes about AWS: the table aws_beliefs.txt, read and asked.

A type's lines follow its name, each `verb value # source`; the lines of `*` hold for every type:

    replaces  properties     a change of one makes another resource; of `a?b` while b is true
    renews    outputs: inputs   these outputs come anew when one of these inputs changes
    named     property others   the bridge makes a name unless one of these is given
    has       property: template   what AWS says of it unless the program does; in order
    alone     template       what nothing else in the account can have at the same time
    limits    property low..high   a number outside is refused
    matches   property pattern     a text that does not match is refused
    refuses   function words   of aws_refusals.py: what AWS answers to what cannot be done
"""

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pulumi.runtime.rpc import UNKNOWN

TABLE = Path(__file__).with_suffix(".txt")
DOCUMENT = Path(__file__).parents[2] / "docs" / "beliefs.md"
REPLACES, RENEWS, NAMED, HAS = "replaces", "renews", "named", "has"
ALONE, LIMITS, MATCHES, REFUSES = "alone", "limits", "matches", "refuses"
VERBS = (REPLACES, RENEWS, NAMED, HAS, ALONE, LIMITS, MATCHES, REFUSES)
EVERY = "*"
BELIEVED = "believed"
"""A source that begins so is no source: nobody has seen it written or done."""

INTRODUCTION = """\
# What the tests believe about AWS

The stack is tested on Pulumi's real engine, with a double in AWS's place. What the double says of
AWS stands in [tests/doubles/aws_beliefs.txt](../tests/doubles/aws_beliefs.txt), each line with its
source: AWS's resource schemas, its API reference, the Terraform provider's code. For the lines
below there is none: they are how such things are known to behave, and nobody has looked them up or
tried them on AWS. `python -m tests.doubles.aws_beliefs` writes this page, a test holds it to the
table."""
HEADINGS = {
    HAS: "What AWS, or the provider, adds",
    NAMED: "What gets a name that the program does not give",
    RENEWS: "What comes anew with a change",
    REPLACES: "What forces a replacement",
}


@dataclass(frozen=True)
class Belief:
    """One line of the table."""

    token: str
    verb: str
    value: str
    source: str
    line: int

    @property
    def believed(self) -> bool:
        """Whether nothing but experience says so."""
        return self.source.startswith(BELIEVED)


@functools.cache
def table() -> tuple[Belief, ...]:
    """Return all lines. Raises ValueError for one that is not of the form."""
    return tuple(_read(TABLE.read_text()))


@functools.cache
def tokens() -> frozenset[str]:
    """Return the types that the table knows."""
    return frozenset(belief.token for belief in table()) - {EVERY}


@functools.cache
def of(token: str, verb: str) -> tuple[Belief, ...]:
    """Return what is believed of a type, and of every type, under a verb."""
    return tuple(b for b in table() if b.token in (token, EVERY) and b.verb == verb)


def replacing(token: str, inputs: Mapping[str, Any]) -> frozenset[str]:
    """Return the properties, as `a.b` without indexes, whose change makes another resource."""
    said = (name.partition("?") for row in of(token, REPLACES) for name in row.value.split())
    return frozenset(name for name, _, condition in said if not condition or inputs.get(condition))


@functools.cache
def has(token: str) -> frozenset[str]:
    """Return the properties that AWS says where the program does not."""
    return frozenset(row.value.partition(": ")[0] for row in of(token, HAS))


def document() -> str:
    """Return the page that lists what is only believed."""
    page = [INTRODUCTION]
    only = [belief for belief in table() if belief.believed]
    for verb in sorted({belief.verb for belief in only}):
        page.append(f"\n## {HEADINGS[verb]}\n")
        reasons = {b.source.removeprefix(f"{BELIEVED}: ") for b in only if b.verb == verb}
        for reason in sorted(reasons):
            where = [
                f"`{b.token.removeprefix('aws:').partition(':')[0]}` {b.value}"
                for b in only
                if b.verb == verb and b.source == f"{BELIEVED}: {reason}"
            ]
            page.append(f"* {reason} ({len(where)}): {'; '.join(where)}")
    return "\n".join(page) + "\n"


def value_faults(token: str, inputs: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield path and reason of values that are outside what is documented."""
    for row in of(token, LIMITS):
        path, _, limits = row.value.partition(" ")
        low, _, high = limits.partition("..")
        for value in _at(inputs, path.split(".")):
            if not int(low) <= int(value) <= int(high):
                yield path, f"is {value}, not {low} to {high}"
    for row in of(token, MATCHES):
        path, _, pattern = row.value.partition(" ")
        for value in _at(inputs, path.split(".")):
            if not re.fullmatch(pattern, str(value), re.DOTALL):
                yield path, f"is {value!r}, which does not match {pattern}"


def _at(value: Any, path: list[str]) -> Iterator[Any]:
    """Yield the values at a path, through lists; those that are unknown or missing are not."""
    if isinstance(value, list):
        for element in value:
            yield from _at(element, path)
    elif not path:
        if value is not None and value != UNKNOWN:
            yield value
    elif isinstance(value, Mapping):
        yield from _at(value.get(path[0]), path[1:])


def _read(text: str) -> Iterator[Belief]:
    token = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        if not line.startswith(" "):
            token = line if line == EVERY else f"aws:{line}"
            continue
        content, mark, source = line.strip().rpartition(" # ")
        verb, _, value = content.strip().partition(" ")
        if not (mark and token and verb in VERBS and value.strip() and source.strip()):
            raise ValueError(f"{TABLE.name}:{number}: not `verb value # source`: {line.strip()}")
        yield Belief(token, verb, value.strip(), source.strip(), number)


if __name__ == "__main__":
    DOCUMENT.write_text(document())
