"""A VPC of the dashboard's own, in which the instance has no way to the internet."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2, get_region_output

from components.firewall import Peer, closed_group, let_in
from components.names import StackNames

VPC_CIDR = "10.64.0.0/24"
INSTANCE_CIDR = "10.64.0.0/26"
BALANCER_CIDRS = ("10.64.0.128/26", "10.64.0.192/26")
"""Room for an instance with its endpoints, and for a load balancer, which wants a /27 with 8 free
addresses in each zone. Nothing else is ever connected to it, so it may overlap with others."""

ZONES = len(BALANCER_CIDRS)
"""What a load balancer needs at least."""

ENDPOINTS = {
    "athena": "its queries",
    "logs": "the log agent",
    "ssm": "the agent of Session Manager, which says that it is there",
    "ssmmessages": "the sessions, and with them the forwarded port",
}
"""service -> what the instance calls it for. Not among them, since it never calls these itself:
glue (Athena does, for the caller), kms (S3 does), sts (the role comes with the instance),
ec2messages (agents since 3.3.40 take ssmmessages). S3 has a gateway, which costs nothing; each of
these costs money by the hour."""


@dataclass(frozen=True)
class PrivateVpc:
    """What others need of it."""

    vpc_id: pulumi.Output[str]
    subnet_id: pulumi.Output[str]
    """the instance's; known once what it needs can be reached from there"""
    balancer_subnet_ids: pulumi.Output[Sequence[str]]
    egress: tuple[Peer, ...]
    """where the instance may go"""


def private_vpc(
    name: str,
    *,
    stack: str,
    zones: pulumi.Output[list[str]],
    balanced: bool,
    opts: pulumi.ResourceOptions,
) -> PrivateVpc:
    """Make the VPC in the first of `zones`, and in the second where a load balancer is asked for.

    Makes: the VPC, its own security group emptied; the instance's subnet with a route table that
    leads nowhere but to S3's gateway; an endpoint for each of ENDPOINTS with a security group; for
    a load balancer two more subnets with an internet gateway.
    """
    lake = StackNames(stack).lake
    vpc = ec2.Vpc(
        name,
        cidr_block=VPC_CIDR,
        # the endpoints answer under the services' own names
        enable_dns_support=True,
        enable_dns_hostnames=True,
        tags={"Name": lake},
        opts=opts,
    )
    # the one that a VPC comes with lets everything out, and its members in
    ec2.DefaultSecurityGroup(f"{name}-default", vpc_id=vpc.id, ingress=[], egress=[], opts=opts)
    subnet = ec2.Subnet(
        f"{name}-instance",
        vpc_id=vpc.id,
        cidr_block=INSTANCE_CIDR,
        availability_zone=zones[0],
        map_public_ip_on_launch=False,
        tags={"Name": f"{lake}-instance"},
        opts=opts,
    )
    routes = ec2.RouteTable(f"{name}-instance-routes", vpc_id=vpc.id, opts=opts)
    routed = ec2.RouteTableAssociation(
        f"{name}-instance-routed", subnet_id=subnet.id, route_table_id=routes.id, opts=opts
    )
    region = get_region_output(opts=pulumi.InvokeOutputOptions(parent=opts.parent)).region
    s3 = ec2.VpcEndpoint(
        f"{name}-s3",
        vpc_id=vpc.id,
        vpc_endpoint_type="Gateway",
        service_name=pulumi.Output.format("com.amazonaws.{}.s3", region),
        route_table_ids=[routes.id],
        opts=opts,
    )
    group = closed_group(
        f"{name}-endpoints",
        physical_name=f"{lake}-endpoints",
        description="the endpoints of the services that the dashboard calls",
        vpc_id=vpc.id,
        opts=opts,
    )
    instance = Peer("instance", "the calls of the dashboard and its agents", cidr=INSTANCE_CIDR)
    rules = let_in(f"{name}-endpoints", group, [instance], opts)
    endpoints = [
        ec2.VpcEndpoint(
            f"{name}-{service}",
            vpc_id=vpc.id,
            vpc_endpoint_type="Interface",
            service_name=pulumi.Output.format("com.amazonaws.{}.{}", region, service),
            # in the instance's zone alone: nobody else calls them, and each zone costs
            subnet_ids=[subnet.id],
            security_group_ids=[group.id],
            private_dns_enabled=True,
            opts=opts,
        )
        for service in ENDPOINTS
    ]
    ready = [resource.id for resource in (routed, s3, *rules, *endpoints)]
    return PrivateVpc(
        vpc_id=vpc.id,
        subnet_id=pulumi.Output.all(subnet.id, *ready).apply(lambda ids: str(ids[0])),
        balancer_subnet_ids=pulumi.Output.all(
            *(_balancer_subnets(name, lake, vpc, zones, opts) if balanced else ())
        ),
        egress=(
            Peer(
                "s3",
                "the bundle, the lake, the packages of the system",
                prefix_list_id=s3.prefix_list_id,
            ),
            Peer("endpoints", "the other services of AWS", group_id=group.id),
        ),
    )


def _balancer_subnets(
    name: str,
    lake: str,
    vpc: ec2.Vpc,
    zones: pulumi.Output[list[str]],
    opts: pulumi.ResourceOptions,
) -> list[pulumi.Output[str]]:
    """Make subnets that the internet reaches; the instance's stays without a way there."""
    gateway = ec2.InternetGateway(f"{name}-internet", vpc_id=vpc.id, opts=opts)
    routes = ec2.RouteTable(f"{name}-balancer-routes", vpc_id=vpc.id, opts=opts)
    route = ec2.Route(
        f"{name}-balancer-route",
        route_table_id=routes.id,
        destination_cidr_block="0.0.0.0/0",
        gateway_id=gateway.id,
        opts=opts,
    )
    ids = []
    for number, cidr in enumerate(BALANCER_CIDRS, start=1):
        subnet = ec2.Subnet(
            f"{name}-balancer-{number}",
            vpc_id=vpc.id,
            cidr_block=cidr,
            availability_zone=zones[number - 1],
            map_public_ip_on_launch=False,
            tags={"Name": f"{lake}-balancer-{number}"},
            opts=opts,
        )
        routed = ec2.RouteTableAssociation(
            f"{name}-balancer-routed-{number}",
            subnet_id=subnet.id,
            route_table_id=routes.id,
            opts=opts,
        )
        ready = pulumi.Output.all(subnet.id, routed.id, route.id)
        ids.append(ready.apply(lambda ids: str(ids[0])))
    return ids
