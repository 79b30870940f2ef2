"""The pages in a real Chromium: what is swapped, what stays, and what waits."""

import re
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from tests.doubles.engine import answer
from tests.eventually import eventually

pytestmark = pytest.mark.browser

SALES, LARGEST = "total-sales-by-customer", "largest-orders"
MONTHLY = "monthly-orders-and-revenue"


MOMENT_MS = 300
"""What must not happen has happened by then: an answer from this machine takes 20 ms."""


def mark(page):
    """Leave a mark that only a whole new page would lose."""
    page.evaluate("window.mark = 'still here'")


def marked(page):
    return page.evaluate("window.mark") == "still here"


def look_now(page):
    """Let the page look for a change as it does every two seconds, and when it is seen again."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def later(page, seconds):
    """Wind the page's clock on: its timers that are due by then fire now."""
    page.clock.fast_forward(round(seconds * 1000))


def heading(page):
    return page.locator("main h1")


def one_order(order_id):
    columns = "order_date date, order_id text, customer text, amount decimal"
    return answer(columns, (None, order_id, "someone", None))


def by_month(binds):
    return one_order(f"{binds[0]:%Y-%m}" if binds[0] else "newest")


def test_choosing_a_panel_swaps_only_that_part_and_changes_the_address(open_page):
    page = open_page("/")
    mark(page)

    page.get_by_role("navigation").get_by_role("link", name="Order status").click()

    expect(heading(page)).to_have_text("Order status")
    expect(page).to_have_url(re.compile(r"/panels/order-status$"))
    expect(page).to_have_title("Order status · Orders lake")
    expect(page.locator("nav [aria-current=page]")).to_have_text("Order status")
    expect(heading(page)).to_be_focused()
    assert marked(page)


def test_choosing_a_month_swaps_only_the_answer(open_page, engine):
    engine.gives(LARGEST, by_month)
    page = open_page(f"/panels/{LARGEST}")
    expect(page.locator("table")).to_contain_text("newest")
    mark(page)
    heading(page).evaluate("element => { element.dataset.mark = '1' }")

    page.locator("select[name=month]").select_option("2025-03")

    expect(page.locator("table")).to_contain_text("2025-03")
    expect(page).to_have_url(re.compile(r"month=2025-03"))
    expect(page.locator("h1[data-mark]")).to_be_visible()
    expect(page.get_by_label("Month")).to_have_value("2025-03")
    assert marked(page)


def test_back_and_forward_show_what_was_there_and_a_reload_shows_the_same(open_page, engine):
    engine.gives(LARGEST, by_month)
    page = open_page("/")
    page.get_by_role("navigation").get_by_role("link", name="Largest orders").click()
    expect(heading(page)).to_have_text("Largest orders")
    page.locator("select[name=month]").select_option("2025-03")
    expect(page.locator("table")).to_contain_text("2025-03")
    mark(page)

    page.go_back()
    expect(page.locator("table")).to_contain_text("newest")
    expect(page.get_by_label("Month")).to_have_value("")
    page.go_back()
    expect(heading(page)).to_have_text("Orders at a glance")
    page.go_forward()
    expect(heading(page)).to_have_text("Largest orders")
    expect(heading(page)).to_be_focused()
    page.go_forward()
    expect(page.locator("table")).to_contain_text("2025-03")
    expect(page.get_by_label("Month")).to_have_value("2025-03")
    assert marked(page)

    page.reload()
    expect(page.locator("table")).to_contain_text("2025-03")
    expect(page.get_by_label("Month")).to_have_value("2025-03")


def test_a_filter_narrows_every_panel_and_stays_on_the_way(open_page, engine):
    page = open_page("/")
    mark(page)

    page.get_by_label("Status", exact=True).select_option("shipped")

    expect(page).to_have_url(re.compile(r"status=shipped"))
    expect(page.locator("nav a", has_text="Order status")).to_have_attribute(
        "href", "/panels/order-status?status=shipped"
    )
    assert ("order-status", ("shipped",)) in engine.calls
    assert marked(page)


def test_a_slow_answer_never_overwrites_a_newer_one(open_page, engine):
    engine.gives(LARGEST, by_month)
    page = open_page(f"/panels/{LARGEST}")
    expect(page.locator("table")).to_contain_text("newest")
    slow = []

    def hold(route):
        slow.append(route)

    # the first choice's answer is held on its way until the second one's was shown
    page.route(re.compile("month=2025-03"), hold)

    page.locator("select[name=month]").select_option("2025-03")
    while not slow:
        page.wait_for_timeout(20)
    page.locator("select[name=month]").select_option("2025-04")
    expect(page.locator("table")).to_contain_text("2025-04")
    for route in slow:
        route.fulfill(body="<p>too late</p>", content_type="text/html")
    page.wait_for_timeout(MOMENT_MS)

    expect(page.locator("table")).to_contain_text("2025-04")
    expect(page.get_by_text("too late")).to_have_count(0)
    expect(page).to_have_url(re.compile("month=2025-04"))


def test_the_poll_of_an_older_question_never_overwrites_a_newer_one(open_page, engine):
    page = open_page(f"/panels/{LARGEST}")
    with engine.held(LARGEST):
        page.locator("select[name=month]").select_option("2025-03")
        expect(page.get_by_text("Running for")).to_be_visible()
    engine.gives(LARGEST, by_month)

    page.locator("select[name=month]").select_option("2025-04")

    expect(page.locator("table")).to_contain_text("2025-04")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    later(page, 5)
    page.wait_for_timeout(MOMENT_MS)

    expect(page.locator("table")).to_contain_text("2025-04")
    assert asked, "the page looks whether the lake has changed"
    assert not any("2025-03" in url for url in asked)


def test_a_slow_panel_waits_and_then_shows_its_answer_by_itself(open_page, engine):
    with engine.held(SALES):
        page = open_page("/")
        waiting = page.locator(f"#card-{SALES}")
        expect(waiting.get_by_text("Running for")).to_be_visible()
        expect(waiting.get_by_role("progressbar")).to_be_visible()
        expect(page.locator("#card-order-status")).to_contain_text("shipped")
        waiting.get_by_role("progressbar").evaluate("bar => { bar.dataset.mark = '1' }")
        with page.expect_response(f"**/panels/{SALES}"):
            later(page, 1)
        expect(waiting.locator("progress[data-mark]")).to_be_visible()
        # the seconds pass also where no answer to a poll comes
        page.route(f"**/panels/{SALES}", lambda route: None)
        page.clock.run_for(2000)
        expect(waiting.locator(".wait p")).to_contain_text(re.compile(r"for [2-9] s"))
        page.unroute(f"**/panels/{SALES}")

    later(page, 5)
    expect(waiting).to_contain_text("Northwind")
    expect(page.get_by_role("status")).to_contain_text("Total sales by customer: up to date")


def test_cancel_stops_the_query_and_again_starts_it_also_by_keyboard(open_page, engine):
    with engine.held(SALES):
        page = open_page("/")
        mark(page)
        card = page.locator(f"#card-{SALES}")
        card.get_by_role("button", name="Cancel").press("Enter")
        expect(card).to_contain_text("The query was cancelled.")
        assert engine.watches[-1].cancel.is_set() or any(w.cancel.is_set() for w in engine.watches)

    expect(card.get_by_role("button", name="Run again")).to_be_focused()
    page.keyboard.press("Enter")

    expect(card).to_contain_text("Northwind")
    expect(card.get_by_role("button", name="Refresh")).to_be_focused()
    assert marked(page)


def test_an_error_on_one_panel_leaves_the_others(open_page, engine):
    engine.fails(SALES, "query", "line 2: no such column")

    page = open_page("/")

    expect(page.locator(f"#card-{SALES}")).to_contain_text("line 2: no such column")
    for slug in ("order-status", "average-order-value", LARGEST, MONTHLY):
        expect(page.locator(f"#card-{slug} table")).to_be_visible()


def test_a_file_that_came_in_is_on_an_open_page_within_moments(open_page, dashboard, engine):
    page = open_page("/")
    mark(page)
    expect(page.locator("#balance")).to_contain_text("1,000 rows in 1 file")
    new = (("A new one", Decimal(2)), ("Another", Decimal(1)))
    engine.gives(SALES, answer("customer text, total_sales decimal", *new))

    page.locator(f"#card-{SALES}").get_by_role("link", name="CSV of").focus()

    dashboard.lake.takes("raw/december.csv")

    expect(page.locator(f"#card-{SALES}")).to_contain_text("A new one")
    expect(page.locator(f"#card-{SALES}").get_by_role("link", name="JSON of")).to_be_visible()
    assert page.evaluate("document.activeElement.textContent").startswith("CSV of Total sales")
    expect(page.locator("#balance")).to_contain_text("2,000 rows in 2 files")
    assert marked(page)


def test_a_first_file_turns_the_empty_page_into_an_overview(open_page, dashboard):
    dashboard.lake.store.path("ingests").rename(dashboard.lake.store.path("was"))
    dashboard.lake.changes()
    page = open_page("/")
    expect(heading(page)).to_have_text("No orders yet")

    dashboard.lake.takes("raw/first.csv")
    look_now(page)

    expect(heading(page)).to_have_text("Orders at a glance")


def test_what_came_in_renews_itself_and_rests_while_it_is_hidden(open_page, dashboard, monkeypatch):
    monkeypatch.setattr("web.desk.SETTLING_S", 0.0)
    page = open_page("/ingests")

    dashboard.lake.takes("raw/december.csv")
    look_now(page)
    expect(page.locator("#records")).to_contain_text("december.csv")

    dashboard.lake.waits("january.csv")
    later(page, 60)
    expect(page.locator("#records")).to_contain_text("january.csv")

    page.evaluate("Object.defineProperty(document, 'hidden', {value: true, configurable: true})")
    later(page, 1)
    page.wait_for_timeout(MOMENT_MS)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for _ in range(3):
        later(page, 60)
        page.wait_for_timeout(50)
    assert asked == []

    dashboard.lake.waits("february.csv")
    page.evaluate("Object.defineProperty(document, 'hidden', {value: false})")
    look_now(page)
    expect(page.locator("#records")).to_contain_text("february.csv")


def test_the_quarantine_is_searched_while_one_types(open_page):
    page = open_page("/ingests")
    mark(page)

    page.get_by_label("Find in file").press_sequentially("contoso")
    expect(page).to_have_url(re.compile("find=contoso"))
    expect(page.locator(".lines .raw")).to_have_count(1)
    page.get_by_label("Find in file").press_sequentially(" & nobody")

    expect(page.locator("#quarantine")).to_contain_text("None of the quarantined lines")
    expect(page.get_by_label("Find in file")).to_be_focused()
    assert marked(page)


def test_the_months_arrive_in_a_control_that_nobody_writes_in(open_page, engine):
    with engine.held(MONTHLY):
        page = open_page(f"/panels/{LARGEST}")
        expect(page.locator("input[name=month]")).to_be_visible()

    later(page, 1)
    expect(page.locator("select[name=month]")).to_be_visible()


def test_what_someone_writes_into_a_waiting_control_stays(open_page, engine):
    with engine.held(SALES):
        page = open_page(f"/panels/{LARGEST}")
        page.get_by_label("Customer").press_sequentially("Cont")

    later(page, 2)
    page.wait_for_timeout(MOMENT_MS)

    expect(page.get_by_label("Customer")).to_have_value("Cont")
    expect(page.get_by_label("Customer")).to_be_focused()


def test_records_that_could_not_be_asked_for_are_asked_for_when_the_server_is_back(
    open_page, dashboard, monkeypatch
):
    monkeypatch.setattr("web.desk.SETTLING_S", 0.0)
    page = open_page("/ingests", silent=False)
    page.route("**/ingests", lambda route: route.abort())
    later(page, 61)
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer")

    # before the server is back: the page may look by itself as soon as it is
    dashboard.lake.waits("january.csv")
    page.unroute("**/ingests")
    look_now(page)

    expect(page.locator("#records")).to_contain_text("january.csv")


def test_a_server_that_is_gone_is_said_and_its_return_too(open_page):
    page = open_page("/", silent=False)
    page.route("**/state", lambda route: route.abort())
    page.evaluate("scrollTo(0, 800)")
    look_now(page)
    expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
    expect(page.get_by_role("alert")).to_be_in_viewport()

    page.unroute("**/state")
    look_now(page)

    expect(page.locator("#away")).to_be_hidden()


def test_a_page_that_back_could_not_bring_comes_when_the_server_is_back(open_page, address):
    page = open_page("/", silent=False)
    page.get_by_role("navigation").get_by_role("link", name="Order status").click()
    expect(heading(page)).to_have_text("Order status")
    page.route("**/*", lambda route: route.abort())
    page.go_back()
    expect(page.locator("#away")).to_be_visible()

    page.unroute_all()

    expect(heading(page)).to_have_text("Orders at a glance")
    expect(page).to_have_url(f"{address}/")


def test_who_was_signed_out_is_told_and_can_sign_in_again(open_page):
    page = open_page("/", silent=False)
    refuse = lambda route: route.fulfill(status=401, body="401 Authorization Required")  # noqa: E731
    page.route("**/state", refuse)
    look_now(page)
    signed_out = page.locator("#signed-out")
    expect(signed_out).to_contain_text("You are signed out")
    expect(page.locator("#away")).to_be_hidden()

    page.route(f"**/panels/{SALES}", refuse)
    mark(page)
    with page.expect_response(f"**/panels/{SALES}"):
        page.get_by_role("navigation").get_by_role("link", name="Total sales").click()
    page.wait_for_timeout(MOMENT_MS)
    expect(heading(page)).to_have_text("Orders at a glance")
    assert marked(page)

    page.unroute_all()
    signed_out.get_by_role("link", name="Sign in again").click()

    expect(signed_out).to_be_hidden()
    assert eventually(lambda: not marked(page))


def test_without_script_a_waiting_page_comes_to_its_answer(open_page, engine, monkeypatch):
    monkeypatch.setattr("web.overview.RELOAD_S", 1)
    with engine.held(SALES):
        page = open_page("/", java_script_enabled=False)
        expect(page.locator(f"#card-{SALES}")).to_contain_text("Running for")

    expect(page.locator(f"#card-{SALES}")).to_contain_text("Northwind")


def test_without_script_everything_can_be_reached_and_chosen(open_page, engine):
    engine.gives(LARGEST, by_month)
    page = open_page("/", java_script_enabled=False)
    page.get_by_role("navigation").get_by_role("link", name="Largest orders").click()
    page.locator("select[name=month]").select_option("2025-03")
    page.get_by_role("button", name="Show").click()

    expect(page).to_have_url(re.compile("month=2025-03"))
    expect(page.locator("table")).to_contain_text("2025-03")

    page.get_by_role("button", name="Refresh").click()
    expect(page).to_have_url(re.compile("month=2025-03"))
    expect(page.locator("table")).to_contain_text("2025-03")


def test_no_page_scrolls_sideways(open_page, dashboard, engine):
    long = "an-unbroken-name-" * 12
    dashboard.lake.takes(f"raw/{long[:150]}.csv", status="rejected", reason=long)
    engine.gives(SALES, answer("customer text, total_sales decimal", (long, None)))
    page = open_page("/")
    for path in ("/", f"/panels/{SALES}", f"/panels/{LARGEST}", "/ingests"):
        page.goto(path)
        for width in (320, 360, 800, 1920):
            page.set_viewport_size({"width": width, "height": 780})
            found = page.evaluate("document.documentElement.scrollWidth")
            assert found <= width, f"{path} at {width} px"
            page.evaluate("new Promise(requestAnimationFrame)")
            stops = """boxes => boxes.map(box =>
                [box.tabIndex === 0, box.scrollWidth > box.clientWidth])"""
            for stop, scrolls in page.locator(".scroll").evaluate_all(stops):
                assert stop == scrolls, "what scrolls, and only that, is a stop for the tab key"


@pytest.mark.parametrize("width", [360, 390])
def test_on_a_phone_what_came_in_needs_no_scrolling_and_keeps_names_and_dates_whole(
    open_page, dashboard, width
):
    dashboard.lake.takes("raw/orders-2026-q2.csv", repairs={"trimmed_values": 12})
    dashboard.lake.takes("raw/bad.csv", status="rejected", reason="the header has no Amount")
    dashboard.lake.waits("december.csv")
    page = open_page("/ingests", viewport={"width": width, "height": 780})
    expect(page.locator(".lines")).to_be_visible()

    for table in page.locator(".scroll").all():
        assert table.evaluate("box => box.scrollWidth - box.clientWidth") == 0
    # the lines that each text stands on, counted by where its boxes begin
    lines = """texts => texts.map(text => {
        const range = new Range();
        range.selectNodeContents(text);
        return new Set([...range.getClientRects()].map(({ top }) => Math.round(top / 10))).size;
    })"""
    counted = page.locator(".stacked .whole").evaluate_all(lines)
    assert len(counted) >= 10
    assert set(counted) == {1}


def test_by_keyboard_the_content_comes_first_and_the_focus_is_seen(open_page):
    page = open_page("/")

    page.keyboard.press("Tab")

    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    assert skip.evaluate("element => getComputedStyle(element).outlineStyle") == "solid"


def test_no_host_but_our_own_is_asked(open_page, address):
    asked = []
    page = open_page("/")
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    page.wait_for_load_state("networkidle")

    assert asked
    assert all(url.startswith(address) for url in asked)


def test_the_four_counts_of_a_file_are_seen_on_tablets_and_laptops(open_page):
    page = open_page("/ingests")
    table = page.get_by_role("group", name="Files that came in")
    for width in (700, 800, 1000, 1024, 1200, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        assert table.evaluate("box => box.scrollWidth - box.clientWidth") == 0, width
