"""Where a rule does not hold on purpose, and why. A waiver that nothing needs fails."""

from dataclasses import dataclass

DEV = ("dev", "dev with a load balancer")
PROD = ("prod", "prod with a load balancer")
BOOTSTRAP = ("bootstrap",)


@dataclass(frozen=True)
class Waiver:
    """One rule, one resource, the stacks in which it is needed."""

    rule: str
    resource: str
    stacks: tuple[str, ...]
    reason: str


WAIVERS = (
    Waiver(
        "S3.9",
        "lake-logs",
        DEV + PROD,
        "access logs of the bucket of access logs would log themselves for ever",
    ),
    Waiver(
        "S3.17",
        "lake-logs",
        DEV + PROD,
        "S3's and the load balancer's log delivery writes to no bucket with a key of ours",
    ),
    Waiver(
        "CKV_AWS_115",
        "orders",
        DEV + PROD,
        "an account with a limit of 10, as new ones have, refuses every reservation: the setting"
        " reservedConcurrency is unset",
    ),
    Waiver(
        "EC2.9",
        "dashboard",
        DEV,
        "network: public has no other way to AWS's interfaces, and lets nobody in; private has no"
        " public address",
    ),
    Waiver("ELB.6", "dashboard-balancer", DEV[1:], "what is to be tried out is to be deletable"),
    *(
        Waiver("CKV_AWS_338", group, DEV, "Pulumi.dev.yaml keeps logs for two weeks: nobody asks")
        for group in ("orders-logs", "catalog-crawler-logs", "dashboard-logs")
    ),
    *(
        Waiver(
            rule,
            "dashboard-role-policy",
            DEV + PROD,
            "ssm:UpdateInstanceInformation is on the instance, which is made after its role",
        )
        for rule in ("CKV_AWS_290", "CKV_AWS_355")
    ),
    *(
        Waiver(
            rule,
            f"boundary-{stack}",
            BOOTSTRAP,
            "a boundary grants nothing: it limits the same right of the dashboard's role",
        )
        for rule in ("CKV_AWS_290", "CKV_AWS_355")
        for stack in ("dev", "prod")
    ),
)
