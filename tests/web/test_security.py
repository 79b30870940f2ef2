"""What strangers may send: headers, hosts, markup in names, large bodies, and what errors tell."""

import gzip
import html
import logging
import re

import pytest

from lake.store import StoreError
from tests import hostile
from tests.doubles.engine import answer
from tests.hostile import HOSTILE
from web.headers import CSP

PAGES = (
    "/",
    "/panels/total-sales-by-customer",
    "/panels/largest-orders",
    "/ingests",
    "/panels/none",
    "/panels/total-sales-by-customer.json",
    "/panels/total-sales-by-customer.csv",
    "/state",
)


@pytest.mark.parametrize("path", PAGES)
def test_every_response_carries_the_security_headers(client, path):
    headers = client.get(path).headers

    assert headers["Content-Security-Policy"] == CSP
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_the_policy_allows_nothing_inline_and_nothing_foreign():
    assert "unsafe" not in CSP
    assert "default-src 'none'" in CSP
    assert not re.search(r"https?:|data:|\*", CSP)


@pytest.mark.parametrize("path", PAGES[:4])
def test_no_page_holds_anything_inline(client, path):
    page = client.get(path).text

    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=|hx-on|javascript:", page)


def test_hsts_is_said_under_tls_only(client):
    assert "Strict-Transport-Security" not in client.get("/state").headers
    assert client.get("/state", base_url="https://localhost").headers["Strict-Transport-Security"]


def test_one_known_proxy_is_believed_and_none_without_being_told(build):
    headers = {"X-Forwarded-Proto": "https"}
    alone, behind = build(), build(proxied=True)

    for dashboard, secure in ((alone, False), (behind, True)):
        response = dashboard.app.test_client().get("/state", headers=headers)
        assert ("Strict-Transport-Security" in response.headers) == secure


def test_a_foreign_host_is_refused(client):
    response = client.get("/", headers={"Host": "evil.example"})

    assert response.status_code == 400
    assert response.headers["Content-Security-Policy"] == CSP
    assert "evil.example" not in response.text


def test_the_health_check_comes_before_the_host_check(client):
    response = client.get("/healthz", headers={"Host": "10.0.0.7"})

    assert (response.status_code, response.text) == (200, "ok\n")
    assert client.head("/healthz").status_code == 200
    assert client.post("/healthz").status_code == 405


def fail(*_):
    raise StoreError("bucket secret-name-123 refuses")


def test_the_health_check_says_not_ok_when_the_store_is_away_and_no_more(
    dashboard, client, monkeypatch
):
    monkeypatch.setattr(dashboard.lake.store, "etag", fail)

    response = client.get("/healthz")

    assert (response.status_code, response.text) == (503, "not ok\n")


@pytest.mark.parametrize("path", ["/", "/ingests", "/panels/order-status", "/state"])
def test_a_store_that_is_away_is_a_503_that_tells_nothing_inside(
    dashboard, client, monkeypatch, path
):
    monkeypatch.setattr(dashboard.lake.store, "etag", fail)

    response = client.get(path)

    assert response.status_code == 503
    assert "secret-name" not in response.text
    assert response.headers["Retry-After"] == "5"


def test_a_part_whose_store_was_away_asks_again_by_itself(dashboard, client, monkeypatch, fragment):
    monkeypatch.setattr(dashboard.lake.store, "etag", fail)

    part = fragment("/panels/order-status?status=shipped", "div#card-order-status")

    assert part.status_code == 503
    assert 'hx-get="/panels/order-status?status=shipped"' in part.text
    assert "load delay" in part.text


def test_an_unforeseen_fault_shows_an_id_that_the_log_has_too(
    dashboard, client, monkeypatch, caplog, words
):
    def crash():
        raise RuntimeError("inner detail")

    monkeypatch.setattr(dashboard.lake.ledger, "state", crash)
    with caplog.at_level(logging.WARNING):
        response = client.get("/")

    assert response.status_code == 500
    assert "inner detail" not in response.text
    assert re.search(r"id ([0-9a-f]{8})", words(response))[1] in caplog.text
    assert "inner detail" in caplog.text


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "POST"])
def test_other_methods_are_refused(client, method):
    response = client.open("/panels/order-status", method=method)

    assert response.status_code == 405
    assert response.headers["Allow"]


def test_a_large_body_is_refused(client):
    response = client.post("/panels/order-status/refresh", data={"x": "y" * 100_000})

    assert response.status_code in (303, 413)
    assert client.application.config["MAX_CONTENT_LENGTH"] <= 64 * 1024


def test_an_unknown_page_is_a_404_without_an_echo_of_its_markup(client):
    response = client.get("/<script>alert(1)</script>")

    assert response.status_code == 404
    assert "<script>alert" not in response.text


def unharmed(page: str) -> None:
    """Fail if any of the hostile texts stands in a page as anything but text."""
    body = re.sub(r"<title>.*?</title>", "", page, flags=re.S)
    assert "<script>alert" not in body
    assert not re.search(r"<(img|svg/|h1>owned)", body)
    assert "13371337" not in body
    assert not re.search(r"<[^>]*\son[a-z]+\s*=\s*['\"]?alert", body)
    assert not set("\u200b\u202e\u2066") & set(body)
    assert "\x00" not in body
    assert "\x1b" not in body


@pytest.mark.parametrize("path", ["/", "/panels/total-sales-by-customer"])
def test_hostile_customers_are_only_text(client, engine, path):
    rows = [(name, None) for name in HOSTILE]
    engine.gives("total-sales-by-customer", answer("customer text, total_sales decimal", *rows))

    page = client.get(path).text

    # the datalist must hold the value as it is, to be sent back; a browser shows it inert
    shown = re.sub(r"<datalist.*?</datalist>", "", page, flags=re.S)
    unharmed(shown)
    assert html.escape(HOSTILE[0]) in shown


def test_hostile_parameters_are_only_text(client):
    for text in HOSTILE:
        for name in ("customer", "status", "month", "from"):
            page = client.get("/panels/largest-orders", query_string={name: text})
            assert "<script>alert" not in page.text
            assert not re.search(r"<(img|svg/)", page.text)


def test_hostile_file_names_and_reasons_are_only_text(dashboard, client, engine):
    hostile.come_in(dashboard, engine)

    unharmed(client.get("/ingests").text)


def test_hostile_error_texts_are_only_text(client, engine):
    for text in HOSTILE:
        engine.fails("order-status", "query", text)
        client.post("/panels/order-status/refresh")
        unharmed(client.get("/panels/order-status").text)


def test_hostile_column_names_and_heads_are_only_text(dashboard, client, engine):
    engine.gives("order-status", answer("x text", ("y",)).__class__(
        tuple(answer(f"c{n} text").columns[0].__class__(t, "text") for n, t in enumerate(HOSTILE)),
        [tuple(HOSTILE)],
    ))  # fmt: skip
    dashboard.edit("largest-orders", "title: Largest orders", "title: <script>alert(1)</script>")

    unharmed(client.get("/panels/order-status").text)
    unharmed(client.get("/").text)


def test_hostile_text_goes_through_exports_unchanged_but_for_formulas(client, engine):
    rows = [(name, None) for name in HOSTILE]
    engine.gives("total-sales-by-customer", answer("customer text, total_sales decimal", *rows))

    content = client.get("/panels/total-sales-by-customer.json").json
    table = client.get("/panels/total-sales-by-customer.csv").text

    assert [row[0] for row in content["rows"]] == list(HOSTILE)
    assert "'=cmd|' /C calc'!A0" in table


def test_static_files_are_compressed_hashed_and_kept_for_good(client):
    page = client.get("/").text
    links = re.findall(r'(?:href|src|library)="(/static/[^"]+)"', page)

    assert len(links) >= 6
    for link in links:
        response = client.get(link, headers={"Accept-Encoding": "gzip, br"})
        assert response.status_code == 200
        assert "immutable" in response.headers["Cache-Control"]
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", link)
        if link.endswith((".js", ".css")):
            assert response.headers["Content-Encoding"] == "gzip"
            assert client.get(link).headers.get("Content-Encoding") is None


@pytest.mark.parametrize(
    ("path", "takes", "zipped"),
    [
        ("/", "gzip, br", True),
        ("/", "br", False),
        ("/", "gzip;q=0", False),
        ("/panels/monthly-orders-and-revenue", "gzip", True),
        ("/panels/order-status.json", "gzip", False),
    ],
)
def test_a_text_of_some_length_is_zipped_for_whoever_takes_it(client, path, takes, zipped):
    plain = client.get(path)
    response = client.get(path, headers={"Accept-Encoding": takes})

    assert (response.headers.get("Content-Encoding") == "gzip") == zipped
    assert "Accept-Encoding" in response.vary
    body = gzip.decompress(response.data) if zipped else response.data
    assert len(body) == pytest.approx(len(plain.data), abs=10)
    assert int(response.headers["Content-Length"]) == len(response.data)


def test_no_way_leads_out_of_the_static_files(client):
    for path in ("/static/../app.py", "/static/%2e%2e/app.py", "/static/vendor/htmx.js"):
        assert client.get(path).status_code == 404


def test_state_changes_when_the_lake_does(dashboard, client, monkeypatch):
    monkeypatch.setattr("web.desk.LATELY_S", 0.0)
    before = client.get("/state").json["state"]
    dashboard.lake.changes()

    assert client.get("/state").json["state"] not in ("", before)
