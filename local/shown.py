"""A file's record in words, and the list of all files, for a person at a terminal."""

from collections.abc import Iterator
from datetime import datetime
from itertools import groupby

from lake.ledger import Record
from local.history import History
from local.quarantined import Line

MOST_REASONS = 20
"""Reasons that are shown, each with its first line; there are about that many at all."""

LONGEST_RAW = 100
"""Characters of a line that are shown: an order takes about 54."""


def row(history: History) -> str:
    """Return what became of a file, on one line."""
    record = history.standing
    told = "waiting"
    if record is not None:
        told = f"{record.status}, {_counts(record) if not record.reason else record.reason}"
        told += ", a newer version waits" if history.waiting else ""
        told = f"as of {_moment(record.received_at)}: {told}"
    return f"{history.key}  {told}"


def paragraphs(history: History, quarantined: list[Line]) -> Iterator[str]:
    """Yield the lines that tell a file's history: what stands, its quarantine, the rest."""
    yield history.key
    for version in history.waiting:
        yield f"  {version.id}: waiting since {_moment(version.arrived)}; `sweep` looks at it"
    standing = history.standing
    if standing is not None:
        yield from _told(standing)
    yield from _reasons(quarantined)
    others = [record for record in history.records if record != standing]
    if others:
        yield "  other versions"
    for record in others:
        yield (
            f"    {record.source_version}: {record.status} {_moment(record.finished_at)}, "
            f"as of {_moment(record.received_at)}{f', {record.reason}' if record.reason else ''}"
        )


def replaced(before: History, record: Record) -> Iterator[str]:
    """Yield what to say of the file whose place in a folder an ingested one took.

    `before` is the history of its key until then. Of the same content there is nothing to say.
    """
    standing = before.standing
    if before.waiting:
        older = before.waiting[0].id
        what = "a file of that name that was not ingested yet, and is no longer in raw/"
    elif standing is not None and standing.status == "committed":
        older = standing.source_version
        stays = "stays" if record.status == "rejected" else "is in no answer any more"
        what = (
            f"the file of that name, as of {_moment(standing.received_at)}, that is no longer in "
            f"raw/; what it brought ({_counts(standing)}) {stays}"
        )
    else:
        return
    if _content(older) != _content(record.source_version):
        yield f"{before.key}: replaced {what}. To keep both, ingest it again under another name"


def _content(version: str) -> str:
    """Return the digest of a version's content: a folder's version ends with it."""
    return version.rpartition("-")[2]


def _told(record: Record) -> Iterator[str]:
    yield f"  {'status':12}{record.status}{f': {record.reason}' if record.reason else ''}"
    yield f"  {'as of':12}{_moment(record.received_at)} UTC"
    yield f"  {'rows':12}{record.rows_in:,} = {_counts(record)}"
    if record.repairs:
        mended = (f"{name} {count:,}" for name, count in sorted(record.repairs.items()))
        yield f"  {'repairs':12}{', '.join(mended)}"
    yield f"  {'size':12}{record.size_bytes:,} bytes"
    yield f"  {'ingested':12}{_moment(record.finished_at)} UTC, under settings {record.fingerprint}"
    yield f"  {'version':12}{record.source_version}"


def _counts(record: Record) -> str:
    return f"{record.kept:,} kept, {record.dropped:,} dropped, {record.quarantined:,} quarantined"


def _reasons(quarantined: list[Line]) -> Iterator[str]:
    """Yield each reason with its count and its first line, the most frequent first."""
    by_reason = [
        list(group)
        for _, group in groupby(
            sorted(quarantined, key=lambda line: (line.reason, line.number)),
            lambda line: line.reason,
        )
    ]
    by_reason.sort(key=lambda group: (-len(group), group[0].number))
    if by_reason:
        yield "  quarantined"
    for group in by_reason[:MOST_REASONS]:
        first = group[0]
        yield f"    {len(group):,} x {first.reason}; line {first.number:,}: {plain(first.raw)}"
    if len(by_reason) > MOST_REASONS:
        yield f"    and for {len(by_reason) - MOST_REASONS} reasons more"


def plain(raw: bytes) -> str:
    """Return a line as it can be shown: what would move a terminal's cursor is written out."""
    text = raw.decode(errors="backslashreplace")
    shown = "".join(
        letter if letter.isprintable() else letter.encode("unicode_escape").decode()
        for letter in text[:LONGEST_RAW]
    )
    return shown + ("..." if len(text) > LONGEST_RAW else "")


def _moment(moment: datetime | None) -> str:
    """Return a moment without what is zero at its end."""
    text = moment.isoformat(sep=" ", timespec="seconds") if moment else "never"
    return text.removesuffix(" 00:00:00")
