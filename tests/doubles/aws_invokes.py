"""What the double answers when the program asks AWS something: by the token of the function."""

from collections.abc import Callable
from typing import Any

from tests.doubles.aws_account import DEFAULT_VPC, Account, Refused

Answer = Callable[[Account, dict[str, Any]], dict[str, Any]]


def caller_identity(account: Account, _: dict[str, Any]) -> dict[str, Any]:
    """The account, and who asks."""
    return {
        "id": account.id,
        "accountId": account.id,
        "arn": f"arn:{account.partition}:iam::{account.id}:user/a-test",
        "userId": "AIDAEXAMPLE",
    }


def region(account: Account, _: dict[str, Any]) -> dict[str, Any]:
    """The region that the provider is configured with."""
    return {"id": account.region, "region": account.region, "name": account.region}


def partition(account: Account, _: dict[str, Any]) -> dict[str, Any]:
    """The partition that the region is in."""
    return {"id": account.partition, "partition": account.partition, "dnsSuffix": "amazonaws.com"}


def vpcs(account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """The default VPC, if the region has one."""
    filters = _filters(asked)
    if filters != {"is-default": ["true"]}:
        raise Refused(f"the double knows default VPCs only, not {filters}")
    return {"id": account.region, "ids": [DEFAULT_VPC] if account.default_vpc else []}


def subnets(account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """The default VPC's subnets, one a zone, filtered."""
    filters = _filters(asked)
    if filters.pop("vpc-id", None) != [DEFAULT_VPC] or filters.pop("default-for-az", None) != [
        "true"
    ]:
        raise Refused(f"the double knows the default VPC's subnets only, not {asked}")
    zones = filters.pop("availability-zone", list(account.default_subnets))
    if filters:
        raise Refused(f"the double knows no filter {', '.join(filters)}")
    found = [subnet for zone, subnet in account.default_subnets.items() if zone in zones]
    return {"id": account.region, "ids": found}


def instance_type_offerings(account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """The zones that have an instance type: all but the first, for every type that there is."""
    [type_] = _filters(asked)["instance-type"]
    zones = list(account.default_subnets)[1:] if type_ in account.instance_types else []
    return {
        "id": account.region,
        "locations": zones,
        "instanceTypes": [type_] * len(zones),
        "locationTypes": ["availability-zone"] * len(zones),
    }


def parameter(account: Account, asked: dict[str, Any]) -> dict[str, Any]:
    """A public parameter of AWS: the newest image of Amazon Linux 2023."""
    name = asked["name"]
    for architecture, image in account.images.items():
        if name == f"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{architecture}":
            return {
                "id": name,
                "name": name,
                "type": "String",
                "value": image,
                "insecureValue": image,
                "version": 1,
                "arn": f"arn:{account.partition}:ssm:{account.region}::parameter{name}",
            }
    raise Refused(f"ParameterNotFound: {name}")


def _filters(asked: dict[str, Any]) -> dict[str, list[str]]:
    return {given["name"]: given["values"] for given in asked.get("filters", [])}


INVOKES: dict[str, Answer] = {
    "aws:index/getCallerIdentity:getCallerIdentity": caller_identity,
    "aws:index/getRegion:getRegion": region,
    "aws:index/getPartition:getPartition": partition,
    "aws:ec2/getVpcs:getVpcs": vpcs,
    "aws:ec2/getSubnets:getSubnets": subnets,
    "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings": instance_type_offerings,
    "aws:ssm/getParameter:getParameter": parameter,
}
