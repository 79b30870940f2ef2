"""Settings that must agree: each is allowed by itself, together they are not."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from components.settings import Settings

Fault = tuple[frozenset[str], str]
"""the keys that disagree, and why"""

COPIES = 3
"""How often a raw file can lie on the function's disk: as it came, with other line ends, and as
what it becomes."""

ON_BALANCER = {
    "hostName": "host_name",
    "certificateArn": "certificate_arn",
    "oidcIssuer": "oidc_issuer",
    "oidcAuthorizationEndpoint": "oidc_authorization_endpoint",
    "oidcTokenEndpoint": "oidc_token_endpoint",
    "oidcUserInfoEndpoint": "oidc_user_info_endpoint",
    "oidcClientId": "oidc_client_id",
    "oidcClientSecret": "oidc_client_secret",
}
"""What a public address needs: key -> field of DashboardSettings."""


def disagreements(settings: "Settings", region: str | None) -> Iterator[Fault]:
    """Yield what does not fit together, or not to the region where that is known."""
    yield from _disk(settings)
    yield from _instance(settings)
    yield from _network(settings)
    yield from _access(settings)
    yield from _certificate(settings, region)


def architecture_of(instance_type: str) -> str:
    """Return arm64 for Graviton (a `g` after the generation: t4g, c7gn), else x86_64."""
    family = instance_type.partition(".")[0]
    own = family == "a1" or re.fullmatch(r"[a-z]+[0-9]+[a-fh-z]*g[a-z]*(-.*)?", family)
    return "arm64" if own else "x86_64"


def _disk(settings: "Settings") -> Iterator[Fault]:
    function = settings.function
    needed = COPIES * function.max_file_mib
    if needed > function.disk_mib:
        yield (
            frozenset({"maxFileMiB", "diskMiB"}),
            f"a file of {function.max_file_mib} MiB needs a disk of {needed}, not of"
            f" {function.disk_mib}: take smaller files, or a disk of up to 10240",
        )


def _instance(settings: "Settings") -> Iterator[Fault]:
    dashboard = settings.dashboard
    actual = architecture_of(dashboard.instance_type)
    if actual != dashboard.architecture:
        yield (
            frozenset({"instanceType", "architecture"}),
            f"{dashboard.instance_type} is {actual}, not {dashboard.architecture}: change one",
        )


def _network(settings: "Settings") -> Iterator[Fault]:
    network = settings.network
    given = {
        "vpcId": network.vpc_id,
        "subnetIds": network.subnet_ids,
        "balancerSubnetIds": network.balancer_subnet_ids,
    }
    if network.kind != "existing":
        for key, value in given.items():
            if value:
                yield (
                    frozenset({key, "network"}),
                    f"{key} is used with network: existing only, and network is {network.kind}",
                )
        return
    for key in ("vpcId", "subnetIds"):
        if not given[key]:
            yield frozenset({key}), f"network: existing needs {key}"
    balanced = settings.dashboard.access == "balancer"
    if balanced and len(set(network.balancer_subnet_ids)) < 2:
        yield (
            frozenset({"balancerSubnetIds"}),
            "a load balancer needs two public subnets, in two availability zones",
        )
    if not balanced and network.balancer_subnet_ids:
        yield (
            frozenset({"balancerSubnetIds", "access"}),
            "balancerSubnetIds is used with access: balancer only",
        )


def _access(settings: "Settings") -> Iterator[Fault]:
    dashboard = settings.dashboard
    given = {key: getattr(dashboard, name) for key, name in ON_BALANCER.items()}
    if dashboard.access == "balancer":
        missing = [key for key, value in given.items() if not _is_given(value)]
        if missing:
            yield (
                frozenset(missing),
                "access: balancer gives a public address, and that needs a certificate and a"
                " login: set what is missing",
            )
        return
    used = {**given, "allowedCidrs": dashboard.allowed_cidrs}
    for key, value in used.items():
        if _is_given(value):
            yield (
                frozenset({key, "access"}),
                f"{key} is used with access: balancer only, and access is {dashboard.access}",
            )


def _certificate(settings: "Settings", region: str | None) -> Iterator[Fault]:
    arn = settings.dashboard.certificate_arn
    if arn and region and arn.split(":")[3] != region:
        yield (
            frozenset({"certificateArn"}),
            f"the certificate is in {arn.split(':')[3]}, and a load balancer in {region} takes only"
            " one from there: request one with `aws acm request-certificate`",
        )


def _is_given(value: object) -> bool:
    # an output, such as a secret, cannot be asked whether it is true
    return value is not None and not (isinstance(value, str | tuple) and not value)
