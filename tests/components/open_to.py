"""Whom the security groups of a stack let in and out."""

from tests.doubles.registered import Registered, Resource


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
