"""The project's own files that go into a bundle."""

from collections.abc import Iterator
from pathlib import Path

ENDINGS = frozenset(
    {".py", ".sql", ".html", ".css", ".js", ".svg", ".woff2", ".txt", ".sh", ".service", ".conf"}
)
"""What the project's folders hold. Whatever else lies there (caches, an editor's copies) differs
from machine to machine and stays out."""


def sources(root: Path, *folders: str) -> Iterator[tuple[str, bytes]]:
    """Yield the files below folders of the checkout: name with / from `root`, and content."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            inside = path.relative_to(root)
            hidden = any(part.startswith((".", "__pycache__")) for part in inside.parts)
            if path.suffix in ENDINGS and not hidden and path.is_file():
                yield inside.as_posix(), path.read_bytes()
