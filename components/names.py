"""How the things of a stack are called, for whoever makes them or limits rights to them."""

from dataclasses import dataclass

PROJECT = "orders-lake"
"""The name in Pulumi.yaml, under which the state lies; begins what has no better name."""

SWEEP_ALIAS = "sweep"
"""The function's alias that sweeps call."""


@dataclass(frozen=True)
class StackNames:
    """The names of one stack's things. Each carries the stack, so that two live in one account."""

    stack: str

    @property
    def lake(self) -> str:
        """Key alias, topic and load balancer; the names of buckets, groups and the VPC begin so.

        A load balancer's has 32 characters at most, a bucket's 37 before its random end.
        """
        return f"{PROJECT}-{self.stack}"

    @property
    def buckets(self) -> tuple[str, str]:
        """How the names of the lake's bucket and of that with the access logs begin."""
        return f"{self.lake}-", f"{self.lake}-logs-"

    @property
    def function(self) -> str:
        """The function and its role."""
        return f"FilterAndProcessOrders-{self.stack}"

    @property
    def failures(self) -> str:
        """The failure queue."""
        return f"{self.function}-failures"

    @property
    def parked(self) -> str:
        """The queue of what failed at every try."""
        return f"{self.function}-parked"

    @property
    def layer(self) -> str:
        """The function's layer."""
        return f"orders-polars-{self.stack}"

    @property
    def sweep(self) -> str:
        """The sweep's schedule and its role."""
        return f"orders-sweep-{self.stack}"

    @property
    def database(self) -> str:
        """The database; a dash may not stand in it."""
        return f"orders_db_{self._snake}"

    @property
    def crawler(self) -> str:
        """The crawler, its role and its security configuration."""
        return f"orders_processed_crawler_{self._snake}"

    @property
    def workgroup(self) -> str:
        """Athena's workgroup."""
        return f"orders-{self.stack}"

    @property
    def server(self) -> str:
        """The dashboard's instance, its role, its profile and its group."""
        return f"Athena-Dashboard-Server-{self.stack}"

    @property
    def function_log(self) -> str:
        """The function's log group: Lambda knows it by this name."""
        return f"/aws/lambda/{self.function}"

    @property
    def crawler_log(self) -> str:
        """The crawler's log group: believed to be called by its role and security configuration."""
        return f"/aws-glue/crawlers-role/{self.crawler}-{self.crawler}"

    @property
    def dashboard_log(self) -> str:
        """The log group of the dashboard's host."""
        return f"/{PROJECT}/{self.stack}/dashboard"

    @property
    def logs(self) -> tuple[str, ...]:
        """All log groups."""
        return self.function_log, self.crawler_log, self.dashboard_log

    @property
    def _snake(self) -> str:
        return self.stack.replace("-", "_")
