"""The result of a query, page by page."""

from threading import Event
from typing import TYPE_CHECKING

from web.athena import faults
from web.athena.values import column, reader
from web.engine import ROW_LIMIT, Column, Value

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient

PAGE_ROWS = 1000
"""Most rows of a page (GetQueryResults, API reference); the header counts as one."""

Rows = list[tuple[Value, ...]]


def read(
    athena: "AthenaClient", execution: str, cancel: Event
) -> tuple[tuple[Column, ...], Rows, bool]:
    """Return the columns of a SELECT's result, its rows, and whether there were more of them.

    Raises EngineError when cancelled or for a value that cannot be held.
    """
    columns: tuple[Column, ...] = ()
    rows: Rows = []
    # a page may be empty and not be the last: only the missing token says that it is
    pages = athena.get_paginator("get_query_results").paginate(
        QueryExecutionId=execution, PaginationConfig={"PageSize": PAGE_ROWS}
    )
    for number, page in enumerate(pages):
        if cancel.is_set():
            raise faults.cancelled()
        result = page["ResultSet"]
        found = result.get("Rows", [])
        if number == 0:
            about = result["ResultSetMetadata"]["ColumnInfo"]
            columns = tuple(map(column, about))
            readers = [reader(info) for info in about]
            # the first row of a SELECT's result repeats the names
            found = found[1:]
        for row in found:
            data = row.get("Data", [])
            # a value that is not there is NULL; an empty text is a value
            rows.append(
                tuple(
                    None if (text := datum.get("VarCharValue")) is None else read_value(text)
                    for read_value, datum in zip(readers, data, strict=True)
                )
            )
        if len(rows) > ROW_LIMIT:
            return columns, rows[:ROW_LIMIT], True
    return columns, rows, False
