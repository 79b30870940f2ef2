"""The dashboard's host: an instance that nobody reaches but by Session Manager, unless asked."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, ec2, iam, s3, ssm

from components import alarms
from components.account import Account, here
from components.balancer import Balancer, BalancerArgs
from components.bundles import Bundle
from components.firewall import closed_group, let_out
from components.host_alarms import count_failed_set_ups, host_alarms
from components.names import StackNames
from components.network import Network
from components.order import after
from components.policy import Statement
from components.role import service_role
from components.settings import DashboardSettings
from components.storage import DataLake
from components.user_data import PORT, Host, user_data

IMAGE = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{architecture}"
"""The public parameter that names the newest image of Amazon Linux 2023."""

DISK_GIB = 10
"""The image itself wants 8; the answers' cache is bounded."""

BURSTABLE = re.compile(r"t[0-9]")
"""How the types begin that have credits for processor time; more of it would be billed on top.
trn1 is none of them."""


@dataclass(frozen=True, kw_only=True)
class DashboardHostArgs:
    """What the host serves, and to whom."""

    stack: str
    """stands in the names of what is made, and on the page"""
    lake: DataLake
    network: Network
    app: Bundle
    """for the architecture of the settings"""
    statements: Sequence[Statement]
    """what the dashboard itself may do: query, read the tables and the records, use the lake's key
    (which the app's bundle is encrypted with too)"""
    environment: Mapping[str, pulumi.Input[str]]
    """what web/host.py is told; where it listens and under which names is added here"""
    topic_arn: pulumi.Input[str]
    """what the alarms tell"""
    log_days: int
    keep: bool
    """whether a load balancer is protected against deletion"""
    settings: DashboardSettings


class DashboardHost(pulumi.ComponentResource):
    """The instance `Athena-Dashboard-Server-<stack>` with the dashboard.

    Makes: the bundle's object in the lake's bucket; the log group; a role with exactly what the
    host calls; a security group without a rule that lets anybody in; the instance. It is replaced
    when the app, its settings or what sets it up changes, and takes the newest image of Amazon
    Linux then; a newer image alone changes nothing. The alarms. With `access: balancer` a load
    balancer, and one rule that lets it in.
    """

    instance_id: pulumi.Output[str]
    open_command: pulumi.Output[str]
    """forwards the dashboard's port to this machine, for who may start sessions"""
    url: str
    """where the dashboard is then, or behind the load balancer"""
    balancer_address: pulumi.Output[str] | None
    """what the settings' host name is to point to; None without a load balancer"""

    def __init__(
        self, name: str, args: DashboardHostArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("orders-lake:components:DashboardHost", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        account = here(self)
        names = StackNames(args.stack)
        is_balanced = args.settings.access == "balancer"

        bundle = args.lake.upload(f"{name}-app", args.app.path, args.app.sha256, child)
        logs = cloudwatch.LogGroup(
            f"{name}-logs",
            name=names.dashboard_log,
            retention_in_days=args.log_days,
            kms_key_id=args.lake.key_arn,
            opts=child,
        )
        role = service_role(
            f"{name}-role",
            physical_name=names.server,
            service="ec2.amazonaws.com",
            statements=(*host_statements(bundle, logs.arn), *args.statements),
            opts=child,
        )
        profile = iam.InstanceProfile(
            f"{name}-profile", name=names.server, role=role.role.name, opts=child
        )
        group = closed_group(
            f"{name}-group",
            physical_name=names.server,
            description="the instance of the dashboard",
            vpc_id=args.network.vpc_id,
            opts=child,
        )
        ways_out = let_out(f"{name}-group", group, args.network.egress, child)
        instance = ec2.Instance(
            name,
            ami=self._image(f"{name}-image", args),
            instance_type=args.settings.instance_type,
            subnet_id=args.network.subnet_id,
            vpc_security_group_ids=[group.id],
            associate_public_ip_address=args.network.public_address,
            iam_instance_profile=profile.name,
            user_data=_user_data(args, account, bundle, logs, is_balanced=is_balanced),
            user_data_replace_on_change=True,
            metadata_options=ec2.InstanceMetadataOptionsArgs(
                http_endpoint="enabled",
                http_tokens="required",
                http_put_response_hop_limit=1,
                instance_metadata_tags="disabled",
            ),
            root_block_device=ec2.InstanceRootBlockDeviceArgs(
                volume_type="gp3", volume_size=DISK_GIB, encrypted=True
            ),
            credit_specification=ec2.InstanceCreditSpecificationArgs(cpu_credits="standard")
            if BURSTABLE.match(args.settings.instance_type)
            else None,
            monitoring=True,
            ebs_optimized=True,
            tags={"Name": names.server},
            # it comes up in seconds, and then at once needs what it may do
            opts=after(child, role.policy, *ways_out),
        )
        self.instance_id = instance.id
        self.open_command = pulumi.Output.format(
            "aws ssm start-session --region {0} --target {1}"
            " --document-name AWS-StartPortForwardingSession"
            " --parameters portNumber={2},localPortNumber={2}",
            account.region,
            instance.id,
            PORT,
        )
        self.url = f"http://localhost:{PORT}"
        self.balancer_address = None
        target_group: Mapping[str, pulumi.Output[str]] = {}
        if is_balanced:
            balancer = Balancer(
                f"{name}-balancer",
                BalancerArgs(
                    stack=args.stack,
                    vpc_id=args.network.vpc_id,
                    subnet_ids=args.network.balancer_subnet_ids,
                    instance_id=instance.id,
                    instance_group=group,
                    port=PORT,
                    lake=args.lake,
                    keep=args.keep,
                    settings=args.settings,
                ),
                opts=child,
            )
            self.url = f"https://{args.settings.host_name}"
            self.balancer_address = balancer.address
            target_group = balancer.target_group
        not_set_up = count_failed_set_ups(
            f"{name}-not-set-up-count", owner=names.server, log_group=logs.name, opts=child
        )
        for alarm in host_alarms(not_set_up, instance.id, target_group):
            alarms.make(
                f"{name}-{alarm.name}", alarm, owner=names.server, topic=args.topic_arn, opts=child
            )
        self.register_outputs(
            {
                "instance_id": self.instance_id,
                "open_command": self.open_command,
                "url": self.url,
                "balancer_address": self.balancer_address,
            }
        )

    def _image(self, name: str, args: DashboardHostArgs) -> pulumi.Output[str]:
        """Return the newest image as it was when the app was last changed.

        The parameter changes every other week, and an instance with another image is another
        instance. So the value is kept in the state until there is another app anyway, or until
        somebody wants it: `pulumi up --replace '**dashboard-image'`.
        """
        newest = ssm.get_parameter_output(
            name=IMAGE.format(architecture=args.settings.architecture),
            opts=pulumi.InvokeOutputOptions(parent=self),
        )
        # the provider takes every parameter's value for a secret; an image's name is none
        kept = pulumi.Stash(
            name,
            input=newest.insecure_value,
            opts=pulumi.ResourceOptions(
                parent=self, replacement_trigger=[args.settings.architecture, args.app.sha256]
            ),
        )
        return kept.output


def host_statements(
    bundle: s3.BucketObjectv2, log_group_arn: pulumi.Input[str]
) -> tuple[Statement, ...]:
    """Return what the host does besides the dashboard: come up, log, be reached."""
    return (
        Statement("FetchApp", ("s3:GetObject",), (bundle.arn,)),
        Statement(
            "WriteLogs",
            ("logs:CreateLogStream", "logs:PutLogEvents"),
            (pulumi.Output.format("{}:*", log_group_arn),),
        ),
        # on any resource, as in AWS's own example of such a policy: the first one's would be the
        # instance, which does not exist when its role is made
        Statement(
            "SessionManager",
            (
                "ssm:UpdateInstanceInformation",
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
            ),
            ("*",),
        ),
    )


def _user_data(
    args: DashboardHostArgs,
    account: Account,
    bundle: s3.BucketObjectv2,
    logs: cloudwatch.LogGroup,
    *,
    is_balanced: bool,
) -> pulumi.Output[str]:
    # behind the load balancer its security group is the door, else the machine itself
    address = "0.0.0.0" if is_balanced else "127.0.0.1"  # noqa: S104
    listening = {
        "DASHBOARD_LISTEN": f"{address}:{PORT}",
        "DASHBOARD_HOSTS": args.settings.host_name,
        "DASHBOARD_PROXIED": "1" if is_balanced else "0",
    }
    return pulumi.Output.all(
        region=account.region,
        bucket=bundle.bucket,
        key=bundle.key,
        log_group=logs.name,
        environment={**args.environment, **listening},
    ).apply(lambda known: user_data(Host(**known, sha256=args.app.sha256)))
