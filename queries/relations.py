"""The relations that stand before every panel, as `orders.sql` defines them."""

import re
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("orders.sql")


@cache
def relations() -> dict[str, str]:
    """Return the bodies of `latest` and `orders`, one SELECT each, in that order."""
    parts = re.split(r"^-- relation: (\w+)\n", FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {name: body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}
