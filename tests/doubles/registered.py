"""What a Pulumi program registers, recorded without an engine: the inputs of every resource.

The values that AWS would say come from a few templates: enough for one resource to name another.
What the engine and a provider make of the inputs is the matter of tests/engines.
"""

import hashlib
import json
import runpy
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pulumi
import yaml
from pulumi.runtime import config as pulumi_config
from pulumi.runtime import mocks
from pulumi.runtime import settings as runtime_settings

from components.bundles import Bundle
from tests.doubles.iam import ACCOUNT, Policies

ROOT = Path(__file__).parent.parent.parent
REGION = "eu-central-1"
ENDING = "20260101000000000000000001"
"""What the provider puts behind a bucket's prefix: 26 characters."""
SECRET_MARK = "4dabf18193072939515e22adb298388d"
"""The key under which Pulumi's wire protocol says that a value is a secret."""

LISTENER = "aws:lb/listener:Listener"
LISTENER_RULE = "aws:lb/listenerRule:ListenerRule"
"""Their ARNs are the load balancer's, but for the kind."""
BALANCING = ("aws:lb/loadBalancer:LoadBalancer", "aws:lb/targetGroup:TargetGroup")
"""What CloudWatch knows by the end of its ARN."""
_LOCAL = f"{REGION}:{ACCOUNT}"
_ARNS = {
    "aws:s3/bucket:Bucket": "arn:aws:s3:::{id}",
    "aws:s3/bucketObjectv2:BucketObjectv2": "arn:aws:s3:::{bucket}/{key}",
    "aws:kms/key:Key": f"arn:aws:kms:{_LOCAL}:key/{{id}}",
    "aws:iam/role:Role": f"arn:aws:iam::{ACCOUNT}:role{{path}}{{name}}",
    "aws:iam/policy:Policy": f"arn:aws:iam::{ACCOUNT}:policy{{path}}{{name}}",
    "aws:iam/instanceProfile:InstanceProfile": f"arn:aws:iam::{ACCOUNT}:instance-profile/{{name}}",
    "aws:iam/openIdConnectProvider:OpenIdConnectProvider": (
        f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.actions.githubusercontent.com"
    ),
    "aws:lambda/function:Function": f"arn:aws:lambda:{_LOCAL}:function:{{name}}",
    "aws:lambda/alias:Alias": f"arn:aws:lambda:{_LOCAL}:function:{{functionName}}:{{name}}",
    "aws:lambda/layerVersion:LayerVersion": f"arn:aws:lambda:{_LOCAL}:layer:{{layerName}}:1",
    "aws:cloudwatch/logGroup:LogGroup": f"arn:aws:logs:{_LOCAL}:log-group:{{name}}",
    "aws:cloudwatch/metricAlarm:MetricAlarm": f"arn:aws:cloudwatch:{_LOCAL}:alarm:{{name}}",
    "aws:sqs/queue:Queue": f"arn:aws:sqs:{_LOCAL}:{{name}}",
    "aws:sns/topic:Topic": f"arn:aws:sns:{_LOCAL}:{{name}}",
    "aws:athena/workgroup:Workgroup": f"arn:aws:athena:{_LOCAL}:workgroup/{{name}}",
    "aws:glue/crawler:Crawler": f"arn:aws:glue:{_LOCAL}:crawler/{{name}}",
    "aws:scheduler/schedule:Schedule": f"arn:aws:scheduler:{_LOCAL}:schedule/default/{{name}}",
    "aws:ec2/instance:Instance": f"arn:aws:ec2:{_LOCAL}:instance/{{id}}",
    "aws:lb/loadBalancer:LoadBalancer": (
        f"arn:aws:elasticloadbalancing:{_LOCAL}:loadbalancer/app/{{name}}/1"
    ),
    "aws:lb/targetGroup:TargetGroup": (
        f"arn:aws:elasticloadbalancing:{_LOCAL}:targetgroup/{{name}}/1"
    ),
    LISTENER: "{loadBalancerArn}/1",
    LISTENER_RULE: "{listenerArn}/{priority}",
}
_ANSWERS: dict[str, dict[str, Any]] = {
    "aws:index/getCallerIdentity:getCallerIdentity": {"accountId": ACCOUNT},
    "aws:index/getRegion:getRegion": {"region": REGION},
    "aws:index/getPartition:getPartition": {"partition": "aws"},
    "aws:ec2/getVpcs:getVpcs": {"ids": ["vpc-0123456789abcdef0"]},
    "aws:ec2/getSubnets:getSubnets": {
        "ids": ["subnet-0123456789abcdef0", "subnet-1123456789abcdef0"]
    },
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": {
        "locations": [f"{REGION}a", f"{REGION}b"]
    },
    "aws:ssm/getParameter:getParameter": {"insecureValue": "ami-0123456789abcdef0"},
}


@dataclass(frozen=True)
class Options:
    """What a resource was registered with besides its inputs."""

    protected: bool = False
    retained: bool = False
    """stays when the stack goes"""
    after: frozenset[str] = frozenset()
    """names of those it waits for"""


@dataclass(frozen=True)
class Resource:
    """One resource, as the program asked for it."""

    type: str
    name: str
    inputs: Mapping[str, Any]
    """with the provider's names, such as `bucketPrefix`; secrets in clear"""
    outputs: Mapping[str, Any]
    secrets: frozenset[str] = frozenset()
    """the inputs that are, or hold, a secret"""


@dataclass
class Registered:
    """All that one run of a program registered."""

    stack: str
    resources: list[Resource] = field(default_factory=list)
    exports: dict[str, Any] = field(default_factory=dict)
    """the stack's outputs"""
    options: dict[str, Options] = field(default_factory=dict)
    """by the resource's name"""
    asked: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    """what the program asked AWS for: the function's token and its arguments"""

    def waits_for(self, name: str, other: str) -> bool:
        """Tell whether a resource is made after another."""
        todo, seen = [name], set()
        while todo:
            for before in self.options[todo.pop()].after - seen:
                seen.add(before)
                todo.append(before)
        return other in seen

    def of(self, type_: str) -> list[Resource]:
        """Return the resources of a type, given as `s3.Bucket`."""
        service, _, kind = type_.partition(".")
        token = f"aws:{service}/{kind[0].lower()}{kind[1:]}:{kind}"
        return [resource for resource in self.resources if resource.type == token]

    def one(self, type_: str, **having: Any) -> Resource:
        """Return the one resource of a type that has these inputs."""
        [found] = [
            resource
            for resource in self.of(type_)
            if all(resource.inputs.get(key) == value for key, value in having.items())
        ]
        return found

    def documents(self, role: str) -> dict[str, dict[str, Any]]:
        """Return the documents of a role, by the name of what attaches them."""
        found = {
            policy.name: json.loads(policy.inputs["policy"])
            for policy in self.of("iam.RolePolicy")
            if policy.inputs["role"] == role
        }
        by_arn = {p.outputs["arn"]: p for p in self.of("iam.Policy")}
        for attached in self.of("iam.RolePolicyAttachment"):
            if attached.inputs["role"] == role:
                policy = by_arn[attached.inputs["policyArn"]]
                found[policy.name] = json.loads(policy.inputs["policy"])
        return found

    def policies(self, role: str) -> Policies:
        """Return all that has a say in a role's requests."""
        queues = {queue.outputs["id"]: queue.outputs["arn"] for queue in self.of("sqs.Queue")}
        owned = [
            *((f"arn:aws:s3:::{one.inputs['bucket']}", one) for one in self.of("s3.BucketPolicy")),
            *((one.outputs["arn"], one) for one in self.of("kms.Key")),
            *((one.inputs["arn"], one) for one in self.of("sns.TopicPolicy")),
            *((queues[one.inputs["queueUrl"]], one) for one in self.of("sqs.QueuePolicy")),
        ]
        resources = {owner: json.loads(one.inputs["policy"]) for owner, one in owned}
        return Policies(self.documents(role), resources)


class _Monitor(mocks.MockMonitor):
    """Takes down the options, which mocks do not see."""

    def __init__(self, recorder: "_Recorder", registered: Registered) -> None:
        super().__init__(recorder)
        self._registered = registered

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802
        after = frozenset(urn.rpartition("::")[2] for urn in request.dependencies)
        options = Options(request.protect, request.retainOnDelete, after)
        self._registered.options[request.name] = options
        return super().RegisterResource(request)


class _Recorder(mocks.Mocks):
    def __init__(self, registered: Registered) -> None:
        self._registered = registered
        self._numbers = iter(range(1, 10_000))

    def new_resource(self, args: mocks.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        inputs = {key: _plain(value) for key, value in args.inputs.items()}
        secrets = frozenset(key for key, value in args.inputs.items() if _is_secret(value))
        state = dict(inputs)
        named = state.get("name") or state.get("bucket")
        if args.typ == "aws:s3/bucket:Bucket":
            named = state["bucket"] = state["bucketPrefix"] + ENDING
        elif args.typ == "aws:sqs/queue:Queue":
            named = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{state['name']}"
        elif args.typ == "pulumi:index:Stash":
            state["output"] = state["input"]
        id_ = named or f"{args.name}-{next(self._numbers)}"
        template = _ARNS.get(args.typ)
        if template:
            known = {"path": "/", **state, "id": id_}
            arn = template.format_map(known)
            partition = _ANSWERS["aws:index/getPartition:getPartition"]["partition"]
            state["arn"] = arn.replace("arn:aws:", f"arn:{partition}:", 1)
        if args.typ in BALANCING:
            state["arnSuffix"] = state["arn"].rpartition(":")[2].removeprefix("loadbalancer/")
        if args.typ == LISTENER:
            state["arn"] = state["arn"].replace(":loadbalancer/", ":listener/")
        if args.typ == LISTENER_RULE:
            state["arn"] = state["arn"].replace(":listener/", ":listener-rule/")
        if args.custom:
            resource = Resource(args.typ, args.name, inputs, {**state, "id": id_}, secrets)
            self._registered.resources.append(resource)
        return id_, state

    def call(self, args: mocks.MockCallArgs) -> dict[str, Any]:
        self._registered.asked.append((args.token, dict(args.args)))
        return _ANSWERS[args.token]


def _is_secret(value: Any) -> bool:
    if isinstance(value, dict):
        return SECRET_MARK in value or any(map(_is_secret, value.values()))
    return isinstance(value, list) and any(map(_is_secret, value))


def _plain(value: Any) -> Any:
    """Return a value without the marks of secrets."""
    if isinstance(value, dict):
        return (
            _plain(value["value"])
            if SECRET_MARK in value
            else {key: _plain(inner) for key, inner in value.items()}
        )
    return [_plain(inner) for inner in value] if isinstance(value, list) else value


def run(
    program: Path, stack: str, settings: Mapping[str, Any], secret: Mapping[str, str] | None = None
) -> Registered:
    """Run a program's __main__.py; its defaults come from Pulumi.yaml beside it.

    `settings` and `secret` are by full key, such as `orders-lake:keepData`.
    """
    project = _settings_file(program.parent / "Pulumi.yaml")
    given = {
        f"{project['name']}:{key}": declared["default"]
        for key, declared in project.get("config", {}).items()
        if "default" in declared
    }
    given |= {**settings, **(secret or {})}
    texts = {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in given.items()
    }
    registered = Registered(stack)
    before = list(sys.path)
    recorder = _Recorder(registered)
    # a transformation that an earlier run has put on the stack is not this one's
    runtime_settings.set_root_resource(None)
    mocks.set_mocks(
        recorder,
        project=project["name"],
        stack=stack,
        preview=False,
        monitor=_Monitor(recorder, registered),
    )
    exports: dict[str, Any] = {}
    try:
        pulumi_config.set_all_config(texts, list(secret or {}))

        @pulumi.runtime.test
        def main() -> Any:
            # the process of these tests is to let go of what it has made
            with patch("pulumi.export", exports.__setitem__), patch("gc.freeze"):
                runpy.run_path(str(program), run_name="__main__")
            return pulumi.Output.all(**exports).apply(registered.exports.update)

        main()
    finally:
        pulumi_config.set_all_config({})
        sys.path[:] = before
    return registered


def run_stack(stack: str, secret: Mapping[str, str] | None = None, **changed: Any) -> Registered:
    """Run the main program with the settings of a stack's file; `changed` are further ones.

    The bundles are names alone: what is in them is the matter of tests/components/bundles.
    """
    given = _settings_file(ROOT / f"Pulumi.{stack}.yaml")["config"]
    settings = {**given, **{f"orders-lake:{key}": value for key, value in changed.items()}}
    secrets = {f"orders-lake:{key}": value for key, value in (secret or {}).items()}
    kinds = {kind: _bundle(kind) for kind in ("function", "layer", "app")}
    made = {kind: lambda *_, bundle=bundle: bundle for kind, bundle in kinds.items()}
    with patch.multiple("components.bundles", **made):
        return run(ROOT / "__main__.py", stack, settings, secrets)


@cache
def _settings_file(path: Path) -> Any:
    """Return what a file says; it is read for each of many runs, and never changed."""
    return yaml.safe_load(path.read_text())


def _bundle(kind: str) -> Bundle:
    return Bundle(Path(f"{kind}.zip"), hashlib.sha256(kind.encode()).hexdigest(), 1, 1)


def statements(documents: Mapping[str, Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield all statements of documents."""
    for document in documents.values():
        yield from document["Statement"]
