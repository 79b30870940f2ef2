"""The filter bar in a real Chromium: choosing, mending what is wrong, spans by name."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

SALES, LARGEST = "total-sales-by-customer", "largest-orders"


def choose(page, label, text):
    """Write into a control and leave it, as a person does."""
    page.get_by_label(label, exact=True).fill(text)
    page.get_by_label(label, exact=True).press("Tab")


@pytest.mark.parametrize("path", ["/", f"/panels/{SALES}"])
def test_a_wrong_span_is_said_at_its_control_and_mended_there(open_page, violations, path):
    page = open_page(path)
    page.evaluate("window.mark = 'still here'")
    choose(page, "To", "2025-01-31")
    expect(page).to_have_url(re.compile("to=2025-01-31"))

    choose(page, "From", "2025-02-01")

    to = page.get_by_label("To", exact=True)
    expect(to).to_have_attribute("aria-invalid", "true")
    expect(to).to_have_accessible_description(re.compile("ends on 2025-01-31, before it begins"))
    expect(to).to_have_value("2025-01-31")
    expect(page.get_by_text("Nothing was asked")).to_be_visible()
    assert violations(page) == []

    choose(page, "To", "2025-02-28")

    expect(to).to_have_attribute("aria-invalid", "false")
    expect(page.get_by_text("Nothing was asked")).to_have_count(0)
    expect(page.locator("table").first).to_be_visible()
    assert page.evaluate("window.mark") == "still here"


@pytest.mark.parametrize("label", ["From", "To"])
def test_a_date_that_is_typed_is_asked_for_once_it_is_whole(open_page, label):
    page = open_page("/?from=2024-01-01" if label == "To" else "/")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    before = page.evaluate("history.length")

    page.get_by_label(label, exact=True).focus()
    page.keyboard.type("06302025")

    expect(page).to_have_url(re.compile(f"{label.lower()}=2025-06-30"))
    expect(page.get_by_text("Nothing was asked")).to_have_count(0)
    assert not [url for url in asked if f"{label.lower()}=0" in url]
    assert page.evaluate("history.length") == before + 1


def test_a_date_that_is_cleared_key_by_key_counts_no_more_once_it_is_left(open_page, address):
    page = open_page("/?from=2025-03-15")
    start = page.get_by_label("From", exact=True)
    start.focus()
    for key in ("Backspace", "Tab", "Backspace", "Tab", "Backspace"):
        page.keyboard.press(key)
    expect(start).to_have_value("")

    page.get_by_label("Customer", exact=True).focus()

    expect(page).to_have_url(f"{address}/")
    expect(start).to_have_attribute("aria-invalid", "false")


def test_a_date_that_is_none_is_told_of_where_it_stands_and_holds_up_no_other_choice(
    open_page, address
):
    page = open_page("/")
    start = page.get_by_label("From", exact=True)
    start.focus()
    page.keyboard.type("02302025")
    page.get_by_label("Customer", exact=True).focus()
    expect(start).to_have_attribute("aria-invalid", "true")
    expect(start).to_have_accessible_description("This cannot be read, so it counts as empty.")

    page.get_by_label("Status", exact=True).select_option("pending")

    expect(page).to_have_url(f"{address}/?status=pending")
    expect(start).to_have_accessible_description("This cannot be read, so it counts as empty.")
    start.fill("2025-02-28")
    expect(page).to_have_url(f"{address}/?from=2025-02-28&status=pending")
    expect(start).to_have_attribute("aria-invalid", "false")


def test_a_year_that_begins_with_0_is_not_asked_for_while_it_is_typed(open_page):
    page = open_page("/?from=2025-11-01")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label("From", exact=True).focus()
    for key in ("Tab", "Tab", "0"):
        page.keyboard.press(key)
    page.wait_for_timeout(300)

    assert not [url for url in asked if "from=" in url]


def test_a_year_that_stays_too_short_is_told_of_when_its_field_is_left(open_page):
    page = open_page("/?from=2024-01-01")
    page.get_by_label("To", exact=True).focus()
    page.keyboard.type("0630202")
    page.get_by_label("Customer", exact=True).focus()

    expect(page.get_by_text("Nothing was asked")).to_be_visible()


@pytest.mark.parametrize("path", ["/", f"/panels/{SALES}"])
def test_an_address_holds_only_what_was_chosen(open_page, address, path):
    page = open_page(path)

    page.get_by_label("Status", exact=True).select_option("pending")

    expect(page).to_have_url(f"{address}{path}?status=pending")


def test_a_choice_that_got_no_answer_is_asked_for_again_when_the_server_is_back(open_page):
    page = open_page("/?status=shipped", silent=False)
    page.route("**/?*", lambda route: route.abort())
    page.get_by_label("Status", exact=True).select_option("pending")
    expect(page.locator("#away")).to_be_visible()

    page.unroute("**/?*")

    expect(page).to_have_url(re.compile("status=pending"))
    expect(page.locator("#away")).to_be_hidden()
    expect(page.locator(".chosen")).to_contain_text("pending")


def test_after_a_choice_the_span_that_holds_is_marked(open_page):
    page = open_page("/")
    spans = page.get_by_role("list", name="Spans")
    expect(spans.locator("[aria-current]")).to_have_text("All time")

    spans.get_by_text("2025", exact=True).click()
    expect(page.get_by_label("From", exact=True)).to_have_value("2025-01-01")
    expect(spans.locator("[aria-current]")).to_have_text("2025")

    choose(page, "From", "2025-01-02")
    expect(page).to_have_url(re.compile("from=2025-01-02"))
    expect(spans.locator("[aria-current]")).to_have_count(0)
    expect(spans.get_by_text("Clear")).to_be_visible()


def test_a_span_by_name_narrows_a_panel_on_its_own_page_too(open_page, engine):
    page = open_page(f"/panels/{SALES}?status=shipped")

    page.get_by_role("list", name="Spans").get_by_text("Nov 2025").click()

    expect(page).to_have_url(re.compile("from=2025-11-01&to=2025-11-10&status=shipped"))
    asked = [tuple(map(str, binds)) for slug, binds in engine.calls if slug == SALES]
    assert ("2025-11-01", "2025-11-10", "shipped") in asked


def test_by_keyboard_a_filter_is_chosen_and_the_focus_stays_in_the_bar(open_page):
    page = open_page("/")
    status = page.get_by_label("Status", exact=True)
    status.focus()

    page.keyboard.type("shi")
    page.keyboard.press("Tab")

    expect(page).to_have_url(re.compile("status=shipped"))
    expect(page.get_by_role("button", name="Show")).to_be_focused()
