"""Parquet as other programs read it: DuckDB and Polars get back what the answer held."""

from datetime import date, datetime
from decimal import Decimal
from io import BytesIO

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.doubles.engine import answer
from web.parquet import parquet

EVERY_TYPE = answer(
    "a text, b integer, c decimal, d double, e date, f timestamp",
    ("=O'Hara \u202e\x00 🦀", 2**63 - 1, Decimal("0.10"), 0.1, date(2024, 2, 29),
     datetime(2025, 1, 2)),
    (None, None, None, None, None, None),
    ("", -(2**63), Decimal("-9" + "9" * 35 + ".99"), -0.0, date(1, 1, 1),
     datetime(9999, 12, 31, 23, 59, 59, 999999)),
)  # fmt: skip


def by_duckdb(content, tmp_path):
    file = tmp_path / "answer.parquet"
    file.write_bytes(content)
    return duckdb.sql(f"SELECT * FROM read_parquet('{file}')")


def by_polars(content):
    return pl.read_parquet(BytesIO(content))


def test_every_type_is_read_as_it_was_written(tmp_path):
    content = parquet(EVERY_TYPE)

    read = by_duckdb(content, tmp_path)
    assert list(map(str, read.types)) == [
        "VARCHAR", "BIGINT", "DECIMAL(38,2)", "DOUBLE", "DATE", "TIMESTAMP",
    ]  # fmt: skip
    assert read.fetchall() == list(EVERY_TYPE.rows)
    assert by_polars(content).rows() == list(EVERY_TYPE.rows)


@pytest.mark.parametrize("rows", [0, 1, 20_000])
def test_any_number_of_rows(rows, tmp_path):
    given = [(None if n % 7 == 3 else f"c{n}", n) for n in range(rows)]
    content = parquet(answer("customer text, orders integer", *given))

    assert by_duckdb(content, tmp_path).fetchall() == given
    assert by_polars(content).rows() == given
    assert by_polars(content).columns == ["customer", "orders"]


def test_more_columns_than_fit_a_short_list(tmp_path):
    columns = ", ".join(f"c{n} integer" for n in range(40))
    content = parquet(answer(columns, tuple(range(40))))

    assert by_duckdb(content, tmp_path).fetchall() == [tuple(range(40))]


def test_a_whole_number_beyond_64_bits_becomes_a_decimal(tmp_path):
    content = parquet(answer("n integer", (2**70,), (-1,)))

    assert by_duckdb(content, tmp_path).fetchall() == [(Decimal(2**70),), (Decimal(-1),)]


# a machine that does much else is no slow writer
@settings(deadline=None)
@given(
    st.lists(
        st.tuples(
            st.none() | st.text(st.characters(codec="utf-8")),
            st.none()
            | st.decimals(
                allow_nan=False,
                allow_infinity=False,
                places=2,
                min_value=-(10**16),
                max_value=10**16,
            ),
            st.none() | st.floats(allow_nan=False),
            st.none() | st.datetimes(),
        )
    )
)
def test_any_value_comes_back(rows):
    content = parquet(answer("t text, d decimal, x double, at timestamp", *rows))

    assert by_polars(content).rows() == rows
