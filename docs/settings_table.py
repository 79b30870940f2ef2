"""The settings' table in README.md, from Pulumi.yaml: `python -m docs.settings_table` renews it."""

import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "README.md"
BEGIN, END = "<!-- settings -->\n", "<!-- /settings -->\n"


def table(project: Path) -> str:
    """Return the settings that a Pulumi.yaml declares as a table in Markdown."""
    declared = yaml.safe_load(project.read_text())["config"]
    rows = [
        f"| `{key}` | {_written(setting['default'])} | {' '.join(setting['description'].split())} |"
        for key, setting in declared.items()
    ]
    return "\n".join(("| setting | default | what it is |", "|---|---|---|", *rows, ""))


def replaced(page: str, made: str) -> str:
    """Return a page with another table. Raises ValueError where its place is not marked."""
    before, _, rest = page.partition(BEGIN)
    _, found, after = rest.partition(END)
    if not found:
        raise ValueError(f"the page has no place for the table: {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n{made}\n{END}{after}"


def _written(default: object) -> str:
    if isinstance(default, list):
        return f"`[{', '.join(map(str, default))}]`" if default else ""
    text = str(default).lower() if isinstance(default, bool) else str(default)
    return f"`{text}`" if text else ""


if __name__ == "__main__":
    PAGE.write_text(replaced(PAGE.read_text(), table(ROOT / "Pulumi.yaml")))
    sys.exit(0)
