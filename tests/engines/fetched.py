"""What the tools that tests fetch have in common: where they are kept, and that one is missing."""

from pathlib import Path

CACHE = Path.home() / ".cache" / "orders-lake"
"""Outside the checkout, a folder for each tool and version: the next clone finds it."""


class CannotRun(Exception):
    """A tool cannot be run here; the message says what to do."""
