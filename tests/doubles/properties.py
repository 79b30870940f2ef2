"""Properties as they go over Pulumi's wire, and as Python has them."""

from collections.abc import Mapping
from typing import Any

from google.protobuf import json_format, struct_pb2

Properties = dict[str, Any]


def from_wire(struct: struct_pb2.Struct) -> Properties:
    """Return what came; assets, and what is unknown, as the protocol's own signs for them."""
    return {name: _whole(value) for name, value in json_format.MessageToDict(struct).items()}


def _whole(value: Any) -> Any:
    """All numbers come as doubles: whole ones are integers again."""
    if isinstance(value, dict):
        return {name: _whole(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_whole(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def to_wire(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """Return what goes."""
    struct = struct_pb2.Struct()
    struct.update(properties)
    return struct
