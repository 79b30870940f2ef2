"""The load balancer: a public address with HTTPS, where nobody gets through without a login."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pulumi
from pulumi_aws import ec2, lb

from components.access_logs import BALANCER_LOGS
from components.firewall import HTTPS, Peer, closed_group, let_in, let_out
from components.names import StackNames
from components.order import after
from components.settings import DashboardSettings
from components.storage import DataLake

HEALTH_PATH = "/healthz"

TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06"
"""TLS 1.3, and of 1.2 what has forward secrecy and authenticated encryption (Elastic Load
Balancing, security policies)."""

SESSION_SECONDS = 12 * 3600
"""A working day; the load balancer's own default is a week."""

DRAIN_SECONDS = 30
"""How long a replaced instance still answers what it was asked; an export waits 10 seconds."""

IDLE_SECONDS = 60
"""Longer than any request takes."""

INTERNET = ("0.0.0.0/0",)

SCRIPTED = {
    "state": lb.ListenerRuleConditionArgs(
        path_pattern=lb.ListenerRuleConditionPathPatternArgs(values=["/state"])
    ),
    "htmx": lb.ListenerRuleConditionArgs(
        http_header=lb.ListenerRuleConditionHttpHeaderArgs(
            http_header_name="HX-Request", values=["true"]
        )
    ),
}
"""What the page's scripts ask by themselves, by the name of its rule, in the order of the rules. A
script cannot log in: sent to the OIDC provider, each of them would begin another login and learn
nothing."""


@dataclass(frozen=True, kw_only=True)
class BalancerArgs:
    """What the load balancer stands before, and who gets through."""

    stack: str
    """stands in the names of what is made"""
    vpc_id: pulumi.Input[str]
    subnet_ids: pulumi.Input[Sequence[str]]
    """public ones in two zones; the instance's zone is one of them"""
    instance_id: pulumi.Input[str]
    instance_group: ec2.SecurityGroup
    """let in here"""
    port: int
    """the instance's"""
    lake: DataLake
    """takes the access logs"""
    keep: bool
    """whether it is protected against deletion"""
    settings: DashboardSettings


class Balancer(pulumi.ComponentResource):
    """An application load balancer before the dashboard's one instance.

    Makes: the load balancer with access logs; a listener on 443 with the certificate, which sends
    everybody to the OIDC provider first; its rules, by which a page's scripts get a 401 instead
    once the session has ended; the target group, whose health is what /healthz says; its security
    group, and the rule that lets it reach the instance. Port 80 is not opened: a first request in
    clear text would tell more than it helps.
    """

    address: pulumi.Output[str]
    """the name that the host name of the settings is to point to (CNAME or alias)"""
    target_group: dict[str, pulumi.Output[str]]
    """the dimensions under which CloudWatch has the instance's health"""

    def __init__(
        self, name: str, args: BalancerArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("orders-lake:components:Balancer", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        # the names below are the only ones of their kind: in another network the old ones go first
        first_gone = pulumi.ResourceOptions(parent=self, delete_before_replace=True)
        physical_name = StackNames(args.stack).lake
        group = closed_group(
            name,
            physical_name=f"{physical_name}-balancer",
            description="the load balancer before the dashboard",
            vpc_id=args.vpc_id,
            opts=child,
        )
        rules = self._open(name, args, group, child)
        balancer = lb.LoadBalancer(
            name,
            name=physical_name,
            load_balancer_type="application",
            internal=False,
            subnets=args.subnet_ids,
            security_groups=[group.id],
            drop_invalid_header_fields=True,
            desync_mitigation_mode="defensive",
            enable_deletion_protection=args.keep,
            idle_timeout=IDLE_SECONDS,
            access_logs=lb.LoadBalancerAccessLogsArgs(
                enabled=True, bucket=args.lake.logs_bucket, prefix=BALANCER_LOGS.rstrip("/")
            ),
            # it writes a first log at once, so the bucket must let it; and AWS moves none to
            # another network, so there it is another one
            opts=pulumi.ResourceOptions.merge(
                first_gone,
                pulumi.ResourceOptions(
                    depends_on=[*rules, args.lake], replacement_trigger=args.vpc_id
                ),
            ),
        )
        target = lb.TargetGroup(
            name,
            name=physical_name,
            target_type="instance",
            vpc_id=args.vpc_id,
            # between the two only their security groups speak
            protocol="HTTP",
            port=args.port,
            deregistration_delay=DRAIN_SECONDS,
            health_check=lb.TargetGroupHealthCheckArgs(
                path=HEALTH_PATH, protocol="HTTP", matcher="200", interval=15, timeout=5
            ),
            # after it: with the old load balancer its listener goes, which holds the old group
            opts=after(first_gone, balancer),
        )
        lb.TargetGroupAttachment(
            name,
            target_group_arn=target.arn,
            target_id=args.instance_id,
            port=args.port,
            opts=child,
        )
        listener = lb.Listener(
            name,
            load_balancer_arn=balancer.arn,
            protocol="HTTPS",
            port=HTTPS,
            ssl_policy=TLS_POLICY,
            certificate_arn=args.settings.certificate_arn,
            default_actions=_behind_login(args.settings, "authenticate", target.arn),
            opts=child,
        )
        for priority, (rule, condition) in enumerate(SCRIPTED.items(), start=1):
            lb.ListenerRule(
                f"{name}-{rule}",
                listener_arn=listener.arn,
                priority=priority,
                conditions=[condition],
                actions=_behind_login(args.settings, "deny", target.arn),
                opts=child,
            )
        self.address = balancer.dns_name
        self.target_group = {
            "LoadBalancer": balancer.arn_suffix,
            "TargetGroup": target.arn_suffix,
        }
        self.register_outputs({"address": self.address, "target_group": self.target_group})

    def _open(
        self, name: str, args: BalancerArgs, group: ec2.SecurityGroup, opts: pulumi.ResourceOptions
    ) -> list[pulumi.CustomResource]:
        """Let in who may log in; let out to the instance and to the OIDC provider."""
        instance = Peer(
            "instance", "the dashboard", port=args.port, group_id=args.instance_group.id
        )
        # the listener asks the provider itself for tokens and claims; its addresses are its own
        provider = Peer("provider", "the OIDC provider", cidr=INTERNET[0])
        browsers = [
            Peer(f"browsers-{cidr}", "browsers, by HTTPS", cidr=cidr)
            for cidr in args.settings.allowed_cidrs or INTERNET
        ]
        balancer = Peer("balancer", "the load balancer", port=args.port, group_id=group.id)
        return [
            *let_in(name, group, browsers, opts),
            *let_out(name, group, [instance, provider], opts),
            *let_in(f"{name}-instance", args.instance_group, [balancer], opts),
        ]


def _behind_login(
    settings: DashboardSettings,
    unauthenticated: Literal["authenticate", "deny"],
    target_arn: pulumi.Output[str],
) -> list[Any]:
    """Return the actions that lead through a login to the instance, of a listener or of a rule.

    The two have types of their own for the same plain values. `unauthenticated` is what becomes of
    a request without a session.
    """
    if settings.oidc_client_secret is None:
        raise ValueError("a public address needs a login: oidcClientSecret is not set")
    login = {
        "issuer": settings.oidc_issuer,
        "authorization_endpoint": settings.oidc_authorization_endpoint,
        "token_endpoint": settings.oidc_token_endpoint,
        "user_info_endpoint": settings.oidc_user_info_endpoint,
        "client_id": settings.oidc_client_id,
        "client_secret": settings.oidc_client_secret,
        "on_unauthenticated_request": unauthenticated,
        "scope": "openid",
        "session_timeout": SESSION_SECONDS,
    }
    return [
        {"type": "authenticate-oidc", "order": 1, "authenticate_oidc": login},
        {"type": "forward", "order": 2, "target_group_arn": target_arn},
    ]
