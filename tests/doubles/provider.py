"""The AWS provider's double: Pulumi's engine attaches to it and believes it speaks to AWS.

It serves the provider's wire protocol in this process; PULUMI_DEBUG_PROVIDERS=aws:<port> leads the
engine to it. What is refused, what forces a replacement and which values AWS computes come from
tests/doubles/aws_beliefs.txt; which inputs a type has, from pulumi_aws's own classes.
"""

# ruff: noqa: N802  the names are the protocol's

import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf import empty_pb2
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc
from pulumi.runtime.rpc import UNKNOWN
from pulumi_aws import _utilities

from tests.doubles import aws_beliefs as beliefs
from tests.doubles.aws_account import (
    NOT_BELIEVED,
    Account,
    Refused,
    is_unknown,
    renewed,
)
from tests.doubles.aws_invokes import INVOKES
from tests.doubles.aws_refusals import texts
from tests.doubles.aws_schema import META, NoSuchType, schema
from tests.doubles.differences import REPLACEMENTS, Kind, differences, is_replacing, kind_of, top
from tests.doubles.properties import Properties, from_wire, to_wire

DEFAULTS = "__defaults"
"""Where the bridge notes which inputs it filled in itself."""


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """Serves one account on a free port of this machine until it is stopped."""

    def __init__(self, account: Account | None = None) -> None:
        self.account = account or Account()
        self.calls: list[str] = []
        """`verb token` of what the engine had done, previews apart"""
        self.unknown: set[str] = set()
        """types that a preview asked for with inputs that nobody could know yet"""
        self._default_tags: dict[str, str] = {}
        self._lock = threading.Lock()
        self._server = grpc.server(ThreadPoolExecutor(8))
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(self, self._server)
        self.port = self._server.add_insecure_port("127.0.0.1:0")
        self._server.start()

    def stop(self) -> None:
        """End serving."""
        self._server.stop(None).wait()

    def Handshake(self, request, context):
        # as bridged providers: what it can do, Configure says
        context.abort(grpc.StatusCode.UNIMPLEMENTED, "no handshake")

    def Attach(self, request, context):
        return empty_pb2.Empty()

    def GetPluginInfo(self, request, context):
        return plugin_pb2.PluginInfo(version=_utilities.get_version())

    def GetSchema(self, request, context):
        return provider_pb2.GetSchemaResponse(
            schema=json.dumps({"name": "aws", "version": _utilities.get_version()})
        )

    def Cancel(self, request, context):
        return empty_pb2.Empty()

    def CheckConfig(self, request, context):
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request, context):
        # the bridge updates a provider in place; which resources that changes their diffs tell
        changed = request.old_inputs != request.news
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME
            if changed
            else provider_pb2.DiffResponse.DIFF_NONE
        )

    def Configure(self, request, context):
        config = {name: _parsed(value) for name, value in from_wire(request.args).items()}
        allowed = config.get("allowedAccountIds")
        if allowed and self.account.id not in allowed:
            context.abort(
                grpc.StatusCode.INVALID_ARGUMENT, f"AWS account ID not allowed: {self.account.id}"
            )
        if not config.get("region"):
            context.abort(
                grpc.StatusCode.INVALID_ARGUMENT,
                "missing required configuration key aws:region: the region where AWS operations"
                " will take place",
            )
        with self._lock:
            self.account.region = config["region"]
            self._default_tags = config.get("defaultTags", {}).get("tags", {})
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Check(self, request, context):
        token, news = _token(request.urn), from_wire(request.news)
        olds = from_wire(request.olds)
        try:
            known = schema(token)
        except NoSuchType:
            return _failures([("", f"{token} is no resource type of the provider")])
        faults = list(known.inputs.faults(news))
        faults += beliefs.value_faults(token, news)
        faults += [("", text) for text in texts(news) if NOT_BELIEVED in text]
        if token not in beliefs.tokens():
            faults.append(("", f"{token} has no line in tests/doubles/aws_beliefs.txt"))
        if faults:
            return _failures(faults)
        defaults = self._named(token, request, olds, news)
        if "tagsAll" in known.outputs:
            tags = news.get("tags") or {}
            news["tagsAll"] = UNKNOWN if is_unknown(tags) else {**self._default_tags, **tags}
        return provider_pb2.CheckResponse(inputs=to_wire({**news, DEFAULTS: defaults}))

    def Diff(self, request, context):
        token = _token(request.urn)
        old, new = from_wire(request.old_inputs), from_wire(request.news)
        replacing = beliefs.replacing(token, new)
        detailed = {
            path: kind_of(before, after, is_replacing(path, replacing))
            for path, before, after in differences(old, new)
        }
        replaces = sorted(
            {top(path) for path, kind in detailed.items() if kind in REPLACEMENTS.values()}
        )
        return provider_pb2.DiffResponse(
            changes=provider_pb2.DiffResponse.DIFF_SOME
            if detailed
            else provider_pb2.DiffResponse.DIFF_NONE,
            replaces=replaces,
            diffs=sorted({top(path) for path in detailed}),
            deleteBeforeReplace=bool(replaces) and _is_named_by_hand(token, new),
            detailedDiff={path: Kind(kind=kind) for path, kind in detailed.items()},
            hasDetailedDiff=True,
        )

    def Create(self, request, context):
        token, inputs = _token(request.urn), from_wire(request.properties)
        if request.preview:
            if is_unknown(inputs):
                self.unknown.add(token)
            known = schema(token)
            missing = known.computed | beliefs.has(token)
            state = {**dict.fromkeys(missing - {"id"}, UNKNOWN), **_without_meta(inputs)}
            return provider_pb2.CreateResponse(properties=to_wire(state))
        thing = self._done(
            context, "create", token, lambda: self.account.create(token, request.urn, inputs)
        )
        return provider_pb2.CreateResponse(id=thing.id, properties=to_wire(thing.properties))

    def Update(self, request, context):
        token, inputs = _token(request.urn), from_wire(request.news)
        if request.preview:
            olds = from_wire(request.olds)
            old_inputs = from_wire(request.old_inputs)
            anew = dict.fromkeys(renewed(token, old_inputs, inputs), UNKNOWN)
            kept = {
                name: value
                for name, value in olds.items()
                if name in schema(token).computed | beliefs.has(token)
            }
            state = {**kept, **_without_meta(inputs), **anew}
            return provider_pb2.UpdateResponse(properties=to_wire(state))
        thing = self._done(
            context,
            "update",
            token,
            lambda: self.account.update(token, request.id, request.urn, inputs),
        )
        return provider_pb2.UpdateResponse(properties=to_wire(thing.properties))

    def Delete(self, request, context):
        token = _token(request.urn)
        self._done(context, "delete", token, lambda: self.account.delete(token, request.id))
        return empty_pb2.Empty()

    def Read(self, request, context):
        thing = self.account.things.get((_token(request.urn), request.id))
        if thing is None:
            return provider_pb2.ReadResponse()
        return provider_pb2.ReadResponse(
            id=thing.id, properties=to_wire(thing.properties), inputs=request.inputs
        )

    def Invoke(self, request, context):
        answer = INVOKES.get(request.tok)
        if answer is None:
            context.abort(
                grpc.StatusCode.UNIMPLEMENTED,
                f"{request.tok} has no line in tests/doubles/aws_invokes.py",
            )
        try:
            given = answer(self.account, from_wire(request.args))
        except Refused as reason:
            context.abort(grpc.StatusCode.NOT_FOUND, f"invoking {request.tok}: {reason}")
        return provider_pb2.InvokeResponse(**{"return": to_wire(given)})

    def _done(self, context, verb: str, token: str, work: Callable[[], Any]) -> Any:
        with self._lock:
            try:
                done = work()
            except Refused as reason:
                context.abort(grpc.StatusCode.FAILED_PRECONDITION, str(reason))
            self.calls.append(f"{verb} {token}")
            return done

    def _named(self, token: str, request, olds: Properties, news: Properties) -> list[str]:
        """Fill in the name that the bridge makes where the program gives none."""
        filled = []
        for row in beliefs.of(token, beliefs.NAMED):
            name, *others = row.value.split()
            if any(news.get(given) is not None for given in (name, *others)):
                continue
            if name in olds.get(DEFAULTS, ()):
                news[name] = olds[name]
            else:
                logical = request.urn.rpartition("::")[2]
                digest = hashlib.sha256(request.randomSeed + logical.encode()).hexdigest()
                news[name] = f"{logical}-{digest[:7]}"
            filled.append(name)
        return filled


def _is_named_by_hand(token: str, inputs: Mapping[str, Any]) -> bool:
    """The bridge deletes before it replaces where a name is not its own: it would be taken."""
    defaults = inputs.get(DEFAULTS, ())
    return any(
        inputs.get(name) is not None and name not in defaults
        for name in (row.value.split()[0] for row in beliefs.of(token, beliefs.NAMED))
    )


def _without_meta(properties: Properties) -> Properties:
    return {name: value for name, value in properties.items() if name not in META}


def _token(urn: str) -> str:
    """The type of `urn:pulumi:stack::project::parent$type::name`."""
    return urn.split("::")[2].rpartition("$")[2]


def _parsed(value: Any) -> Any:
    """A provider's configuration comes as text, its objects as JSON."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        return json.loads(value)
    return value


def _failures(faults: list[tuple[str, str]]) -> provider_pb2.CheckResponse:
    return provider_pb2.CheckResponse(
        failures=[
            provider_pb2.CheckFailure(property=path, reason=f"{path} {reason}".strip())
            for path, reason in faults
        ]
    )
