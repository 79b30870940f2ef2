"""The overview: key figures, balance, filter, and panels that do not hold each other up."""

import time
from datetime import date, datetime
from decimal import Decimal

import pytest

from tests.doubles.engine import ANSWERS, answer
from tests.eventually import quickest
from web.figures import figures

TITLES = (
    "Total sales by customer",
    "Monthly orders and revenue",
    "Order status",
    "Average order value",
    "Largest orders",
)


def months(*rows):
    return answer("month date, orders integer, revenue decimal", *rows)


def last(monthly, all_months=None, *, span=(None, None), newest=date(2025, 11, 10)):
    revenue = figures(monthly, all_months or monthly, None, span=span, newest=newest)[0]
    return revenue.month


LONGEST_S = 10.0
"""A page waits 0.3 s, a held run for half a minute; a busy machine lies between."""

AUGUST = (date(2025, 8, 1), 10, Decimal("100.00"))
SEPTEMBER = (date(2025, 9, 1), 10, Decimal("200.00"))
OCTOBER = (date(2025, 10, 1), 10, Decimal("150.00"))
NOVEMBER = (date(2025, 11, 1), 2, Decimal("20.00"))


def test_every_panel_is_on_the_overview_with_its_rows(client, words):
    page = client.get("/")

    assert page.status_code == 200
    assert all(title in words(page) for title in TITLES)
    assert "Contoso GmbH 97,210.00" in words(page)


def test_the_balance_is_told_as_a_sum(dashboard, client, words):
    dashboard.lake.takes("raw/october.csv", rows_in=10, kept=7, dropped=2, quarantined=1)

    page = words(client.get("/"))

    assert "1,010 rows in 2 files = 907 kept + 101 dropped + 2 quarantined" in page
    assert "Newest export 10 Nov 2025, 12:00 UTC" in page


def test_a_newest_export_of_the_future_is_marked(dashboard, client, words):
    assert "in the future" not in words(client.get("/"))
    dashboard.lake.takes("raw/slip.csv", received_at=datetime(2052, 11, 10))

    page = words(client.get("/"))

    assert "10 Nov 2052, 00:00 UTC , in the future : until then it overrules" in page


def test_the_balance_says_what_its_kept_rows_are(client, words):
    assert "Kept rows are versions of orders" in words(client.get("/"))


def test_files_that_are_rejected_now_are_counted_beside_the_balance(dashboard, client, words):
    dashboard.lake.takes("raw/mended.csv", status="rejected")
    dashboard.lake.takes("raw/mended.csv", rows_in=10, kept=10, dropped=0, quarantined=0)
    assert "rejected" not in words(client.get("/"))

    dashboard.lake.takes("raw/bad.csv", status="rejected", reason="no header")

    page = words(client.get("/"))
    assert "1 file was rejected" in page
    assert "1,010 rows in 2 files" in page, "its rows are not in the sum"


def test_a_balance_that_does_not_hold_is_said(dashboard, client, words):
    dashboard.lake.takes("raw/october.csv", rows_in=10, kept=1, dropped=2, quarantined=1)

    assert "does not add up" in words(client.get("/"))


def test_slow_panels_wait_together_and_the_others_are_there(client, engine, words):
    with engine.held("largest-orders"), engine.held("average-order-value"):
        began = time.monotonic()
        page = client.get("/")

        assert time.monotonic() - began < LONGEST_S
        assert page.text.count('class="state is-waiting"') == 2
        assert "Northwind" in words(page)
        assert '<noscript><meta http-equiv="refresh"' in page.text


def test_one_failing_panel_leaves_the_others_alone(client, engine, words):
    engine.fails("order-status", "query", "this one is wrong")

    page = client.get("/")

    assert page.status_code == 200
    assert page.text.count('class="state is-failed"') == 1
    assert page.text.count('class="state is-answer"') == 4
    assert "Revenue 311,051.75" in words(page), "and the key figures do without it"


@pytest.mark.parametrize("typed", ["contoso gmbh", "Contoso", "CONTOSO GMBH "])
def test_a_customer_that_no_order_has_is_told_with_the_one_that_may_be_meant(client, words, typed):
    page = client.get("/", query_string={"customer": typed})

    assert page.status_code == 200
    assert "No order has this name: did you mean Contoso GmbH?" in words(page)
    assert "aria-invalid" not in page.text


@pytest.mark.parametrize("typed", ["", "Contoso GmbH", "somebody else entirely"])
def test_nothing_is_told_of_a_customer_that_exists_or_is_like_none(client, words, typed):
    assert "did you mean" not in words(client.get("/", query_string={"customer": typed}))


def test_a_broken_file_leaves_the_others_alone(dashboard, client, words):
    (dashboard.panels / "order-status.sql").write_text("nothing")

    page = client.get("/")

    assert "order-status.sql, line 1" in words(page)
    assert page.text.count('class="state is-answer"') == 4


def test_when_all_is_there_nothing_reloads(client):
    page = client.get("/")

    assert "noscript" not in page.text
    assert "load delay" not in page.text


def test_a_second_visit_asks_the_engine_nothing(client, engine):
    client.get("/")
    asked = len(engine.calls)
    client.get("/")

    assert len(engine.calls) == asked == 5, "key figures and controls read the panels' answers"


def test_an_unchanged_overview_takes_less_than_a_fifth_of_a_second(client):
    client.get("/")

    def seconds():
        began = time.perf_counter()
        client.get("/")
        return time.perf_counter() - began

    assert quickest(seconds, 0.2, tries=20) < 0.2


def test_filters_reach_every_panel_that_takes_them(client, engine):
    client.get("/?customer=Contoso+GmbH&from=2025-01-01")

    asked = {(slug, tuple(map(str, binds))) for slug, binds in engine.calls}
    for slug in ("order-status", "average-order-value", "monthly-orders-and-revenue"):
        assert (slug, ("2025-01-01", "Contoso GmbH")) in asked
    assert ("monthly-orders-and-revenue", ("Contoso GmbH",)) in asked, "the month before"
    assert ("monthly-orders-and-revenue", ()) not in asked


def test_a_wrong_filter_is_said_and_nothing_is_asked_with_it(client, engine, words):
    page = client.get("/?from=yesterday")

    assert page.status_code == 400
    assert "From: 'yesterday' is not a date" in words(page)
    assert engine.count("order-status") == 0


def test_spans_by_name_count_from_the_newest_export_and_keep_the_other_filters(client):
    page = client.get("/?status=shipped")

    assert "/?from=2025-11-01&amp;to=2025-11-10&amp;status=shipped" in page.text
    assert "/?from=2025-09-01&amp;to=2025-11-10&amp;status=shipped" in page.text


def test_spans_by_name_follow_the_newest_export_on_an_open_page(dashboard, fragment):
    dashboard.lake.takes("raw/december.csv", received_at=datetime(2025, 12, 5))

    part = fragment("/?status=shipped", "div#figures")

    assert 'id="presets" aria-label="Spans" hx-swap-oob="true"' in part.text
    assert "/?from=2025-12-01&amp;to=2025-12-04&amp;status=shipped" in part.text


def test_refresh_all_runs_every_panel_anew_and_shows_the_last_answers_meanwhile(
    client, engine, fragment, words
):
    client.get("/?status=shipped")
    with engine.held("order-status"):
        part = fragment("/refresh?status=shipped", "div#panels", method="POST")
        assert "as of an older state" not in words(part)
        assert "updating for" in words(part), "and the last answer stands"
        assert "Contoso" in words(part)

    for slug in ANSWERS.keys() - {"quarantine"}:
        asked = zip(engine.calls, engine.watches, strict=True)
        assert sum(watch.fresh for (called, _), watch in asked if called == slug) == 1, slug


def test_refresh_all_leads_back_without_htmx_and_takes_no_wrong_filter(client):
    response = client.post("/refresh?status=shipped")

    assert (response.status_code, response.location) == (303, "/?status=shipped")
    assert client.post("/refresh?from=yesterday").status_code == 400
    assert client.post("/refresh", headers={"Origin": "https://evil.example"}).status_code == 403


def test_customers_are_suggested(client):
    assert '<option value="Northwind Traders">' in client.get("/").text


@pytest.mark.parametrize(
    ("target", "has", "has_not"),
    [
        ("main#main", "<title>", "<html"),
        ("div#panels", 'id="figures"', "<h1"),
        ("div#figures", "Average order", "<h2"),
        ("div#balance", "rows", "<h2"),
        ("div#control-customer", "<datalist", "<h2"),
    ],
)
def test_each_part_can_be_asked_for_alone(fragment, target, has, has_not):
    part = fragment("/", target)

    assert part.status_code == 200
    assert has in part.text
    assert has_not not in part.text


def test_a_card_says_which_filters_that_are_set_do_not_narrow_it(client, words):
    page = client.get("/?from=2025-01-01&status=shipped")

    card = page.text[page.text.index('id="title-largest-orders"') :]
    assert "From does not narrow this panel." in card[: card.index("</section>")]
    assert words(page).count("not narrow this panel") == 1
    assert "not narrow" not in words(client.get("/?status=shipped"))


def test_an_empty_lake_says_what_to_do_next(build, words):
    dashboard = build(raw="the-lake/raw/")
    client = dashboard.app.test_client()

    page = client.get("/")

    assert page.status_code == 200
    assert "the-lake/raw/" in words(page)
    assert "OrderID,Customer,Amount,Status,OrderDate" in words(page)
    assert dashboard.engine.calls == []


def test_an_empty_lake_tells_of_what_is_on_its_way(build, words):
    dashboard = build()
    client = dashboard.app.test_client()
    dashboard.lake.waits("first.csv")

    assert "The first orders are being read" in words(client.get("/"))
    assert "On its way: first.csv . This page answers as soon as it is in." in words(
        client.get("/")
    )

    for number in range(6):
        dashboard.lake.waits(f"more-{number}.csv")

    assert "On their way: first.csv , more-0.csv" in words(client.get("/"))
    assert "and 2 more. This page answers as soon as they are in." in words(client.get("/"))


def test_an_empty_lake_tells_of_what_was_rejected(build, words):
    dashboard = build()
    dashboard.lake.takes("raw/bad.csv", status="rejected", reason="the file is empty")

    page = words(dashboard.app.test_client().get("/"))

    assert "No orders yet" in page
    assert "1 file was rejected. See what came in" in page


def test_tables_that_are_empty_give_the_figures_their_empty_state(client, engine, words):
    for slug in ANSWERS:
        columns = " , ".join(f"{c.name} {c.type}" for c in ANSWERS[slug].columns)
        engine.gives(slug, answer(columns.replace(" , ", ", ")))

    page = client.get("/")

    assert page.status_code == 200
    assert "Revenue 0 " in words(page)
    assert page.text.count("No rows") == 5


def test_key_figures_sum_the_months(client, words):
    page = words(client.get("/"))

    assert "Revenue 311,051.75 Oct 2025: 12,531.25 , +4.4 % on Sep 2025" in page
    assert "271,610.50 confirmed or shipped Orders 1,196 Oct 2025: 62 , +1.6 % on" in page
    assert "1,113 confirmed or shipped Average order 260.08 Oct 2025: 202.12 , +2.7 % on" in page


def test_the_currency_stands_beside_sums_and_not_beside_counts(build, words):
    dashboard = build(currency="EUR")
    dashboard.lake.takes()

    page = words(dashboard.app.test_client().get("/"))

    assert "Revenue 311,051.75 EUR" in page
    assert "Orders 1,196 Oct" in page


def test_the_average_is_rounded_half_up():
    found = figures(
        months((date(2025, 1, 1), 8, Decimal("0.20"))),
        months(),
        None,
        span=(None, None),
        newest=None,
    )

    assert found[2].value == Decimal("0.03")


def test_a_month_that_is_not_over_is_not_compared():
    month = last(months(SEPTEMBER, OCTOBER, NOVEMBER))

    assert (month.name, month.change) == ("Oct 2025", Decimal("-0.250"))


def test_the_month_before_the_span_is_compared_all_the_same():
    month = last(
        months(SEPTEMBER), months(AUGUST, SEPTEMBER), span=(date(2025, 9, 1), date(2025, 9, 30))
    )

    assert (month.change, month.before) == (Decimal("1.000"), "Aug 2025")


def test_a_month_that_the_span_cuts_is_not_compared():
    month = last(months(SEPTEMBER), span=(date(2025, 9, 2), date(2025, 9, 30)))

    assert month is None


def test_without_a_month_before_there_is_no_change():
    month = last(months(AUGUST, OCTOBER))

    assert (month.change, month.before) == (None, "Sep 2025")


def test_a_month_far_ahead_by_a_slip_is_not_the_last():
    month = last(months(SEPTEMBER, OCTOBER, (date(2052, 1, 1), 1, Decimal("1.00"))))

    assert month.name == "Oct 2025"
