"""The settings of a stack whose dashboard stands behind a load balancer."""

import functools

from tests.doubles.registered import Registered, run_stack

SECRET = "never to be seen"
SETTINGS = {
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


@functools.cache
def run_with_balancer(stack: str) -> Registered:
    """Run the main program with a stack's file and a load balancer on top."""
    return run_stack(stack, {"oidcClientSecret": SECRET}, **SETTINGS)
