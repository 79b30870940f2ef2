"""The panels that tests work with: the five that this project promises, and all that are there.

Whoever adds a panel of their own changes nothing in what is said of the five.
"""

import shutil
from pathlib import Path

from queries.catalog import FOLDER, load
from queries.panel import Panel
from queries.relations import FILE

FIVE = (
    "total-sales-by-customer",
    "monthly-orders-and-revenue",
    "order-status",
    "average-order-value",
    "largest-orders",
)
"""The slugs of the panels whose answers tests/reference.py calculates, in the overview's order."""


def sound() -> dict[str, Panel]:
    """Return every panel that can be read; a broken one is the matter of a single test."""
    return {slug: panel for slug, panel in load().items() if isinstance(panel, Panel)}


def five() -> dict[str, Panel]:
    """Return the five by slug. Raises KeyError with the slug of one that is missing or broken."""
    panels = sound()
    return {slug: panels[slug] for slug in FIVE}


def copy_five(folder: Path) -> None:
    """Put the files of the five, and the relations they read, into a folder."""
    for name in (FILE.name, *(f"{slug}.sql" for slug in FIVE)):
        shutil.copy(FOLDER / name, folder)
