"""Every page in every state before axe-core, in light and in dark.

Half of the states take their time: those are looked at by make test-engines.
"""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SALES, LARGEST = "total-sales-by-customer", "largest-orders"
MONTHLY = "monthly-orders-and-revenue"


def test_axe_finds_nothing_wrong_on_any_page(open_page, violations):
    page = open_page("/")
    for path in ("/", f"/panels/{SALES}", f"/panels/{LARGEST}", f"/panels/{MONTHLY}", "/ingests"):
        page.goto(path)
        assert violations(page) == [], path


@pytest.mark.engine
def test_axe_finds_nothing_wrong_while_panels_wait_fail_and_are_broken(
    open_page, violations, dashboard, engine
):
    engine.fails(SALES, "query", "line 2: no such column")
    (dashboard.panels / "order-status.sql").write_text("nothing")
    with engine.held(LARGEST), engine.held("quarantine"), engine.held(MONTHLY):
        page = open_page("/")
        expect(page.get_by_text("Running for")).to_have_count(2)
        assert violations(page) == []
        for path in (f"/panels/{LARGEST}", f"/panels/{SALES}", "/panels/order-status", "/ingests"):
            page.goto(path)
            assert violations(page) == []


@pytest.mark.engine
def test_axe_finds_nothing_wrong_while_an_older_answer_is_renewed(
    open_page, violations, dashboard, engine
):
    page = open_page("/")
    dashboard.lake.changes()
    with engine.held(SALES):
        page.goto("/")
        expect(page.locator(f"#card-{SALES}")).to_contain_text("older state")
        assert violations(page) == []


def test_axe_finds_nothing_wrong_with_an_empty_lake_and_with_error_pages(
    open_page, violations, dashboard
):
    dashboard.lake.store.path("ingests").rename(dashboard.lake.store.path("was"))
    dashboard.lake.changes()
    page = open_page("/", silent=False)
    for path in ("/", "/ingests", "/panels/none", f"/panels/{LARGEST}?month=x"):
        page.goto(path)
        assert violations(page) == []


@pytest.mark.engine
def test_axe_finds_nothing_wrong_on_a_phone_and_after_a_cancel(open_page, violations, engine):
    page = open_page("/", viewport={"width": 360, "height": 780})
    for path in ("/", f"/panels/{SALES}", "/ingests?find=nobody"):
        page.goto(path)
        assert violations(page) == []
    with engine.held(LARGEST):
        page.goto(f"/panels/{LARGEST}?month=2025-03")
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_role("button", name="Run again")).to_be_visible()
        assert violations(page) == []
