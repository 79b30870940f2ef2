"""The pictures in README.md, of the sample lake as `make run` shows it: `make screenshots`."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, sync_playwright

DOCS = Path(__file__).resolve().parent
WRONG = "OrderID;Customer;Amount;Status;OrderDate\n1;Umbra Film Studio;10,00;shipped;2026-06-30\n"
"""An export with semicolons: the pictures show a rejected file too."""


@dataclass(frozen=True)
class Picture:
    """A picture of a page."""

    name: str
    path: str
    width: int
    height: int
    dark: bool = False


PICTURES = (
    Picture("dashboard", "/", 1280, 1130),
    Picture("panel", "/panels/total-sales-by-customer?status=shipped", 1280, 800, dark=True),
    Picture("phone", "/ingests", 390, 844),
)


def main() -> None:
    """Take all pictures anew."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or None
    with (
        tempfile.TemporaryDirectory() as folder,
        _serving(Path(folder) / "lake") as address,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--force-color-profile=srgb"]
        )
        for picture in PICTURES:
            _take(browser, address, picture)
        browser.close()


def _take(browser: Browser, address: str, picture: Picture) -> None:
    context = browser.new_context(
        base_url=address,
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="dark" if picture.dark else "light",
        locale="en-GB",
    )
    page = context.new_page()
    page.goto(picture.path)
    page.wait_for_load_state("networkidle")
    page.wait_for_function("!document.querySelector('[aria-busy=true]')")
    page.evaluate("document.fonts.ready.then(() => true)")
    page.screenshot(path=DOCS / f"{picture.name}.png")
    context.close()


@contextlib.contextmanager
def _serving(lake: Path) -> Iterator[str]:
    """Serve a lake with the sample, and with one wrong file; yield its address."""
    words = [sys.executable, "-m", "local"]
    server = subprocess.Popen(
        [*words, "serve", "--lake", str(lake), "--port", "0"],
        cwd=DOCS.parent,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        lines = server.stdout or ()
        address = next(found[0] for line in lines if (found := re.search(r"http://\S+:\d+", line)))
        # the wrong file is the last to come in, so that the phone's picture shows it
        while b"On its way" in urlopen(f"{address}/ingests").read():  # noqa: S310 - our own
            time.sleep(0.2)
        wrong = lake.parent / "july.csv"
        wrong.write_text(WRONG)
        subprocess.run(
            [*words, "ingest", "--lake", str(lake), str(wrong)],
            cwd=DOCS.parent,
            check=False,
            stdout=subprocess.DEVNULL,
        )
        yield address
    finally:
        server.terminate()
        server.wait(10)


if __name__ == "__main__":
    main()
