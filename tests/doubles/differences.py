"""What differs between a resource's inputs, in the words of Pulumi's wire protocol."""

from collections.abc import Iterator, Mapping
from typing import Any

from pulumi.runtime.proto import provider_pb2
from pulumi.runtime.rpc import _special_archive_sig, _special_asset_sig, _special_sig_key

from tests.doubles.aws_schema import META

Kind = provider_pb2.PropertyDiff
ADDED, DELETED, UPDATED = Kind.ADD, Kind.DELETE, Kind.UPDATE
REPLACEMENTS = {
    ADDED: Kind.ADD_REPLACE,
    DELETED: Kind.DELETE_REPLACE,
    UPDATED: Kind.UPDATE_REPLACE,
}


def differences(old: Any, new: Any, path: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield path, old and new of every plain value that is not the same; None where there is none.

    Paths are written as Pulumi does: `rules[0].expiration.days`.
    """
    if isinstance(old, Mapping) and isinstance(new, Mapping) and not _is_asset(old):
        for name in sorted((old.keys() | new.keys()) - META):
            inner = f"{path}.{name}" if path else name
            yield from differences(old.get(name), new.get(name), inner)
    elif isinstance(old, list) and isinstance(new, list):
        for index in range(max(len(old), len(new))):
            yield from differences(_at(old, index), _at(new, index), f"{path}[{index}]")
    elif _is_container(old) and new is None:
        yield from differences(old, type(old)(), path)
    elif _is_container(new) and old is None:
        yield from differences(type(new)(), new, path)
    elif _comparable(old) != _comparable(new):
        yield path, old, new


def _is_container(value: Any) -> bool:
    return bool(isinstance(value, Mapping | list) and value and not _is_asset(value))


def _at(elements: list[Any], index: int) -> Any:
    return elements[index] if index < len(elements) else None


def _is_asset(value: Any) -> bool:
    return isinstance(value, Mapping) and value.get(_special_sig_key) in (
        _special_asset_sig,
        _special_archive_sig,
    )


def _comparable(value: Any) -> Any:
    # two files with the same bytes are the same, wherever they lie
    return value.get("hash") if _is_asset(value) else value


def kind_of(before: Any, after: Any, replaces: bool) -> Any:
    """Return the protocol's word for a change; None stands for no value."""
    kind = ADDED if before is None else DELETED if after is None else UPDATED
    return REPLACEMENTS[kind] if replaces else kind


def is_replacing(path: str, replacing: frozenset[str]) -> bool:
    """Whether a path is one of the properties, named without indexes, or within one."""
    words = [word.partition("[")[0] for word in path.split(".")]
    return any(".".join(words[:end]) in replacing for end in range(1, len(words) + 1))


def top(path: str) -> str:
    """Return the property that a path begins with."""
    return path.partition(".")[0].partition("[")[0]
