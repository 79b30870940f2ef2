"""Copy the third-party files that the pages use from node_modules: `python -m web.vendor`.

Set-up runs it after `npm ci --ignore-scripts`. Beside each file its licence is put, so that an
app bundle carries both.
"""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "static" / "vendor"
MODULES = Path(__file__).parent.parent / "node_modules"


@dataclass(frozen=True)
class ThirdParty:
    """A file of an npm package."""

    name: str
    """its name here"""
    package: str
    path: str
    """where it lies in the package"""
    licence: str
    """the name of the licence's file in the package"""


THIRD_PARTY = (
    ThirdParty("htmx.js", "htmx.org", "dist/htmx.min.js", "LICENSE"),
    ThirdParty("chart.js", "chart.js", "dist/chart.umd.min.js", "LICENSE.md"),
    ThirdParty("normalize.css", "modern-normalize", "modern-normalize.css", "license"),
    *(
        ThirdParty(
            f"inter-{script}.woff2",
            "@fontsource-variable/inter",
            f"files/inter-{script}-wght-normal.woff2",
            "LICENSE",
        )
        for script in ("latin", "latin-ext")
    ),
    ThirdParty(
        "source-serif-latin.woff2",
        "@fontsource-variable/source-serif-4",
        "files/source-serif-4-latin-wght-normal.woff2",
        "LICENSE",
    ),
)

WITHIN = {"@kurkle/color": "LICENSE.md"}
"""Packages that lie inside a file of another one, with their licences' files."""


def copy(modules: Path, folder: Path) -> None:
    """Copy all files and their licences. Raises FileNotFoundError for one that is missing."""
    # what was there before and is named no more would go on in bundles
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for file in THIRD_PARTY:
        package = modules / file.package
        shutil.copyfile(package / file.path, folder / file.name)
    licences = {file.package: file.licence for file in THIRD_PARTY} | WITHIN
    for name, licence in licences.items():
        beside = name.removeprefix("@").replace("/", "-") + ".LICENSE.txt"
        shutil.copyfile(modules / name / licence, folder / beside)


if __name__ == "__main__":
    try:
        copy(MODULES, FOLDER)
    except FileNotFoundError as fault:
        sys.exit(f"{fault.filename} is missing: run `npm ci --ignore-scripts` first")
