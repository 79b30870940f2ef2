"""The client that talks to Athena."""

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient

ATTEMPTS = 5
"""Tries a request, with botocore's standard backoff: throttling and resets pass within seconds."""
CONNECTIONS = 16
"""Kept open at once: as many as there are runs, and as many again for those that are stopped."""
CONNECT_S = 5
READ_S = 20
"""Seconds until a try counts as failed: no call waits for a query, each is answered at once."""


def client() -> "AthenaClient":
    """Return an Athena client with the retries that the engine counts on."""
    return boto3.client(
        "athena",
        config=Config(
            retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
            max_pool_connections=CONNECTIONS,
            connect_timeout=CONNECT_S,
            read_timeout=READ_S,
        ),
    )
