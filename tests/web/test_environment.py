"""The host's settings: read from the environment, with everything that is wrong told at once."""

from decimal import Decimal
from pathlib import Path

import pytest

from web.environment import Environment, WrongEnvironment, read

NEEDED = {
    "LAKE_BUCKET": "orders-lake-1f3c",
    "ATHENA_WORKGROUP": "orders-dev",
    "ATHENA_DATABASE": "orders_db_dev",
    "AWS_REGION": "eu-central-1",
}


def faults(**variables):
    with pytest.raises(WrongEnvironment) as told:
        read(NEEDED | variables)
    return str(told.value).split("\n")


def test_four_variables_are_enough_for_a_dashboard_that_only_this_machine_reaches():
    assert read(NEEDED) == Environment(
        bucket="orders-lake-1f3c",
        workgroup="orders-dev",
        database="orders_db_dev",
        region="eu-central-1",
        listen=("127.0.0.1", 5000),
        hosts=(),
        proxied=False,
        environment=None,
        currency=None,
        usd_per_tb=Decimal(5),
        cache=None,
    )


def test_every_variable_is_heard():
    found = read(
        NEEDED
        | {
            "DASHBOARD_LISTEN": "0.0.0.0:8080",
            "DASHBOARD_HOSTS": "orders.example.com, .internal.example.com",
            "DASHBOARD_PROXIED": "1",
            "DASHBOARD_ENVIRONMENT": "prod",
            "DASHBOARD_CURRENCY": "EUR",
            "ATHENA_USD_PER_TB": "6.75",
            "CACHE_DIRECTORY": "/var/cache/orders-lake:/var/cache/other",
        }
    )

    assert found.listen == ("0.0.0.0", 8080)
    assert found.hosts == ("orders.example.com", ".internal.example.com")
    assert found.proxied is True
    assert (found.environment, found.currency) == ("prod", "EUR")
    assert found.usd_per_tb == Decimal("6.75")
    assert found.cache == Path("/var/cache/orders-lake")


def test_an_empty_variable_is_an_absent_one():
    empty = dict.fromkeys(
        ("DASHBOARD_LISTEN", "DASHBOARD_HOSTS", "DASHBOARD_PROXIED", "DASHBOARD_CURRENCY"), ""
    )

    assert read(NEEDED | empty) == read(NEEDED)


def test_everything_that_is_wrong_is_told_at_once_with_a_line_each():
    with pytest.raises(WrongEnvironment) as told:
        read({"DASHBOARD_PROXIED": "yes", "AWS_REGION": "Frankfurt"})

    lines = str(told.value).split("\n")
    assert [line.split()[0] for line in lines] == [
        "LAKE_BUCKET",
        "ATHENA_WORKGROUP",
        "ATHENA_DATABASE",
        "AWS_REGION",
        "DASHBOARD_PROXIED",
    ]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("LAKE_BUCKET", "s3://orders"),
        ("LAKE_BUCKET", "Orders"),
        ("ATHENA_WORKGROUP", "two words"),
        ("ATHENA_DATABASE", "orders-db"),
        ("AWS_REGION", "eu-central"),
        ("DASHBOARD_LISTEN", "5000"),
        ("DASHBOARD_LISTEN", "localhost:5000"),
        ("DASHBOARD_LISTEN", "127.0.0.1:70000"),
        ("DASHBOARD_LISTEN", "127.0.0.1:-1"),
        ("DASHBOARD_HOSTS", "orders.example.com:443"),
        ("DASHBOARD_HOSTS", "https://orders.example.com"),
        ("DASHBOARD_HOSTS", "a,,b"),
        ("DASHBOARD_HOSTS", "*"),
        ("DASHBOARD_PROXIED", "true"),
        ("DASHBOARD_ENVIRONMENT", "<b>dev</b>"),
        ("DASHBOARD_CURRENCY", "euro"),
        ("ATHENA_USD_PER_TB", "five"),
        ("ATHENA_USD_PER_TB", "-1"),
        ("ATHENA_USD_PER_TB", "NaN"),
        ("ATHENA_USD_PER_TB", "5000"),
        ("CACHE_DIRECTORY", "cache"),
    ],
)
def test_a_wrong_value_is_told_with_its_variable_and_itself(name, text):
    [line] = faults(**{name: text})

    assert line.startswith(f"{name} ")
    assert repr(text) in line or repr(text.split(",")[1]) in line


def test_an_address_for_all_is_refused_where_nobody_signs_people_in():
    [line] = faults(DASHBOARD_LISTEN="0.0.0.0:5000")

    assert "set DASHBOARD_PROXIED to 1 behind a load balancer" in line


@pytest.mark.parametrize("listen", ["127.0.0.2:80", "[::1]:5000"])
def test_an_address_of_this_machine_alone_is_fine(listen):
    assert read(NEEDED | {"DASHBOARD_LISTEN": listen}).listen[1] in (80, 5000)


def test_behind_a_load_balancer_the_names_must_be_said():
    [line] = faults(DASHBOARD_PROXIED="1")

    assert line.startswith("DASHBOARD_HOSTS is missing")
