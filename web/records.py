"""What came in, file by file: the ledger's records and what waits, ready to be shown."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from lake import names, times
from lake.ledger import Ingest, Ledger, Record
from lake.store import Version
from web import show

MOST = 100
"""Most records shown, the newest."""
FAILED_AFTER = timedelta(hours=1)
"""A file that waits longer is overdue: retries and sweeps come every few minutes."""
POLL_S = (2.0, 60.0)
"""Shortest and longest time between two looks at what arrived: each lists names, at a price."""
SEEN = 1.0
"""Shortest part of a bar, percent: one bad row among thousands shall still be seen."""


@dataclass(frozen=True)
class Part:
    """A part of a bar: where its rows went, and its place on it in percent."""

    kind: str
    start: float
    width: float


@dataclass(frozen=True)
class Row:
    """A file's record, as it is shown."""

    name: str
    whole: bool
    """whether no line break may part the name"""
    record: Record
    status: str
    size: str
    counts: tuple[tuple[str, int | None], ...]
    """what was counted and how much of it; None where nothing was published"""
    bar: tuple[Part, ...]
    repairs: list[tuple[str, int]]
    """what was mended or noticed, and how often"""
    corrected: str
    """the file in which lines of it came in corrected; empty for none"""


@dataclass(frozen=True)
class Waiting:
    """A raw file without a finished record."""

    name: str
    whole: bool
    arrived: datetime
    size: str
    failed: bool


@dataclass(frozen=True)
class Records:
    """All that is known of what came in."""

    rows: list[Row]
    """the one ingested last comes first"""
    more: int
    """how many older records are not shown"""
    waiting: list[Waiting]
    poll_s: float
    """after how long they are worth another look: a file that arrives changes nothing at first"""
    settled: str
    """the state the records are sure for; empty while some may still be on their way"""


def read(ledger: Ledger, replaced: Container[tuple[str, str]], settled: str) -> Records:
    """Read the records that are shown; `replaced` as the balance has it. Raises StoreError."""
    ingests = ledger.ingests()
    on_their_way = waiting(ledger, ingests)
    committed = (i.record.source_key for i in ingests if i.record.status == "committed")
    corrections = {names.as_correction(key): key for key in committed}
    return Records(
        rows=[_row(ingest.record, replaced, corrections) for ingest in ingests[:MOST]],
        more=max(0, len(ingests) - MOST),
        waiting=on_their_way,
        poll_s=_poll_s(on_their_way, times.now()),
        settled=settled,
    )


def waiting(ledger: Ledger, ingests: Iterable[Ingest] | None = None) -> list[Waiting]:
    """Read what is on its way, oldest first; `ingests` as for the ledger. Raises StoreError."""
    return [_waiting(version) for version in ledger.pending(ingests)]


def name(key: str) -> str:
    """Return a raw key as people know it: the file's name."""
    return show.visible(key.removeprefix(names.RAW))


def _row(
    record: Record, replaced: Container[tuple[str, str]], corrections: Mapping[str, str]
) -> Row:
    repairs = [(name.replace("_", " "), count) for name, count in record.repairs.items()]
    published = record.status == "committed"
    counts = {"Kept": record.kept, "Dropped": record.dropped, "Quarantined": record.quarantined}
    # whoever could not count the rows of a file wrote 0, which would read as an empty one
    rows = record.rows_in if published or record.rows_in else None
    status: str = record.status
    if not record.finished_at:
        status += ", not carried out yet"
    elif (record.source_key, record.source_version) in replaced:
        status += ", then replaced"
    corrected = corrections.get(names.correction(record.source_key, record.received_at), "")
    return Row(
        name=name(record.source_key),
        whole=show.is_short(name(record.source_key)),
        record=record,
        status=status,
        size=show.size(record.size_bytes),
        counts=(
            ("Rows", rows),
            *((label, count if published else None) for label, count in counts.items()),
        ),
        bar=_bar(counts) if published else (),
        repairs=sorted(repairs),
        corrected=name(corrected) if record.quarantined else "",
    )


def _bar(counts: dict[str, int]) -> tuple[Part, ...]:
    """Return the parts of a whole file, each that is there at least SEEN percent wide."""
    given = {kind.lower(): count for kind, count in counts.items() if count > 0}
    total = sum(given.values())
    widths = {kind: max(count / total * 100, SEEN) for kind, count in given.items()}
    scale = 100 / sum(widths.values()) if widths else 0
    parts: list[Part] = []
    start = 0.0
    for kind, width in widths.items():
        parts.append(Part(kind, round(start, 2), round(width * scale, 2)))
        start += width * scale
    return tuple(parts)


def _poll_s(waiting: list[Waiting], now: datetime) -> float:
    """Return the time until the next look: a tenth of the time that the newest file waits."""
    shortest, longest = POLL_S
    newest = max((file.arrived for file in waiting if not file.failed), default=None)
    if newest is None:
        return longest
    return round(min(max((now - newest).total_seconds() / 10, shortest), longest), 1)


def _waiting(version: Version) -> Waiting:
    return Waiting(
        name(version.key),
        show.is_short(name(version.key)),
        version.arrived,
        show.size(version.size),
        failed=times.now() - version.arrived > FAILED_AFTER,
    )
