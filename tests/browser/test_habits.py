"""What a reader gets used to: keys, a page that rests, paper, an edited panel, no jumps."""

import re

import pytest
from playwright.sync_api import expect

from lake.schema import STATUSES
from tests.doubles.engine import answer
from tests.eventually import eventually

pytestmark = pytest.mark.browser

SALES, LARGEST = "total-sales-by-customer", "largest-orders"


def heading(page):
    return page.locator("main h1")


def test_one_key_each_leads_through_the_pages(open_page):
    page = open_page("/")

    for key, title in (
        ("n", "Total sales by customer"),
        ("n", "Monthly orders and revenue"),
        ("p", "Total sales by customer"),
        ("i", "What came in"),
        ("o", "Orders at a glance"),
    ):
        page.keyboard.press(key)
        expect(heading(page)).to_have_text(title)
        expect(heading(page)).to_be_focused()

    page.keyboard.press("/")
    expect(page.get_by_label("From", exact=True)).to_be_focused()


def test_r_refreshes_what_is_shown(open_page, engine):
    page = open_page(f"/panels/{SALES}")
    asked = engine.count(SALES)

    page.keyboard.press("r")

    expect(page.locator("table")).to_be_visible()
    page.wait_for_timeout(100)
    assert engine.count(SALES) == asked + 1


def test_a_question_mark_lists_the_keys_and_they_can_be_switched_off(open_page, violations):
    page = open_page("/")
    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    assert violations(page) == []

    keys.get_by_label("Single keys are on").uncheck()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()
    page.keyboard.press("n")
    page.reload()
    page.keyboard.press("n")
    page.wait_for_timeout(100)
    expect(heading(page)).to_have_text("Orders at a glance")

    page.get_by_role("button", name="Keys: ?").click()
    keys.get_by_label("Single keys are on").check()
    keys.get_by_role("button", name="Close").click()
    page.keyboard.press("n")
    expect(heading(page)).to_have_text("Total sales by customer")


def test_keys_and_the_servers_absence_are_told_after_going_back_too(open_page):
    page = open_page("/", silent=False)
    page.get_by_role("link", name="Order status", exact=True).first.click()
    expect(heading(page)).to_have_text("Order status")
    page.go_back()
    expect(heading(page)).to_have_text("Orders at a glance")

    page.keyboard.press("?")
    keys = page.get_by_role("dialog", name="Keys")
    expect(keys).to_be_visible()
    page.keyboard.press("Escape")
    expect(keys).to_be_hidden()

    page.route("**/state", lambda route: route.fulfill(status=503))
    expect(page.locator("#away")).to_be_visible()
    page.unroute("**/state")
    expect(page.locator("#away")).to_be_hidden()


def test_keys_that_someone_writes_are_only_written(open_page):
    page = open_page("/")

    customer = page.get_by_label("Customer", exact=True)

    customer.press_sequentially("no?")

    expect(customer).to_have_value("no?")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_hidden_page_asks_nothing_and_looks_at_once_when_it_is_seen_again(open_page):
    page = open_page("/")
    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    page.clock.fast_forward(1000)
    page.wait_for_timeout(50)
    asked = []
    page.on("request", lambda request: asked.append(request.url))

    for _ in range(5):
        page.clock.fast_forward(1000)
        page.wait_for_timeout(20)
    assert asked == []

    page.evaluate("Object.defineProperty(document, 'hidden', {value: false})")
    with page.expect_request("**/state"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_an_unchanged_lake_costs_no_query(open_page, engine, dashboard, monkeypatch):
    monkeypatch.setattr("web.desk.SETTLING_S", 0.0)
    page = open_page("/")
    page.wait_for_load_state("networkidle")
    asked = []
    page.on("request", lambda request: asked.append(request.url.split("/")[-1]))

    for _ in range(5):
        with page.expect_response("**/state"):
            page.clock.fast_forward(1000)
    assert set(asked[2:]) == {"state"}
    assert len(engine.calls) == 5


def test_a_printed_page_is_light_says_what_was_chosen_and_has_no_controls(open_page):
    path = "/?customer=Contoso+GmbH"
    page = open_page(path, color_scheme="dark", viewport={"width": 1280, "height": 3000})
    made = page.locator(".made").first
    made.evaluate("said => said.isOld = true")
    page.get_by_label("Status", exact=True).select_option("shipped")
    expect(page).to_have_url(re.compile("status=shipped"))
    assert eventually(lambda: not made.evaluate("said => said.isOld"))
    expect(page.locator("[hx-trigger*='load delay']")).to_have_count(0)
    expect(page.locator("canvas")).to_have_count(4)
    colours = "Object.values(Chart.instances).map(c => c.data.datasets[0].borderColor).join()"
    dark = page.evaluate(colours)
    page.emulate_media(media="print")

    page.evaluate("dispatchEvent(new Event('beforeprint'))")

    assert page.evaluate(colours) != dark
    expect(page.get_by_role("navigation")).to_be_hidden()
    expect(page.get_by_role("button", name="Show")).to_be_hidden()
    expect(made).to_have_text(re.compile(r"Answered \w+ \d+, \d{4}.* UTC"))
    expect(page.locator(".chosen")).to_be_visible()
    expect(page.locator(".chosen")).to_have_text("Customer: Contoso GmbH, Status: shipped")
    expect(page.locator("table").first).to_be_visible()
    whole = """canvas => {
        Object.assign(canvas.style, { width: "2000px", height: "900px" });
        const { width, height } = canvas.getBoundingClientRect();
        const { clientWidth, clientHeight } = canvas.parentElement;
        return width <= clientWidth && height <= clientHeight;
    }"""
    assert all(canvas.evaluate(whole) for canvas in page.locator("canvas").all())
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(colours) == dark


def test_an_edited_panel_is_seen_on_reload_and_a_wrong_one_says_where(open_page, dashboard):
    page = open_page(f"/panels/{SALES}")

    dashboard.edit(SALES, "title: Total sales by customer", "title: Sales, edited")
    page.reload()
    expect(heading(page)).to_have_text("Sales, edited")

    dashboard.edit(SALES, "chart: bar", "chart: pie")
    page.reload()
    expect(page.locator("main")).to_contain_text(
        re.compile(rf"queries/{SALES}\.sql, line \d+: chart: 'pie' is none of")
    )
    page.goto("/")
    expect(page.locator(f"#card-{SALES}")).to_contain_text("chart: 'pie' is none of")
    expect(page.locator("#card-order-status table")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_a_panel_that_waits_keeps_the_room_that_its_answer_takes(open_page, engine, width):
    rows = [(f"customer {n}", 900 - n) for n in range(12)]
    sales = answer("customer text, total_sales integer", *rows, run_ms=12)
    status = answer("status text, orders integer, revenue integer", *((s, 9, 9) for s in STATUSES))
    with (
        engine.held(SALES, sales),
        engine.held("order-status", status),
        engine.held("average-order-value", sales),
    ):
        page = open_page("/", viewport={"width": width, "height": 5000})
        last = page.locator(f"#card-{LARGEST}")
        expect(page.get_by_text("Running for")).to_have_count(3)
        before = last.bounding_box()["y"]

    page.clock.fast_forward(5000)
    expect(page.locator("canvas")).to_have_count(4)

    # a table of four columns has smaller letters on a phone: that is all that differs
    assert abs(last.bounding_box()["y"] - before) < 10
