"""A panel file's head: the leading block comment, read as YAML, every mistake with its line."""

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, get_args

import yaml

from queries.filters import FILTERS, PARTS
from queries.panel import Chart, Parameter, ParameterType, Span

KEYS = ("title", "description", "chart", "position", "ignores", "parameters")
PARAMETER_KEYS = ("name", "type", "title", "default")
LAST = 1000
"""The position of a panel that says none: after all that do."""


class HeadError(Exception):
    """A head cannot be understood. `line` counts from 1 at the start of the file."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


@dataclass(frozen=True)
class Head:
    """What a panel file says about itself."""

    title: str
    description: str
    chart: Chart
    position: int
    ignores: tuple[Span, ...]
    parameters: tuple[Parameter, ...]


@dataclass(frozen=True)
class _Entry:
    """A value of the head and the line its key stands on."""

    value: Any
    line: int


def split(text: str) -> tuple[str, int, str, int]:
    """Return a file's head and SQL as text, each with the line it begins on. Raises HeadError."""
    head = re.match(r"\s*/\*(.*?)\*/", text, re.DOTALL)
    if not head:
        raise HeadError(1, "a panel begins with its head: YAML between /* and */")
    line = 1 + text.count("\n", 0, head.start(1))
    return head[1], line, text[head.end() :], 1 + text.count("\n", 0, head.end())


def read(text: str, line: int) -> Head:
    """Read a head that begins on that line of its file. Raises HeadError."""
    entries = _mapping(_node(text, line), KEYS, line)
    for key in ("title", "description", "chart"):
        if key not in entries:
            raise HeadError(line, f"the head has no {key}")
    parameters = tuple(_parameters(entries.get("parameters"), line))
    position = entries.get("position", _Entry(LAST, line))
    if type(position.value) is not int:
        raise HeadError(position.line, "position is a whole number")
    return Head(
        title=_words(entries["title"], "title"),
        description=_words(entries["description"], "description"),
        chart=_one_of(entries["chart"], "chart", get_args(Chart)),
        position=position.value,
        ignores=_ignores(entries.get("ignores")),
        parameters=parameters,
    )


def _node(text: str, line: int) -> yaml.MappingNode:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        at = line + (mark.line if mark else 0)
        raise HeadError(at, f"the head is not YAML: {fault.problem or fault.context}") from None
    except yaml.YAMLError as fault:
        raise HeadError(line, f"the head is not YAML: {fault}") from None
    if not isinstance(node, yaml.MappingNode):
        raise HeadError(line, f"the head holds key: value lines, of {', '.join(KEYS)}")
    return node


def _mapping(node: yaml.Node, keys: tuple[str, ...], first: int) -> dict[str, _Entry]:
    """Return a mapping's entries; unknown and repeated keys, which YAML would take, are refused."""
    if not isinstance(node, yaml.MappingNode):
        raise HeadError(first + node.start_mark.line, f"key: value is wanted, of {', '.join(keys)}")
    entries: dict[str, _Entry] = {}
    for key_node, value_node in node.value:
        line = first + key_node.start_mark.line
        key = _construct(key_node, line)
        if key not in keys:
            raise HeadError(line, f"{key!r} is none of {', '.join(keys)}")
        if key in entries:
            raise HeadError(line, f"{key} is said twice")
        is_list = key == "parameters" and isinstance(value_node, yaml.SequenceNode)
        entries[str(key)] = _Entry(value_node if is_list else _construct(value_node, line), line)
    return entries


def _construct(node: yaml.Node, line: int) -> Any:
    """Return a node's value by the safe loader, which makes plain values only."""
    loader = yaml.SafeLoader("")
    try:
        value = loader.construct_document(node)
    except (yaml.YAMLError, ValueError) as fault:
        problem = getattr(fault, "problem", None) or fault
        raise HeadError(line, f"the head is not YAML: {problem}") from None
    finally:
        loader.dispose()
    return value


def _parameters(entry: _Entry | None, first: int) -> Iterator[Parameter]:
    if entry is None or entry.value is None:
        return
    if not isinstance(entry.value, yaml.SequenceNode):
        raise HeadError(entry.line, "parameters is a list")
    taken = {parameter.name: "a filter of every page" for parameter in FILTERS}
    for node in entry.value.value:
        line = first + node.start_mark.line
        parameter = _parameter(_mapping(node, PARAMETER_KEYS, first), line)
        if parameter.name in taken:
            raise HeadError(line, f"the name {parameter.name} is taken: {taken[parameter.name]}")
        taken[parameter.name] = "a parameter of this panel"
        yield parameter


def _parameter(entries: dict[str, _Entry], line: int) -> Parameter:
    for key in ("name", "type"):
        if key not in entries:
            raise HeadError(line, f"the parameter has no {key}")
    name = _words(entries["name"], "name")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise HeadError(entries["name"].line, f"{name!r} is no name: small letters, digits and _")
    title = (
        _words(entries["title"], "title") if "title" in entries else name.replace("_", " ").title()
    )
    kind: ParameterType = _one_of(entries["type"], "type", get_args(ParameterType))
    parameter = Parameter(name, kind, title)
    default = entries.get("default")
    if default is None or default.value is None:
        return parameter
    # what YAML reads as a number or a date is written out again, and read by the parameter's type
    given = default.value
    if isinstance(given, bool) or not isinstance(given, str | int | date):
        raise HeadError(default.line, f"default is not {kind}")
    try:
        value = parameter.parse(str(given))
    except ValueError as fault:
        raise HeadError(default.line, f"default: {fault}") from None
    return Parameter(name, kind, title, value)


def _ignores(entry: _Entry | None) -> tuple[Span, ...]:
    if entry is None or entry.value is None:
        return ()
    if not isinstance(entry.value, list):
        raise HeadError(entry.line, f"ignores is a list of {', '.join(PARTS)}")
    return tuple(_one_of(_Entry(part, entry.line), "ignores", tuple(PARTS)) for part in entry.value)


def _words(entry: _Entry, key: str) -> str:
    if not isinstance(entry.value, str) or not entry.value.strip():
        raise HeadError(entry.line, f"{key} is a text")
    return " ".join(entry.value.split())


def _one_of(entry: _Entry, key: str, allowed: tuple[Any, ...]) -> Any:
    if not isinstance(entry.value, Hashable) or entry.value not in allowed:
        raise HeadError(entry.line, f"{key}: {entry.value!r} is none of {', '.join(allowed)}")
    return entry.value
