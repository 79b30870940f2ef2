"""Running questions: alone owns threads, single flight, the cap, deadline, cancel and lease.

However many ask the same question, one run answers them. A run that was started under an older
state of the lake is joined too; its answer is kept under its own state and shown as of it, and the
next one to ask starts the one run for the new state.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from web.answers import Answers, Kept
from web.engine import Answer, Engine, EngineError, Watch
from web.question import Question

RUN_CAP = 8
"""Runs at once; the others wait in line and say so. An overview has five panels, the months before
its span and two lists to choose from; Athena's quota, a few dozen, is shared with others."""
QUEUE_CAP = 64
"""Most runs in line: beyond it the honest answer is "come back later"."""
DEADLINE_S = 300.0
"""A run is stopped after this: no panel is worth more, and Athena bills what it scans."""
LEASE_S = 15.0
"""A run that nobody has asked about for so long is stopped: its page was closed."""
LONG_LEASE_S = 120.0
"""The lease once it was polled for a minute: browsers let a hidden page ask once a minute."""
POLLED_S = 60.0
ENDS_KEPT_S = 60.0
"""Failed and cancelled ends are kept so long, so that polls show them and do not start anew."""
TICK_S = 1.0
"""How often leases and deadlines are looked at."""

_log = logging.getLogger(__name__)

EndCode = Literal["query", "away", "cancelled", "failed", "deadline", "busy"]


@dataclass(frozen=True)
class Ended:
    """How a run ended that gave no answer: a code for programs, a sentence for people."""

    code: EndCode
    message: str


@dataclass(frozen=True)
class Going:
    """A run as those see it who wait for it."""

    elapsed_s: float
    ahead: int | None
    """how many runs are in line before it; None when it is running"""
    progress: float | None = None
    bytes: int | None = None
    link: str | None = None
    """the address under which the engine itself shows the run, once there is one"""


BUSY = Ended("busy", "Too many queries are in line; try again in a minute.")


@dataclass(frozen=True)
class Standing:
    """How a question stands: an answer (perhaps of an older state), a run, an end."""

    state: str
    """the lake's state it was asked under"""
    kept: Kept | None = None
    going: Going | None = None
    ended: Ended | None = None

    @property
    def current(self) -> bool:
        """Whether there is an answer of the very state that was asked under."""
        return self.kept is not None and self.kept.state == self.state


@dataclass(eq=False)
class _Run:
    question: Question
    state: str
    created: float
    patient: bool
    """whether only the deadline stops it: a refresh, an export"""
    watch: Watch
    asked: float
    began: float | None = None
    done: threading.Event = field(default_factory=threading.Event)
    kept: Kept | None = None
    ended: Ended | None = None

    @property
    def lease(self) -> float:
        return LONG_LEASE_S if self.asked - self.created >= POLLED_S else LEASE_S


class Runs:
    """Runs questions on an engine and keeps their answers. Safe to use from several threads."""

    def __init__(
        self,
        engine: Engine,
        answers: Answers,
        *,
        cap: int = RUN_CAP,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._engine = engine
        self._answers = answers
        self._cap = cap
        self._clock = clock
        self._changed = threading.Condition()
        # all below is guarded by _changed
        self._runs: dict[str, _Run] = {}
        self._line: deque[_Run] = deque()
        self._ends: dict[str, tuple[Ended, float]] = {}
        self._workers = 0
        self._idle = 0
        self._closed = False
        self._reaper: threading.Thread | None = None

    def ask(
        self, question: Question, state: str, *, wait: float = 0.0, patient: bool = False
    ) -> Standing:
        """Return how a question stands under a state, waiting at most `wait` seconds for it.

        Starts a run if there is neither an answer nor a run nor a kept end. Asking again is the
        poll, and renews the lease.
        """
        until = time.monotonic() + wait
        while True:
            run = self._join(question, state, patient)
            if isinstance(run, Standing):
                return run
            if not run.done.wait(max(0.0, until - time.monotonic())):
                return Standing(state, self._answers.newest(question.key), self._going(run))
            if run.kept is None:
                return Standing(state, self._answers.newest(question.key), ended=run.ended)
            if run.state == state:
                return Standing(state, run.kept)
            # it was of an older state: the next round starts the one for this state

    def ask_all(
        self, questions: Sequence[Question], state: str, *, wait: float = 0.0
    ) -> list[Standing]:
        """Return how several questions stand: all are started before any is waited for."""
        until = time.monotonic() + wait
        first = [self.ask(question, state) for question in questions]
        return [
            standing
            if standing.going is None
            else self.ask(question, state, wait=max(0.0, until - time.monotonic()))
            for question, standing in zip(questions, first, strict=True)
        ]

    def refresh(self, question: Question, state: str) -> Ended | None:
        """Start a run although there may be an answer or an end; join one that is going.

        Returns why there is none: too many are in line.
        """
        with self._changed:
            run = self._runs.get(question.key)
            if run is None and self._is_full():
                return BUSY
            self._ends.pop(question.key, None)
            if run is None:
                self._start(question, state, patient=True, fresh=True)
            else:
                run.patient = True
        return None

    def cancel(self, question: Question) -> None:
        """Stop the question's run, if there is one."""
        with self._changed:
            run = self._runs.get(question.key)
            if run:
                self._end(run, Ended("cancelled", "The query was cancelled."), keep=True)

    def tick(self) -> None:
        """Stop the runs that have outlived deadline or lease, forget ends that were kept enough."""
        with self._changed:
            now = self._clock()
            for run in list(self._runs.values()):
                if run.began is not None and now - run.began >= DEADLINE_S:
                    self._end(run, Ended("deadline", _too_long()), keep=True)
                elif not run.patient and now - run.asked >= run.lease:
                    # nobody sees this end, and whoever comes back wants the answer: not kept
                    self._end(run, Ended("cancelled", "Nobody was waiting any more."), keep=False)
            self._ends = {
                key: (ended, at)
                for key, (ended, at) in self._ends.items()
                if now - at < ENDS_KEPT_S
            }

    def close(self) -> None:
        """Stop all runs and threads; what is asked afterwards gets no run."""
        with self._changed:
            self._closed = True
            for run in list(self._runs.values()):
                self._end(run, Ended("cancelled", "The server is stopping."), keep=False)
            self._changed.notify_all()
            reaper = self._reaper
        if reaper:
            reaper.join()

    def _join(self, question: Question, state: str, patient: bool) -> _Run | Standing:
        kept = self._answers.get(question.key, state)
        with self._changed:
            run = self._runs.get(question.key)
            if run is None or (kept and not run.watch.fresh):
                # asked once more inside the lock: a run may just have ended
                kept = kept or self._answers.get(question.key, state)
                if kept:
                    return Standing(state, kept)
                known = self._ends.get(question.key)
                if known and self._clock() - known[1] < ENDS_KEPT_S:
                    return Standing(state, self._answers.newest(question.key), ended=known[0])
                if self._is_full():
                    return Standing(state, self._answers.newest(question.key), ended=BUSY)
                run = self._start(question, state, patient=patient, fresh=False)
            run.asked = self._clock()
            run.patient = run.patient or patient
            return run

    def _is_full(self) -> bool:
        return self._closed or len(self._line) >= QUEUE_CAP

    def _start(self, question: Question, state: str, *, patient: bool, fresh: bool) -> _Run:
        now = self._clock()
        run = _Run(question, state, now, patient, Watch(fresh=fresh), asked=now)
        self._runs[question.key] = run
        self._line.append(run)
        if self._workers < self._cap and self._idle < len(self._line):
            self._workers += 1
            # daemons: a hung engine must not keep Ctrl-C from ending the process
            threading.Thread(target=self._work, name="run", daemon=True).start()
        if self._reaper is None:
            self._reaper = threading.Thread(target=self._reap, name="reaper", daemon=True)
            self._reaper.start()
        self._changed.notify_all()
        return run

    def _work(self) -> None:
        while True:
            with self._changed:
                self._idle += 1
                while not self._line and not self._closed:
                    self._changed.wait()
                self._idle -= 1
                if self._closed:
                    self._workers -= 1
                    return
                run = self._line.popleft()
                run.began = self._clock()
            self._run(run)

    def _run(self, run: _Run) -> None:
        try:
            answer: Answer | Ended = self._engine.run(
                run.question.sql, run.question.binds, run.watch
            )
        except EngineError as fault:
            answer = Ended(fault.code, fault.message)
        except Exception:  # an engine's own fault must not take the worker with it
            _log.exception("the engine %s failed in a way it does not name", self._engine.name)
            answer = Ended("failed", "The engine failed; the server's log says how.")
        if isinstance(answer, Ended):
            with self._changed:
                self._end(run, answer, keep=True)
            return
        if run.done.is_set():
            return
        kept = self._answers.put(run.question.key, run.state, answer)
        with self._changed:
            if not run.done.is_set():
                run.kept = kept
                self._leave(run)

    def _end(self, run: _Run, ended: Ended, *, keep: bool) -> None:
        """End a run without an answer; the engine stops in its own time and frees its place."""
        if run.done.is_set():
            return
        run.watch.cancel.set()
        run.ended = ended
        if run in self._line:
            self._line.remove(run)
        if keep:
            self._ends[run.question.key] = (ended, self._clock())
        self._leave(run)

    def _leave(self, run: _Run) -> None:
        if self._runs.get(run.question.key) is run:
            del self._runs[run.question.key]
        run.done.set()

    def _going(self, run: _Run) -> Going:
        with self._changed:
            ahead = self._line.index(run) if run in self._line else None
            elapsed = self._clock() - run.created
            watch = run.watch
            return Going(elapsed, ahead, watch.progress, watch.bytes, watch.link)

    def _reap(self) -> None:
        while True:
            with self._changed:
                while not self._runs and not self._closed:
                    self._changed.wait()
                if self._closed:
                    return
                self._changed.wait(TICK_S)
            self.tick()


def _too_long() -> str:
    return f"The query was stopped after {DEADLINE_S / 60:.0f} minutes."
