import re
from html import unescape

import pytest

from tests.doubles.dashboard import Dashboard


@pytest.fixture
def build(tmp_path):
    """Return a function that makes a dashboard; all are closed at the end."""
    made = []

    def build(**settings):
        folder = tmp_path / str(len(made))
        folder.mkdir()
        made.append(Dashboard(folder, **settings))
        return made[-1]

    yield build
    for dashboard in made:
        dashboard.close()


@pytest.fixture
def dashboard(build):
    """A dashboard over a lake into which one file came."""
    dashboard = build()
    dashboard.lake.takes()
    return dashboard


@pytest.fixture
def client(dashboard):
    return dashboard.app.test_client()


@pytest.fixture
def engine(dashboard):
    return dashboard.engine


@pytest.fixture
def fragment(client):
    """Return a function that asks as htmx does: for the part that goes into `target`."""

    def fragment(url, target, *, by="div", method="GET"):
        headers = {
            "HX-Request": "true",
            "HX-Request-Type": "partial",
            "HX-Target": target,
            "HX-Source": by,
        }
        return client.open(url, method=method, headers=headers)

    return fragment


@pytest.fixture
def words():
    """Return a function that gives a response's visible text, spaces folded."""

    def words(response) -> str:
        text = re.sub(r"<(script|style|noscript|head)\b.*?</\1>", " ", response.text, flags=re.S)
        return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())

    return words
