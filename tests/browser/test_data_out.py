"""Copying and saving in a real Chromium."""

import polars as pl
import pytest
from playwright.sync_api import expect

from tests.eventually import eventually

pytestmark = pytest.mark.browser

LARGEST = "/panels/largest-orders"


def clipboard(page):
    return page.evaluate("navigator.clipboard.readText()")


def test_copy_link_copies_the_address_with_all_that_was_chosen(open_page, address):
    page = open_page(LARGEST, permissions=["clipboard-read", "clipboard-write"])
    page.locator("select[name=month]").select_option("2025-03")
    link = page.get_by_role("link", name="JSON of")
    expect(link).to_have_attribute("href", f"{LARGEST}.json?month=2025-03")

    page.get_by_role("button", name="Copy link").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert clipboard(page) == f"{address}{LARGEST}?month=2025-03"


def test_the_query_is_shown_stays_open_and_can_be_copied(open_page, dashboard, violations):
    page = open_page(f"{LARGEST}?month=2025-03", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_text("The query, as").click()
    assert violations(page) == []

    query = page.locator("details[id]")
    query.evaluate("details => details.isOld = true")
    page.get_by_role("button", name="Refresh").click()
    assert eventually(lambda: not query.evaluate("details => details.isOld"))
    expect(page.locator("[hx-trigger*='load delay']")).to_have_count(0)
    page.get_by_role("button", name="Copy the query").click()

    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert "coalesce(DATE '2025-03-01', " in clipboard(page)


def test_a_parquet_file_is_saved(open_page, tmp_path):
    page = open_page(LARGEST)

    with page.expect_download() as saved:
        page.get_by_role("link", name="Parquet of Largest orders").click()

    assert saved.value.suggested_filename == "largest-orders.parquet"
    saved.value.save_as(tmp_path / "saved.parquet")
    assert pl.read_parquet(tmp_path / "saved.parquet")["order_id"].to_list() == ["10421", "10388"]


def test_all_is_refreshed_by_one_button(open_page, engine):
    page = open_page("/")
    page.evaluate("window.mark = 'still here'")
    asked = len(engine.calls)

    page.get_by_role("button", name="Refresh all").click()

    expect(page.locator("#refresh-all")).to_be_focused()
    assert eventually(lambda: len(engine.calls) == asked + 5)
    expect(page.locator(".is-waiting")).to_have_count(0)
    assert len(engine.calls) == asked + 5
    assert page.evaluate("window.mark") == "still here"
