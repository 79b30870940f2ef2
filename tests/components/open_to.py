"""What both sides of a security group's rules are, and the settings that open the dashboard."""

from typing import Any

from tests.doubles.registered import Registered, Resource

SECRET = {"oidcClientSecret": "a secret of the tests"}
BALANCED: dict[str, Any] = {
    "access": "balancer",
    "hostName": "orders.example.com",
    "certificateArn": (
        "arn:aws:acm:eu-central-1:123456789012:certificate/01234567-89ab-cdef-0123-456789abcdef"
    ),
    "oidcIssuer": "https://login.example.com",
    "oidcAuthorizationEndpoint": "https://login.example.com/authorize",
    "oidcTokenEndpoint": "https://login.example.com/token",
    "oidcUserInfoEndpoint": "https://login.example.com/userinfo",
    "oidcClientId": "orders-lake",
}
"""access: balancer with all that it needs but the secret."""


def group(made: Registered, name: str) -> Resource:
    """Return a security group by the name of its resource."""
    [found] = [one for one in made.of("ec2.SecurityGroup") if one.name == name]
    return found


def peers(made: Registered, direction: str, name: str) -> set[tuple[int, str | None]]:
    """Return whom a group lets in ("Ingress") or out ("Egress"): port, and range or group.

    Who is only named by a prefix list, which the mocks make no id for, is None.
    """
    return {
        (
            rule.inputs["toPort"],
            rule.inputs.get("cidrIpv4") or rule.inputs.get("referencedSecurityGroupId"),
        )
        for rule in made.of(f"vpc.SecurityGroup{direction}Rule")
        if rule.inputs["securityGroupId"] == group(made, name).outputs["id"]
    }
