"""What the provider calls to make, read, change and delete each type of resource of a stack.

Written down from the AWS provider's source and the API reference, not seen: nobody has run an
update under these rights yet. Read in the source of Terraform's provider are a table's partition
indexes, a default group's tags before its rules, and all versions of a deleted object. `{arn}` and
`{name}` are the resource's; a line without a place is on no resource.
"""

from tests.doubles.iam import ACCOUNT
from tests.doubles.registered import REGION

_LOCAL = f"{REGION}:{ACCOUNT}"
_TABLE = f"arn:aws:glue:{_LOCAL}:table/{{databaseName}}/{{name}}"
_CATALOG = f"arn:aws:glue:{_LOCAL}:catalog"
_DATABASE = f"arn:aws:glue:{_LOCAL}:database/{{name}}"
_ANY_EC2 = f"arn:aws:ec2:{_LOCAL}:something/x-0123"
_GROUP = f"arn:aws:ec2:{_LOCAL}:security-group/sg-0123"
RULE = f"arn:aws:ec2:{_LOCAL}:security-group-rule/sgr-0123"
"""It has no tag while it is made."""
_MAPPING = f"arn:aws:lambda:{_LOCAL}:event-source-mapping:0123"
_FUNCTION = f"arn:aws:lambda:{_LOCAL}:function:{{functionName}}"

_BALANCERS_ROLE = (
    f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/elasticloadbalancing.amazonaws.com/"
    "AWSServiceRoleForElasticLoadBalancing"
)

BUCKET_PARTS = {
    "s3.BucketVersioning": "Versioning",
    "s3.BucketPublicAccessBlock": "PublicAccessBlock",
    "s3.BucketOwnershipControls": "OwnershipControls",
    "s3.BucketLogging": "Logging",
    "s3.BucketNotification": "Notification",
}

CALLS: dict[str, list[tuple[str, str]]] = {
    "s3.Bucket": [
        ("s3:CreateBucket s3:ListBucket s3:DeleteBucket s3:GetBucketAcl s3:GetBucketCORS", "{arn}"),
        (
            "s3:GetBucketWebsite s3:GetBucketTagging s3:PutBucketTagging s3:GetBucketLogging",
            "{arn}",
        ),
        ("s3:GetLifecycleConfiguration s3:GetReplicationConfiguration", "{arn}"),
        ("s3:GetEncryptionConfiguration s3:GetAccelerateConfiguration", "{arn}"),
        ("s3:GetBucketRequestPayment s3:GetBucketObjectLockConfiguration", "{arn}"),
        ("s3:GetBucketVersioning s3:GetBucketPolicy s3:GetBucketLocation", "{arn}"),
        ("s3:ListTagsForResource s3:TagResource s3:UntagResource", "{arn}"),
    ],
    **{
        kind: [(f"s3:GetBucket{part} s3:PutBucket{part}", "arn:aws:s3:::{bucket}")]
        for kind, part in BUCKET_PARTS.items()
    },
    "s3.BucketPolicy": [
        (
            "s3:GetBucketPolicy s3:PutBucketPolicy s3:DeleteBucketPolicy",
            "arn:aws:s3:::{bucket}",
        )
    ],
    "s3.BucketServerSideEncryptionConfiguration": [
        ("s3:GetEncryptionConfiguration s3:PutEncryptionConfiguration", "arn:aws:s3:::{bucket}")
    ],
    "s3.BucketLifecycleConfiguration": [
        ("s3:GetLifecycleConfiguration s3:PutLifecycleConfiguration", "arn:aws:s3:::{bucket}")
    ],
    "s3.BucketObjectv2": [
        ("s3:PutObject s3:GetObject s3:DeleteObject s3:GetObjectTagging", "{arn}"),
        # a layer goes up in parts; what is deleted goes with all its versions
        ("s3:PutObjectTagging s3:AbortMultipartUpload s3:DeleteObjectVersion", "{arn}"),
        ("s3:ListBucketVersions", "arn:aws:s3:::{bucket}"),
    ],
    "kms.Key": [
        ("kms:CreateKey kms:TagResource", ""),
        ("kms:DescribeKey kms:GetKeyPolicy kms:GetKeyRotationStatus kms:PutKeyPolicy", "{arn}"),
        ("kms:EnableKeyRotation kms:ListResourceTags kms:ScheduleKeyDeletion", "{arn}"),
        ("kms:UpdateKeyDescription kms:UntagResource", "{arn}"),
        # by the services that are told to encrypt with it, in the caller's name
        ("kms:GenerateDataKey kms:Decrypt kms:Encrypt kms:CreateGrant", "{arn}"),
    ],
    "kms.Alias": [
        ("kms:CreateAlias kms:DeleteAlias kms:UpdateAlias", f"arn:aws:kms:{_LOCAL}:{{name}}"),
        ("kms:ListAliases", ""),
    ],
    "iam.Role": [
        ("iam:CreateRole iam:GetRole iam:DeleteRole iam:ListRolePolicies iam:TagRole", "{arn}"),
        ("iam:ListAttachedRolePolicies iam:ListInstanceProfilesForRole iam:PassRole", "{arn}"),
        ("iam:UpdateAssumeRolePolicy iam:UpdateRole iam:UntagRole", "{arn}"),
        ("iam:PutRolePermissionsBoundary", "{arn}"),
    ],
    "iam.RolePolicy": [
        (
            "iam:PutRolePolicy iam:GetRolePolicy iam:DeleteRolePolicy",
            f"arn:aws:iam::{ACCOUNT}:role/{{role}}",
        )
    ],
    "iam.InstanceProfile": [
        ("iam:CreateInstanceProfile iam:GetInstanceProfile iam:DeleteInstanceProfile", "{arn}"),
        ("iam:AddRoleToInstanceProfile iam:RemoveRoleFromInstanceProfile", "{arn}"),
        ("iam:TagInstanceProfile iam:UntagInstanceProfile", "{arn}"),
    ],
    "lambda.Function": [
        ("lambda:CreateFunction lambda:GetFunction lambda:DeleteFunction lambda:ListTags", "{arn}"),
        ("lambda:UpdateFunctionCode lambda:UpdateFunctionConfiguration", "{arn}"),
        ("lambda:ListVersionsByFunction lambda:GetFunctionCodeSigningConfig", "{arn}"),
        ("lambda:PutFunctionConcurrency lambda:DeleteFunctionConcurrency", "{arn}"),
        ("lambda:TagResource lambda:UntagResource", "{arn}"),
    ],
    "lambda.LayerVersion": [
        ("lambda:PublishLayerVersion", f"arn:aws:lambda:{_LOCAL}:layer:{{layerName}}"),
        ("lambda:GetLayerVersion lambda:DeleteLayerVersion", "{arn}"),
    ],
    "lambda.Alias": [
        ("lambda:CreateAlias lambda:GetAlias lambda:UpdateAlias lambda:DeleteAlias", _FUNCTION),
        ("lambda:CreateAlias lambda:GetAlias lambda:UpdateAlias lambda:DeleteAlias", "{arn}"),
    ],
    "lambda.FunctionEventInvokeConfig": [
        ("lambda:PutFunctionEventInvokeConfig lambda:GetFunctionEventInvokeConfig", _FUNCTION),
        ("lambda:UpdateFunctionEventInvokeConfig", _FUNCTION),
        ("lambda:DeleteFunctionEventInvokeConfig", _FUNCTION),
    ],
    "lambda.FunctionRecursionConfig": [
        ("lambda:PutFunctionRecursionConfig lambda:GetFunctionRecursionConfig", _FUNCTION)
    ],
    "lambda.Permission": [
        (
            "lambda:AddPermission lambda:GetPolicy lambda:RemovePermission",
            f"arn:aws:lambda:{_LOCAL}:function:{{function}}",
        )
    ],
    "lambda.EventSourceMapping": [
        ("lambda:CreateEventSourceMapping lambda:UpdateEventSourceMapping", _MAPPING),
        ("lambda:GetEventSourceMapping lambda:DeleteEventSourceMapping", _MAPPING),
        ("lambda:TagResource lambda:UntagResource lambda:ListTags", _MAPPING),
    ],
    "cloudwatch.LogGroup": [
        ("logs:CreateLogGroup logs:PutRetentionPolicy logs:AssociateKmsKey", "{arn}"),
        ("logs:DeleteLogGroup logs:ListTagsForResource logs:TagResource", "{arn}"),
        ("logs:UntagResource", "{arn}"),
        ("logs:DescribeLogGroups", f"arn:aws:logs:{_LOCAL}:log-group:"),
    ],
    "cloudwatch.LogMetricFilter": [
        (
            "logs:PutMetricFilter logs:DescribeMetricFilters logs:DeleteMetricFilter",
            f"arn:aws:logs:{_LOCAL}:log-group:{{logGroupName}}",
        )
    ],
    "cloudwatch.MetricAlarm": [
        ("cloudwatch:PutMetricAlarm cloudwatch:DeleteAlarms", "{arn}"),
        ("cloudwatch:ListTagsForResource cloudwatch:TagResource", "{arn}"),
        ("cloudwatch:UntagResource", "{arn}"),
        ("cloudwatch:DescribeAlarms", ""),
    ],
    "sqs.Queue": [
        ("sqs:CreateQueue sqs:DeleteQueue sqs:GetQueueAttributes sqs:SetQueueAttributes", "{arn}"),
        ("sqs:ListQueueTags sqs:TagQueue sqs:UntagQueue", "{arn}"),
    ],
    "sqs.QueuePolicy": [],
    "sqs.RedriveAllowPolicy": [],
    "sns.Topic": [
        ("sns:CreateTopic sns:DeleteTopic sns:GetTopicAttributes sns:SetTopicAttributes", "{arn}"),
        ("sns:ListTagsForResource sns:TagResource sns:UntagResource", "{arn}"),
    ],
    "sns.TopicSubscription": [
        ("sns:Subscribe", "{topic}"),
        ("sns:GetSubscriptionAttributes sns:Unsubscribe", "{topic}:0123"),
    ],
    "sns.TopicPolicy": [("sns:SetTopicAttributes sns:GetTopicAttributes", "{arn}")],
    "scheduler.Schedule": [
        ("scheduler:CreateSchedule scheduler:GetSchedule scheduler:UpdateSchedule", "{arn}"),
        ("scheduler:DeleteSchedule", "{arn}"),
    ],
    "glue.CatalogDatabase": [
        (f"glue:{verb}Database", place)
        for verb in ("Create", "Get", "Update", "Delete")
        for place in (_CATALOG, _DATABASE)
    ]
    + [
        ("glue:DeleteDatabase", f"arn:aws:glue:{_LOCAL}:{kind}/{{name}}/any")
        for kind in ("table", "userDefinedFunction")
    ]
    + [("glue:GetTags glue:TagResource glue:UntagResource", _DATABASE)],
    "glue.CatalogTable": [
        (f"glue:{verb}", place)
        for verb in (
            *("CreateTable", "GetTable", "UpdateTable", "DeleteTable"),
            "GetPartitionIndexes",
        )
        for place in (_CATALOG, _TABLE, f"arn:aws:glue:{_LOCAL}:database/{{databaseName}}")
    ],
    "glue.Crawler": [
        ("glue:CreateCrawler glue:GetCrawler glue:UpdateCrawler glue:DeleteCrawler", "{arn}"),
        ("glue:GetTags glue:TagResource glue:UntagResource", "{arn}"),
    ],
    "glue.SecurityConfiguration": [
        ("glue:CreateSecurityConfiguration glue:GetSecurityConfiguration", ""),
        ("glue:DeleteSecurityConfiguration", ""),
    ],
    "athena.Workgroup": [
        ("athena:CreateWorkGroup athena:GetWorkGroup athena:UpdateWorkGroup", "{arn}"),
        ("athena:DeleteWorkGroup athena:ListTagsForResource athena:TagResource", "{arn}"),
        ("athena:UntagResource", "{arn}"),
    ],
    "athena.NamedQuery": [
        (
            "athena:CreateNamedQuery athena:GetNamedQuery athena:DeleteNamedQuery",
            f"arn:aws:athena:{_LOCAL}:workgroup/{{workgroup}}",
        )
    ],
    "ec2.Instance": [
        ("ec2:RunInstances ec2:CreateTags ec2:DeleteTags ec2:TerminateInstances", _ANY_EC2),
        ("ec2:ModifyInstanceAttribute ec2:MonitorInstances", _ANY_EC2),
        ("ec2:StopInstances ec2:StartInstances", _ANY_EC2),
        ("ec2:ModifyInstanceCreditSpecification", _ANY_EC2),
        ("ec2:DescribeInstances ec2:DescribeInstanceTypes ec2:DescribeVolumes", ""),
        ("ec2:DescribeInstanceAttribute ec2:DescribeInstanceCreditSpecifications", ""),
    ],
    "ec2.Vpc": [("ec2:CreateVpc ec2:DeleteVpc ec2:ModifyVpcAttribute", _ANY_EC2)],
    "ec2.Subnet": [("ec2:CreateSubnet ec2:DeleteSubnet ec2:ModifySubnetAttribute", _ANY_EC2)],
    "ec2.RouteTable": [("ec2:CreateRouteTable ec2:DeleteRouteTable", _ANY_EC2)],
    "ec2.RouteTableAssociation": [("ec2:AssociateRouteTable ec2:DisassociateRouteTable", _ANY_EC2)],
    "ec2.Route": [("ec2:CreateRoute ec2:DeleteRoute", _ANY_EC2)],
    "ec2.InternetGateway": [
        ("ec2:CreateInternetGateway ec2:AttachInternetGateway", _ANY_EC2),
        ("ec2:DetachInternetGateway ec2:DeleteInternetGateway", _ANY_EC2),
    ],
    "ec2.VpcEndpoint": [
        ("ec2:CreateVpcEndpoint ec2:ModifyVpcEndpoint ec2:DeleteVpcEndpoints", _ANY_EC2),
        ("ec2:DescribeVpcEndpoints ec2:DescribePrefixLists", ""),
        ("route53:AssociateVPCWithHostedZone", "arn:aws:route53:::hostedzone/Z0123"),
    ],
    "ec2.SecurityGroup": [
        ("ec2:CreateSecurityGroup ec2:DeleteSecurityGroup", _ANY_EC2),
        ("ec2:RevokeSecurityGroupEgress", _ANY_EC2),
        ("ec2:DescribeSecurityGroups ec2:DescribeNetworkInterfaces", ""),
    ],
    "ec2.DefaultSecurityGroup": [
        # its tags first: the provider adopts it, AWS has made it with its network
        ("ec2:CreateTags", _GROUP),
        ("ec2:RevokeSecurityGroupEgress ec2:RevokeSecurityGroupIngress", _GROUP),
    ],
    "vpc.SecurityGroupIngressRule": [
        ("ec2:AuthorizeSecurityGroupIngress", _GROUP),
        ("ec2:AuthorizeSecurityGroupIngress ec2:CreateTags", RULE),
        ("ec2:ModifySecurityGroupRules ec2:RevokeSecurityGroupIngress", _GROUP),
    ],
    "vpc.SecurityGroupEgressRule": [
        ("ec2:AuthorizeSecurityGroupEgress ec2:RevokeSecurityGroupEgress", _GROUP),
        ("ec2:AuthorizeSecurityGroupEgress ec2:CreateTags", RULE),
        ("ec2:DescribeSecurityGroupRules", ""),
    ],
    "lb.LoadBalancer": [
        (f"elasticloadbalancing:{verb}", "{arn}")
        for verb in (
            *("CreateLoadBalancer", "DeleteLoadBalancer", "ModifyLoadBalancerAttributes"),
            *("SetSecurityGroups", "SetSubnets", "AddTags", "RemoveTags"),
        )
    ]
    + [("iam:CreateServiceLinkedRole", _BALANCERS_ROLE)],
    "lb.TargetGroup": [
        (f"elasticloadbalancing:{verb}", "{arn}")
        for verb in (
            *("CreateTargetGroup", "DeleteTargetGroup", "ModifyTargetGroup"),
            *("ModifyTargetGroupAttributes", "AddTags", "RemoveTags"),
        )
    ],
    "lb.TargetGroupAttachment": [
        (
            "elasticloadbalancing:RegisterTargets elasticloadbalancing:DeregisterTargets",
            "{targetGroupArn}",
        )
    ],
    "lb.Listener": [
        ("elasticloadbalancing:CreateListener", "{loadBalancerArn}"),
        ("elasticloadbalancing:ModifyListener elasticloadbalancing:DeleteListener", "{arn}"),
        ("elasticloadbalancing:ModifyListenerAttributes", "{arn}"),
        ("elasticloadbalancing:AddTags elasticloadbalancing:RemoveTags", "{arn}"),
        ("elasticloadbalancing:DescribeListeners", ""),
    ],
    "lb.ListenerRule": [
        ("elasticloadbalancing:CreateRule", "{listenerArn}"),
        ("elasticloadbalancing:ModifyRule elasticloadbalancing:DeleteRule", "{arn}"),
        ("elasticloadbalancing:SetRulePriorities", "{arn}"),
        ("elasticloadbalancing:AddTags elasticloadbalancing:RemoveTags", "{arn}"),
        ("elasticloadbalancing:DescribeRules", ""),
    ],
}
"""type -> the calls, and where"""
