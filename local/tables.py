"""The lake's tables as DuckDB reads them from a folder: declared by the schema, never inferred."""

# ruff: noqa: S608 - the names put into the texts are the schema's, the paths are literals

import glob
from collections.abc import Iterable
from pathlib import Path

import duckdb

from lake.schema import TABLES, Column, Table
from queries.literal import literal


class WrongForm(Exception):
    """A file under a table's prefix is not of the table's form; the message says what to do."""


def rows(table: Table, paths: Iterable[Path]) -> str:
    """Return a SELECT of the table's columns over these Parquet files, none as well."""
    files = ", ".join(_path(path) for path in paths)
    return _select(table, f"read_parquet([{files}], {_declared(table)})") if files else _none(table)


def create_views(connection: duckdb.DuckDBPyConnection, root: Path) -> None:
    """Make every table of the lake readable by its bare name, over the files as they are then."""
    for table in TABLES:
        # DuckDB gives a pattern that matches nothing a column of its own: the empty rows
        # before it keep the declared ones
        folder = glob.escape(str(root / table.name))
        if table.form == "parquet":
            files = f"read_parquet({literal(f'{folder}/**/*.parquet')}, {_declared(table)})"
        else:
            files = f"read_json({literal(f'{folder}/**/*.json')}, {_declared(table)})"
        union = f"({_none(table)} UNION ALL BY NAME FROM {files})"
        connection.execute(f"CREATE VIEW {table.name} AS {_select(table, union)}")


def check_form(connection: duckdb.DuckDBPyConnection, table: Table, paths: Iterable[Path]) -> None:
    """Raise WrongForm unless each of these Parquet files has the table's columns and types.

    DuckDB would cast what it finds, and give NULL for what it misses: wrong answers, no error.
    """
    files = [glob.escape(str(path)) for path in paths]
    if not files:
        return
    found: dict[str, dict[str, str]] = {}
    for file, name, type_ in connection.execute(
        "SELECT file_name, name, duckdb_type FROM parquet_schema(?)", [files]
    ).fetchall():
        found.setdefault(file, {})[name] = type_
    for file, columns in found.items():
        for column in table.columns:
            given = columns.get(column.name)
            if given != column.type.duckdb:
                what = f"is {given}" if given else "is missing"
                raise WrongForm(
                    f"{file} is not of the form of {table.name}: {column.name} {what}, where "
                    f"{column.type.duckdb} is declared. Move the file out of that folder."
                )


def _select(table: Table, source: str) -> str:
    return f"SELECT {', '.join(column.name for column in table.columns)} FROM {source}"


def _none(table: Table) -> str:
    """Return a SELECT of the table's columns without a row."""
    columns = ", ".join(f"CAST(NULL AS {c.type.duckdb}) AS {c.name}" for c in table.columns)
    return f"SELECT {columns} WHERE false"


def _declared(table: Table) -> str:
    """Return the reader's options that say the columns instead of looking for them."""
    if table.form == "json":
        columns = ", ".join(f"{c.name}: {literal(c.type.duckdb)}" for c in table.columns)
        return f"columns = {{{columns}}}, format = 'newline_delimited', {_EMPTY_TOO}"
    return f"schema = MAP {{{', '.join(map(_field, table.columns))}}}, {_EMPTY_TOO}"


# a folder called a=b above the lake is not a partition
_EMPTY_TOO = "hive_partitioning = false, allow_empty = true"


def _field(column: Column) -> str:
    name, type_ = literal(column.name), literal(column.type.duckdb)
    return f"{name}: {{name: {name}, type: {type_}, default_value: NULL}}"


def _path(path: Path) -> str:
    return literal(glob.escape(str(path)))
