"""What a dashboard is told: its engine, its lake, and how it shows itself."""

from dataclasses import dataclass
from pathlib import Path

from lake.ledger import Ledger
from web.engine import Engine

LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")
"""The names a laptop calls itself by: any other Host header is DNS rebinding."""


REQUESTS = 16
"""Requests at once: a page takes a third of a second at most, but an export may wait for ten."""


@dataclass(frozen=True)
class Config:
    """Settings of one dashboard."""

    engine: Engine
    ledger: Ledger
    panels: Path
    """the folder with the panels' .sql files"""
    raw: str
    """where exports are dropped, as a person would write it: a folder's path or s3://bucket/raw/"""
    answers: Path | None = None
    """the answers' cache file; None keeps them in memory only"""
    title: str = "Orders lake"
    environment: str | None = None
    """shown beside the title, such as dev or prod; a laptop has none"""
    currency: str | None = None
    """the currency of all amounts, such as EUR; None shows plain numbers"""
    trusted_hosts: tuple[str, ...] = LOCAL_HOSTS
    """names that the Host header may have, without port; a leading dot takes subdomains in"""
    proxied: bool = False
    """whether exactly one known proxy (a load balancer with TLS) stands in front"""
