"""The charts and the reader's own way of writing numbers, in a real Chromium."""

import re
from datetime import date
from decimal import Decimal
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from tests.doubles.engine import answer
from tests.eventually import eventually

pytestmark = pytest.mark.browser

SALES, STATUS = "total-sales-by-customer", "order-status"
MONTHLY, LARGEST = "monthly-orders-and-revenue", "largest-orders"

CELLS = "cells => cells.map(cell => Number(cell.value))"
TALL = {"width": 1280, "height": 3000}
"""A window in which all of the overview is seen, and so drawn."""
DRAWN = "canvas => Chart.getChart(canvas).data.datasets[0].data"


def drawn(page, place=""):
    return page.locator(f"{place} canvas").evaluate(DRAWN)


def plot(page):
    return page.locator(".plot")


@pytest.mark.parametrize(("slug", "column"), [(SALES, 2), (MONTHLY, 3), (STATUS, 2)])
def test_a_chart_draws_the_numbers_of_the_table_beside_it(open_page, slug, column):
    page = open_page(f"/panels/{slug}")

    numbers = page.locator(f"tbody td:nth-child({column}) data").evaluate_all(CELLS)

    assert len(numbers) >= 3
    assert drawn(page) == numbers


def test_what_is_drawn_is_seen(open_page):
    page = open_page("/", viewport=TALL)
    painted = """canvas => {
        const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
        return data.filter((part, place) => place % 4 === 3 && part > 0).length;
    }"""

    expect(page.locator("canvas")).to_have_count(4)
    for canvas in page.locator("canvas").all():
        assert canvas.evaluate(painted) > 1000
        assert canvas.bounding_box()["height"] > 150


def series(name, *rows):
    """An answer of orders by day, month or the like."""
    days = ((date.fromisoformat(day), count) for day, count in rows)
    return answer(f"{name} date, orders integer", *days)


def test_months_without_orders_are_drawn_as_none_and_months_far_ahead_are_not(open_page, engine):
    rows = (("2025-08-01", 5), ("2025-11-01", 7), ("2099-01-01", 9))
    engine.gives(MONTHLY, series("month", *rows))
    page = open_page(f"/panels/{MONTHLY}")

    assert drawn(page) == [5, 0, 0, 7]
    expect(page.get_by_text("1 later month is not drawn.")).to_be_visible()


def test_weeks_are_drawn_in_order_with_nothing_in_between(open_page, engine):
    rows = (("2025-11-03", 7), ("2025-10-06", 5), ("2025-10-13", 6))
    engine.gives(MONTHLY, series("week", *rows))
    page = open_page(f"/panels/{MONTHLY}", locale="de-DE")

    assert drawn(page) == [5, 6, 7]
    labels = page.locator("canvas").evaluate("canvas => Chart.getChart(canvas).data.labels")
    assert labels == ["06.10.2025", "13.10.2025", "03.11.2025"]


def test_hundreds_of_months_in_the_future_leave_the_page_alive(open_page, engine):
    real = [(date(2025, month, 1), month) for month in (9, 10, 11)]
    slips = [(date(2026 + n // 12, n % 12 + 1, 1), 1) for n in range(600)]
    engine.gives(MONTHLY, answer("month date, orders integer", *real, *slips))
    page = open_page(f"/panels/{MONTHLY}")

    assert drawn(page) == [9, 10, 11]
    expect(page.get_by_text("600 later months are not drawn.")).to_be_visible()
    expect(
        page.get_by_text("500 of 603 rows, up to the month of the newest export")
    ).to_be_visible()


@pytest.mark.parametrize(
    ("columns", "names", "open_ones"),
    [
        ("month date", [date(2025, month, 1) for month in (9, 10, 11)], [2]),
        ("year integer", [2023, 2024, 2025], []),
        ("region text", ["north", "south", "west"], []),
    ],
)
def test_only_a_month_that_is_not_over_is_hollow_and_led_to_by_a_broken_line(
    open_page, engine, columns, names, open_ones
):
    engine.gives(MONTHLY, answer(f"{columns}, n integer", *((name, 1) for name in names)))
    canvas = open_page(f"/panels/{MONTHLY}").locator("canvas")

    hollow = """canvas => [0, 1, 2].filter(index => {
        const { options } = Chart.getChart(canvas).getDatasetMeta(0).data[index];
        return options.backgroundColor !== options.borderColor;
    })"""
    broken = """canvas => [0, 1, 2].filter(p1DataIndex =>
        Chart.getChart(canvas).data.datasets[0].segment.borderDash({ p1DataIndex }))"""
    assert canvas.evaluate(hollow) == canvas.evaluate(broken) == open_ones


def test_years_are_labelled_as_years(open_page, engine):
    engine.gives(MONTHLY, answer("year integer, orders integer", (2024, 1200), (2025, 1300)))
    page = open_page(f"/panels/{MONTHLY}")

    labels = page.locator("canvas").evaluate("canvas => Chart.getChart(canvas).data.labels")
    assert labels == ["2024", "2025"]
    assert drawn(page) == [1200, 1300]
    expect(page.locator("tbody tr").first).to_have_text(re.compile(r"\s*2024\s*1,200\s*"))


def test_very_large_key_figures_do_not_overlap(open_page, engine):
    large = Decimal("9999999999999999.99")
    month = "month date, orders integer, revenue decimal"
    engine.gives(MONTHLY, answer(month, (date(2025, 10, 1), 1, large)))
    edges = """figures => figures.map(figure => {
        const range = document.createRange();
        range.selectNodeContents(figure);
        const { left, right, top } = range.getBoundingClientRect();
        return [left, right, top];
    })"""
    for width in (360, 768, 1280):
        page = open_page("/", viewport={"width": width, "height": 900})
        figures = page.locator("#figures .figure").evaluate_all(edges)

        assert len(figures) == 3
        for (_, right, top), (left, _, beside) in pairwise(figures):
            assert top != beside or right < left, width
        assert max(right for _, right, _ in figures) <= width


def test_the_rest_of_many_shares_is_one(open_page, engine):
    rows = [(f"status {n}", 100 - n) for n in range(9)]
    engine.gives(STATUS, answer("status text, orders integer", *rows))
    page = open_page(f"/panels/{STATUS}")

    assert drawn(page) == [100, 99, 98, 97, 96, 95 + 94 + 93 + 92]


def test_the_arrow_keys_read_a_charts_points(open_page):
    page = open_page(f"/panels/{SALES}")
    told = page.locator("#status")
    expect(page.locator("canvas")).to_have_count(1)
    plot(page).focus()

    for key, says in (
        ("ArrowDown", "Northwind Traders: 128,450.20"),
        ("ArrowRight", "Contoso GmbH: 97,210.00"),
        ("End", "Fabrikam: −120.50"),
        ("ArrowDown", "Fabrikam: −120.50"),
        ("Home", "Northwind Traders: 128,450.20"),
    ):
        page.keyboard.press(key)
        expect(told).to_have_text(says)

    shown = "canvas => Chart.getChart(canvas).tooltip.opacity"
    assert page.locator("canvas").evaluate(shown) == 1
    page.keyboard.press("Escape")
    assert page.locator("canvas").evaluate(shown) == 0


def test_a_chart_far_below_costs_nothing_until_it_comes_near(open_page):
    page = open_page("/ingests")
    assert page.evaluate("typeof Chart") == "undefined"

    page.set_viewport_size({"width": 390, "height": 400})
    page.goto("/")
    page.wait_for_load_state("networkidle")
    assert page.locator("canvas").count() == 0
    page.locator("#card-order-status .plot").scroll_into_view_if_needed()
    expect(page.locator("#card-order-status canvas")).to_be_visible()


def test_charts_that_were_swapped_away_are_forgotten(open_page):
    page = open_page("/", viewport=TALL)
    expect(page.locator("canvas")).to_have_count(4)

    page.get_by_role("navigation").get_by_role("link", name="Order status").click()
    expect(page.locator("canvas")).to_have_count(1)
    page.get_by_role("button", name="Refresh").click()
    expect(page.locator("canvas")).to_have_count(1)

    assert page.evaluate("Object.keys(Chart.instances).length") == 1


def test_charts_follow_the_theme(open_page):
    page = open_page(f"/panels/{SALES}")
    bars = "Object.values(Chart.instances)[0].data.datasets[0].backgroundColor"
    expect(page.locator("canvas")).to_have_count(1)
    light = page.evaluate(bars)
    assert re.fullmatch("#[0-9a-f]{6}", light)

    page.emulate_media(color_scheme="dark")

    assert eventually(lambda: page.evaluate(bars) != light)


def test_without_script_there_is_the_table_and_no_empty_frame(open_page):
    page = open_page(f"/panels/{SALES}", java_script_enabled=False)

    expect(page.locator("table")).to_contain_text("128,450.20")
    expect(page.locator("figure")).to_be_hidden()


def test_numbers_and_days_are_written_in_the_readers_way_and_stay_exact_on_hover(open_page):
    page = open_page(f"/panels/{SALES}", locale="de-DE")
    number = page.locator("tbody data").first
    expect(number).to_have_text("128.450,20")
    expect(number).to_have_attribute("title", "128450.20")
    expect(page.locator("tbody data").last).to_have_text("−120,50")

    page.goto(f"/panels/{LARGEST}")
    day = page.locator("tbody time").first
    expect(day).to_have_text("07.11.2025")
    expect(day).to_have_attribute("title", "2025-11-07")

    page.goto("/")
    expect(page.locator("#figures .rises").first).to_have_text(re.compile(r"\+4,4\s%"))
    expect(page.locator("#balance")).to_contain_text("1.000 rows")


def test_nothing_jumps_while_a_page_comes_up_and_its_panels_answer(open_page, engine):
    shifts = """new Promise(done => new PerformanceObserver(list =>
        done(list.getEntries().reduce((sum, entry) => sum + entry.value, 0))
    ).observe({ type: "layout-shift", buffered: true }) || setTimeout(() => done(0), 300))"""
    page = open_page("/", viewport={"width": 1280, "height": 900})
    page.wait_for_load_state("networkidle")

    # 0.1 is called good; the letters of a font that comes late are a little wider
    assert page.evaluate(shifts) < 0.05
