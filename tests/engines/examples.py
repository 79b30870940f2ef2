"""Example stacks of the program: the two of the checkout, and two with what these leave out."""

from pathlib import Path
from typing import Any

import yaml

from tests.engines.pulumi_engine import PulumiEngine, Stack
from tests.engines.pulumi_run import Run

SECRET = "a-client-secret-that-nobody-sees"
STATE = "example-pulumi-state"
"""The bucket that bootstrap/ is told holds the state."""

FOREIGN = {
    "vpc": "vpc-0f00000000000000f",
    "instance": "subnet-0f00000000000000a",
    "balancer": ["subnet-0f00000000000000b", "subnet-0f00000000000000c"],
}
"""A network that somebody else has made."""

LOGIN = {
    "access": "balancer",
    "hostName": "orders.example.com",
    "certificateArn": "arn:aws:acm:eu-central-1:123456789012:certificate/"
    "01234567-89ab-cdef-0123-456789abcdef",
    "oidcIssuer": "https://login.example.com",
    "oidcAuthorizationEndpoint": "https://login.example.com/authorize",
    "oidcTokenEndpoint": "https://login.example.com/token",
    "oidcUserInfoEndpoint": "https://login.example.com/userinfo",
    "oidcClientId": "orders",
}

MORE: dict[str, dict[str, Any]] = {
    # a public address with a login, in a network of its own
    "demo": {
        "keepData": False,
        "network": "private",
        "alarmEmail": "orders@example.com",
        **LOGIN,
    },
    # a public address in a network that is there already, protected
    "guest": {
        **LOGIN,
        "network": "existing",
        "vpcId": FOREIGN["vpc"],
        "subnetIds": [FOREIGN["instance"]],
        "balancerSubnetIds": FOREIGN["balancer"],
    },
}
"""stack -> its settings; dev and prod have files of their own"""


class Stacks:
    """Stacks that are up in one account, each made when it is first asked for."""

    def __init__(self, engine: PulumiEngine, project: Path) -> None:
        self.engine = engine
        self._project = project
        self._made: dict[str, Stack] = {}
        self.runs: dict[str, Run] = {}
        """how each was made"""
        engine.provider.account.foreign_subnets |= {FOREIGN["instance"], *FOREIGN["balancer"]}

    def __getitem__(self, name: str) -> Stack:
        """Return a stack, up."""
        if name not in self._made:
            stack = prepare(self.engine, self._project, name)
            self.runs[name] = stack.up()
            assert not self.runs[name].failed, self.runs[name].said
            self._made[name] = stack
        return self._made[name]


def prepare(engine: PulumiEngine, project: Path, name: str) -> Stack:
    """Return a stack with its settings, before anything is made."""
    if name not in MORE:
        return engine.stack(name, project)
    settings = {f"orders-lake:{key}": value for key, value in MORE[name].items()}
    config = {"config": {"aws:region": "eu-central-1", **settings}}
    stack = engine.stack(name, project, yaml.safe_dump(config))
    stack.set_secret("oidcClientSecret", SECRET)
    return stack


def bootstrap(engine: PulumiEngine, project: Path) -> Stack:
    """Return the stack of the second program, before anything is made."""
    config = {
        "aws:region": "eu-central-1",
        "orders-lake-bootstrap:repository": "example/orders-lake",
        "orders-lake-bootstrap:stateBucket": STATE,
    }
    return engine.stack("main", project / "bootstrap", yaml.safe_dump({"config": config}))
