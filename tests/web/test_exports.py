"""The exports: exact JSON, CSV that no spreadsheet runs, and honest errors."""

import csv
import io
import json
import threading
import time
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest

from tests.doubles.engine import ANSWERS, answer
from tests.eventually import SOON, eventually
from web import exports
from web.engine import Answer, Column

SALES = "/panels/total-sales-by-customer"
SLUG = "total-sales-by-customer"


def exact(response):
    return json.loads(response.data, parse_float=Decimal)


def test_json_has_the_contracts_form(client):
    response = client.get(f"{SALES}.json")

    content = exact(response)
    age = content["stats"].pop("age_s")
    assert response.mimetype == "application/json"
    assert content == {
        "panel": SLUG,
        "columns": [
            {"name": "customer", "type": "text"},
            {"name": "total_sales", "type": "decimal"},
        ],
        "rows": [list(row) for row in ANSWERS[SLUG].rows],
        "stats": {
            "bytes": 1_250_000,
            "cost": None,
            "queued_ms": None,
            "run_ms": 12,
            "reused": None,
        },
        "truncated": False,
    }
    assert 0 <= age < 60


def test_json_writes_decimals_exactly_dates_as_iso_and_missing_values_as_null(client, engine):
    row = (
        Decimal("99999999999999999.10"),
        date(2025, 2, 3),
        datetime(2025, 2, 3, 4, 5, 6, 7000),
        2**60,
        float("nan"),
        None,
    )
    columns = "a decimal, b date, c timestamp, d integer, e double, f text"
    engine.gives(SLUG, answer(columns, row))

    text = client.get(f"{SALES}.json").text

    assert (
        '[99999999999999999.10, "2025-02-03", "2025-02-03 04:05:06.007", '
        "1152921504606846976, null, null]" in text
    )


def test_csv_as_a_whole(client, engine):
    engine.gives(
        SLUG,
        answer(
            "customer text, n integer, total decimal, day date, at timestamp, x double",
            (
                'A "quoted", one',
                1,
                Decimal("-2.50"),
                date(2025, 1, 2),
                datetime(2025, 1, 2, 3),
                0.1,
            ),
            (None, None, None, None, None, None),
        ),
    )

    response = client.get(f"{SALES}.csv")

    assert response.text == (
        "customer,n,total,day,at,x\r\n"
        '"A ""quoted"", one",1,-2.50,2025-01-02,2025-01-02 03:00:00.000,0.1\r\n'
        ",,,,,\r\n"
    )
    assert response.headers["Content-Disposition"] == f'attachment; filename="{SLUG}.csv"'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_cell_that_a_spreadsheet_would_run_gets_a_quote(client, engine, start):
    engine.gives(SLUG, answer("customer text, n integer", (f"{start}HYPERLINK(1)", -5)))

    rows = list(csv.reader(io.StringIO(client.get(f"{SALES}.csv").text, newline="")))

    assert rows[1] == [f"'{start}HYPERLINK(1)", "-5"], "and numbers stay numbers"


def test_parquet_is_saved_under_the_panels_name_and_holds_the_rows(client):
    response = client.get(f"{SALES}.parquet?status=shipped")

    assert response.mimetype == "application/vnd.apache.parquet"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{SLUG}.parquet"'
    assert pl.read_parquet(io.BytesIO(response.data)).rows() == list(ANSWERS[SLUG].rows)


def test_no_rows_still_give_the_header(client, engine):
    engine.gives(SLUG, answer("customer text, total_sales decimal"))

    assert client.get(f"{SALES}.csv").text == "customer,total_sales\r\n"
    assert exact(client.get(f"{SALES}.json"))["rows"] == []


def test_a_cut_answer_says_so(client, engine):
    given = Answer((Column("n", "integer"),), [(1,)], truncated=True)
    engine.gives(SLUG, given)

    assert exact(client.get(f"{SALES}.json"))["truncated"] is True
    assert client.get(f"{SALES}.csv").headers["Orders-Truncated"] == "true"


def test_the_page_of_a_cut_answer_says_that_no_export_has_more(client, engine, words):
    rows = ((date(2025, 1, 1), n) for n in range(600))
    engine.gives(SLUG, replace(answer("order_date date, n integer", *rows), truncated=True))

    page = words(client.get(f"/panels/{SLUG}"))

    assert "The answer has more than 600 rows" in page
    assert "not here, nor in its exports" in page
    assert "The first 500 of 600 rows; the CSV has them." in page


def test_an_export_has_all_rows_that_the_page_cuts(client, engine):
    rows = [(f"customer {n}", None) for n in range(1200)]
    engine.gives(SLUG, answer("customer text, total_sales decimal", *rows))

    assert len(exact(client.get(f"{SALES}.json"))["rows"]) == 1200


@pytest.mark.parametrize("form", ["json", "csv", "parquet"])
@pytest.mark.parametrize(
    ("path", "status", "code", "says"),
    [
        ("/panels/none.{}", 404, "no_such_panel", "none"),
        ("/panels/largest-orders.{}?month=x", 400, "bad_parameter", "YYYY-MM"),
        ("/panels/largest-orders.{}?mnth=2025-01", 400, "bad_parameter", "no parameter mnth"),
        ("/panels/largest-orders.{}?from=2025-02-01&to=2025-01-01", 400, "bad_parameter", "span"),
    ],
)
def test_a_wrong_address_is_told_as_json(client, form, path, status, code, says):
    response = client.get(path.format(form))

    assert response.status_code == status
    assert response.json["error"]["code"] == code
    assert says in response.json["error"]["message"]


@pytest.mark.parametrize(
    ("code", "status"), [("away", 503), ("failed", 503), ("cancelled", 503), ("query", 500)]
)
def test_an_engines_error_is_told_as_json(client, engine, code, status):
    engine.fails(SLUG, code, "what went wrong")

    response = client.get(f"{SALES}.json")

    assert (response.status_code, response.json) == (
        status,
        {"error": {"code": code, "message": "what went wrong"}},
    )


def test_a_late_answer_is_a_504_with_retry_after_while_the_run_goes_on(client, engine, monkeypatch):
    monkeypatch.setattr(exports, "WAIT_S", 0.1)
    with engine.held(SLUG):
        response = client.get(f"{SALES}.json")

        assert response.status_code == 504
        assert response.headers["Retry-After"] == "5"
        assert not engine.watches[0].cancel.is_set()

    assert client.get(f"{SALES}.json").status_code == 200
    assert engine.count(SLUG) == 1


def test_exports_that_wait_leave_the_pages_their_threads(dashboard, engine, monkeypatch):
    monkeypatch.setattr(exports, "WAIT_S", SOON)
    with engine.held(SLUG) as go:
        waiting = [
            threading.Thread(target=dashboard.app.test_client().get, args=(f"{SALES}.json",))
            for _ in range(exports.WAITERS)
        ]
        for thread in waiting:
            thread.start()
        assert eventually(lambda: not exports._waiting._value)
        began = time.monotonic()
        response = dashboard.app.test_client().get(f"{SALES}.csv")

        assert response.status_code == 504
        assert time.monotonic() - began < SOON / 2, "it does not wait"
        go.set()
        for thread in waiting:
            thread.join()


def test_an_export_waits_for_the_state_it_asked_under(dashboard, client, engine):
    client.get(f"{SALES}.json")
    dashboard.lake.changes()
    engine.gives(SLUG, answer("customer text, total_sales decimal", ("New", Decimal(1))))

    assert exact(client.get(f"{SALES}.json"))["rows"] == [["New", 1]]
