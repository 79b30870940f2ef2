"""The stack's settings as one typed value, read and checked before any resource is made.

`Pulumi.yaml` declares the same keys with types, defaults and descriptions; a test holds the two
together. A value that AWS would refuse is refused here, with what is allowed.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import Field, dataclass, field, fields
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import pulumi
from pulumi.runtime.config import CONFIG, get_config_env, is_config_secret

from components.agreements import disagreements
from components.setting import (
    METADATA,
    Setting,
    networks,
    one_of,
    price,
    schedule,
    secret,
    several,
    text,
    truth,
    whole,
)
from lake.schema import STATUSES

STACK_NAME = r"(?=.{1,19}$)(?!.*-logs$)[a-z](-?[a-z0-9])*"
"""It stands in the names of buckets (lower case, 37 characters before the random part; the one with
the access logs goes on with -logs) and of the database (where - becomes _, so that _ itself is not
allowed)."""

LOG_DAYS = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365),
    *(400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653),
)
"""The retentions that CloudWatch Logs takes (PutRetentionPolicy); for ever is not offered."""

RESULT_REUSE_DAYS = 7
"""Athena can give a result again for 10,080 minutes (ResultReuseByAgeConfiguration): results have
to live as long. Lifecycle rules round up to the next midnight, so seven days are enough."""

LARGEST_SCAN = 7 * 10**18 // 2**20
"""MiB: the workgroup's cutoff may be 7 EB (Athena's documentation)."""

_URL = r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/\S*)?"
_HOST = r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}"
_SUBNET = r"subnet-[0-9a-f]{8,17}"
_SUBNETS = "a list of different subnet ids like subnet-0123456789abcdef0"


@dataclass(frozen=True)
class AccountSettings:
    """What the account asks of every stack."""

    permissions_boundary: str = text(
        "permissionsBoundary",
        "",
        r"arn:aws[a-z-]*:iam::[0-9]{12}:policy/[A-Za-z0-9+=,.@_/-]{1,600}",
        "the ARN of a policy, or empty",
    )
    """what no role of the stack can go beyond, whatever its policy says"""


@dataclass(frozen=True)
class LakeSettings:
    """What becomes of the data."""

    keep_data: bool = truth("keepData", True)
    result_days: int = whole("resultDays", 7, RESULT_REUSE_DAYS, 3650)
    old_version_days: int = whole("oldVersionDays", 30, 1, 3650)
    access_log_days: int = whole("accessLogDays", 90, 1, 3650)


@dataclass(frozen=True)
class FunctionSettings:
    """What the function drops and takes, and what it may use."""

    drop_statuses: tuple[str, ...] = several(
        "dropStatuses",
        ("pending", "cancelled"),
        "|".join(STATUSES),
        f"a list of one or more of {', '.join(STATUSES)}, each once",
    )
    drop_days: int = whole("dropDays", 30, 0, 36_500)
    max_file_mib: int = whole("maxFileMiB", 1024, 1, 3_413)
    max_line_bytes: int = whole("maxLineBytes", 64 * 1024, 64, 128 * 1024)
    max_bad_percent: int = whole("maxBadPercent", 50, 0, 100)
    memory_mib: int = whole("memoryMiB", 1769, 128, 10_240)
    disk_mib: int = whole("diskMiB", 3584, 512, 10_240)
    timeout_seconds: int = whole("timeoutSeconds", 900, 1, 900)
    reserved_concurrency: int = whole(
        "reservedConcurrency", 0, 1, 1_000_000, off="none is reserved"
    )
    sweep_minutes: int = whole("sweepMinutes", 15, 1, 1440)
    log_days: int = one_of("logDays", 365, LOG_DAYS)


@dataclass(frozen=True)
class AlarmSettings:
    """What is worth a message, and to whom."""

    email: str = text("alarmEmail", "", r"[^@\s]+@[^@\s]+\.[^@\s]+", "an address, or empty")
    quarantine_percent: int = whole("alarmQuarantinePercent", 5, 1, 99, off="no such alarm")
    no_file_hours: int = whole("alarmNoFileHours", 0, 1, 168, off="no such alarm")


@dataclass(frozen=True)
class CatalogSettings:
    """How the lake is queried."""

    query_cutoff_mib: int = whole("queryCutoffMiB", 10_240, 10, LARGEST_SCAN)
    crawler_schedule: str = schedule("crawlerSchedule")


@dataclass(frozen=True)
class NetworkSettings:
    """Where the dashboard's instance stands."""

    kind: str = one_of("network", "public", ("public", "private", "existing"))
    vpc_id: str = text(
        "vpcId", "", r"vpc-[0-9a-f]{8,17}", "an id like vpc-0123456789abcdef0, or empty"
    )
    subnet_ids: tuple[str, ...] = several("subnetIds", (), _SUBNET, _SUBNETS)
    """of the instance, with network: existing"""
    balancer_subnet_ids: tuple[str, ...] = several("balancerSubnetIds", (), _SUBNET, _SUBNETS)
    """of the load balancer, with network: existing"""


@dataclass(frozen=True)
class DashboardSettings:
    """The dashboard's instance, and who reaches it how."""

    instance_type: str = text(
        "instanceType", "t4g.small", r"[a-z][a-z0-9-]*\.[a-z0-9-]+", "a type like t4g.small"
    )
    architecture: str = one_of("architecture", "arm64", ("arm64", "x86_64"))
    access: str = one_of("access", "session", ("session", "balancer"))
    """session: by Session Manager alone; balancer: a public address with HTTPS and OIDC"""
    host_name: str = text(
        "hostName", "", _HOST, "the certificate's name like orders.example.com, or empty"
    )
    certificate_arn: str = text(
        "certificateArn",
        "",
        r"arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f-]{36}",
        "the ARN of a certificate like"
        " arn:aws:acm:eu-central-1:123456789012:certificate/..., or empty",
    )
    oidc_issuer: str = text("oidcIssuer", "", _URL, "an https address, or empty")
    oidc_authorization_endpoint: str = text(
        "oidcAuthorizationEndpoint", "", _URL, "an https address, or empty"
    )
    oidc_token_endpoint: str = text("oidcTokenEndpoint", "", _URL, "an https address, or empty")
    oidc_user_info_endpoint: str = text(
        "oidcUserInfoEndpoint", "", _URL, "an https address, or empty"
    )
    oidc_client_id: str = text("oidcClientId", "", r"\S{1,255}", "the client's id, or empty")
    oidc_client_secret: pulumi.Output[str] | None = secret("oidcClientSecret")  # noqa: RUF009
    allowed_cidrs: tuple[str, ...] = networks("allowedCidrs")
    """who reaches the load balancer at all; empty: whoever the OIDC provider lets in"""
    currency: str = text("currency", "", r"[A-Z]{3}", "a code like EUR, or empty")
    usd_per_tb: Decimal = price("athenaUsdPerTb", "5")  # noqa: RUF009


@dataclass(frozen=True)
class Settings:
    """All settings of one stack."""

    stack: str
    account: AccountSettings = field(default_factory=AccountSettings)
    lake: LakeSettings = field(default_factory=LakeSettings)
    function: FunctionSettings = field(default_factory=FunctionSettings)
    alarms: AlarmSettings = field(default_factory=AlarmSettings)
    catalog: CatalogSettings = field(default_factory=CatalogSettings)
    network: NetworkSettings = field(default_factory=NetworkSettings)
    dashboard: DashboardSettings = field(default_factory=DashboardSettings)


GROUPS: dict[str, Any] = {
    "account": AccountSettings,
    "lake": LakeSettings,
    "function": FunctionSettings,
    "alarms": AlarmSettings,
    "catalog": CatalogSettings,
    "network": NetworkSettings,
    "dashboard": DashboardSettings,
}
"""field of Settings -> the class of its value"""


class SettingsError(pulumi.RunError):
    """Settings cannot be used; the message names every one, and what is allowed."""


def read(config: pulumi.Config, stack: str) -> Settings:
    """Return the stack's settings. Raises SettingsError, which names all faults at once."""
    faults: dict[str, str] = {}
    if not _is_stack_name(stack):
        faults["stack"] = (
            f"{stack!r} is no stack's name: small letters, digits and single -, 19 at most, and no"
            " -logs at the end"
        )
    given = _given(config)
    known = {setting.key for _, _, setting in declared()}
    for key in sorted(given - known):
        near = get_close_matches(key, known, n=1)
        faults[key] = "there is no such setting" + (f": is {near[0]} meant?" if near else "")
    values: dict[str, dict[str, Any]] = {group: {} for group in GROUPS}
    for group, a_field, setting in declared():
        if setting.key in given:
            try:
                values[group][a_field.name] = _value(config, setting)
            except _Refused as refused:
                faults[setting.key] = str(refused)
    settings = Settings(stack, **{group: kind(**values[group]) for group, kind in GROUPS.items()})
    region = pulumi.Config("aws").get("region") or os.environ.get("AWS_REGION")
    for keys, sentence in disagreements(settings, region):
        # what follows from a value that is refused anyway says nothing new
        if not keys & faults.keys():
            faults[", ".join(sorted(keys))] = sentence
    tag = _stack_tag()
    if tag not in (None, stack):
        faults["aws:defaultTags"] = (
            f"the tag stack is {tag!r} and this stack is called {stack}: rights go by that tag"
        )
    if faults:
        told = "".join(f"\n  {key}: {fault}" for key, fault in faults.items())
        raise SettingsError(
            f"{len(faults)} of the settings of {stack} cannot be used; `pulumi config set` or"
            f" Pulumi.{stack}.yaml changes them, Pulumi.yaml describes them:{told}"
        )
    return settings


def declared() -> Iterator[tuple[str, "Field[Any]", Setting]]:
    """Yield every setting with its group and its field."""
    for group, kind in GROUPS.items():
        for a_field in fields(kind):
            yield group, a_field, a_field.metadata[METADATA]


class _Refused(Exception):
    """A value that is not allowed; the message says which, and what is."""


def _given(config: pulumi.Config) -> set[str]:
    """Return the keys that the stack's file, or a default of Pulumi.yaml, gives."""
    everything = {**get_config_env(), **CONFIG.get()}
    space = f"{config.name}:"
    return {key.removeprefix(space) for key in everything if key.startswith(space)}


def _value(config: pulumi.Config, setting: Setting) -> Any:
    given = config.get(setting.key) or ""
    if setting.secret:
        if given and not is_config_secret(f"{config.name}:{setting.key}"):
            raise _Refused(
                "it stands in clear text: set it with"
                f" `pulumi config set --secret {setting.key}`, and give it a new value"
            )
        return config.get_secret(setting.key) if given else None
    try:
        return setting.read(given)
    except (ValueError, KeyError, TypeError):
        raise _Refused(f"{given!r} is not {setting.allowed}") from None


def _stack_tag() -> object:
    """Return the tag `stack` that the provider gives to everything; None without one."""
    try:
        return pulumi.Config("aws").require_object("defaultTags")["tags"]["stack"]
    except (pulumi.ConfigMissingError, pulumi.ConfigTypeError, LookupError, TypeError):
        return None


def _is_stack_name(name: str) -> bool:
    return bool(re.fullmatch(STACK_NAME, name))
