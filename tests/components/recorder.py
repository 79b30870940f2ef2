"""What a Pulumi program registers, recorded without an engine: `build(...)`, then `created(kind)`.

The mocks answer at once and know nothing of AWS: computed values are made up. Order, replacement
and previews are for the real engine (tests/engines).
"""

import asyncio
import contextvars
import json
import runpy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import yaml
from google.protobuf import empty_pb2
from pulumi.runtime import mocks, rpc, settings, stack
from pulumi.runtime.config import set_all_config

ROOT = Path(__file__).parent.parent.parent
PROJECT = "orders-lake"
ACCOUNT = "123456789012"
REGION = "eu-central-1"

CALLS: dict[str, dict[str, Any]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT},
    "aws:index/getRegion:getRegion": {"region": REGION},
    "aws:index/getPartition:getPartition": {"partition": "aws"},
    "aws:ec2/getVpcs:getVpcs": {"ids": ["vpc-00000001"]},
    "aws:ec2/getSubnets:getSubnets": {"ids": ["subnet-00000001", "subnet-00000002"]},
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {
        "locations": [f"{REGION}a", f"{REGION}b"]
    },
    "aws:ec2/getPrefixList:getPrefixList": {"id": "pl-00000001"},
    "aws:ec2/getManagedPrefixList:getManagedPrefixList": {"id": "pl-00000001"},
    "aws:ssm/getParameter:getParameter": {"value": "ami-00000001", "insecureValue": "ami-00000001"},
}
"""What AWS answers to what a program asks."""


@dataclass(frozen=True)
class Resource:
    """A resource as it was registered."""

    kind: str
    """such as aws:s3/bucket:Bucket"""
    name: str
    inputs: dict[str, Any]
    """as the provider gets them: camelCase"""
    urn: str
    parent: str
    """its URN"""
    after: tuple[str, ...]
    """URNs of what it waits for"""
    protect: bool
    retain: bool

    def __getitem__(self, key: str) -> Any:
        return self.inputs[key]


@dataclass
class Recorded:
    """What a program registered."""

    resources: list[Resource] = field(default_factory=list)
    outputs: dict[str, Any] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def created(self, kind: str) -> list[Resource]:
        """Return the resources of a kind, such as s3/bucket:Bucket."""
        return [one for one in self.resources if one.kind == f"aws:{kind}"]

    def one(self, kind: str, name: str | None = None) -> Resource:
        """Return the only resource of a kind, or the one of that name."""
        [found] = [one for one in self.created(kind) if name in (None, one.name)]
        return found

    def waits_for(self, resource: Resource, other: Resource) -> bool:
        """Tell whether a resource is made after another."""
        by_urn = {one.urn: one for one in self.resources}
        todo, seen = list(resource.after), set()
        while todo:
            urn = todo.pop()
            if urn == other.urn:
                return True
            if urn not in seen and urn in by_urn:
                seen.add(urn)
                todo += by_urn[urn].after
        return False

    def statements(self, role: str) -> list[dict[str, Any]]:
        """Return the statements of a role's policy, by the role's physical name."""
        [owner] = [one for one in self.created("iam/role:Role") if one["name"] == role]
        [policy] = [
            one
            for one in self.created("iam/rolePolicy:RolePolicy")
            if one["role"] == f"{owner.name}-id"
        ]
        return json.loads(policy["policy"])["Statement"]


class _Monitor(mocks.MockMonitor):
    """Takes registrations down with their options, which mocks do not see."""

    def __init__(self, recorded: Recorded) -> None:
        super().__init__(_Mocks())
        self._recorded = recorded

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        answer = super().RegisterResource(request)
        if request.type != "pulumi:pulumi:Stack":
            self._recorded.resources.append(
                Resource(
                    request.type,
                    request.name,
                    rpc.deserialize_properties(request.object),
                    answer.urn,
                    request.parent,
                    tuple(request.dependencies),
                    request.protect,
                    request.retainOnDelete,
                )
            )
        return answer


class _Mocks(pulumi.runtime.Mocks):
    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        state = dict(args.inputs)
        if "bucketPrefix" in state:
            state["bucket"] = f"{state['bucketPrefix']}0123456789"
            return state["bucket"], {**state, "arn": f"arn:aws:s3:::{state['bucket']}"}
        service = args.typ.split(":")[1].split("/")[0]
        name = state.get("name", args.name)
        state.setdefault("name", name)
        state.setdefault("arn", f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}")
        return f"{args.name}-id", state

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        return CALLS[args.token]


def build(
    program: Callable[[], Any], stack_name: str = "dev", config: Mapping[str, str] | None = None
) -> Recorded:
    """Run a program to its end; return what it registered. What it raises, this raises."""
    return contextvars.copy_context().run(_build, program, stack_name, dict(config or {}))


def build_main(stack_name: str = "dev", **config: Any) -> Recorded:
    """Run `__main__.py` with the settings of a stack's file, and others on top."""
    return build(
        lambda: runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__") and None,
        stack_name,
        {**stack_config(stack_name), **_texts(config)},
    )


def stack_config(stack_name: str) -> dict[str, str]:
    """Return what Pulumi gives a program of that stack: its file over Pulumi.yaml's defaults."""
    project = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    defaults = {key: declared["default"] for key, declared in project.items()}
    given = yaml.safe_load((ROOT / f"Pulumi.{stack_name}.yaml").read_text())["config"]
    own = {key: value for key, value in given.items() if not key.startswith(f"{PROJECT}:")}
    ours = {key.removeprefix(f"{PROJECT}:"): given[key] for key in given.keys() - own.keys()}
    return {**{key: _text(value) for key, value in own.items()}, **_texts({**defaults, **ours})}


def _build(program: Callable[[], Any], stack_name: str, config: dict[str, str]) -> Recorded:
    recorded = Recorded()
    monitor = _Monitor(recorded)
    set_all_config(config, [])
    features = set(monitor.GetDeploymentInfo(empty_pb2.Empty()).supportedFeatures)
    settings.configure(
        mocks.MockSettings(
            monitor=monitor,
            monitor_features=features,
            engine=mocks.MockEngine(None),
            project=PROJECT,
            stack=stack_name,
            dry_run=False,
            organization=None,
            callbacks=None,
        )
    )
    settings.set_root_resource(None)

    def body() -> None:
        program()
        outputs = settings.get_root_resource().outputs
        pulumi.Output.all(**outputs).apply(recorded.outputs.update)

    asyncio.run(stack.run_in_stack(body))
    return recorded


def _texts(config: Mapping[str, Any]) -> dict[str, str]:
    return {f"{PROJECT}:{key}": _text(value) for key, value in config.items()}


def _text(value: Any) -> str:
    """Return a value as Pulumi gives it: texts as they are, all else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)
