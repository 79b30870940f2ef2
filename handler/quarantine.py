"""The quarantine: lines that cannot be taken, with their exact bytes and the reason."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from handler import checks, lines
from handler.arrival import Arrival
from handler.header import is_blank, is_header
from handler.identity import KEY
from handler.sorting import POLARS_TYPES, Job, Origin
from lake.schema import QUARANTINE

BATCH_ROWS = 20_000
"""Most lines of a batch: usual ones take 1 MB."""

BATCH_BYTES = 16 << 20
"""Bytes of lines with which a batch ends before it has that many."""

Row = tuple[int | None, bytes | None, str]
"""line from 1, its bytes, the reason; a rejected file has neither line nor bytes"""

SCHEMA = {column.name: POLARS_TYPES[column.type] for column in QUARANTINE.columns}


@dataclass
class Judgement:
    """What the lines turned out to be that are no sound rows."""

    quarantined: int = 0
    size: int = 0
    """bytes of all of them, without line ends"""
    first: str | None = None
    """the first quarantined line and its reason, in words"""
    not_rows: Counter[str] = field(default_factory=Counter)
    """blank lines and repeated headers, by the name of their repair"""


def judge(arrival: Arrival, bad: Path, job: Job, target: Path) -> Judgement:
    """Say why each bad line cannot be taken, and write those that are rows to `target`.

    `arrival` is the file as it came, `bad` the bad lines of its pass. Memory is bounded by a batch.
    """
    judgement = Judgement()
    parts: list[Path] = []
    lengths = []
    for batch in _batches(_judged(arrival, bad, job, judgement)):
        part = target.with_suffix(f".{len(parts)}")
        _frame(job.origin, batch).write_parquet(part)
        parts.append(part)
        lengths.append(len(batch))
    frames = [pl.scan_parquet(part, glob=False) for part in parts]
    rows = pl.concat(frames) if frames else pl.LazyFrame(schema=SCHEMA)
    # the last batch is short because the lines end, the others because of theirs
    _write(rows, job.origin.identity, target, min(lengths[:-1], default=BATCH_ROWS))
    for part in parts:
        part.unlink()
    return judgement


def rejected(origin: Origin, reason: str, target: Path) -> Path:
    """Write the one row of a file that was rejected as a whole."""
    return _write(_frame(origin, [(None, None, reason)]).lazy(), origin.identity, target)


def empty(identity: str, target: Path) -> Path:
    """Write a quarantine without rows."""
    return _write(pl.LazyFrame(schema=SCHEMA), identity, target)


def _judged(arrival: Arrival, bad: Path, job: Job, judgement: Judgement) -> Iterator[Row]:
    """Yield the bad lines that are rows; count all of them into `judgement`."""
    reasons = checks.reasons()
    width, longest = len(job.layout.columns), job.settings.limits.line_bytes
    for number, reason, raw in lines.pick(arrival, _numbered(bad)):
        judgement.size += len(raw)
        if is_blank(raw):
            judgement.not_rows["blank_lines"] += 1
            continue
        fault = lines.fault(raw, width, longest)
        if fault is None and is_header(raw.decode()):
            judgement.not_rows["repeated_headers"] += 1
            continue
        sentence = fault or reasons[reason]
        judgement.quarantined += 1
        judgement.first = judgement.first or f"line {number}: {sentence}"
        yield number, raw, sentence


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Yield rows, as many at a time as fit the memory."""
    batch: list[Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(row[1] or b"")
        if len(batch) == BATCH_ROWS or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _numbered(bad: Path) -> Iterator[tuple[int, int]]:
    """Yield (line, number of its reason), a batch in memory at a time."""
    found = pl.scan_parquet(bad, glob=False).select("line", "reason")
    offset = 0
    while not (batch := found.slice(offset, BATCH_ROWS).collect()).is_empty():
        yield from batch.iter_rows()
        offset += BATCH_ROWS


def _frame(origin: Origin, rows: Sequence[Row]) -> pl.DataFrame:
    numbers, raws, reasons = zip(*rows, strict=True)
    columns = {
        "source_key": [origin.key] * len(rows),
        "source_version": [origin.version] * len(rows),
        "source_line": numbers,
        "raw": raws,
        "reason": reasons,
        "received_at": [origin.received_at] * len(rows),
    }
    return pl.DataFrame(columns, schema=SCHEMA)


def _write(rows: pl.LazyFrame, identity: str, target: Path, group_rows: int = BATCH_ROWS) -> Path:
    rows.sink_parquet(target, metadata={KEY: identity}, row_group_size=group_rows)
    return target
