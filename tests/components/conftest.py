import pytest

from tests.doubles.registered import run_stack


@pytest.fixture(scope="session")
def dev():
    """What the stack dev registers."""
    return run_stack("dev")


@pytest.fixture(scope="session")
def prod():
    """What the stack prod registers."""
    return run_stack("prod")
