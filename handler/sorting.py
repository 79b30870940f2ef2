"""The one pass of Polars over a file: a row goes to processed, to dropped or to the bad lines."""

import errno
import re
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import polars as pl

from handler import checks, groups
from handler.header import Layout
from handler.identity import KEY
from lake.rule import Settings
from lake.schema import ORDER_COLUMNS, Type

COMPRESSION_LEVEL = 1
"""zstd 3 and 10 cost time (+5 %, +126 %) for 1 % and 12 % of size."""

POLARS_TYPES: dict[Type, pl.DataType] = {
    Type.TEXT: pl.String(),
    Type.DECIMAL: pl.Decimal(18, 2),
    Type.DATE: pl.Date(),
    Type.BIGINT: pl.Int64(),
    Type.TIMESTAMP: pl.Datetime("ms"),
    Type.BINARY: pl.Binary(),
}

ARROW_KEY = "ARROW:schema"
"""The metadata of a Parquet file that tells its types to Arrow's readers."""

_SCHEMA = {column.name: POLARS_TYPES[column.type] for column in ORDER_COLUMNS}

_KEPT, _DROPPED, _BAD = range(3)

# with predicate pushdown the filters of the sinks move below the shared part and undo the sharing:
# the file is then read and parsed once per sink (measured: 1.6 s instead of 0.8 s for 2 M rows)
_ONE_PASS = pl.QueryOptFlags(predicate_pushdown=False)


_NOT_THE_FILES_FAULT = re.compile(r"^parquet: |\(os error [0-9]+\)")
"""What Polars says where it cannot write a sink or read the disk: mostly that this is full."""


class Unparsable(Exception):
    """Polars could not parse the file: the lines that are no records must be found first."""


@dataclass(frozen=True)
class Origin:
    """Where rows come from, as they carry it."""

    key: str
    version: str
    received_at: datetime
    identity: str


@dataclass(frozen=True)
class Job:
    """One raw version at work."""

    layout: Layout
    origin: Origin
    settings: Settings
    work: Path
    """an empty folder of its own"""
    group_rows: int
    """rows of a row group of its outputs"""


@dataclass(frozen=True)
class Sorted:
    """The outputs of a pass, as local files."""

    processed: Path
    dropped: Path
    bad: Path
    """Parquet: line (from 1), reason (its number among those of the checks), size (bytes of its
    fields), mendable; blank lines are among them"""
    kept_rows: int
    dropped_rows: int
    bad_rows: int
    mendable_rows: int
    """bad rows that `mend` may take for sound: none where all values were mended"""
    value_bytes: int
    """bytes of all fields of the kept and dropped rows"""
    repairs: dict[str, int]


def sort(path: Path, job: Job, *, quoted: bool, mend: bool) -> Sorted:
    """Sort the lines after the header of a file into three files in the job's folder.

    Without `mend` values are taken as they are, and unusual days for none: a sixth faster. Raises
    Unparsable.
    """
    origin = job.origin
    rows = _rows(path, job, quoted=quoted, mend=mend)
    place = pl.col("place")
    table = _table(origin)
    processed, dropped = (job.work / f"{name}.parquet" for name in ("processed", "dropped"))
    unsound = job.work / "unsound.csv.zst"
    sinks: list[pl.LazyFrame] = [
        rows.filter(place == number)
        .select(table)
        .sink_parquet(target, lazy=True, **_options(origin.identity, job.group_rows))
        for number, target in ((_KEPT, processed), (_DROPPED, dropped))
    ]
    # as a CSV, since rows of a Parquet file wait in memory, each with the whole chunk that it was
    # found in, until their row group is full; packed, since numbers and quotation marks make blank
    # lines thirty times as long
    sinks.append(
        rows.filter(place == _BAD)
        .select("line", *_names(job.layout))
        .sink_csv(
            unsound,
            lazy=True,
            include_header=False,
            quote_style="always",
            compression="zstd",
            compression_level=1,
        )
    )
    counted = checks.repairs(origin.received_at.date(), mend=mend)
    # no filter here: one that is not a sink's makes this pass three times as long
    sinks.append(
        rows.select(
            *(((place != _BAD) & expr).sum().alias(name) for name, expr in counted.items()),
            pl.sum_horizontal(size.sum() for size in _sizes(job.layout)).alias("size"),
        )
    )
    try:
        *_, tally = pl.collect_all(sinks, engine="streaming", optimizations=_ONE_PASS)
        bad = _with_reasons(unsound, job, mend=mend)
    except (pl.exceptions.ComputeError, pl.exceptions.PanicException) as fault:
        if _NOT_THE_FILES_FAULT.search(str(fault)):
            why = f"an output cannot be written, is the disk full? {fault}"
            raise OSError(errno.ENOSPC, why) from fault
        raise Unparsable(f"{origin.key}: Polars cannot parse it: {fault}") from fault
    sums = tally.row(0, named=True)
    bad_rows, bad_size, mendable = (
        pl.scan_parquet(bad, glob=False)
        .select(pl.len(), pl.col("size", "mendable").sum())
        .collect()
        .row(0)
    )
    return Sorted(
        processed,
        dropped,
        bad,
        kept_rows=_count(processed),
        dropped_rows=_count(dropped),
        bad_rows=bad_rows,
        mendable_rows=mendable,
        value_bytes=sums["size"] - bad_size,
        repairs={name: sums[name] for name in counted if sums[name]},
    )


def _with_reasons(unsound: Path, job: Job, *, mend: bool) -> Path:
    """Write why rows are not sound; in the pass itself every chunk of the file would be asked."""
    bad = job.work / "bad.parquet"
    rows = pl.scan_csv(
        unsound,
        has_header=False,
        schema={"line": pl.Int64, **dict.fromkeys(_names(job.layout), pl.String)},
        empty_string_is_null=False,
        raise_if_empty=False,
        glob=False,
    )
    _checked(rows, mend=mend).select(
        "line",
        checks.reason().alias("reason"),
        pl.sum_horizontal(_sizes(job.layout)).alias("size"),
        (pl.lit(not mend) & checks.is_mendable()).alias("mendable"),
    ).sink_parquet(bad)
    unsound.unlink()
    return bad


def empty(identity: str, target: Path) -> Path:
    """Write an output without rows."""
    pl.LazyFrame(schema=_SCHEMA).sink_parquet(target, **_options(identity, groups.ROWS))
    return target


def _rows(path: Path, job: Job, *, quoted: bool, mend: bool) -> pl.LazyFrame:
    """Return every line after the header as text columns, checked values and its place."""
    layout, settings = job.layout, job.settings
    scan = pl.scan_csv(
        path,
        has_header=False,
        skip_lines=layout.line,
        schema=dict.fromkeys(_names(layout), pl.String),
        quote_char='"' if quoted else None,
        # short rows get "" where a null would be, long ones are caught by the overflow column
        empty_string_is_null=False,
        missing_columns="insert",
        extra_columns="ignore",
        row_index_name="line",
        row_index_offset=layout.line + 1,
        glob=False,
    )
    sound = checks.sound(mend=mend)
    dropped = checks.is_dropped(settings.rule, job.origin.received_at.date())
    place = pl.when(~sound).then(_BAD).when(dropped).then(_DROPPED).otherwise(_KEPT)
    return _checked(scan, mend=mend).with_columns(place.cast(pl.UInt8).alias("place"))


def _names(layout: Layout) -> tuple[str, ...]:
    """Return the names of the columns that are read."""
    return (*layout.columns, checks.OVERFLOW)


def _sizes(layout: Layout) -> list[pl.Expr]:
    return [pl.col(name).str.len_bytes().cast(pl.Int64) for name in layout.columns]


def _checked(rows: pl.LazyFrame, *, mend: bool) -> pl.LazyFrame:
    """Return text columns with what the checks ask of them: mended texts, and values."""
    texts = checks.texts() if mend else checks.plain_texts()
    return rows.with_columns(**texts).with_columns(checks.values(mend=mend))


def _table(origin: Origin) -> list[pl.Expr]:
    """Return the columns of processed and dropped."""
    source = {
        "order_id": pl.col("OrderID"),
        "customer": pl.col("Customer"),
        "status": pl.col("status"),
        "source_key": _constant(origin.key),
        "source_version": _constant(origin.version),
        "source_line": pl.col("line").cast(pl.Int64),
        "received_at": pl.lit(origin.received_at).cast(pl.Datetime("ms")),
    }
    typed = {
        column.name: pl.col(column.name).cast(POLARS_TYPES[column.type])
        for column in ORDER_COLUMNS
        if column.name not in source
    }
    return [(typed | source)[column.name].alias(column.name) for column in ORDER_COLUMNS]


def _constant(text: str) -> pl.Expr:
    """Return a text column of one value: as an enum it is written in a fifth of the time."""
    return pl.lit(text).cast(pl.Enum([text]))


def _options(identity: str, group_rows: int) -> dict[str, Any]:
    return {
        "compression": "zstd",
        "compression_level": COMPRESSION_LEVEL,
        "row_group_size": group_rows,
        "metadata": {KEY: identity, ARROW_KEY: _arrow_schema()},
    }


@cache
def _arrow_schema() -> str:
    """Return what files say of their types to Arrow's readers: that text is text.

    Of what is written as an enum Polars would say so, and then not read files of several exports
    at once: each has its own.
    """
    file = BytesIO()
    pl.DataFrame(schema=_SCHEMA).write_parquet(file)
    file.seek(0)
    return pl.read_parquet_metadata(file)[ARROW_KEY]


def _count(path: Path) -> int:
    """Return a Parquet file's rows by its footer: what was written, not what was meant to be."""
    return int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())
