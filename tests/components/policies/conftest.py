import pytest

from tests.doubles.registered import run_stack

BALANCER = {
    "access": "balancer",
    "hostName": "orders.example.com",
    "certificateArn": (
        "arn:aws:acm:eu-central-1:123456789012:certificate/00000000-0000-0000-0000-000000000000"
    ),
    "oidcIssuer": "https://login.example.com",
    "oidcAuthorizationEndpoint": "https://login.example.com/authorize",
    "oidcTokenEndpoint": "https://login.example.com/token",
    "oidcUserInfoEndpoint": "https://login.example.com/userinfo",
    "oidcClientId": "orders",
}


@pytest.fixture(scope="session")
def dev():
    """What the stack dev registers."""
    return run_stack("dev")


@pytest.fixture(scope="session")
def prod():
    """What the stack prod registers."""
    return run_stack("prod")


@pytest.fixture(scope="session")
def balanced():
    """What prod registers with a load balancer."""
    return run_stack("prod", {"oidcClientSecret": "never to be seen"}, **BALANCER)
