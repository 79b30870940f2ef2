"""The schema says the same in every language that reads it."""

import duckdb
import polars as pl
import pytest

from handler.sorting import POLARS_TYPES
from lake.schema import (
    DROPPED,
    INGESTS,
    INPUT_COLUMNS,
    ORDER_COLUMNS,
    PROCESSED,
    QUARANTINE,
    STATUSES,
    TABLES,
    Type,
)


def test_the_tables_and_their_columns_are_those_of_the_contract():
    assert {table.name: [column.name for column in table.columns] for table in TABLES} == {
        "processed": [
            *("order_id", "customer", "amount", "status", "order_date"),
            *("source_key", "source_version", "source_line", "received_at"),
        ],
        "dropped": [column.name for column in PROCESSED.columns],
        "quarantine": [
            *("source_key", "source_version", "source_line", "raw", "reason", "received_at"),
        ],
        "ingests": [
            *("source_key", "source_version", "status", "received_at", "started_at"),
            *("finished_at", "size_bytes", "rows_in", "kept", "dropped", "quarantined"),
            *("repairs", "reason", "fingerprint"),
        ],
    }


def test_only_the_records_are_json():
    assert {table.name: table.form for table in TABLES} == {
        "processed": "parquet",
        "dropped": "parquet",
        "quarantine": "parquet",
        "ingests": "json",
    }


def test_a_table_lies_under_its_own_name():
    assert [table.prefix for table in (PROCESSED, DROPPED, QUARANTINE, INGESTS)] == [
        "processed/",
        "dropped/",
        "quarantine/",
        "ingests/",
    ]


def test_kept_and_dropped_orders_have_the_same_columns():
    assert PROCESSED.columns == DROPPED.columns == ORDER_COLUMNS


def test_a_column_that_several_tables_have_is_of_one_type():
    kinds = {(column.name, column.type) for table in TABLES for column in table.columns}

    assert len(kinds) == len({name for name, _ in kinds})


def test_every_table_and_column_is_described_in_words():
    described = [*TABLES, *(column for table in TABLES for column in table.columns)]

    assert all(len(thing.description) > 10 for thing in described)


@pytest.mark.parametrize(
    ("type_", "hive"),
    [
        (Type.TEXT, "string"),
        (Type.DECIMAL, "decimal(18,2)"),
        (Type.DATE, "date"),
        (Type.BIGINT, "bigint"),
        (Type.TIMESTAMP, "timestamp"),
        (Type.BINARY, "binary"),
        (Type.COUNTS, "map<string,bigint>"),
    ],
    ids=lambda value: getattr(value, "name", None),
)
def test_glue_and_athena_know_each_type_by_its_hive_name(type_, hive):
    assert type_.hive == hive


@pytest.mark.parametrize("type_", Type, ids=lambda type_: type_.name)
def test_duckdb_knows_each_type_by_its_own_name(type_):
    [[name]] = duckdb.sql(f"SELECT typeof(NULL::{type_.duckdb})").fetchall()

    assert name == type_.duckdb


@pytest.mark.parametrize("type_", POLARS_TYPES, ids=lambda type_: type_.name)
def test_what_polars_writes_duckdb_reads_as_that_type(type_, tmp_path):
    pl.DataFrame({"value": [None]}, schema={"value": POLARS_TYPES[type_]}).write_parquet(
        tmp_path / "file.parquet"
    )

    [column] = duckdb.sql(f"DESCRIBE FROM '{tmp_path}/file.parquet'").fetchall()

    assert column[1] == type_.duckdb


def test_every_type_of_a_parquet_table_can_be_written():
    written = {c.type for table in TABLES if table.form == "parquet" for c in table.columns}

    assert written <= POLARS_TYPES.keys()


def test_statuses_are_lower_case_and_an_export_has_five_columns():
    assert STATUSES == ("pending", "confirmed", "shipped", "cancelled")
    assert INPUT_COLUMNS == ("OrderID", "Customer", "Amount", "Status", "OrderDate")
