"""What a template is told about a question: its answer, its run, its end, and every address.

One view serves a page and a fragment alike, so both always say the same.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from lake import times
from web import show
from web.chart import Chart, Room
from web.engine import Answer, Stats
from web.quarantine import Lines
from web.runs import ENDS_KEPT_S, Standing
from web.sql import Piece
from web.table import Table

POLL_S = (0.25, 5.0)
POLL_SHARE = 0.125
"""Shortest and longest time until a waiting part asks again; between them, an eighth of the time
that it has waited already. With the engine's own tenth that is under a quarter more than the query
takes, and a slow one costs few requests."""
RELOAD_S = 3
"""Where there is no script, the page asks again so often."""

Phase = Literal["answer", "waiting", "cancelled", "failed", "refused", "broken"]


@dataclass(frozen=True)
class View:
    """How a question stands, ready to be shown."""

    id: str
    """the id of the element that holds it"""
    title: str
    url: str
    """asking it again is the poll"""
    cancel: str
    refresh: str
    phase: Phase
    state: str
    """the lake's state this was made under; an open page asks again when that changed"""
    table: Table | None = None
    lines: Lines | None = None
    """quarantined lines, where those are what was asked for"""
    chart: Chart | None = None
    exports: tuple[tuple[str, str], ...] = ()
    """the forms of the answer for programs, each with its address"""
    sql: tuple[Piece, ...] = ()
    """what the engine is asked, values and all, where that is shown"""
    more: str = ""
    """on a card, the address with all rows"""
    clear: str = ""
    """the address where nothing is chosen; empty where nothing is"""
    reason: str = ""
    """why there is no answer, or what is wrong in the address"""
    updating: bool = False
    """whether a newer run is going while this is shown"""
    older: bool = False
    """whether what is shown is of an older state of the lake"""
    elapsed_s: float | None = None
    ahead: int | None = None
    progress: float | None = None
    scanned: str = ""
    poll_s: float | None = None
    made: datetime | None = None
    """when the answer was made, UTC"""
    took: tuple[str, ...] = ()
    link: str = ""
    """where the engine itself shows the run: the one that goes, else the one that answered"""
    room: Room | None = None
    """what the answer will most likely take, kept free while there is none"""

    @property
    def waits(self) -> bool:
        """Whether a run is going whose answer this waits for."""
        return self.phase == "waiting" or self.updating

    @property
    def said(self) -> str:
        """What a screen reader is told when this replaces what was there."""
        match self.phase:
            case "answer":
                return f"{self.title}: updating" if self.updating else f"{self.title}: up to date"
            case "waiting":
                return f"{self.title}: the query is running"
            case _:
                return f"{self.title}: {self.reason}"


def view(
    standing: Standing,
    *,
    id_: str,
    title: str,
    url: str,
    cancel: str,
    refresh: str,
    table: Table | None = None,
    lines: Lines | None = None,
    chart: Chart | None = None,
    exports: tuple[tuple[str, str], ...] = (),
    sql: tuple[Piece, ...] = (),
    more: str = "",
    clear: str = "",
    reason: str = "",
    room: Room | None = None,
) -> View:
    """Return the view of a question's standing; `table` or `lines` are of its answer.

    `reason` says why there is none, where that is more than the run's own words.
    """
    going, ended, kept = standing.going, standing.ended, standing.kept
    if ended:
        phase: Phase = "cancelled" if ended.code == "cancelled" else "failed"
    else:
        phase = "answer" if kept else "waiting"
    return View(
        id=id_,
        title=title,
        url=url,
        cancel=cancel,
        refresh=refresh,
        phase=phase,
        state=standing.state,
        table=table,
        lines=lines,
        chart=chart,
        exports=exports,
        sql=sql,
        more=more,
        clear=clear,
        reason=reason or (ended.message if ended else ""),
        updating=going is not None and kept is not None,
        older=kept is not None and not standing.current,
        elapsed_s=going.elapsed_s if going else None,
        ahead=going.ahead if going else None,
        progress=going.progress if going else None,
        scanned=show.size(going.bytes) if going and going.bytes else "",
        poll_s=asks_again(standing),
        made=times.from_ns(round(kept.made_at * 1e9)) if kept else None,
        took=took(kept.answer) if kept else (),
        link=(going.link if going else kept.answer.stats.link if kept else None) or "",
        room=room if kept is None else None,
    )


def asks_again(standing: Standing) -> float | None:
    """Return after how many seconds a part asks again by itself; None if that would be no use.

    A part whose engine is away or has no room does so when it is tried anew: it comes back.
    """
    if standing.going:
        return poll_s(standing.going.elapsed_s)
    if standing.ended and standing.ended.code in ("away", "busy"):
        return ENDS_KEPT_S
    return None


def poll_s(elapsed_s: float) -> float:
    """Return after how many seconds a waiting part asks again."""
    shortest, longest = POLL_S
    return round(min(max(POLL_SHARE * elapsed_s, shortest), longest), 2)


def took(answer: Answer) -> tuple[str, ...]:
    """Return what a run took, in words, as far as the engine could tell."""
    stats: Stats = answer.stats
    said = []
    if stats.run_ms is not None:
        said.append(show.duration(stats.run_ms / 1000))
    if stats.bytes is not None:
        said.append(f"{show.size(stats.bytes)} scanned")
    if stats.cost is not None:
        said.append(show.dollars(stats.cost))
    if stats.reused:
        said.append("an earlier result, reused")
    return tuple(said)
