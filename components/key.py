"""The key that everything of the lake is encrypted with, and who may use it."""

import pulumi
from pulumi_aws import kms

from components.account import Account
from components.names import StackNames
from components.policy import Statement, document

DELETION_DAYS = 30
"""The longest window that KMS has in which a deletion can be taken back: the key is the data."""

SHORT_DELETION_DAYS = 7
"""The shortest one, for a stack whose data may go."""

ACCOUNT_ACTIONS = (
    "kms:CancelKeyDeletion",
    "kms:CreateAlias",
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DeleteAlias",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:RetireGrant",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdateKeyDescription",
)
"""What policies of the account's roles may grant: what a key of this kind can do."""


def key(
    name: str, stack: str, account: Account, *, keep: bool, opts: pulumi.ResourceOptions
) -> kms.Key:
    """Make a key that rotates every year, with an alias `orders-lake-<stack>`."""
    made = kms.Key(
        name,
        description=f"orders lake {stack}: objects, logs, messages, query results",
        enable_key_rotation=True,
        deletion_window_in_days=DELETION_DAYS if keep else SHORT_DELETION_DAYS,
        policy=document(key_policy(account)),
        opts=opts,
    )
    # it goes when the key stays: the stack, made anew, gives its new key the same one
    gone = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(retain_on_delete=False))
    kms.Alias(
        f"{name}-alias",
        name=f"alias/{StackNames(stack).lake}",
        target_key_id=made.id,
        opts=gone,
    )
    return made


def key_policy(account: Account) -> tuple[Statement, ...]:
    """Return who may use the key: the account's roles as their own policies say, and two services.

    The log service shows which group it works for, an alarm of which account it is: nobody else's
    group or alarm gets through.
    """
    # in a key's policy * means this key
    this = ("*",)
    root = pulumi.Output.format("arn:{}:iam::{}:root", account.partition, account.id)
    return (
        Statement("Account", ACCOUNT_ACTIONS, this, principals={"AWS": (root,)}),
        Statement(
            "Logs",
            (
                "kms:Decrypt",
                "kms:DescribeKey",
                "kms:Encrypt",
                "kms:GenerateDataKey",
                "kms:GenerateDataKeyWithoutPlaintext",
                "kms:ReEncryptFrom",
                "kms:ReEncryptTo",
            ),
            this,
            {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": account.arn("logs", "log-group:*")}},
            principals={
                "Service": (pulumi.Output.format("logs.{}.amazonaws.com", account.region),)
            },
        ),
        # an alarm publishes to an encrypted topic with the key, not with a role
        Statement(
            "Alarms",
            ("kms:Decrypt", "kms:GenerateDataKey"),
            this,
            {"StringEquals": {"aws:SourceAccount": account.id}},
            principals={"Service": ("cloudwatch.amazonaws.com",)},
        ),
    )
