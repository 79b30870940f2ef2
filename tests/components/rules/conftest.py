import pytest

from tests.components.rules.test_rules import STACKS
from tests.components.with_balancer import run_with_balancer
from tests.doubles.registered import ROOT, run


@pytest.fixture(scope="session")
def stacks(dev, prod):
    """What each stack registers, by the names of STACKS."""
    bootstrap = run(
        ROOT / "bootstrap" / "__main__.py",
        "bootstrap",
        {
            "orders-lake-bootstrap:repository": "owner/orders-lake",
            "orders-lake-bootstrap:stateBucket": "the-state",
        },
    )
    balanced = map(run_with_balancer, ("dev", "prod"))
    return dict(zip(STACKS, (dev, prod, *balanced, bootstrap), strict=True))
