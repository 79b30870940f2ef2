"""An answer as a Parquet file, written here: a library would weigh more than the dashboard.

One row group, one gzipped page a column, plain encoding; every column may hold missing values.
Format: github.com/apache/parquet-format, thrift compact protocol for what describes the data.
"""

import gzip
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Context, Decimal
from itertools import groupby
from typing import Any

from web.engine import Answer, Column, Value

MAGIC = b"PAR1"
MAKER = "Orders lake"
PRECISION = 38
"""Digits of a decimal: the most that 16 bytes hold, and the most that the engines have."""
EPOCH_DAY = date(1970, 1, 1).toordinal()
EPOCH = datetime(1970, 1, 1)

# thrift's compact types
_BOOL, _I32, _I64, _TEXT, _LIST, _STRUCT = 2, 5, 6, 8, 9, 12
# parquet's physical types, encodings, and the one codec
_INT32, _INT64, _DOUBLE, _BYTES, _FIXED = 1, 2, 5, 6, 7
_OPTIONAL, _PLAIN, _RLE, _GZIP, _DATA_PAGE = 1, 0, 3, 2, 0

_EXACT = Context(prec=2 * PRECISION)

_Field = tuple[int, int, Any]


@dataclass(frozen=True)
class _Form:
    """How a column's values are written."""

    physical: int
    about: tuple[_Field, ...]
    """what its schema element says beyond that"""
    scale: int = 0


def parquet(answer: Answer) -> bytes:
    """Return an answer as a Parquet file.

    Decimals have 38 digits, the places of their finest value; timestamps are naive, UTC, in
    microseconds; whole numbers beyond 64 bits become decimals without places.
    """
    body = bytearray(MAGIC)
    forms = [
        _form(column, [row[place] for row in answer.rows])
        for place, column in enumerate(answer.columns)
    ]
    chunks: list[list[_Field]] = []
    size = 0
    for place, (column, form) in enumerate(zip(answer.columns, forms, strict=True)):
        values = [row[place] for row in answer.rows]
        chunk, length = _chunk(column, form, values, len(body))
        size += length
        body += chunk[0]
        chunks.append([(2, _I64, 0), (3, _STRUCT, chunk[1])])
    group = [(1, _LIST, (_STRUCT, chunks)), (2, _I64, size), (3, _I64, len(answer.rows))]
    root = [(4, _TEXT, "answer"), (5, _I32, len(answer.columns))]
    elements = [
        [(1, _I32, form.physical), (3, _I32, _OPTIONAL), (4, _TEXT, column.name), *form.about]
        for column, form in zip(answer.columns, forms, strict=True)
    ]
    footer = _struct(
        [
            (1, _I32, 1),
            (2, _LIST, (_STRUCT, [root, *elements])),
            (3, _I64, len(answer.rows)),
            (4, _LIST, (_STRUCT, [group] if answer.rows else [])),
            (6, _TEXT, MAKER),
        ]
    )
    return bytes(body + footer + struct.pack("<I", len(footer)) + MAGIC)


def _form(column: Column, values: Iterable[Value]) -> _Form:
    if column.type == "decimal":
        places = [-int(v.as_tuple().exponent) for v in values if isinstance(v, Decimal)]
        return _decimal(max([0, *places]))
    if column.type == "integer" and not all(
        -(2**63) <= v < 2**63 for v in values if isinstance(v, int)
    ):
        return _decimal(0)
    return _FORMS[column.type]


def _decimal(scale: int) -> _Form:
    kind = [(1, _I32, scale), (2, _I32, PRECISION)]
    about = (
        (2, _I32, 16),
        (6, _I32, 5),
        (7, _I32, scale),
        (8, _I32, PRECISION),
        (10, _STRUCT, [(5, _STRUCT, kind)]),
    )
    return _Form(_FIXED, about, scale)


_FORMS = {
    "text": _Form(_BYTES, ((6, _I32, 0), (10, _STRUCT, [(1, _STRUCT, [])]))),
    "integer": _Form(_INT64, ()),
    "double": _Form(_DOUBLE, ()),
    "date": _Form(_INT32, ((6, _I32, 6), (10, _STRUCT, [(6, _STRUCT, [])]))),
    # micros, and not told to be of a zone: naive, as everywhere in the lake
    "timestamp": _Form(
        _INT64,
        ((10, _STRUCT, [(8, _STRUCT, [(1, _BOOL, False), (2, _STRUCT, [(2, _STRUCT, [])])])]),),
    ),
}


def _chunk(
    column: Column, form: _Form, values: Sequence[Value], offset: int
) -> tuple[tuple[bytes, list[_Field]], int]:
    """Return a column's page with what describes it, and its size before it is packed."""
    given = [value for value in values if value is not None]
    levels = b"".join(
        _varint(len(list(run)) << 1) + bytes([there])
        for there, run in groupby(value is not None for value in values)
    )
    page = struct.pack("<I", len(levels)) + levels + b"".join(_plain(v, form) for v in given)
    packed = gzip.compress(page, 6, mtime=0)
    about = [(1, _I32, len(values)), (2, _I32, _PLAIN), (3, _I32, _RLE), (4, _I32, _RLE)]
    header = _struct(
        [
            (1, _I32, _DATA_PAGE),
            (2, _I32, len(page)),
            (3, _I32, len(packed)),
            (5, _STRUCT, about),
        ]
    )
    described: list[_Field] = [
        (1, _I32, form.physical),
        (2, _LIST, (_I32, [_PLAIN, _RLE])),
        (3, _LIST, (_TEXT, [column.name])),
        (4, _I32, _GZIP),
        (5, _I64, len(values)),
        (6, _I64, len(header) + len(page)),
        (7, _I64, len(header) + len(packed)),
        (9, _I64, offset),
    ]
    return (header + packed, described), len(header) + len(page)


def _plain(value: Value, form: _Form) -> bytes:
    match value:
        case str():
            text = value.encode("utf-8", errors="replace")
            return struct.pack("<I", len(text)) + text
        case datetime():
            since = value - EPOCH
            return struct.pack(
                "<q", (since.days * 86_400 + since.seconds) * 10**6 + since.microseconds
            )
        case date():
            return struct.pack("<i", value.toordinal() - EPOCH_DAY)
        case float():
            return struct.pack("<d", value)
        case _ if form.physical == _FIXED:
            whole = _EXACT.scaleb(Decimal(value or 0), form.scale)
            return int(whole).to_bytes(16, "big", signed=True)
        case _:
            return struct.pack("<q", value)


def _struct(fields: Iterable[_Field]) -> bytes:
    """Return a thrift struct of fields with their ids and types."""
    out = bytearray()
    last = 0
    for number, kind, value in sorted(fields, key=lambda field: field[0]):
        shown = (1 if value else 2) if kind == _BOOL else kind
        out.append((number - last) << 4 | shown)
        last = number
        out += _value(kind, value)
    out.append(0)
    return bytes(out)


def _value(kind: int, value: Any) -> bytes:
    if kind == _BOOL:
        return b""
    if kind in (_I32, _I64):
        return _varint((value << 1) ^ (value >> 63))
    if kind == _TEXT:
        text: bytes = value.encode("utf-8", errors="replace")
        return _varint(len(text)) + text
    if kind == _STRUCT:
        return _struct(value)
    of, items = value
    head = (
        bytes([len(items) << 4 | of])
        if len(items) < 15
        else bytes([0xF0 | of]) + _varint(len(items))
    )
    return head + b"".join(_value(of, item) for item in items)


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
