"""What pulumi_aws's classes say of a resource type: its inputs, which are required, its outputs.

The classes are generated from the schema of the provider's release, so a name that they do not know
is one that the provider would refuse.
"""

import collections.abc
import functools
import sys
import typing
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi_aws  # noqa: F401  registers its modules by token
from pulumi._types import (
    _raw_return_hints,
    _required_property_names,
    is_input_type,
    resource_types,
    unwrap_type,
)
from pulumi.runtime.rpc import UNKNOWN, get_resource_module

META = {"__defaults", "__meta"}
"""What a bridged provider keeps beside a resource's properties."""


class NoSuchType(Exception):
    """pulumi_aws has no resource of that token."""


@dataclass(frozen=True)
class Shape:
    """The properties of an object: name -> what it holds, None for a plain value."""

    properties: Mapping[str, Any]
    required: frozenset[str]

    def faults(self, value: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
        """Yield path and reason of what the provider would refuse."""
        for name in sorted(self.required - value.keys()):
            yield path + name, "is required"
        for name, given in sorted(value.items()):
            if name in META:
                continue
            if name not in self.properties:
                yield path + name, "is no input of this type"
            else:
                yield from _mismatches(self.properties[name], given, path + name)


@dataclass(frozen=True)
class ResourceSchema:
    """One resource type."""

    inputs: Shape
    outputs: frozenset[str]
    """all properties that a state holds"""

    texts: frozenset[str]
    """those that are texts"""

    @property
    def computed(self) -> frozenset[str]:
        """Outputs that nobody can give."""
        return self.outputs - self.inputs.properties.keys()


@functools.cache
def schema(token: str) -> ResourceSchema:
    """Return what is known of a type such as `aws:sqs/queue:Queue`. Raises NoSuchType."""
    package, module, _ = token.split(":")
    found = get_resource_module(package, module, "")
    class_name = found and found.mod_info["classes"].get(token)  # type: ignore[attr-defined]
    if not class_name:
        raise NoSuchType(token)
    with warnings.catch_warnings():
        # importing a service's module warns of names of its own that are deprecated
        warnings.simplefilter("ignore", DeprecationWarning)
        python = __import__(found.mod_info["fqn"], fromlist=[class_name])  # type: ignore[union-attr]
        resource = getattr(python, class_name)
        # where a block of another type has the name already, the inputs' class is called InitArgs
        own = vars(sys.modules[resource.__module__])
        arguments = own.get(f"{class_name}InitArgs") or own[f"{class_name}Args"]
        outputs = resource_types(resource)
        texts = frozenset(name for name, hint in outputs.items() if hint is str)
        return ResourceSchema(_shape(arguments), frozenset(outputs), texts)


@functools.cache
def _shape(cls: type) -> Shape:
    return Shape(
        {name: _content(hint) for name, hint in _raw_return_hints(cls).items()},
        _required_property_names(cls),
    )


def _content(hint: Any) -> Any:
    """Return a Shape, a list with what its elements hold, a dict for a map, or None."""
    hint = unwrap_type(hint)
    if isinstance(hint, type) and is_input_type(hint):
        return _shape(hint)
    origin = typing.get_origin(hint)
    if origin in (collections.abc.Sequence, list):
        return [_content(typing.get_args(hint)[0])]
    if origin in (collections.abc.Mapping, dict):
        return {}
    return None


def _mismatches(content: Any, given: Any, path: str) -> Iterator[tuple[str, str]]:
    if given == UNKNOWN or given is None:
        return
    if isinstance(content, Shape):
        if isinstance(given, Mapping):
            yield from content.faults(given, f"{path}.")
        else:
            yield path, "is an object"
    elif isinstance(content, list):
        if isinstance(given, Sequence) and not isinstance(given, str):
            for index, element in enumerate(given):
                yield from _mismatches(content[0], element, f"{path}[{index}]")
        else:
            yield path, "is a list"
    elif content is None and isinstance(given, list):
        yield path, "is no list"
