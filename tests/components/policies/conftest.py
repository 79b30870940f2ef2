import pytest

from tests.components.with_balancer import run_with_balancer


@pytest.fixture(scope="session")
def balanced():
    """What prod registers with a load balancer."""
    return run_with_balancer("prod")
