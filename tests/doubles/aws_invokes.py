"""What the double answers when the program asks AWS something: by the token of the function."""

from collections.abc import Callable
from typing import Any

from tests.doubles.aws_account import Account

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


INVOKES: dict[str, Answer] = {
    "aws:index/getCallerIdentity:getCallerIdentity": caller_identity,
    "aws:index/getRegion:getRegion": region,
    "aws:index/getPartition:getPartition": partition,
}
