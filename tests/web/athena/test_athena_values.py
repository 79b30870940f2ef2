"""What Athena sends is text: its types, its pages, its missing values."""

import math
from datetime import date, datetime
from decimal import Decimal
from threading import Event

import pytest

from web.athena import results
from web.engine import Column, EngineError

TYPES = [
    ("boolean", "true", "text", "true"),
    ("tinyint", "-128", "integer", -128),
    ("smallint", "32767", "integer", 32767),
    ("integer", "-1", "integer", -1),
    ("int", "7", "integer", 7),
    ("bigint", "9223372036854775807", "integer", 2**63 - 1),
    ("float", "1.5", "double", 1.5),
    ("real", "1.5", "double", 1.5),
    ("double", "0.30000000000000004", "double", 0.1 + 0.2),
    ("double", "1.0E20", "double", 1e20),
    ("double", "-Infinity", "double", -math.inf),
    ("decimal", "-12345678901234567890123456789012345.678", "decimal",
     Decimal("-12345678901234567890123456789012345.678")),
    ("decimal(18,2)", "1.10", "decimal", Decimal("1.10")),
    ("char", "a  ", "text", "a  "),
    ("varchar", "Łukasz\n'漢字' 🙂", "text", "Łukasz\n'漢字' 🙂"),
    ("varchar", "", "text", ""),
    ("string", "x", "text", "x"),
    ("date", "0001-01-01", "date", date(1, 1, 1)),
    ("date", "9999-12-31", "date", date(9999, 12, 31)),
    ("timestamp", "2025-03-01 04:05:06.789", "timestamp", datetime(2025, 3, 1, 4, 5, 6, 789000)),
    ("timestamp(6)", "2025-03-01 04:05:06.789123", "timestamp",
     datetime(2025, 3, 1, 4, 5, 6, 789123)),
    ("timestamp", "2025-03-01 04:05:06", "timestamp", datetime(2025, 3, 1, 4, 5, 6)),
    ("timestamp with time zone", "2025-03-01 04:05:06.789 UTC", "timestamp",
     datetime(2025, 3, 1, 4, 5, 6, 789000)),
    ("timestamp with time zone", "2025-07-01 04:05:06.000 Europe/Berlin", "timestamp",
     datetime(2025, 7, 1, 2, 5, 6)),
    ("timestamp(3) with time zone", "2025-03-01 04:05:06.000 +02:00", "timestamp",
     datetime(2025, 3, 1, 2, 5, 6)),
    ("time", "04:05:06.789", "text", "04:05:06.789"),
    ("interval day to second", "2 00:00:00.000", "text", "2 00:00:00.000"),
    ("interval year to month", "1-2", "text", "1-2"),
    ("varbinary", "68 65 6c", "text", "68 65 6c"),
    ("json", '{"a": 1}', "text", '{"a": 1}'),
    ("uuid", "12151fd2-7586-11e9-8f9e-2a86e4085a59", "text",
     "12151fd2-7586-11e9-8f9e-2a86e4085a59"),
    ("ipaddress", "10.0.0.1", "text", "10.0.0.1"),
    ("array", "[a, null]", "text", "[a, null]"),
    ("map", "{k=1}", "text", "{k=1}"),
    ("row", "{id=1, name=x}", "text", "{id=1, name=x}"),
    ("unknown", "x", "text", "x"),
    ("a type of next year", "x", "text", "x"),
]  # fmt: skip


@pytest.mark.parametrize(("athena_type", "text", "type_", "value"), TYPES)
def test_every_type_becomes_one_of_the_six(run, athena, athena_type, text, type_, value):
    athena.gives([{"Name": "it", "Type": athena_type}], [text], [None])
    answer = run()

    assert answer.columns == (Column("it", type_),)
    assert answer.rows == [(value,), (None,)]
    assert type(answer.rows[0][0]) is type(value)


def test_nan_is_a_double_too(run, athena):
    athena.gives(["x double"], ["NaN"])

    assert math.isnan(run().rows[0][0])


def test_a_missing_value_is_not_an_empty_text(run, athena):
    athena.gives(["a varchar", "b varchar", "c varchar"], [None, "", "NULL"])

    assert run().rows == [(None, "", "NULL")]


@pytest.mark.parametrize(
    ("athena_type", "text"),
    [("date", "10000-01-01"), ("date", "-0044-03-15"), ("timestamp with time zone", "x Mars/Base")],
)
def test_a_value_that_cannot_be_held_is_told_with_its_column(run, athena, athena_type, text):
    athena.gives([{"Name": "it", "Type": athena_type}], [text])
    with pytest.raises(EngineError, match=r"The column it holds .* CAST it to varchar") as told:
        run()

    assert told.value.code == "query"


@pytest.mark.parametrize("rows", [0, 1, 998, 999, 1000, 1001, 2500])
def test_all_pages_are_read_and_only_the_header_is_dropped(run, athena, rows):
    # the first row looks like the header: a value may be its column's name
    texts = ["n", *map(str, range(1, rows))][:rows]
    athena.gives(["n varchar"], *([text] for text in texts))
    answer = run()

    assert [row[0] for row in answer.rows] == texts
    assert not answer.truncated
    sizes = [r.body["MaxResults"] for r in athena.requests if r.operation == "GetQueryResults"]
    assert set(sizes) == {1000}


@pytest.mark.parametrize("more", [0, 1])
def test_an_answer_is_cut_at_the_limit_and_says_so(run, athena, monkeypatch, more):
    monkeypatch.setattr(results, "ROW_LIMIT", 1500)
    athena.gives(["n integer"], *([str(n)] for n in range(1500 + more)))
    answer = run()

    assert [row[0] for row in answer.rows] == list(range(1500))
    assert answer.truncated is bool(more)


def test_pages_that_nobody_needs_are_not_read(run, athena, monkeypatch):
    monkeypatch.setattr(results, "ROW_LIMIT", 1500)
    athena.gives(["n integer"], *([str(n)] for n in range(9000)))
    run()

    assert athena.asked()["GetQueryResults"] == 2


def test_a_cancel_is_heard_between_two_pages(athena, athena_client, run):
    athena.gives(["n integer"], *([str(n)] for n in range(3000)))
    run()
    [query] = athena.queries
    cancel = Event()
    cancel.set()
    with pytest.raises(EngineError, match="cancelled"):
        results.read(athena_client, query, cancel)

    assert athena.asked()["GetQueryResults"] == 5
