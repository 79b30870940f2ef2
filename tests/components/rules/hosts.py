"""Rules about EC2 and load balancers."""

import re
from collections.abc import Mapping
from typing import Any

from tests.components.rules.rule import Rule, changed, edited, inputs
from tests.doubles.registered import Registered, Resource

INSTANCE, INGRESS = "ec2.Instance", "vpc.SecurityGroupIngressRule"
BALANCER, LISTENER = "lb.LoadBalancer", "lb.Listener"
SSH, HTTP, HTTPS = 22, 80, 443
HIGH_RISK = (
    *(20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000, 3306, 3389, 4333),
    *(5000, 5432, 5500, 5601, 8080, 8088, 8888, 9200, 9300),
)
"""The ports of EC2.19."""
TLS_POLICIES = {
    "ELBSecurityPolicy-TLS13-1-2-2021-06",
    "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
    "ELBSecurityPolicy-TLS13-1-3-2021-06",
}
"""Of those that ELB.17 recommends, the ones with nothing older than TLS 1.2."""
SECRET = re.compile(
    r"AKIA[0-9A-Z]{16}|aws_secret_access_key|-----BEGIN|(?i:password|secret|token)\s*[=:]\s*\S"
)


def is_open_to_all(given: Mapping[str, Any]) -> bool:
    return given.get("cidrIpv4") == "0.0.0.0/0" or given.get("cidrIpv6") == "::/0"


def covers(given: Mapping[str, Any], *ports: int) -> bool:
    if given["ipProtocol"] == "-1":
        return True
    return any(given["fromPort"] <= port <= given["toPort"] for port in ports)


def opened(port: int):
    """Return a mutation that opens a port to everybody."""

    def edit(given: dict[str, Any]) -> None:
        for other in ("referencedSecurityGroupId", "prefixListId"):
            given.pop(other, None)
        given |= {"cidrIpv4": "0.0.0.0/0", "fromPort": port, "toPort": port}

    return edited(INGRESS, edit)


def keeps_hypertext_in_tls(balancer: Resource, stack: Registered) -> bool:
    """All its listeners speak TLS; one that did not would have to redirect."""
    listeners = [
        one.inputs
        for one in stack.of(LISTENER)
        if one.inputs["loadBalancerArn"] == balancer.outputs["arn"]
    ]
    return bool(listeners) and all(
        one["protocol"] == "HTTPS" or one["defaultActions"][0]["type"] == "redirect"
        for one in listeners
    )


RULES = (
    Rule(
        "EC2.8",
        "the instance's metadata is asked for by IMDSv2",
        INSTANCE,
        inputs(lambda given: given.get("metadataOptions", {}).get("httpTokens") == "required"),
        changed(INSTANCE, "metadataOptions.httpTokens", "optional"),
    ),
    Rule(
        "CKV_AWS_79",
        "IMDSv1 is off",
        INSTANCE,
        inputs(
            lambda given: (
                given.get("metadataOptions", {}).get("httpTokens") == "required"
                or given.get("metadataOptions", {}).get("httpEndpoint") == "disabled"
            )
        ),
        changed(INSTANCE, "metadataOptions", None),
    ),
    Rule(
        "CKV_AWS_341",
        "the metadata's answer goes no further than the instance",
        INSTANCE,
        inputs(
            lambda given: given.get("metadataOptions", {}).get("httpPutResponseHopLimit", 2) <= 1
        ),
        changed(INSTANCE, "metadataOptions.httpPutResponseHopLimit", 2),
    ),
    Rule(
        "EC2.3",
        "disks are encrypted",
        INSTANCE,
        inputs(
            lambda given: (
                given.get("rootBlockDevice", {}).get("encrypted") is True
                and all(disk.get("encrypted") for disk in given.get("ebsBlockDevices", ()))
            )
        ),
        changed(INSTANCE, "rootBlockDevice.encrypted", False),
    ),
    Rule(
        "EC2.9",
        "the instance has no public address",
        INSTANCE,
        inputs(lambda given: given.get("associatePublicIpAddress") is False),
        changed(INSTANCE, "associatePublicIpAddress", True),
    ),
    Rule(
        "CKV_AWS_46",
        "no secret stands in the user data",
        INSTANCE,
        inputs(lambda given: not SECRET.search(given.get("userData", ""))),
        changed(INSTANCE, "userData", "#!/bin/sh\nexport API_TOKEN=0123456789"),
    ),
    Rule(
        "CKV_AWS_126",
        "the instance is watched closely",
        INSTANCE,
        inputs(lambda given: given.get("monitoring") is True),
        changed(INSTANCE, "monitoring", False),
    ),
    Rule(
        "CKV_AWS_135",
        "the disk has its own way to the instance",
        INSTANCE,
        inputs(lambda given: given.get("ebsOptimized") is True),
        changed(INSTANCE, "ebsOptimized", False),
    ),
    Rule(
        "EC2.18",
        "only HTTPS is open to everybody",
        INGRESS,
        inputs(
            lambda given: not is_open_to_all(given) or given["fromPort"] == given["toPort"] == HTTPS
        ),
        opened(8443),
    ),
    Rule(
        "EC2.19",
        "no port of high risk is open to everybody",
        INGRESS,
        inputs(lambda given: not (is_open_to_all(given) and covers(given, *HIGH_RISK))),
        opened(5000),
    ),
    Rule(
        "CKV_AWS_24",
        "SSH is not open to everybody",
        INGRESS,
        inputs(lambda given: not (is_open_to_all(given) and covers(given, SSH))),
        opened(SSH),
    ),
    Rule(
        "CKV_AWS_260",
        "port 80 is not open to everybody",
        INGRESS,
        inputs(lambda given: not (is_open_to_all(given) and covers(given, HTTP))),
        opened(HTTP),
    ),
    Rule(
        "CKV_AWS_23",
        "every rule of a security group says why it is there",
        INGRESS,
        inputs(lambda given: bool(given.get("description"))),
        changed(INGRESS, "description", None),
    ),
    Rule(
        "EC2.2",
        "the default group of a VPC lets nothing through",
        "ec2.DefaultSecurityGroup",
        inputs(lambda given: given.get("ingress") == [] and given.get("egress") == []),
        changed("ec2.DefaultSecurityGroup", "egress", None),
    ),
    Rule(
        "EC2.15",
        "a subnet gives nobody a public address",
        "ec2.Subnet",
        inputs(lambda given: not given.get("mapPublicIpOnLaunch")),
        changed("ec2.Subnet", "mapPublicIpOnLaunch", True),
    ),
    Rule(
        "ELB.1",
        "everything goes by HTTPS",
        BALANCER,
        keeps_hypertext_in_tls,
        changed(LISTENER, "protocol", "HTTP"),
    ),
    Rule(
        "ELB.4",
        "headers that are none are dropped",
        BALANCER,
        inputs(lambda given: given.get("dropInvalidHeaderFields") is True),
        changed(BALANCER, "dropInvalidHeaderFields", False),
    ),
    Rule(
        "ELB.5",
        "the load balancer's requests are logged",
        BALANCER,
        inputs(lambda given: given.get("accessLogs", {}).get("enabled") is True),
        changed(BALANCER, "accessLogs.enabled", False),
    ),
    Rule(
        "ELB.6",
        "the load balancer is not deleted by mistake",
        BALANCER,
        inputs(lambda given: given.get("enableDeletionProtection") is True),
        changed(BALANCER, "enableDeletionProtection", False),
    ),
    Rule(
        "ELB.12",
        "requests that are read in two ways are not let through",
        BALANCER,
        inputs(lambda given: given.get("desyncMitigationMode") in ("defensive", "strictest")),
        changed(BALANCER, "desyncMitigationMode", "monitor"),
    ),
    Rule(
        "ELB.17",
        "TLS is of today",
        LISTENER,
        inputs(lambda given: given.get("sslPolicy") in TLS_POLICIES),
        changed(LISTENER, "sslPolicy", "ELBSecurityPolicy-2016-08"),
    ),
)
