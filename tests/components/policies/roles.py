"""The roles of the stack dev: what they may do, and what is asked for in their names."""

from dataclasses import dataclass

from tests.doubles.calls import Place
from tests.doubles.iam import Policies, Request
from tests.doubles.registered import Registered

FUNCTION = "FilterAndProcessOrders-dev"
SWEEP = "orders-sweep-dev"
CRAWLER = "orders_processed_crawler_dev"
HOST = "Athena-Dashboard-Server-dev"
ROLES = (FUNCTION, SWEEP, CRAWLER, HOST)
RECORDED = (FUNCTION, HOST)
"""Roles in whose name our own code calls AWS."""


@dataclass(frozen=True)
class Role:
    """A role of the stack dev, and what is asked for in its name."""

    policies: Policies
    place: Place
    requests: tuple[Request, ...]
    sent: tuple[Request, ...]
    """those of them that our own code sends; the others are AWS's, in the role's name"""


def place_of(stack: Registered, role: str) -> Place:
    return Place(
        key=stack.one("kms.Key").outputs["arn"],
        bucket=stack.one("s3.BucketNotification").inputs["bucket"],
        role=stack.one("iam.Role", name=role).outputs["arn"],
        workgroup=stack.one("athena.Workgroup").inputs["name"],
    )
