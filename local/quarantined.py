"""The quarantined lines of a file, and the CSV in which they can be corrected.

That CSV has the file's own header and the lines as they came, so that nothing but the mistakes is
to be changed. It goes in again under a name of its own, with the as-of of the file it came from:
so it adds what was missing, and overrules what that file would have overruled.
"""

import io
import shlex
from codecs import BOM_UTF8
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import polars as pl

from handler.arrival import HEAD_SIZE
from handler.header import is_blank
from lake import names, times
from lake.ledger import Record
from lake.store import AS_OF, Gone, Store, StoreError, Version
from local.history import History
from local.options import BUCKET
from web import show


@dataclass(frozen=True)
class Line:
    """A line that could not be taken."""

    number: int
    """the physical line in the file, from 1"""
    raw: bytes
    reason: str


def lines(store: Store, record: Record) -> list[Line]:
    """Return the quarantined lines of a version, in order; none of a file rejected as a whole."""
    found = store.get(names.quarantine(record.source_key, record.source_version))
    if found is None:
        return []
    frame = pl.read_parquet(io.BytesIO(found[0]), columns=["source_line", "raw", "reason"])
    rows = frame.drop_nulls().sort("source_line").rows()
    return [Line(*row) for row in rows]


def as_csv(store: Store, history: History, record: Record, quarantined: list[Line]) -> bytes:
    """Return the lines of a version under its header. Raises StoreError where that is gone."""
    for version in history.versions:
        if version.id == record.source_version:
            break
    else:
        became = "is another file by now" if history.versions else f"is no longer in {names.RAW}"
        raise StoreError(
            f"{record.source_key} {became}, so the header of its quarantined lines is missing: "
            "export it again"
        )
    header, end = _header(store, version)
    return header + b"".join(line.raw + end for line in quarantined)


def shown(content: bytes) -> str:
    """Return such a CSV as a terminal shows it: what it would obey is written out."""
    text = content.decode(errors="backslashreplace").replace("\r\n", "\n")
    return show.lines(text)


def name(record: Record) -> str:
    """Return the file name under which a version's corrected lines come in: no other file's.

    It comes behind the name of the file: of two versions of an order with one as-of the one whose
    key comes later is the newer, and what somebody corrected is to count.
    """
    stem = PurePosixPath(record.source_key).name[:-4][: names.SLUG_LENGTH].lstrip("-")
    # the command that takes it in can be pasted: nothing in it would have to be spelt out
    stem = "".join(
        letter if show.visible(letter) == letter else "\N{REPLACEMENT CHARACTER}" for letter in stem
    )
    return stem + names.correction(record.source_key, record.received_at)


def way_back(where: str, record: Record, file: Path, program: str) -> str:
    """Return the command that takes a file of corrected lines in."""
    as_of = times.write(record.received_at)
    if where.startswith(BUCKET):
        target = f"{where.rstrip('/')}/{names.RAW}{file.name}"
        words = ["aws", "s3", "cp", str(file), target, "--metadata", f"{AS_OF}={as_of}"]
    else:
        words = [*shlex.split(program), "ingest", "--lake", where, "--as-of", as_of, str(file)]
    return shlex.join(words)


def _header(store: Store, version: Version) -> tuple[bytes, bytes]:
    """Return the header line as it stands in the file, and the line end that it has."""
    head = b""
    try:
        with store.open(version) as body:
            for chunk in body.chunks:
                head += chunk
                if len(head) >= HEAD_SIZE:
                    break
    except Gone as fault:
        raise StoreError(f"{fault}, so its header is missing: export it again") from fault
    # a file without line feeds has its lines end in carriage returns
    feeds = head if b"\n" in head else head.replace(b"\r", b"\n")
    mark = BOM_UTF8 if feeds.startswith(BOM_UTF8) else b""
    found = (line for line in feeds.removeprefix(mark).split(b"\n") if not is_blank(line))
    header = next(found, b"")
    end = b"\r\n" if header.endswith(b"\r") else b"\n"
    return mark + header.rstrip(b"\r") + end, end
