from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from web.athena import reuse
from web.athena.console import link
from web.athena.price import cost


@pytest.mark.parametrize(
    ("scanned", "price", "dollars"),
    [
        (0, "5", "0.00005"),
        (1, "5", "0.00005"),
        (10_000_000, "5", "0.00005"),
        (10_000_001, "5", "0.000055"),
        (1_234_567_890, "5", "0.006175"),
        (10**12, "5", "5"),
        (3 * 10**12, "6.25", "18.75"),
        (10**12, "0", "0"),
    ],
)
def test_whole_megabytes_are_charged_and_ten_at_least(scanned, price, dollars):
    assert cost(scanned, Decimal(price), reused=False) == Decimal(dollars)


def test_a_reused_result_is_free():
    assert cost(0, Decimal(5), reused=True) == 0


NOON = datetime(2025, 11, 10, 12)


@pytest.mark.parametrize(
    ("ago", "minutes"),
    [
        (timedelta(0), None),
        (timedelta(minutes=30, seconds=59), None),
        (timedelta(minutes=31), 1),
        (timedelta(hours=2), 90),
        (timedelta(days=8), 10_080),
        (timedelta(minutes=-5), None),
    ],
    ids=str,
)
def test_a_result_is_reused_if_even_the_longest_query_began_after_the_change(ago, minutes):
    assert reuse.age(NOON - ago, NOON) == minutes


@pytest.mark.parametrize(
    ("partition", "domain"),
    [
        ("aws", "console.aws.amazon.com"),
        ("aws-cn", "console.amazonaws.cn"),
        ("aws-us-gov", "console.amazonaws-us-gov.com"),
        ("aws-iso-e", "console.aws.amazon.com"),
    ],
)
def test_a_query_is_shown_in_its_partitions_console(partition, domain):
    assert link("xx-east-1", partition, "the-id") == (
        f"https://xx-east-1.{domain}/athena/home?region=xx-east-1#/query-editor/history/the-id"
    )
