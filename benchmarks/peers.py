"""The same task in a dozen lines of a fast tool, as one would write it: to measure against.

Both are given the types, told to go on after errors, and say what they were told of them.

usage: python -m benchmarks.peers polars|duckdb IN.csv OUT.parquet AS-OF
"""

import json
import os
import sys
from datetime import date, timedelta

DAYS = 30


def with_polars(source: str, target: str, as_of: date) -> list[int]:
    """Filter with Polars alone; it does not tell which lines it could not read."""
    # as the handler has it: these are known to be the best choice
    os.environ |= {"POLARS_MAX_THREADS": "2", "POLARS_CSV_CHUNK_SIZE": str(1 << 20)}
    import polars as pl  # noqa: PLC0415

    types = {
        "OrderID": pl.String,
        "Customer": pl.String,
        "Amount": pl.Decimal(18, 2),
        "Status": pl.String,
        "OrderDate": pl.Date,
    }
    old = pl.col("OrderDate") <= as_of - timedelta(days=DAYS)
    dropped = old & pl.col("Status").is_in(["pending", "cancelled"])
    rows = pl.scan_csv(source, schema=types, ignore_errors=True, truncate_ragged_lines=True)
    rows.filter(~dropped.fill_null(value=False)).sink_parquet(target)
    return []


def with_duckdb(source: str, target: str, as_of: date) -> list[int]:
    """Filter with DuckDB; return the lines that it says it rejected."""
    import duckdb  # noqa: PLC0415

    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    connection.execute(
        f"""
        COPY (
            SELECT * FROM read_csv(
                '{source}', auto_detect = false, header = true, delim = ',', quote = '"',
                escape = '"', store_rejects = true,
                columns = {{OrderID: 'VARCHAR', Customer: 'VARCHAR', Amount: 'DECIMAL(18, 2)',
                           Status: 'VARCHAR', OrderDate: 'DATE'}}
            )
            WHERE NOT (Status IN ('pending', 'cancelled')
                       AND OrderDate <= DATE '{as_of - timedelta(days=DAYS)}')
        ) TO '{target}' (FORMAT parquet)
        """
    )
    lines = connection.execute("SELECT DISTINCT line FROM reject_errors ORDER BY 1").fetchall()
    return [line for (line,) in lines]


PEERS = {"polars": with_polars, "duckdb": with_duckdb}

if __name__ == "__main__":
    name, given, made, day = sys.argv[1:]
    print(json.dumps(PEERS[name](given, made, date.fromisoformat(day))))
