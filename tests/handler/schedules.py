"""Every order in which several actors can work on one lake, each of which may die anywhere.

An actor runs the handler's own code and stops before each of its writes, or before each of its
calls. To go on from where it stands it is run again from its start, is told what it was told then,
and does what comes next: so a state of everything is a store and what each actor has been told,
and can be copied. Two schedules that lead to the same state go on alike, and are followed once.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from lake.names import MARKER
from lake.store import Body, Conflict, Entry, Version
from tests.doubles.memory import MemoryStore, is_visible

Act = Callable[["Stepped"], object]

WRITE = re.compile(r"write \d+ of [\w/.-]+")
"""An ETag that no other write has, as the store in memory makes it."""


class Stopped(BaseException):
    """The actor has come to its next step: nothing of its code runs on, nor does it clean up."""


class Lost(BaseException):
    """The actor's write lost: it starts again from where it began to look."""


@dataclass(frozen=True)
class Actor:
    """Somebody at work: what is to be done, and all that the store has answered so far."""

    act: Act
    told: tuple[Any, ...] = ()
    since: int = 0
    """how much of it was told before the look that goes on now"""
    done: bool = False

    def step(self, store: MemoryStore, *, every_call: bool) -> "Actor":
        """Do the next step on the store, and go on to the one after it, or to the end."""
        told, since, steps = list(self.told), self.since, 1
        while True:
            stepped = Stepped(store, told, since, steps, every_call=every_call)
            try:
                self.act(stepped)
            except Stopped:
                return replace(self, told=tuple(told), since=stepped.since)
            except Lost:
                # what it saw before no longer counts, and what it sees next, it sees at once
                since, steps = stepped.since, 0
                del told[since:]
                if every_call:
                    return replace(self, told=tuple(told), since=since)
            else:
                return replace(self, told=(), done=True)


class Stepped:
    """A store that tells an actor again what it was told, and then stops it at the next step."""

    def __init__(
        self, store: MemoryStore, told: list[Any], since: int, steps: int, *, every_call: bool
    ) -> None:
        self._store = store
        self._told = told
        self._at = 0
        self._steps = steps
        self._every_call = every_call
        self.since = since

    def begins(self) -> None:
        """Say that a look, or a withdrawal, begins here: this is where it starts again."""
        self.since = max(self.since, self._at)

    def versions(self, prefix: str) -> tuple[Version, ...]:
        return self._call(lambda: tuple(self._store.versions(prefix)))

    def list(self, prefix: str) -> tuple[Entry, ...]:
        return self._call(lambda: tuple(self._store.list(prefix)))

    def head(self, key: str) -> Entry | None:
        return self._call(lambda: self._store.head(key))

    def etag(self, key: str) -> str | None:
        return self._call(lambda: self._store.etag(key))

    def get(self, key: str) -> tuple[bytes, str] | None:
        return self._call(lambda: self._store.get(key))

    def tail(self, key: str, size: int) -> bytes | None:
        return self._call(lambda: self._store.tail(key, size))

    def received_at(self, version: Version) -> datetime:
        return self._store.received_at(version)

    def open(self, version: Version) -> AbstractContextManager[Body]:
        return self._store.open(version)

    def put(self, key: str, content: bytes | Path, *, replaces: str | None) -> str:
        return self._call(lambda: self._store.put(key, content, replaces=replaces), writes=True)

    def overwrite(self, key: str, content: bytes | Path) -> str:
        def write() -> str:
            self._store.overwrite(key, content)
            return "written"

        return self._call(write, writes=True)

    def upload(self, key: str, content: bytes) -> str:
        return self._call(lambda: self._store.upload(key, content).id, writes=True)

    def _call(self, call: Callable[[], Any], *, writes: bool = False) -> Any:
        if self._at == len(self._told):
            if writes or self._every_call:
                if not self._steps:
                    raise Stopped
                self._steps -= 1
            try:
                self._told.append(call())
            except Conflict:
                raise Lost from None
        self._at += 1
        return self._told[self._at - 1]


_said = cache(repr)


@dataclass(frozen=True)
class Moment:
    """Where things stand: a store, its actors, and how it came to that."""

    store: MemoryStore
    actors: tuple[Actor, ...]
    died: int = 0
    schedule: tuple[str, ...] = field(default=())
    """actors' numbers, with a cross behind the one that died there"""

    @property
    def state(self) -> str:
        """What decides how things can go on from here.

        The marker is random: of it only counts whether it is newer than what it must announce. Of
        writes with an ETag of their own only counts which of them are the same one.
        """
        changes = [key == MARKER for key in self.store.changes if key == MARKER or is_visible(key)]
        objects = {key: etag for key, etag in self.store.etags.items() if key != MARKER}
        stands = [(actor.done, *map(_said, actor.told)) for actor in self.actors]
        uploads = sum(map(len, self.store.raw.values()))
        said = repr((sorted(objects.items()), changes[-1:], uploads, stands, self.died))
        numbers: dict[str, str] = {}
        return WRITE.sub(lambda write: numbers.setdefault(write[0], f"{len(numbers)}."), said)

    def next(self, *, deaths: int, every_call: bool) -> Iterator["Moment"]:
        """Yield where things can stand one step later."""
        for number, actor in enumerate(self.actors):
            if actor.done:
                continue
            store = self.store.copy()
            stands = actor.step(store, every_call=every_call)
            yield self._with(number, stands, store, str(number))
            if self.died < deaths:
                gone = replace(actor, told=(), done=True)
                moment = self._with(number, gone, self.store, f"{number}x")
                yield replace(moment, died=self.died + 1)

    def _with(self, number: int, actor: Actor, store: MemoryStore, step: str) -> "Moment":
        actors = (*self.actors[:number], actor, *self.actors[number + 1 :])
        return replace(self, store=store, actors=actors, schedule=(*self.schedule, step))


def run_all(
    start: MemoryStore,
    acts: tuple[Act, ...],
    each_step: Callable[[MemoryStore], None],
    *,
    deaths: int = 1,
    every_call: bool = False,
) -> Iterator[tuple[str, MemoryStore]]:
    """Yield (schedule, store) of every end that schedules with at most so many deaths lead to.

    Actors stop before each write, or with `every_call` before each read too.
    """
    waiting = [Moment(start, tuple(map(Actor, acts)))]
    seen = {waiting[0].state}
    while waiting:
        here = waiting.pop()
        try:
            each_step(here.store)
            if all(actor.done for actor in here.actors):
                yield " ".join(here.schedule), here.store
                continue
            for moment in here.next(deaths=deaths, every_call=every_call):
                if moment.state not in seen:
                    seen.add(moment.state)
                    waiting.append(moment)
        except Exception as fault:
            raise AssertionError(f"after {' '.join(here.schedule)}") from fault
