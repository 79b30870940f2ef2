"""The dashboard host's settings: environment variables, read at once and all that is wrong told."""

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

from web.athena.price import USD_PER_TB

DEAREST_USD_PER_TB = 1000
"""A price above it is a slip of the hand: the dearest region charges 9."""

_Read = TypeVar("_Read")


class WrongEnvironment(Exception):
    """Variables are missing or wrong; the message has a line for each."""


@dataclass(frozen=True)
class Environment:
    """What the host is told."""

    bucket: str
    """LAKE_BUCKET: the lake's bucket"""
    workgroup: str
    """ATHENA_WORKGROUP: where the queries run; it says where results lie and what they may scan"""
    database: str
    """ATHENA_DATABASE: the Glue database with the lake's tables"""
    region: str
    """AWS_REGION: of all of them"""
    listen: tuple[str, int]
    """DASHBOARD_LISTEN: address and port; port 0 takes any that is free"""
    hosts: tuple[str, ...]
    """DASHBOARD_HOSTS: names that the Host header may have besides localhost"""
    proxied: bool
    """DASHBOARD_PROXIED: whether a load balancer stands in front, which signs people in"""
    environment: str | None
    """DASHBOARD_ENVIRONMENT: the stack's name, shown on the page"""
    currency: str | None
    """DASHBOARD_CURRENCY: of all amounts, such as EUR"""
    usd_per_tb: Decimal
    """ATHENA_USD_PER_TB: what Athena charges in this region"""
    cache: Path | None
    """CACHE_DIRECTORY: where the answers' file lies; None keeps them in memory only"""


def read(variables: Mapping[str, str]) -> Environment:
    """Read the settings; an empty variable counts as absent. Raises WrongEnvironment."""
    faults: list[str] = []

    def take(name: str, reader: Callable[[str], _Read], default: _Read | None = None) -> _Read:
        text = variables.get(name, "").strip()
        try:
            if text:
                return reader(text)
            if default is not None:
                return default
            raise ValueError("is missing: the stack's unit file sets it")
        except ValueError as fault:
            faults.append(f"{name} {fault}.")
            # nobody sees what is given back here: the faults are raised below
            return default  # type: ignore[return-value]

    found = Environment(
        bucket=take("LAKE_BUCKET", _name(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "a bucket's name")),
        workgroup=take("ATHENA_WORKGROUP", _name(r"[A-Za-z0-9._-]{1,128}", "a workgroup's name")),
        database=take("ATHENA_DATABASE", _name(r"[a-z0-9_]{1,255}", "a Glue database's name")),
        region=take("AWS_REGION", _name(r"[a-z]{2}(-[a-z]+)+-[0-9]", "a region like eu-central-1")),
        listen=take("DASHBOARD_LISTEN", _address, ("127.0.0.1", 5000)),
        hosts=take("DASHBOARD_HOSTS", _hosts, ()),
        proxied=take("DASHBOARD_PROXIED", _switch, False),
        environment=take(
            "DASHBOARD_ENVIRONMENT", _name(r"[A-Za-z0-9._-]{1,100}", "a stack's name"), ""
        )
        or None,
        currency=take("DASHBOARD_CURRENCY", _name(r"[A-Z]{3}", "a currency like EUR"), "") or None,
        usd_per_tb=take("ATHENA_USD_PER_TB", _price, USD_PER_TB),
        cache=Path(folder) if (folder := take("CACHE_DIRECTORY", _folder, "")) else None,
    )
    if not faults:
        faults += _contradictions(found)
    if faults:
        raise WrongEnvironment("\n".join(faults))
    return found


def _contradictions(found: Environment) -> list[str]:
    address = found.listen[0]
    if not found.proxied and not ipaddress.ip_address(address).is_loopback:
        return [
            f"DASHBOARD_LISTEN is {address}, where whoever reaches the host reads the lake: listen "
            "on 127.0.0.1, or set DASHBOARD_PROXIED to 1 behind a load balancer that signs people "
            "in."
        ]
    if found.proxied and not found.hosts:
        return [
            "DASHBOARD_HOSTS is missing: behind a load balancer it names the host names by which "
            "browsers call the dashboard."
        ]
    return []


def _name(pattern: str, what: str) -> Callable[[str], str]:
    def read_name(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(f"is {text!r}, which is not {what}")
        return text

    return read_name


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    try:
        address = ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        address = None
    if address is None or not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65_535:
        raise ValueError(f"is {text!r}, which is not an address with a port like 127.0.0.1:5000")
    return str(address), int(port)


def _hosts(text: str) -> tuple[str, ...]:
    names = tuple(name.strip().lower() for name in text.split(","))
    for name in names:
        label = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
        if not re.fullmatch(rf"\.?{label}(\.{label})*", name) or len(name) > 253:
            raise ValueError(
                f"holds {name!r}, which is not a host name: write them without port, with commas"
            )
    return names


def _switch(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError(f"is {text!r}: it can be 1, behind a load balancer, or 0")
    return text == "1"


def _price(text: str) -> Decimal:
    try:
        price = Decimal(text)
    except InvalidOperation:
        price = Decimal("NaN")
    if not price.is_finite() or not 0 <= price <= DEAREST_USD_PER_TB:
        raise ValueError(f"is {text!r}, which is not a price in dollars like {USD_PER_TB}")
    return price


def _folder(text: str) -> str:
    # systemd gives several, joined by colons, to a unit that asks for several
    first = text.split(":", 1)[0]
    if not Path(first).is_absolute():
        raise ValueError(f"is {text!r}, which is not an absolute path")
    return first
