"""What stands before the rest when a stack is destroyed whose data is to be kept."""

import pulumi


def keep_all(*parts: pulumi.Resource, keep: bool) -> pulumi.Stash:
    """Register `keepData`, which goes first of all, and does not go while data is kept.

    Only the data itself is protected, and the engine deletes from the outside in: without a preview
    it would refuse no sooner than at the bucket's policy, with function and dashboard gone by then.
    Nothing of AWS is made, and the refusal names the setting.
    """
    return pulumi.Stash(
        "keepData",
        input=keep,
        opts=pulumi.ResourceOptions(depends_on=list(parts), protect=keep),
    )
