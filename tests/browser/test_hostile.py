"""Hostile texts, wherever a stranger's text can come in, in a real Chromium."""

from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect

from tests.doubles.engine import answer
from tests.hostile import HOSTILE, come_in

pytestmark = pytest.mark.browser

SALES, STATUS, LARGEST = "total-sales-by-customer", "order-status", "largest-orders"


@pytest.fixture
def hostile(dashboard, engine):
    """A lake in which every text that comes from outside is hostile."""
    rows = [(text, number) for number, text in enumerate(HOSTILE, 1)]
    engine.gives(SALES, answer("customer text, total_sales integer", *rows))
    engine.gives(STATUS, answer("status text, orders integer", *rows))
    engine.gives("average-order-value", answer("customer text, average integer", *rows))
    engine.gives(LARGEST, answer("order_id text, customer text", *((t, t) for t in HOSTILE)))
    come_in(dashboard, engine)
    for number, text in enumerate(HOSTILE):
        dashboard.lake.waits(f"{number}{text.replace('/', '').replace(chr(0), '')}.csv")


def test_hostile_texts_are_only_text_on_every_page(open_page, hostile):
    page = open_page("/", viewport={"width": 1280, "height": 3000})
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
    expect(page.locator("canvas")).to_have_count(4)

    for path in ("/", f"/panels/{SALES}", f"/panels/{STATUS}", f"/panels/{LARGEST}", "/ingests"):
        page.goto(path)
        expect(page.locator("table").first).to_be_visible()
        assert page.locator("main :is(script, img, iframe, h1 + h1)").count() == 0
        assert "owned" not in page.locator("main h1").all_inner_texts()
        said = page.locator("main").inner_text()
        assert "<script>alert(1)</script>" in said
        assert not set("\u200b\u202e\u2066") & set(said)


def test_hostile_choices_are_only_text_and_stay_as_they_are(open_page, hostile):
    page = open_page("/")
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog: {dialog.message}"))
    customer, find = page.get_by_label("Customer", exact=True), page.get_by_label("Find in file")
    # every third of those that a field can hold: the server's own tests send them all
    texts = [text for text in HOSTILE if text.isprintable()][::3]
    assert len(texts) >= 3

    for text in texts:
        customer.fill(text)
        customer.press("Enter")
        page.wait_for_url(
            lambda url: parse_qs(urlsplit(url).query).get("customer") == [text]  # noqa: B023
        )
        page.reload()
        expect(customer).to_have_value(text)

    page.goto("/ingests")
    for text in texts:
        with page.expect_response(lambda response: "find=" in response.url):
            find.fill(text)
        expect(page.locator(".lines .raw").first).to_contain_text(text)
