"""The panels as they lie in their folder now: an edited file is read again, without a restart."""

import os
import threading
import time
from pathlib import Path

from queries import catalog
from queries.catalog import PanelError
from queries.panel import Panel

LOOK_S = 0.02
"""How long the files are what they were, seconds: nobody edits one and asks again within that, and
a busy page would otherwise look a thousand times a second."""


class Catalog:
    """Reads the panels of a folder, again whenever one of its .sql files has changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._looked = float("-inf")
        self._seen: tuple[tuple[str, int, int], ...] | None = None
        self._panels: dict[str, Panel | PanelError] = {}

    def panels(self) -> dict[str, Panel | PanelError]:
        """Return the panels by slug, in the order they are shown; a broken one as its error."""
        with self._lock:
            now = time.monotonic()
            if now - self._looked >= LOOK_S:
                seen = tuple(sorted(self._stamps()))
                if seen != self._seen:
                    self._panels = catalog.load(self._folder)
                    self._seen = seen
                self._looked = now
            return self._panels

    def sound(self, slug: str) -> Panel | None:
        """Return a panel that can be asked, or None if it is missing or broken."""
        panel = self.panels().get(slug)
        return panel if isinstance(panel, Panel) else None

    def _stamps(self) -> list[tuple[str, int, int]]:
        stamps = []
        with os.scandir(self._folder) as files:
            for file in files:
                if not file.name.endswith(".sql"):
                    continue
                try:
                    stat = file.stat()
                except FileNotFoundError:  # an editor is just renaming it
                    continue
                stamps.append((file.name, stat.st_mtime_ns, stat.st_size))
        return stamps
