"""Each setting, changed alone on a stack that is up: what `pulumi preview` says will change.

A line is `operation class name (inputs)`; what it does not name does not change.
"""

from dataclasses import dataclass
from typing import Any

import pytest
import yaml

from tests.engines.examples import FOREIGN, LOGIN
from tests.engines.pulumi_engine import ROOT

pytestmark = pytest.mark.engine


@dataclass(frozen=True)
class Change:
    """One setting's new value on one stack, and all that follows."""

    stack: str
    key: str
    value: Any
    follows: set[str]
    besides: dict[str, Any] | None = None
    """what must change with it"""


def function(*inputs: str) -> set[str]:
    return {f"update Function orders ({' '.join(inputs)})"}


def login() -> set[str]:
    return {
        "update Listener dashboard-balancer (defaultActions)",
        "update ListenerRule dashboard-balancer-htmx (actions)",
        "update ListenerRule dashboard-balancer-state (actions)",
    }


WATCHES_THE_NEW_ONE = {
    "update MetricAlarm dashboard-instance-failed (alarmDescription metricQueries)"
}
NEW_HOST = {"replace Instance dashboard (userData)"} | WATCHES_THE_NEW_ONE
SWEPT = {
    "update FunctionEventInvokeConfig orders-sweep-once (maximumEventAgeInSeconds)",
    "update Schedule orders-sweep (scheduleExpression)",
}
PRIVATE = {
    "create DefaultSecurityGroup network-default",
    "create RouteTable network-instance-routes",
    "create RouteTableAssociation network-instance-routed",
    "create SecurityGroup network-endpoints",
    "create SecurityGroupIngressRule network-endpoints-from-instance",
    "create Stash network-zones",
    "create Subnet network-instance",
    "create Vpc network",
    "create VpcEndpoint network-athena",
    "create VpcEndpoint network-logs",
    "create VpcEndpoint network-s3",
    "create VpcEndpoint network-ssm",
    "create VpcEndpoint network-ssmmessages",
}
MOVED = {
    "replace Instance dashboard (associatePublicIpAddress subnetId vpcSecurityGroupIds)",
    "replace SecurityGroup dashboard-group (vpcId)",
} | WATCHES_THE_NEW_ONE
KEPT = {
    "update Bucket lake (forceDestroy)",
    "update Bucket lake-logs (forceDestroy)",
    "update Key lake-key (deletionWindowInDays)",
    "update Stash keepData (input)",
    "update Workgroup catalog-workgroup (forceDestroy)",
}

CHANGES = [
    # the data
    Change("dev", "keepData", True, KEPT),
    Change("prod", "keepData", False, KEPT),
    Change(
        "demo",
        "keepData",
        True,
        KEPT | {"update LoadBalancer dashboard-balancer (enableDeletionProtection)"},
    ),
    Change(
        "dev",
        "resultDays",
        8,
        {"update BucketLifecycleConfiguration lake-lifecycle (rules)"},
    ),
    Change(
        "dev",
        "oldVersionDays",
        31,
        {"update BucketLifecycleConfiguration lake-lifecycle (rules)"},
    ),
    Change(
        "dev",
        "accessLogDays",
        15,
        {"update BucketLifecycleConfiguration lake-logs-lifecycle (rules)"},
    ),
    # the function
    Change("dev", "dropStatuses", ["cancelled"], function("environment")),
    Change("dev", "dropDays", 31, function("environment")),
    Change("dev", "maxFileMiB", 512, function("environment")),
    Change("dev", "maxLineBytes", 1000, function("environment")),
    Change("dev", "maxBadPercent", 10, function("environment")),
    Change("dev", "memoryMiB", 2048, function("memorySize")),
    Change("dev", "diskMiB", 4096, function("ephemeralStorage")),
    Change(
        "dev",
        "timeoutSeconds",
        600,
        # a failure stays hidden as long as its calls may take
        function("timeout") | {"update Queue orders-queue-failures (visibilityTimeoutSeconds)"},
    ),
    Change("dev", "reservedConcurrency", 5, function("reservedConcurrentExecutions")),
    Change("dev", "sweepMinutes", 30, SWEPT),
    Change("dev", "sweepMinutes", 1, SWEPT),
    Change(
        "dev",
        "logDays",
        30,
        {
            "update LogGroup catalog-crawler-logs (retentionInDays)",
            "update LogGroup dashboard-logs (retentionInDays)",
            "update LogGroup orders-logs (retentionInDays)",
        },
    ),
    # the alarms
    Change(
        "dev", "alarmEmail", "orders@example.com", {"create TopicSubscription orders-topic-email"}
    ),
    Change(
        "dev",
        "alarmQuarantinePercent",
        10,
        {"update MetricAlarm orders-many-rows-quarantined (alarmDescription threshold)"},
    ),
    Change("dev", "alarmQuarantinePercent", 0, {"delete MetricAlarm orders-many-rows-quarantined"}),
    Change("dev", "alarmNoFileHours", 168, {"create MetricAlarm orders-no-file"}),
    Change("demo", "alarmEmail", "", {"delete TopicSubscription orders-topic-email"}),
    Change("prod", "alarmNoFileHours", 0, {"delete MetricAlarm orders-no-file"}),
    # the catalog
    Change("dev", "queryCutoffMiB", 2048, {"update Workgroup catalog-workgroup (configuration)"}),
    Change(
        "dev", "crawlerSchedule", "cron(0 4 * * ? *)", {"update Crawler catalog-crawler (schedule)"}
    ),
    Change("prod", "crawlerSchedule", "", {"update Crawler catalog-crawler (schedule)"}),
    # the roles
    Change(
        "dev",
        "permissionsBoundary",
        "arn:aws:iam::123456789012:policy/orders-lake-dev-boundary",
        {
            "update Role catalog-crawler-role (permissionsBoundary)",
            "update Role dashboard-role (permissionsBoundary)",
            "update Role orders-role (permissionsBoundary)",
            "update Role orders-sweep-role (permissionsBoundary)",
        },
    ),
    # the network
    Change(
        "dev",
        "network",
        "private",
        PRIVATE
        | MOVED
        | {
            "create SecurityGroupEgressRule dashboard-group-to-endpoints",
            "create SecurityGroupEgressRule dashboard-group-to-s3",
            "delete SecurityGroupEgressRule dashboard-group-to-aws",
            "delete Stash network-subnets",
        },
    ),
    Change(
        "prod",
        "network",
        "public",
        {line.replace("create", "delete", 1) for line in PRIVATE}
        | MOVED
        | {
            "create SecurityGroupEgressRule dashboard-group-to-aws",
            "create Stash network-subnets",
            "delete SecurityGroupEgressRule dashboard-group-to-endpoints",
            "delete SecurityGroupEgressRule dashboard-group-to-s3",
        },
    ),
    Change(
        "guest",
        "subnetIds",
        [FOREIGN["balancer"][0]],
        {
            "replace Instance dashboard (subnetId)",
            "replace TargetGroupAttachment dashboard-balancer (targetId)",
        }
        | WATCHES_THE_NEW_ONE,
    ),
    Change(
        "guest",
        "balancerSubnetIds",
        [FOREIGN["balancer"][0], FOREIGN["instance"]],
        {"update LoadBalancer dashboard-balancer (subnets)"},
    ),
    # the dashboard
    Change("dev", "instanceType", "t4g.medium", {"update Instance dashboard (instanceType)"}),
    Change(
        "dev",
        "architecture",
        "x86_64",
        {
            "replace BucketObjectv2 dashboard-app (key source)",
            "replace Instance dashboard (ami instanceType userData)",
            "replace Stash dashboard-image",
            "update RolePolicy dashboard-role-policy (policy)",
        }
        | WATCHES_THE_NEW_ONE,
        besides={"instanceType": "t3.small"},
    ),
    Change("dev", "currency", "EUR", NEW_HOST),
    Change("dev", "athenaUsdPerTb", "6.5", NEW_HOST),
    # who reaches it
    Change(
        "demo",
        "hostName",
        "lake.example.com",
        NEW_HOST | {"replace TargetGroupAttachment dashboard-balancer (targetId)"},
    ),
    Change(
        "demo",
        "certificateArn",
        LOGIN["certificateArn"].replace("certificate/0", "certificate/f"),
        {"update Listener dashboard-balancer (certificateArn)"},
    ),
    Change("demo", "oidcIssuer", "https://other.example.com", login()),
    Change("demo", "oidcAuthorizationEndpoint", "https://other.example.com/authorize", login()),
    Change("demo", "oidcTokenEndpoint", "https://other.example.com/token", login()),
    Change("demo", "oidcUserInfoEndpoint", "https://other.example.com/userinfo", login()),
    Change("demo", "oidcClientId", "lake", login()),
    Change(
        "demo",
        "allowedCidrs",
        ["192.0.2.0/24"],
        {
            "create SecurityGroupIngressRule dashboard-balancer-from-browsers-192.0.2.0/24",
            "delete SecurityGroupIngressRule dashboard-balancer-from-browsers-0.0.0.0/0",
        },
    ),
]

ELSEWHERE = {
    "access": "test_a_public_address_comes_and_goes",
    "oidcClientSecret": "test_another_client_secret_changes_the_login_alone",
    "vpcId": "test_another_vpc_takes_everything_along_that_stands_in_it",
}
"""settings that cannot change alone -> their test in this file"""


@pytest.mark.parametrize("change", CHANGES, ids=lambda c: f"{c.stack}-{c.key}-{c.value}"[:60])
def test_a_setting_changes_what_is_listed_and_nothing_else(stacks, change):
    previewed = stacks[change.stack].preview({change.key: change.value, **(change.besides or {})})

    assert not previewed.failed, previewed.said
    assert previewed.messages == []
    assert in_aws(previewed) == change.follows


def test_every_setting_is_in_the_table():
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]

    assert {change.key for change in CHANGES} | ELSEWHERE.keys() == declared.keys()
    assert set(ELSEWHERE.values()) <= globals().keys()


def test_a_public_address_comes_and_goes(stacks):
    """The settings of the login go with it: alone each of them is refused."""
    previewed = stacks["demo"].preview(dict.fromkeys([*LOGIN, "oidcClientSecret"]))

    assert not previewed.failed, previewed.said
    assert in_aws(previewed) == {
        "delete Listener dashboard-balancer",
        "delete ListenerRule dashboard-balancer-htmx",
        "delete ListenerRule dashboard-balancer-state",
        "delete LoadBalancer dashboard-balancer",
        "delete MetricAlarm dashboard-not-answering",
        "delete SecurityGroup dashboard-balancer",
        "delete SecurityGroupEgressRule dashboard-balancer-to-instance",
        "delete SecurityGroupEgressRule dashboard-balancer-to-provider",
        "delete SecurityGroupIngressRule dashboard-balancer-from-browsers-0.0.0.0/0",
        "delete SecurityGroupIngressRule dashboard-balancer-instance-from-balancer",
        "delete TargetGroup dashboard-balancer",
        "delete TargetGroupAttachment dashboard-balancer",
        # what the internet could reach of its network
        "delete InternetGateway network-internet",
        "delete Route network-balancer-route",
        "delete RouteTable network-balancer-routes",
        "delete RouteTableAssociation network-balancer-routed-1",
        "delete RouteTableAssociation network-balancer-routed-2",
        "delete Subnet network-balancer-1",
        "delete Subnet network-balancer-2",
        # the balancer's logs have nobody left who writes them
        "update BucketPolicy lake-logs-policy (policy)",
        *NEW_HOST,
    }


def test_another_client_secret_changes_the_login_alone(stacks):
    stack = stacks["demo"]
    kept = stack.file.read_text()
    try:
        stack.set_secret("oidcClientSecret", "another-one")
        previewed = stack.preview()
    finally:
        stack.file.write_text(kept)

    assert not previewed.failed, previewed.said
    assert in_aws(previewed) == login()
    assert "another-one" not in previewed.said


def test_another_vpc_takes_everything_along_that_stands_in_it(stacks):
    previewed = stacks["guest"].preview({"vpcId": "vpc-0f00000000000001f"})

    assert not previewed.failed, previewed.said
    changed = {line.rpartition(" (")[0] or line for line in in_aws(previewed)}
    assert {
        "replace SecurityGroup dashboard-group",
        "replace SecurityGroup dashboard-balancer",
        "replace TargetGroup dashboard-balancer",
    } <= changed
    assert {line.split()[2].partition("-")[0] for line in changed} == {"dashboard"}


@pytest.mark.parametrize(
    ("name", "network"), [("dev", "private"), ("demo", "public")], ids=["by session", "balanced"]
)
def test_a_stack_moves_to_another_network_and_back(fresh_stacks, name, network):
    """Not only previewed: what is in use cannot be deleted before its users have left."""
    stack = fresh_stacks[name]

    there = stack.up({"network": network})
    back = stack.up()
    again = stack.preview()

    assert not there.failed, there.said
    assert not back.failed, back.said
    assert len(in_aws(there)) == len(in_aws(back)) > len(PRIVATE)
    assert again.changed == set()


def test_a_default_that_is_written_out_changes_nothing(stacks):
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    stack = stacks["demo"]
    given = yaml.safe_load(stack.file.read_text())["config"]
    defaults = {
        key: setting["default"]
        for key, setting in declared.items()
        if f"orders-lake:{key}" not in given
    }

    previewed = stack.preview(defaults)

    assert len(defaults) > 25
    assert not previewed.failed, previewed.said
    assert previewed.changed == set()


def in_aws(run) -> set[str]:
    """What changes; that a component comes or goes follows from its parts."""
    return {str(step) for step in run.changes if not step.token.startswith("orders-lake:")}
