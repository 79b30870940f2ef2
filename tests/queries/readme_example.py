"""The panel that the README shows to whoever adds one."""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from queries.catalog import PanelError, load
from queries.panel import Panel
from tests.reference import Row, Version, newest

README = Path(__file__).parents[2] / "README.md"


def read(folder: Path) -> Panel | PanelError:
    """Put the example into a folder of its own as it is printed, and load it."""
    section = README.read_text().split("\n## Adding a panel\n")[1].split("\n## ")[0]
    [text] = re.findall(r"```sql\n(.*?)```", section, re.DOTALL)
    (folder / "orders-per-weekday.sql").write_text(text)
    [panel] = load(folder).values()
    return panel


def expected(versions: Iterable[Version]) -> list[Row]:
    """Return its rows, calculated in plain Python: Sunday's 0 first, a missing day last."""
    days = Counter(
        one.order_date and one.order_date.isoweekday() % 7 for one in newest(versions) if one.kept
    )
    return sorted(days.items(), key=lambda row: (row[0] is None, row))
