import pytest

from tests.components.with_balancer import run_with_balancer
from tests.doubles.registered import ROOT, run, run_stack

REPOSITORY = "owner/orders-lake"
STATE = "the-state"


@pytest.fixture(scope="session")
def bootstrap():
    """Return a function that runs bootstrap/ with settings."""

    def registered(**settings):
        given = {"repository": REPOSITORY, "stateBucket": STATE, **settings}
        return run(
            ROOT / "bootstrap" / "__main__.py",
            "account",
            {f"orders-lake-bootstrap:{key}": value for key, value in given.items()},
        )

    return registered


@pytest.fixture(scope="session")
def access(bootstrap):
    """What bootstrap/ registers for dev and prod."""
    return bootstrap()


@pytest.fixture(scope="session")
def lakes():
    """What the stacks register in all their forms."""
    return {
        "dev": [run_stack("dev"), run_with_balancer("dev")],
        "prod": [run_stack("prod"), run_with_balancer("prod")],
    }
