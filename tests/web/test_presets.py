"""Spans by name: counted from the newest export, and true to the other filters."""

from datetime import datetime

import pytest

from queries.filters import FILTERS
from web import urls
from web.asked import read
from web.presets import presets


def spans(newest, **texts):
    return {p.title: p.url for p in presets(read(FILTERS, texts), newest, urls.overview)}


def test_spans_end_with_the_day_of_the_newest_export():
    assert spans(datetime(2025, 11, 10, 12)) == {
        "All time": "/",
        "2025": "/?from=2025-01-01&to=2025-12-31",
        "2024": "/?from=2024-01-01&to=2024-12-31",
        "Last 12 months": "/?from=2024-12-01&to=2025-11-10",
        "Last 3 months": "/?from=2025-09-01&to=2025-11-10",
        "Nov 2025": "/?from=2025-11-01&to=2025-11-10",
    }


def test_an_export_made_at_midnight_ends_with_the_day_before():
    assert spans(datetime(2026, 1, 1))["Dec 2025"] == "/?from=2025-12-01&to=2025-12-31"


def test_the_other_filters_stay():
    found = spans(datetime(2025, 11, 10), status="shipped", to="2025-01-01")

    assert found["All time"] == "/?status=shipped"


@pytest.mark.parametrize(
    ("texts", "title"),
    [({}, "All time"), ({"from": "2025-01-01", "to": "2025-12-31", "customer": "x"}, "2025")],
)
def test_the_span_that_holds_is_marked(texts, title):
    found = presets(read(FILTERS, texts), datetime(2025, 11, 10), urls.overview)

    assert [preset.title for preset in found if preset.current] == [title]


def test_a_lake_without_exports_has_no_spans():
    assert spans(None) == {}
