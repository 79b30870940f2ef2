"""A panel's page: one address for page and fragment, every state, parameters, cancel, refresh."""

import re
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.doubles.engine import answer
from web.catalog import LOOK_S
from web.htmx import VARY

SALES, LARGEST = "/panels/total-sales-by-customer", "/panels/largest-orders"
LONGEST_S = 10.0
"""A page waits 0.3 s, a held run for half a minute; a busy machine lies between."""

SALES_SLUG, LARGEST_SLUG = "total-sales-by-customer", "largest-orders"


def test_the_page_shows_title_description_and_rows(client, words):
    page = client.get(SALES)

    assert page.status_code == 200
    assert "<!doctype html>" in page.text
    assert "Northwind Traders 128,450.20 Contoso GmbH 97,210.00" in words(page)
    assert "refunds subtracted" in words(page)


def test_to_htmx_the_same_address_gives_only_the_part(fragment, words):
    part = fragment(SALES, f"div#answer-{SALES_SLUG}")

    assert "<html" not in part.text
    assert "Northwind Traders" in words(part)
    assert set(VARY) <= set(part.vary)


@pytest.mark.parametrize(
    "headers",
    [
        {"HX-History-Restore-Request": "true", "HX-Request-Type": "full"},
        {"HX-Request": "true", "HX-History-Restore-Request": "true"},
        {"HX-Request": "true", "HX-Request-Type": "full"},
    ],
)
def test_back_and_a_request_for_the_body_get_the_whole_page(client, headers):
    assert "<!doctype html>" in client.get(SALES, headers=headers).text


def test_choosing_a_panel_brings_its_title_and_marks_its_place(fragment):
    part = fragment(SALES, "main#main", by="a#nav-x")

    assert "<title>Total sales by customer" in part.text
    assert 'hx-swap-oob="true"' in part.text
    assert 'href="/panels/total-sales-by-customer" ' in part.text
    assert part.text.count('aria-current="page"') == 1


def test_a_poll_brings_no_second_way_through_the_pages(fragment):
    assert "<nav" not in fragment(SALES, f"div#answer-{SALES_SLUG}").text


def test_a_slow_panel_waits_with_a_page_that_asks_again(client, engine, words):
    with engine.held(SALES_SLUG):
        began = time.monotonic()
        page = client.get(SALES)

        assert time.monotonic() - began < LONGEST_S
        assert "Running for" in words(page)
        assert "load delay:" in page.text
        assert '<noscript><meta http-equiv="refresh"' in page.text
        assert 'action="/panels/total-sales-by-customer/cancel"' in page.text
        assert 'aria-busy="true"' in page.text


def test_the_last_fragment_asks_no_more(client, engine, fragment):
    with engine.held(SALES_SLUG):
        client.get(SALES)

    time.sleep(0.05)
    part = fragment(SALES, f"div#answer-{SALES_SLUG}")

    assert "load delay" not in part.text
    assert "Northwind" in part.text


def test_progress_that_the_engine_knows_is_shown(client, engine, words):
    with engine.held(SALES_SLUG):
        client.get(SALES)
        engine.watches[-1].progress = 0.25
        for watch in engine.watches:
            watch.progress, watch.bytes = 0.25, 3_000_000
        page = client.get(SALES)

        assert '<progress aria-label="Total sales by customer: running" value="0.25"' in page.text
        assert "3.0 MB scanned" in words(page)


def test_an_error_stands_on_the_panel_with_the_engines_own_words(client, engine, words):
    engine.fails(SALES_SLUG, "query", "line 3: column total cannot be resolved")

    page = client.get(SALES)

    assert page.status_code == 200
    assert "line 3: column total cannot be resolved" in words(page)
    assert "Total sales by customer" in words(page)
    assert "load delay" not in page.text.split('class="answer"')[1], "an error is not polled"
    assert 'action="/panels/total-sales-by-customer/refresh"' in page.text


def test_no_rows_say_so(client, engine, words):
    engine.gives(SALES_SLUG, answer("customer text, total_sales decimal"))

    assert "No rows: the lake holds no order for this. See what came in" in words(client.get(SALES))
    narrowed = client.get(f"{SALES}?customer=nobody")
    assert "No rows: no order fits what was chosen." in words(narrowed)
    assert f'<a href="{SALES}">Clear it</a>' in narrowed.text
    assert '<a href="/">Clear it</a>' in client.get("/?customer=nobody").text


def test_spans_by_name_follow_the_newest_export_on_an_open_page(dashboard, client, fragment):
    client.get(f"{SALES}?status=shipped")
    dashboard.lake.takes("raw/december.csv", received_at=datetime(2025, 12, 5))

    part = fragment(f"{SALES}?status=shipped", f"div#answer-{SALES_SLUG}")

    assert 'id="presets" aria-label="Spans" hx-swap-oob="true"' in part.text
    assert f"{SALES}?from=2025-12-01&amp;to=2025-12-04&amp;status=shipped" in part.text
    assert "presets" not in fragment(SALES, f"div#card-{SALES_SLUG}").text


def test_what_is_wrong_in_a_filter_that_a_panel_ignores_is_none_of_its(client, words):
    page = client.get("/panels/largest-orders?from=x&customer=Contoso+GmbH")

    assert page.status_code == 200
    assert "Nothing was asked" not in words(page)
    assert '<input type="hidden" name="from" value="x">' in page.text, "the other panels say so"


def test_rows_beyond_the_page_are_counted(client, engine, words):
    rows = [(f"customer {n}", None) for n in range(1200)]
    engine.gives(SALES_SLUG, answer("customer text, total_sales decimal", *rows))

    page = client.get(SALES)

    assert "The first 500 of 1,200 rows" in words(page)
    assert "customer 499" in page.text
    assert "customer 500" not in page.text


def test_a_missing_panel_is_a_404(client, words):
    page = client.get("/panels/no-such-panel")

    assert page.status_code == 404
    assert "There is no such panel." in words(page)


def test_the_month_is_bound_as_its_first_day_and_the_next_months(client, engine):
    client.get(f"{LARGEST}?month=2025-03")

    [binds] = [binds for slug, binds in engine.calls if slug == LARGEST_SLUG]
    assert [bind.isoformat() for bind in binds] == ["2025-03-01", "2025-04-01"]


def test_the_month_is_chosen_from_the_months_that_have_orders_newest_first(client):
    page = client.get(f"{LARGEST}?month=2025-03")

    first, second = page.text.index("November 2025"), page.text.index("January 2024")
    assert '<option value="2025-03" selected>March 2025</option>' in page.text
    assert first < second


def test_until_the_months_are_there_the_month_is_a_plain_input_that_asks_again(client, engine):
    with engine.held("monthly-orders-and-revenue"):
        page = client.get(f"{LARGEST}?month=2025-03")

        assert 'name="month" type="month" value="2025-03"' in page.text
        assert 'hx-target="#control-month"' in page.text


def test_the_control_alone_can_be_asked_for(fragment):
    part = fragment(f"{LARGEST}?month=2025-03", "div#control-month")

    assert part.text.strip().startswith("<label")
    assert "<select" in part.text
    assert "Contoso" not in part.text


def test_without_months_the_input_stays_plain(client, engine):
    engine.fails("monthly-orders-and-revenue", "query", "no")

    page = client.get(LARGEST)

    assert 'type="month"' in page.text
    assert 'hx-target="#control-month"' not in page.text


@pytest.mark.parametrize(
    ("slug", "query", "says"),
    [
        (LARGEST_SLUG, "month=2025-13", "is not a month"),
        (LARGEST_SLUG, "status=lost", "is not a status"),
        ("order-status", "from=2025-02-30", "is not a date"),
        ("order-status", "from=2025-03-02&to=2025-03-01", "before it begins"),
        ("order-status", f"customer={'x' * 501}", "at most 500"),
    ],
)
def test_a_wrong_parameter_is_said_and_not_asked(client, engine, words, slug, query, says):
    page = client.get(f"/panels/{slug}?{query}")

    assert page.status_code == 400
    assert says in words(page)
    assert engine.count(slug) == 0


def test_a_control_says_what_holds_while_it_is_empty(dashboard, client, words):
    (dashboard.panels / "refunds.sql").write_text(
        "/*\ntitle: Refunds\ndescription: Money back.\nchart: none\nparameters:\n"
        "  - {name: least, type: integer, default: 100}\n"
        "  - {name: since, type: date, default: 2025-03-31}\n"
        "  - {name: state, type: status, default: shipped}\n"
        "  - {name: word, type: text}\n*/\n"
        "SELECT order_id FROM orders"
        " WHERE amount > ? AND order_date > ? AND status = ? AND customer = ?\n"
    )
    time.sleep(LOOK_S)

    page = words(client.get("/panels/refunds"))

    assert "Least (100 if empty)" in page
    assert "Since (2025-03-31 if empty)" in page
    assert "State default, shipped pending" in page
    assert "Word (" not in page


def test_an_unknown_parameter_does_not_break_a_page(client):
    assert client.get(f"{SALES}?utm_source=mail").status_code == 200


def test_filters_narrow_the_query_and_stay_in_every_address(client, engine):
    page = client.get(f"{SALES}?customer=Contoso+GmbH&status=shipped")

    assert ("Contoso GmbH", "shipped") in [binds for slug, binds in engine.calls]
    assert "/panels/order-status?customer=Contoso+GmbH&amp;status=shipped" in page.text
    assert f"{SALES}.csv?customer=Contoso+GmbH&amp;status=shipped" in page.text


def test_a_panel_says_which_filters_do_not_narrow_it_and_keeps_them_for_the_others(client, words):
    page = client.get(f"{LARGEST}?from=2025-01-01")

    assert "From and To do not narrow this panel" in words(page)
    assert '<input type="hidden" name="from" value="2025-01-01">' in page.text


def test_a_changed_panel_is_shown_on_the_next_request(dashboard, client, words):
    client.get(SALES)
    dashboard.edit(SALES_SLUG, "title: Total sales", "title: All the sales")

    assert "All the sales by customer" in words(client.get(SALES))


def test_a_broken_panel_shows_file_line_and_reason_and_the_others_stay(dashboard, client, words):
    (dashboard.panels / "order-status.sql").write_text("/*\ntitle: x\ncolour: red\n*/\nSELECT 1\n")

    assert "order-status.sql, line 3: 'colour' is none of" in words(
        client.get("/panels/order-status")
    )
    assert client.get("/panels/order-status.json").json["error"]["code"] == "broken"
    assert "Northwind" in client.get(SALES).text


def test_a_new_panel_is_a_new_page(dashboard, client, words):
    (dashboard.panels / "orders-by-day.sql").write_text(
        "/*\ntitle: By day\ndescription: Orders a day.\nchart: none\n*/\n"
        "SELECT order_date, count(*) AS n FROM orders GROUP BY order_date ORDER BY order_date\n"
    )
    dashboard.engine.gives("orders-by-day", answer("n integer", (1,)))

    assert "By day" in words(client.get("/"))


def test_an_answer_of_an_older_state_is_shown_as_such_while_the_new_one_is_read(
    dashboard, client, engine, words
):
    client.get(SALES)
    dashboard.lake.changes()
    with engine.held(SALES_SLUG):
        page = client.get(SALES)

        assert "as of an older state" in words(page)
        assert "Northwind Traders 128,450.20" in words(page)
        assert "load delay" in page.text

    assert "older state" not in words(client.get(SALES))


def test_cancel_shows_it_and_the_poll_starts_nothing_new(client, engine, fragment, words):
    with engine.held(SALES_SLUG):
        client.get(SALES)
        part = fragment(f"{SALES}/cancel", f"div#answer-{SALES_SLUG}", method="POST")

    assert "The query was cancelled. Run again" in words(part)
    assert "cancelled" in words(fragment(SALES, f"div#answer-{SALES_SLUG}"))
    assert engine.count(SALES_SLUG) == 1


@pytest.mark.parametrize("action", ["cancel", "refresh"])
def test_without_htmx_an_action_leads_back_to_the_panel(client, action):
    response = client.post(f"{LARGEST}/{action}?month=2025-03&customer=A%26B")

    assert response.status_code == 303
    assert response.location == f"{LARGEST}?customer=A%26B&month=2025-03"


def test_refresh_runs_again_and_asks_for_a_fresh_answer(client, engine, fragment):
    client.get(SALES)

    fragment(f"{SALES}/refresh", f"div#answer-{SALES_SLUG}", method="POST")

    assert engine.count(SALES_SLUG) == 2
    assert engine.watches[-1].fresh


@pytest.mark.parametrize("action", ["cancel", "refresh"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "null"},
    ],
)
def test_an_action_from_elsewhere_is_refused(client, engine, action, headers):
    response = client.post(f"{SALES}/{action}", headers=headers)

    assert response.status_code == 403
    assert engine.calls == []


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}]
)
def test_an_action_from_our_pages_or_no_browser_is_taken(client, headers):
    assert client.post(f"{SALES}/refresh", headers=headers).status_code == 303


def test_an_action_with_a_wrong_parameter_or_panel_is_refused(client):
    assert client.post(f"{LARGEST}/refresh?month=x").status_code == 400
    assert client.post("/panels/none/refresh").status_code == 404


def test_a_chart_names_the_columns_of_the_table_that_it_reads(client):
    page = client.get(SALES).text

    assert 'data-kind="bar" data-label="0" data-value="1"' in page
    assert '<data value="128450.20">128,450.20</data>' in page
    assert 'role="group" aria-roledescription="chart"' in page


def test_shares_are_told_in_words_too(client, words):
    assert "shipped 812 70 % 201,400.10" in words(client.get("/panels/order-status"))


def test_a_small_share_is_not_said_to_be_none(client, engine, words):
    rows = [("shipped", 999, None), ("pending", 1, None), ("cancelled", 0, None)]
    engine.gives("order-status", answer("status text, orders integer, revenue decimal", *rows))

    page = words(client.get("/panels/order-status"))

    assert "pending 1 <1 %" in page
    assert "cancelled 0 0 %" in page


def test_a_chart_over_time_knows_the_month_that_is_not_over(client):
    page = client.get("/panels/monthly-orders-and-revenue").text

    assert 'data-kind="line" data-label="0" data-value="2" ' in page
    assert 'data-first="2024-01" data-last="2025-11"' in page
    assert len(re.findall('<time datetime="20..-..">', page)) == 23


def test_the_currency_stands_beside_the_amounts(build, words):
    dashboard = build(currency="EUR")
    dashboard.lake.takes()

    assert "Total sales, EUR" in words(dashboard.app.test_client().get(SALES))


def test_what_a_run_took_is_told(client, words):
    assert "12 ms 1.2 MB scanned" in words(client.get(SALES))


def test_cost_reuse_and_the_engines_own_page_of_the_run_are_told(client, engine, words):
    stats = {"cost": Decimal("0.0000477"), "reused": True, "link": "https://console.test/q?a=1&b"}
    engine.gives(SALES_SLUG, answer("customer text, total_sales decimal", ("a", None), **stats))

    page = client.get(SALES)

    assert "$0.000048 an earlier result, reused" in words(page)
    assert 'href="https://console.test/q?a=1&amp;b" target="_blank" rel="noopener' in page.text


def test_an_answer_says_when_it_was_made(client):
    made = re.search(r'datetime="([^"]+)Z" data-as="age"', client.get(SALES).text)[1]

    assert timedelta(0) <= datetime.now(UTC) - datetime.fromisoformat(f"{made}+00:00")
    assert datetime.now(UTC) - datetime.fromisoformat(f"{made}+00:00") < timedelta(minutes=1)


def test_the_query_is_shown_with_its_values_as_literals(client, words):
    page = words(client.get("/panels/largest-orders?month=2025-03&customer=O%27Hara"))

    assert "customer = 'O''Hara'" in page
    assert "order_date >= coalesce( DATE '2025-03-01' , " in page


def test_what_is_shown_on_a_card_has_no_query(client):
    assert 'class="sql"' not in client.get("/").text


@pytest.mark.parametrize("url", ["/", SALES, "/ingests"])
@pytest.mark.parametrize("target", ["div", "div#nobody", "div#control-nobody", ""])
def test_a_part_that_does_not_exist_is_refused_rather_than_filled_with_a_page(
    fragment, url, target
):
    response = fragment(url, target)

    assert response.status_code == 400
    assert "<html" not in response.text
