"""A folder lake with the DuckDB engine over it, for tests."""

import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from lake import names
from lake.folder import FolderStore
from local.duck import DuckEngine
from queries.compose import compose
from queries.panel import Panel
from tests import generated
from tests.panels import five
from tests.reference import Row, Version
from web.engine import Answer, Watch


class FolderLake:
    """A lake that tests write to as the handler does: files first, then the marker."""

    def __init__(self, root: Path, store: FolderStore | None = None) -> None:
        self.root = root
        self.store = store or FolderStore(root)
        self.engine = DuckEngine(root, self.store)

    def publish(self, versions: Iterable[Version]) -> None:
        generated.write(self.root, versions)
        self.mark()

    def mark(self) -> None:
        self.store.overwrite(names.MARKER, secrets.token_bytes(16))

    def run(self, sql: str, *binds: Any) -> Answer:
        return self.engine.run(sql, binds, Watch())

    def rows(self, sql: str, *binds: Any) -> list[Row]:
        return list(self.run(sql, *binds).rows)

    def panels(self, values: Mapping[str, Any] | None = None) -> dict[str, list[Row]]:
        """Return the rows of the five panels by slug; `values` are filters and parameters."""
        return {slug: list(self.ask(panel, values).rows) for slug, panel in five().items()}

    def ask(self, panel: Panel, values: Mapping[str, Any] | None = None) -> Answer:
        """Run one panel; of `values` it takes the filters and its own parameters."""
        sql, binds = compose(panel, _taken(panel, values or {}), self.engine.latest)
        return self.run(sql, *binds)


def _taken(panel: Panel, values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is another panel's parameter."""
    own = {parameter.name for parameter in panel.parameters}
    filters = {"from", "to", "customer", "status"}
    return {name: value for name, value in values.items() if name in own | filters}
