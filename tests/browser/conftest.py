import os
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests.doubles.dashboard import Dashboard
from tests.eventually import SOON
from tests.serving import serving

AXE = Path(__file__).parent.parent.parent / "node_modules/axe-core/axe.min.js"

expect.set_options(timeout=1000 * SOON)


@pytest.fixture(scope="session")
def chromium():
    """The machine's own Chromium, else Playwright's; without its windows it is twice as quick."""
    installed = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    found = os.environ.get("CHROMIUM") or installed or None
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def dashboard(tmp_path):
    dashboard = Dashboard(tmp_path)
    dashboard.lake.takes()
    yield dashboard
    dashboard.close()


@pytest.fixture
def engine(dashboard):
    return dashboard.engine


@pytest.fixture
def address(dashboard):
    """Serve the dashboard as it is served everywhere, and return its address."""
    with serving(dashboard.app) as address:
        yield address


@pytest.fixture
def open_page(chromium, address):
    """Return a function that opens a page; what its console says fails the test."""
    said = []
    contexts = []

    def open_page(path="/", *, silent=True, **settings):
        context = chromium.new_context(base_url=address, **settings)
        context.set_default_timeout(1000 * SOON)
        contexts.append(context)
        page = context.new_page()
        # time runs as it does, and can be wound on: `later` waits for no timer of the page
        page.clock.install()
        if silent:
            page.on("console", lambda message: said.append(message.text))
            page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(path)
        if settings.get("java_script_enabled", True):
            # htmx binds the links a task after the page has loaded: a quicker click is a plain one
            page.evaluate("new Promise(done => setTimeout(done))")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert said == [], "the console is silent"


@pytest.fixture
def violations():
    """Return a function that lists what axe finds wrong on a page, in light and in dark."""
    # the content policy blocks a script element; an evaluated one it does not
    script = AXE.read_text()

    def violations(page):
        page.evaluate(script)
        # preload would fetch every style again, for rules that are not run
        settings = "{resultTypes: ['violations'], preload: false}"
        found = page.evaluate(f"axe.run(document, {settings})")["violations"]
        # the markup is the same in the dark, so only the colours are looked at again
        page.emulate_media(color_scheme="dark")
        found += page.evaluate("axe.run(document, {runOnly: ['color-contrast']})")["violations"]
        page.emulate_media(color_scheme="light")
        return [
            f"{rule['id']}: {node['html']} {node['failureSummary']}"
            for rule in found
            for node in rule["nodes"]
        ]

    return violations
