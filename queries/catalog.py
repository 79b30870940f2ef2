"""The catalog: every panel of a folder, and what is wrong with those that cannot be one."""

import re
from codecs import BOM_UTF8
from functools import lru_cache
from pathlib import Path

from queries import head, statement
from queries.panel import Panel
from queries.relations import FILE

FOLDER = Path(__file__).parent


class PanelError(Exception):
    """A file cannot be a panel; the others are not touched by it."""

    def __init__(self, file: str, line: int, reason: str) -> None:
        super().__init__(f"{file}:{line}: {reason}")
        self.file = file
        self.line = line
        self.reason = reason


def load(folder: Path = FOLDER) -> dict[str, Panel | PanelError]:
    """Return the panels of a folder by slug: by position, then slug; unreadable ones come last."""
    found: dict[str, Panel | PanelError] = {}
    for path in sorted(folder.glob("[!.]*.sql")):
        if path.name == FILE.name:
            continue
        try:
            found[path.stem] = _panel(path)
        except PanelError as error:
            found[path.stem] = error
    return dict(sorted(found.items(), key=_place))


def _place(item: tuple[str, Panel | PanelError]) -> tuple[bool, int, str]:
    slug, panel = item
    if isinstance(panel, PanelError):
        return True, 0, slug
    return False, panel.position, slug


def _panel(path: Path) -> Panel:
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", path.stem):
        raise PanelError(
            path.name, 1, "the name becomes an address: small letters and digits, with - between"
        )
    return _read(path.name, _text(path))


def _text(path: Path) -> str:
    try:
        # editors on Windows put a byte order mark before the text
        content = path.read_bytes().removeprefix(BOM_UTF8)
        return content.decode().replace("\r\n", "\n")
    except UnicodeDecodeError as fault:
        line = 1 + content.count(b"\n", 0, fault.start)
        raise PanelError(path.name, line, "the file is not UTF-8") from None
    except OSError as fault:
        raise PanelError(path.name, 1, f"the file cannot be read: {fault.strerror}") from None


# two grammars take 10 ms for a panel, and an edit changes one of them
@lru_cache(maxsize=256)
def _read(file: str, text: str) -> Panel:
    try:
        yaml, first, sql, line = head.split(text)
        about = head.read(yaml, first)
    except head.HeadError as error:
        raise PanelError(file, error.line, error.reason) from None
    try:
        checked, first_of_sql = statement.check(
            sql, sum(parameter.binds for parameter in about.parameters)
        )
    except statement.StatementError as error:
        raise PanelError(file, line + error.line - 1, error.reason) from None
    return Panel(
        slug=file.removesuffix(".sql"),
        title=about.title,
        description=about.description,
        chart=about.chart,
        parameters=about.parameters,
        ignores=about.ignores,
        position=about.position,
        sql=checked,
        file=file,
        line=line + first_of_sql - 1,
    )
