"""Where the dashboard's instance stands, and where it may go from there."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import ec2

from components.firewall import Peer
from components.private_vpc import ZONES, private_vpc
from components.settings import NetworkSettings

EVERYWHERE = Peer("aws", "the interfaces of AWS, whose addresses change", cidr="0.0.0.0/0")


@dataclass(frozen=True, kw_only=True)
class NetworkArgs:
    """What is asked of a network."""

    stack: str
    """stands in the names of what is made"""
    settings: NetworkSettings
    instance_type: str
    """not every availability zone has every type"""
    balanced: bool
    """whether a load balancer that the internet reaches needs subnets"""


class Network(pulumi.ComponentResource):
    """The VPC and subnets of the dashboard, found or made.

    `public` takes the region's default VPC and gives the instance a public address, which costs
    least. `private` makes a VPC in which the instance has no way to the internet (see
    private_vpc.py). `existing` takes what the settings name; the instance's subnet must reach AWS,
    and its zone must be one of the load balancer's.

    Found subnets and zones are noted in the state: one that AWS adds later changes nothing, though
    a load balancer in the default VPC takes a new default subnet, too.
    """

    vpc_id: pulumi.Output[str]
    subnet_id: pulumi.Output[str]
    """the instance's"""
    balancer_subnet_ids: pulumi.Output[Sequence[str]]
    """the load balancer's; none where none is asked for"""
    public_address: bool | None
    """whether the instance has one; None leaves it to the subnet"""
    egress: tuple[Peer, ...]
    """where the instance may connect to"""

    def __init__(
        self, name: str, args: NetworkArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("orders-lake:components:Network", name, None, opts)
        self.public_address = {"public": True, "private": False}.get(args.settings.kind)
        self.egress = (EVERYWHERE,)
        match args.settings.kind:
            case "public":
                self._take_default(name, args)
            case "private":
                made = private_vpc(
                    name,
                    stack=args.stack,
                    zones=self._held(f"{name}-zones", self._private_zones(args)),
                    balanced=args.balanced,
                    opts=pulumi.ResourceOptions(parent=self),
                )
                self.vpc_id = made.vpc_id
                self.subnet_id = made.subnet_id
                self.balancer_subnet_ids = made.balancer_subnet_ids
                self.egress = made.egress
            case _:
                settings = args.settings
                self._take(settings.vpc_id, settings.subnet_ids[0], settings.balancer_subnet_ids)
        self.register_outputs(
            {
                "vpc_id": self.vpc_id,
                "subnet_id": self.subnet_id,
                "balancer_subnet_ids": self.balancer_subnet_ids,
            }
        )

    def _take(self, vpc_id: str, subnet: pulumi.Input[str], balancers: Sequence[str]) -> None:
        self.vpc_id = pulumi.Output.from_input(vpc_id)
        self.subnet_id = pulumi.Output.from_input(subnet)
        self.balancer_subnet_ids = pulumi.Output.from_input(list(balancers))

    def _take_default(self, name: str, args: NetworkArgs) -> None:
        # asked for at once, not as outputs: what is missing is said before anything is made
        defaults = ec2.get_vpcs(
            filters=[ec2.GetVpcsFilterArgs(name="is-default", values=["true"])],
            opts=pulumi.InvokeOptions(parent=self),
        ).ids
        if not defaults:
            raise pulumi.RunError(
                "network: public puts the dashboard into the region's default VPC, and there is"
                " none: make one with `aws ec2 create-default-vpc`, or set network to private or"
                " existing"
            )
        vpc_id = defaults[0]
        subnets = self._default_subnets(vpc_id, self._zones(args.instance_type))
        if not subnets:
            raise pulumi.RunError(
                f"the default VPC has no default subnet in a zone with {args.instance_type}: make"
                " one with `aws ec2 create-default-subnet`, choose another instanceType, or set"
                " network to private or existing"
            )
        balancers = self._default_subnets(vpc_id) if args.balanced else []
        if args.balanced and len(balancers) < ZONES:
            raise pulumi.RunError(
                "the default VPC has a default subnet in one zone alone, and a load balancer needs"
                " two: make another with `aws ec2 create-default-subnet`"
            )
        self._take(vpc_id, self._held(f"{name}-subnets", subnets)[0], balancers)

    def _default_subnets(self, vpc_id: str, zones: Sequence[str] | None = None) -> list[str]:
        """Return the default subnets, one a zone at most, always in the same order."""
        filters = {"vpc-id": [vpc_id], "default-for-az": ["true"]}
        if zones is not None:
            filters["availability-zone"] = list(zones)
        return sorted(
            ec2.get_subnets(
                filters=[
                    ec2.GetSubnetsFilterArgs(name=name, values=values)
                    for name, values in filters.items()
                ],
                opts=pulumi.InvokeOptions(parent=self),
            ).ids
        )

    def _private_zones(self, args: NetworkArgs) -> list[str]:
        zones = self._zones(args.instance_type)
        if args.balanced and len(zones) < ZONES:
            raise pulumi.RunError(
                f"a load balancer needs {ZONES} zones, and only {zones[0]} has this instanceType:"
                " choose another"
            )
        return zones

    def _held(self, name: str, found: list[str]) -> pulumi.Output[list[str]]:
        """Return what was found, those first that were there when the stack was made.

        The instance takes the first, and an instance in another subnet is another instance. So the
        first answer is kept in the state, and what comes later stands behind it.
        """
        kept = pulumi.Stash(name, input=found, opts=pulumi.ResourceOptions(parent=self))
        return kept.output.apply(lambda known: known_first(known, found))

    def _zones(self, instance_type: str) -> list[str]:
        """Return the availability zones of the region that have a type of instance."""
        zones = ec2.get_instance_type_offerings(
            filters=[
                ec2.GetInstanceTypeOfferingsFilterArgs(name="instance-type", values=[instance_type])
            ],
            location_type="availability-zone",
            opts=pulumi.InvokeOptions(parent=self),
        ).locations
        if not zones:
            raise pulumi.RunError(
                f"this region has no {instance_type}: choose another instanceType"
            )
        return sorted(zones)


def known_first(known: Sequence[str], found: Sequence[str]) -> list[str]:
    """Return what was found: first, in their order, those that were known before."""
    still = [one for one in known if one in found]
    return still + [one for one in found if one not in still]
