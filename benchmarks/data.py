"""Orders in bulk for the benchmarks, the same bytes every time, kept in the user's cache folder."""

import os
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path

import polars as pl

SEED = 20_250_101
FIRST_DAY = date(2025, 1, 1)
DAYS = 365
AS_OF = FIRST_DAY + timedelta(days=DAYS)
"""The day after the last order: about a quarter of the rows is dropped."""

CUSTOMERS = 1000
BAD_EVERY = 1000
"""One row in so many is bad: memory must be measured on a file with a quarantine."""

LONG_LINES = 16_000
LONG_NAME = 60_000
"""Bytes of a customer's name, near the longest that is taken."""

ORDERS_A_DAY = 137
"""50,000 orders in a year; a full export a day then makes 9 million rows."""


def folder() -> Path:
    """Return where the data is kept, outside the checkout."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    found = cache / "orders-lake" / "bench"
    found.mkdir(parents=True, exist_ok=True)
    return found


def export(rows: int, *, quotes: bool = False) -> Path:
    """Return one export with that many rows, spread over a year: about 54 bytes a row.

    With `quotes` what is bad about a row is a quotation mark inside its customer's name.
    """
    path = folder() / f"orders-{'quotes-' if quotes else ''}{rows}-{SEED}.csv"
    if not path.exists():
        # what a process took before it starts another one counts towards that one's peak
        with ProcessPoolExecutor(1, get_context("spawn")) as apart:
            apart.submit(_write_export, path, rows, quotes=quotes).result()
    return path


def long_lines() -> Path:
    """Return an export of 960 MB in 16,000 lines, every second one bad."""
    path = folder() / f"orders-long-{SEED}.csv"
    if not path.exists():
        unfinished = path.with_suffix(".part")
        with unfinished.open("w") as file:
            file.write("OrderID,Customer,Amount,Status,OrderDate\n")
            for number in range(LONG_LINES):
                status = "on hold" if number % 2 else "shipped"
                file.write(f"O{number},{'c' * LONG_NAME},1.50,{status},{FIRST_DAY}\n")
        unfinished.replace(path)
    return path


def _write_export(path: Path, rows: int, *, quotes: bool) -> None:
    bad = pl.col("number") % BAD_EVERY == BAD_EVERY - 1
    odd = pl.col("number") % (2 * BAD_EVERY) == BAD_EVERY - 1
    orders = _orders(rows, days=pl.col("number") * DAYS // rows)
    # the baseline looks at date and status alone, so it takes the bad ones for orders to keep
    if quotes:
        lines = orders.with_columns(
            Customer=pl.when(bad).then(pl.lit('5" pipe')).otherwise("Customer"),
            Status=pl.when(bad).then(pl.lit("shipped")).otherwise("Status"),
        )
    else:
        lines = orders.with_columns(
            Amount=pl.when(bad & odd).then(pl.lit("n/a")).otherwise("Amount"),
            Status=pl.when(bad)
            .then(pl.when(odd).then(pl.lit("shipped")).otherwise(pl.lit("on hold")))
            .otherwise("Status"),
        )
    _write(lines.drop("number"), path)


def daily_exports() -> list[Path]:
    """Return a year of full exports, one a day: each has all orders so far, some changed since."""
    paths = []
    everything = _orders(ORDERS_A_DAY * DAYS, days=pl.col("number") // ORDERS_A_DAY).collect()
    home = folder() / f"daily-{SEED}"
    home.mkdir(exist_ok=True)
    for day in range(1, DAYS + 1):
        path = home / f"orders-{FIRST_DAY + timedelta(days=day)}.csv"
        if not path.exists():
            age = day - pl.col("number") // ORDERS_A_DAY
            lines = (
                everything.lazy()
                .head(day * ORDERS_A_DAY)
                # an order is pending for two days, confirmed until the fifth, then as it ends
                .with_columns(
                    Status=pl.when(age <= 2)
                    .then(pl.lit("pending"))
                    .when(age <= 5)
                    .then(pl.lit("confirmed"))
                    .otherwise("Status")
                )
                .drop("number")
            )
            _write(lines, path)
        paths.append(path)
    return paths


def _orders(rows: int, days: pl.Expr) -> pl.LazyFrame:
    """Return orders with their number; `days` gives the day of each, counted from the first."""

    def below(limit: int, stream: int) -> pl.Expr:
        # a multiplicative hash of the number: whole numbers alone, the same in every version
        mixed = (pl.col("number") + SEED * stream) * 2_654_435_761 % 2**32
        return (mixed ^ (mixed // 2**15)) * 2_246_822_519 % 2**32 // 2**8 % limit

    def padded(value: pl.Expr, width: int) -> pl.Expr:
        return value.cast(pl.String).str.zfill(width)

    kind = below(8, 3)
    return pl.LazyFrame({"number": pl.int_range(rows, dtype=pl.UInt64, eager=True)}).with_columns(
        OrderID="O" + padded(pl.col("number"), 8),
        Customer="Customer " + padded(below(CUSTOMERS, 1), 4),
        Amount=padded(below(2000, 2), 1) + "." + padded(below(100, 4), 2),
        Status=pl.when(kind == 0)
        .then(pl.lit("pending"))
        .when(kind == 1)
        .then(pl.lit("cancelled"))
        .when(kind < 5)
        .then(pl.lit("confirmed"))
        .otherwise(pl.lit("shipped")),
        OrderDate=pl.lit(FIRST_DAY).dt.offset_by(days.cast(pl.String) + "d"),
    )


def _write(lines: pl.LazyFrame, path: Path) -> None:
    unfinished = path.with_suffix(".part")
    lines.sink_csv(unfinished, line_terminator="\r\n", quote_style="never")
    unfinished.replace(path)
