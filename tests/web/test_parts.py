"""Parts are given again as they were rendered, and never when they would be rendered otherwise."""

import pytest

from tests.doubles.engine import ANSWERS, answer
from web.answers import Answers
from web.parts import Parts

SALES, SLUG = "/panels/total-sales-by-customer", "total-sales-by-customer"
OTHER = answer("customer text, total_sales decimal", ("Somebody else", None))


@pytest.fixture
def kept():
    """Return a function that keeps an answer."""
    answers = Answers(None)
    return lambda question="q": answers.put(question, "s1", ANSWERS[SLUG])


class Renderer:
    def __init__(self, length=10) -> None:
        self.length = length
        self.times = 0

    def __call__(self) -> str:
        self.times += 1
        return str(self.times) * self.length


def test_a_part_is_rendered_once_for_one_answer_and_one_key(kept):
    parts, render, of = Parts(), Renderer(), kept()

    assert [parts.get("a", of, render) for _ in range(3)] == ["1" * 10] * 3
    assert parts.get("b", of, render) == "2" * 10


def test_another_answer_is_rendered_anew_though_it_says_the_same(kept):
    parts, render = Parts(), Renderer()
    first, second = kept(), kept()

    assert parts.get("a", first, render) == "1" * 10
    assert parts.get("a", second, render) == "2" * 10
    assert parts.get("a", second, render) == "2" * 10


def test_the_least_recently_used_goes_first_and_too_large_a_part_is_not_kept(kept):
    parts, render, of = Parts(length=25), Renderer(), kept()
    for key in ("a", "b", "a", "c"):
        parts.get(key, of, render)

    assert parts.get("a", of, render)[0] == "1"
    assert parts.get("b", of, render)[0] == "4"
    large = Renderer(26)
    assert [parts.get("d", of, large)[0] for _ in range(2)] == ["1", "2"]


@pytest.mark.parametrize("target", [f"div#answer-{SLUG}", f"div#card-{SLUG}"])
class TestAPanelsPart:
    def test_it_is_the_same_again(self, fragment, target):
        first, again = fragment(SALES, target), fragment(SALES, target)

        assert "Northwind Traders" in again.text
        assert again.data == first.data
        assert list(again.headers) == list(first.headers)

    def test_a_refresh_shows_the_new_answer_though_the_lake_is_unchanged(
        self, fragment, target, engine
    ):
        fragment(SALES, target)
        engine.gives(SLUG, OTHER)
        fragment(f"{SALES}/refresh", target, by="form", method="POST")

        assert "Somebody else" in fragment(SALES, target).text

    def test_a_change_of_the_lake_shows(self, fragment, target, engine, dashboard):
        fragment(SALES, target)
        state = dashboard.lake.changes()
        engine.gives(SLUG, OTHER)

        part = fragment(SALES, target).text
        assert "Somebody else" in part
        assert f'data-state="{state}"' in part

    def test_an_edited_panel_shows(self, fragment, target, dashboard):
        fragment(SALES, target)
        dashboard.edit(SLUG, "title: Total", "title: Grand total")

        assert "Grand total" in fragment(SALES, target).text

    def test_a_filter_that_narrows_nothing_still_stands_in_its_addresses(self, fragment, target):
        fragment(SALES, target)

        assert "status=shipped" in fragment(f"{SALES}?status=shipped", target).text
        assert "status=shipped" not in fragment(SALES, target).text

    def test_what_runs_is_not_kept(self, fragment, target, engine):
        fragment(SALES, target)
        with engine.held(SLUG, OTHER) as go:
            fragment(f"{SALES}/refresh", target, by="form", method="POST")
            assert "updating for" in fragment(SALES, target).text
            go.set()
            assert "Somebody else" in fragment(SALES, target).text

    def test_a_wrong_address_is_told(self, fragment, target):
        fragment(SALES, target)

        assert "is not a date" in fragment(f"{SALES}?from=yesterday", target).text


def test_the_json_is_kept_but_for_the_age(client, dashboard, monkeypatch):
    first = client.get(f"{SALES}.json").json
    monkeypatch.setattr("web.exports.time.time", lambda: 4e9)
    again = client.get(f"{SALES}.json").json

    assert again["rows"] == first["rows"]
    assert again["columns"] == first["columns"]
    assert again["stats"]["age_s"] > 1e9 > first["stats"]["age_s"]
