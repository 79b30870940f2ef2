from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import TokenType
from sqlglot.dialects.dialect import Dialect

from queries.literal import literal

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",))) | st.text(
    "'\"\\-/*;?$ \n\r\tx"
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "NULL"),
        ("O'Hara", "'O''Hara'"),
        ("", "''"),
        ("\\", "'\\'"),
        (42, "42"),
        (-1, "-1"),
        (Decimal("1E+3"), "DECIMAL '1000'"),
        (Decimal("-0.010"), "DECIMAL '-0.010'"),
        (0.1, "DOUBLE '0.1'"),
        (date(25, 3, 1), "DATE '0025-03-01'"),
        (datetime(2025, 3, 1, 4, 5, 6, 789000), "TIMESTAMP '2025-03-01 04:05:06.789'"),
    ],
)
def test_a_value_is_written_by_its_type(value, text):
    assert literal(value) == text


@pytest.mark.parametrize("value", [True, b"x", [1], pytest.param(object(), id="object")], ids=str)
def test_another_type_is_refused(value):
    with pytest.raises(TypeError):
        literal(value)


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("-Infinity"), "\0", "\udc80"]
)
def test_what_sql_text_cannot_hold_is_refused(value):
    with pytest.raises(ValueError, match="hold"):
        literal(value)


@given(text=TEXTS)
def test_a_text_stays_one_text_for_athenas_tokenizer(text):
    tokens = Dialect.get_or_raise("athena").tokenize(f"SELECT {literal(text)} ;")

    assert [token.token_type for token in tokens] == [
        TokenType.SELECT,
        TokenType.STRING,
        TokenType.SEMICOLON,
    ]
    assert tokens[1].text == text


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect() as connection:
        yield connection


VALUES = (
    TEXTS
    | st.integers(-(2**63), 2**63 - 1)
    | st.dates()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.decimals(-(10**12), 10**12, places=2)
    | st.datetimes(min_value=datetime(1, 1, 1)).map(
        lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    )
)


@given(value=VALUES)
def test_a_value_comes_back_from_duckdb_as_it_was(connection, value):
    statements = connection.extract_statements(f"SELECT {literal(value)}, 'after'")

    assert len(statements) == 1
    if isinstance(value, Decimal):
        # DuckDB gives a bare DECIMAL three digits after the point
        statements = connection.extract_statements(
            f"SELECT CAST({literal(value)} AS decimal(18, 2)), 'after'"
        )
    assert connection.execute(statements[0]).fetchall() == [(value, "after")]
