"""The topic that messages for people go to: alarms, rejected files, failed looks."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import sns

from components.account import Account
from components.names import StackNames
from components.policy import Statement, document, tls_only


@dataclass(frozen=True)
class Topic:
    """An encrypted topic."""

    topic: sns.Topic

    @property
    def arn(self) -> pulumi.Output[str]:
        """Its ARN."""
        return self.topic.arn

    def publish(self) -> tuple[Statement, ...]:
        """Return what it takes to publish, besides using the key through sns."""
        return (Statement("PublishNotice", ("sns:Publish",), (self.arn,)),)


def topic(
    name: str,
    *,
    stack: str,
    key_arn: pulumi.Input[str],
    email: str,
    account: Account,
    opts: pulumi.ResourceOptions,
) -> Topic:
    """Make the topic `orders-lake-<stack>`; `email` subscribes, unless it is empty."""
    made = sns.Topic(name, name=StackNames(stack).lake, kms_master_key_id=key_arn, opts=opts)
    alarms = Statement(
        "Alarms",
        ("sns:Publish",),
        (made.arn,),
        {
            "StringEquals": {"aws:SourceAccount": account.id},
            "ArnLike": {"aws:SourceArn": account.arn("cloudwatch", "alarm:*")},
        },
        principals={"Service": ("cloudwatch.amazonaws.com",)},
    )
    sns.TopicPolicy(
        f"{name}-policy",
        arn=made.arn,
        policy=document([alarms, tls_only(made.arn, action="sns:Publish")]),
        opts=opts,
    )
    if email:
        sns.TopicSubscription(
            f"{name}-email", topic=made.arn, protocol="email", endpoint=email, opts=opts
        )
    return Topic(made)
