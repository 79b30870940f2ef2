"""Security groups whose every rule says who, which port and why."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2, vpc

HTTPS = 443


@dataclass(frozen=True)
class Peer:
    """Who is at the other end of a connection; one of the three last is given."""

    name: str
    """stands in the rule's resource name"""
    why: str
    """letters, digits, blanks and ._-:/()#,@[]+=&;{}!$* are what EC2 takes"""
    port: int = HTTPS
    cidr: str | None = None
    prefix_list_id: pulumi.Input[str] | None = None
    group_id: pulumi.Input[str] | None = None


def closed_group(
    name: str,
    *,
    physical_name: str,
    description: str,
    vpc_id: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> ec2.SecurityGroup:
    """Make a group that lets nothing in and, the provider sees to that, nothing out.

    Its name goes on with digits: in another VPC it is another group, and that one must be there
    before its members leave the old one.
    """
    return ec2.SecurityGroup(
        name, name_prefix=f"{physical_name}-", description=description, vpc_id=vpc_id, opts=opts
    )


def let_in(
    name: str, group: ec2.SecurityGroup, peers: Sequence[Peer], opts: pulumi.ResourceOptions
) -> list[pulumi.CustomResource]:
    """Let peers connect to one port of the group's members each."""
    return [
        _rule(vpc.SecurityGroupIngressRule, f"{name}-from-{peer.name}", group, peer, opts)
        for peer in peers
    ]


def let_out(
    name: str, group: ec2.SecurityGroup, peers: Sequence[Peer], opts: pulumi.ResourceOptions
) -> list[pulumi.CustomResource]:
    """Let the group's members connect to one port of each peer.

    Names are resolved all the same: security groups do not filter Amazon's own resolver, nor the
    instance metadata and time services (Amazon VPC User Guide, security group rules).
    """
    return [
        _rule(vpc.SecurityGroupEgressRule, f"{name}-to-{peer.name}", group, peer, opts)
        for peer in peers
    ]


def _rule(
    kind: type[vpc.SecurityGroupIngressRule] | type[vpc.SecurityGroupEgressRule],
    name: str,
    group: ec2.SecurityGroup,
    peer: Peer,
    opts: pulumi.ResourceOptions,
) -> pulumi.CustomResource:
    return kind(
        name,
        security_group_id=group.id,
        description=peer.why,
        ip_protocol="tcp",
        from_port=peer.port,
        to_port=peer.port,
        cidr_ipv4=peer.cidr,
        prefix_list_id=peer.prefix_list_id,
        referenced_security_group_id=peer.group_id,
        opts=opts,
    )
