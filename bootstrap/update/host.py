"""The rights on the dashboard's instance, its network and its load balancer."""

import pulumi

from bootstrap.names import Names
from components.policy import Statement

RULES = ("ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress")


def host(names: Names) -> tuple[Statement, ...]:
    """Return the rights on the instance and what stands around it."""
    in_region = {"StringEquals": {"aws:RequestedRegion": names.account.region}}
    own = {"StringEquals": {"aws:ResourceTag/stack": names.stack}}
    groups = names.arns("ec2", "security-group/*")
    balancer = names.called.lake
    balancers = names.arns(
        "elasticloadbalancing",
        f"loadbalancer/app/{balancer}/*",
        f"targetgroup/{balancer}/*",
        f"listener/app/{balancer}/*",
        f"listener-rule/app/{balancer}/*",
    )
    return (
        Statement("Describe", ("ec2:Describe*", "elasticloadbalancing:Describe*"), ("*",)),
        # instances, groups, networks and endpoints have random ids: bound by region and by tag
        Statement(
            "Make",
            (
                "ec2:CreateInternetGateway",
                "ec2:CreateRouteTable",
                "ec2:CreateSecurityGroup",
                "ec2:CreateSubnet",
                "ec2:CreateVpc",
                "ec2:CreateVpcEndpoint",
                "ec2:RunInstances",
            ),
            ("*",),
            in_region,
        ),
        # an endpoint answers under its service's own name by a zone that aws keeps
        Statement(
            "NameEndpoints",
            ("route53:AssociateVPCWithHostedZone",),
            (pulumi.Output.format("arn:{}:route53:::hostedzone/*", names.account.partition),),
        ),
        Statement("OpenGroups", RULES, groups, own),
        # the rule itself is just made and has no tag yet
        Statement("MakeRules", RULES, names.arns("ec2", "security-group-rule/*"), in_region),
        # a tag is given with what is made, and to nothing that is another stack's
        Statement(
            "TagWhatIsMade",
            ("ec2:CreateTags",),
            ("*",),
            {**in_region, "Null": {"ec2:CreateAction": "false"}},
        ),
        # but for the group that a network comes with: whoever makes the network gives it no tag
        Statement(
            "TagNetworksOwnGroup",
            ("ec2:CreateTags",),
            groups,
            {
                "StringEquals": {"aws:RequestTag/stack": names.stack},
                "Null": {"aws:ResourceTag/stack": "true"},
            },
        ),
        Statement(
            "Change",
            (
                "ec2:AssociateRouteTable",
                "ec2:AttachInternetGateway",
                "ec2:CreateRoute",
                "ec2:CreateTags",
                "ec2:DeleteInternetGateway",
                "ec2:DeleteRoute",
                "ec2:DeleteRouteTable",
                "ec2:DeleteSecurityGroup",
                "ec2:DeleteSubnet",
                "ec2:DeleteTags",
                "ec2:DeleteVpc",
                "ec2:DeleteVpcEndpoints",
                "ec2:DetachInternetGateway",
                "ec2:DisassociateRouteTable",
                "ec2:ModifyInstanceAttribute",
                "ec2:ModifyInstanceCreditSpecification",
                "ec2:ModifySecurityGroupRules",
                "ec2:ModifySubnetAttribute",
                "ec2:ModifyVpcAttribute",
                "ec2:ModifyVpcEndpoint",
                "ec2:MonitorInstances",
                "ec2:RevokeSecurityGroupEgress",
                "ec2:RevokeSecurityGroupIngress",
                "ec2:StartInstances",
                "ec2:StopInstances",
                "ec2:TerminateInstances",
            ),
            ("*",),
            own,
        ),
        Statement(
            "Balancer",
            (
                "elasticloadbalancing:AddTags",
                "elasticloadbalancing:CreateListener",
                "elasticloadbalancing:CreateLoadBalancer",
                "elasticloadbalancing:CreateRule",
                "elasticloadbalancing:CreateTargetGroup",
                "elasticloadbalancing:DeleteListener",
                "elasticloadbalancing:DeleteLoadBalancer",
                "elasticloadbalancing:DeleteRule",
                "elasticloadbalancing:DeleteTargetGroup",
                "elasticloadbalancing:DeregisterTargets",
                "elasticloadbalancing:ModifyListener",
                "elasticloadbalancing:ModifyListenerAttributes",
                "elasticloadbalancing:ModifyLoadBalancerAttributes",
                "elasticloadbalancing:ModifyRule",
                "elasticloadbalancing:ModifyTargetGroup",
                "elasticloadbalancing:ModifyTargetGroupAttributes",
                "elasticloadbalancing:RegisterTargets",
                "elasticloadbalancing:RemoveTags",
                "elasticloadbalancing:SetRulePriorities",
                "elasticloadbalancing:SetSecurityGroups",
                "elasticloadbalancing:SetSubnets",
            ),
            balancers,
        ),
    )
