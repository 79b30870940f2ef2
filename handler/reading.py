"""Reading a raw version: from its bytes to the files that can be committed, and their balance."""

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import merge
from operator import itemgetter
from pathlib import Path

from handler import groups, lines, quarantine, sorting
from handler.arrival import HEAD_SIZE, Arrival, Rejected, copy
from handler.header import needs_mending, read_header
from handler.quarantine import Judgement
from handler.sorting import Job, Origin, Sorted, Unparsable
from lake.rule import Settings


class Unbalanced(Exception):
    """Rows are not where they should be: a fault of ours. Nothing may be committed."""


@dataclass(frozen=True)
class Outcome:
    """What a raw version turned out to be: three files, and how many rows are where."""

    processed_file: Path
    dropped_file: Path
    quarantine_file: Path
    rows_in: int
    kept: int
    dropped: int
    quarantined: int
    repairs: dict[str, int]


def read(
    arrival: Arrival, origin: Origin, settings: Settings, work: Path, *, strict: bool = False
) -> Outcome:
    """Sort every line of a file, and prove that none is missing.

    `strict` takes the slower way even where the file gives no cause. Raises Rejected for a file
    that cannot be taken as a whole.
    """
    arrival, repairs = _with_line_feeds(arrival, work)
    layout = read_header(arrival)
    job = Job(layout, origin, settings, work, groups.rows(arrival.path, arrival.size))
    found = None
    if not strict and _is_plain(arrival, job):
        found = _read_plain(arrival, job)
    ordered, judgement = found or _read_strictly(arrival, job)
    rows_in = arrival.lines - layout.line - judgement.not_rows.total()
    if ordered.kept_rows + ordered.dropped_rows + judgement.quarantined != rows_in:
        raise Unbalanced(
            f"{origin.key}: {rows_in} rows came in, but {ordered.kept_rows} were kept, "
            f"{ordered.dropped_rows} dropped and {judgement.quarantined} quarantined"
        )
    if judgement.quarantined > settings.limits.bad_share * rows_in:
        raise Rejected(
            f"{judgement.quarantined:,} of {rows_in:,} rows cannot be read, more than "
            f"{settings.limits.bad_share:.0%}; the first is {judgement.first}"
        )
    return Outcome(
        ordered.processed,
        ordered.dropped,
        _quarantine_file(work),
        rows_in,
        ordered.kept_rows,
        ordered.dropped_rows,
        judgement.quarantined,
        repairs | _line_ends(arrival) | layout.repairs | ordered.repairs | judgement.not_rows,
    )


def _is_plain(arrival: Arrival, job: Job) -> bool:
    """Tell whether fields are simply what stands between commas, as far as the start shows."""
    if job.settings.limits.line_bytes < lines.LEAST_SHOWN:
        return False
    returns, feeds = arrival.head.count(b"\r"), arrival.head.count(b"\n")
    # the start may be cut between the two
    one_line_end = returns in (0, feeds, feeds + 1)
    return one_line_end and not arrival.odd and job.layout.ends_with_known


def _read_plain(arrival: Arrival, job: Job) -> tuple[Sorted, Judgement] | None:
    """Read a file without quotation marks in one pass, or return None if it is not that simple."""
    mend = needs_mending(arrival.head, job.layout)
    try:
        ordered = sorting.sort(arrival.path, job, quoted=False, mend=mend)
        if ordered.mendable_rows:
            ordered = sorting.sort(arrival.path, job, quoted=False, mend=True)
    except Unparsable:
        return None
    if arrival.carriage_returns not in (0, arrival.newlines):
        return None
    if lines.may_be_long(arrival, job.settings.limits.line_bytes):
        return None
    good = ordered.kept_rows + ordered.dropped_rows
    if good + ordered.bad_rows != arrival.lines - job.layout.line:
        return None
    judgement = _judge(arrival, ordered, job)
    # every byte of the sound rows must be in a field, be a comma between two fields, or end a line:
    # where one is left over, a row has a field too many that the overflow did not show
    ends = arrival.newlines + arrival.carriage_returns
    rest = arrival.size - ends - job.layout.size - judgement.size - ordered.value_bytes
    return (ordered, judgement) if rest == good * (len(job.layout.columns) - 1) else None


def _read_strictly(arrival: Arrival, job: Job) -> tuple[Sorted, Judgement]:
    """Find the lines that are no records, and read the file with those lines left empty."""
    longest, width = job.settings.limits.line_bytes, len(job.layout.columns)
    path = arrival.path
    unreadable = _below_header(lines.unreadable(path, longest), job)
    marked = list(lines.marked_twice(arrival, job.layout.line + 1))

    def without(*blank: Iterable[int]) -> Path:
        # one copy at a time: the disk must hold it beside the file
        others = merge(marked, *map(lines.blanked, blank), key=itemgetter(0))
        return lines.rewritten(arrival.path, others, job.work / "records.csv")

    # a copy also has plain line ends: without one, a second carriage return would be in the field
    if marked or unreadable or arrival.carriage_returns > arrival.newlines:
        path = without(unreadable)
    broken = _below_header(lines.broken(path, width), job)
    if broken:
        path = without(unreadable, broken)
    ordered = sorting.sort(path, job, quoted=True, mend=True)
    return ordered, _judge(arrival, ordered, job)


def _below_header(numbers: Iterable[int], job: Job) -> list[int]:
    return [number for number in numbers if number > job.layout.line]


def _judge(arrival: Arrival, ordered: Sorted, job: Job) -> Judgement:
    return quarantine.judge(arrival, ordered.bad, job, _quarantine_file(job.work))


def _quarantine_file(work: Path) -> Path:
    return work / "quarantine.parquet"


def _with_line_feeds(arrival: Arrival, work: Path) -> tuple[Arrival, dict[str, int]]:
    """Return a file whose lines end in bare carriage returns with line feeds instead."""
    if arrival.has_feeds or not arrival.has_returns:
        return arrival, {}
    with arrival.path.open("rb") as file:
        chunks = iter(lambda: file.read(HEAD_SIZE).replace(b"\r", b"\n"), b"")
        mended = copy(chunks, arrival.received_at, work / f"feeds-{arrival.path.name}")
    repairs = {"carriage_return_line_ends": arrival.carriage_returns}
    # a copy of ours is not needed any more; in a folder it is the export itself
    if arrival.path.parent == work:
        arrival.path.unlink()
    return mended, repairs


def _line_ends(arrival: Arrival) -> dict[str, int]:
    """Return the repairs of line ends: those that differ from most of the file's others."""
    returns, feeds = arrival.carriage_returns, arrival.newlines
    if returns > feeds:
        return {"stray_carriage_returns": returns - feeds}
    return {"mixed_line_ends": min(returns, feeds - returns)} if 0 < returns < feeds else {}
