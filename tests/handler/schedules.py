"""Every order in which several actors can write to one lake, each of which may die anywhere.

An actor runs the handler's own code in a thread and stops before each of its writes; a schedule
says whose write comes next. Schedules are tried depth first, each from the start, until none is
left: what an actor reads between two writes, it reads right after the first of them. Two schedules
after which the store is the same, and every actor has been told the same, go on alike: the second
one is not followed further.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from lake.names import MARKER
from lake.store import Body, Conflict, Entry, Store, Version
from tests.doubles.memory import MemoryStore, is_visible

T = TypeVar("T")
Act = Callable[[Store], object]


class Died(BaseException):
    """The actor is no more: nothing of its code runs on."""


class Actor:
    """Code that talks to a store, stopped before each write."""

    def __init__(self, store: MemoryStore, act: Act) -> None:
        self._turn, self._yielded = threading.Semaphore(0), threading.Semaphore(0)
        self._dying = False
        self.done = False
        self.fault: BaseException | None = None
        self.told: list[object] = []
        """all that the store has answered it: with its code, that is where it stands"""
        self._thread = threading.Thread(target=self._run, args=(store, act), daemon=True)
        self._thread.start()
        self._yielded.acquire()

    def step(self) -> None:
        """Let the actor do its next write, and read on to the one after it, or to its end."""
        self._turn.release()
        self._yielded.acquire()

    def die(self) -> None:
        """End the actor before its next write."""
        self._dying = True
        self.step()

    def wait(self) -> None:
        """Stop here until it is the actor's turn; called from its own thread."""
        self.told.append("next is a write")
        self._yielded.release()
        self._turn.acquire()
        if self._dying:
            raise Died

    def _run(self, store: MemoryStore, act: Act) -> None:
        try:
            self.wait()
            act(Stepped(store, self))
        except Died:
            pass
        except BaseException as fault:
            self.fault = fault
        self.done = True
        self._yielded.release()


class Stepped:
    """A store that waits for its actor's turn before every write, and keeps what it answers."""

    def __init__(self, store: MemoryStore, actor: Actor) -> None:
        self._store = store
        self._actor = actor

    def versions(self, prefix: str) -> list[Version]:
        return self._tell(list(self._store.versions(prefix)))

    def list(self, prefix: str) -> list[Entry]:
        return self._tell(list(self._store.list(prefix)))

    def head(self, key: str) -> Entry | None:
        return self._tell(self._store.head(key))

    def get(self, key: str) -> tuple[bytes, str] | None:
        return self._tell(self._store.get(key))

    def tail(self, key: str, size: int) -> bytes | None:
        return self._tell(self._store.tail(key, size))

    def received_at(self, version: Version) -> datetime:
        return self._store.received_at(version)

    def open(self, version: Version) -> AbstractContextManager[Body]:
        return self._store.open(version)

    def put(self, key: str, content: bytes | Path, *, replaces: str | None) -> str:
        self._actor.wait()
        try:
            return self._tell(self._store.put(key, content, replaces=replaces))
        except Conflict:
            # who lost starts again from nothing: what it was told before no longer counts
            self._actor.told.clear()
            raise

    def overwrite(self, key: str, content: bytes | Path) -> str:
        self._actor.wait()
        self._tell("written")
        return self._store.overwrite(key, content)

    def upload(self, key: str, content: bytes) -> object:
        self._actor.wait()
        return self._tell(self._store.upload(key, content))

    def _tell(self, answer: T) -> T:
        self._actor.told.append(answer)
        return answer


def state(store: MemoryStore, actors: list[Actor], died: int) -> str:
    """Return what decides how things can go on from here.

    The marker is random: of it only counts whether it is newer than what it must announce.
    """
    changes = [key == MARKER for key in store.changes if key == MARKER or is_visible(key)]
    objects = {key: etag for key, etag in store.etags.items() if key != MARKER}
    stands = [actor.told if not actor.done else None for actor in actors]
    return repr((sorted(objects.items()), changes[-1:], len(store.raw), stands, died))


def run_all(
    start: MemoryStore,
    acts: tuple[Act, ...],
    each_step: Callable[[MemoryStore], None],
    *,
    deaths: int = 1,
) -> Iterator[tuple[str, MemoryStore]]:
    """Yield (schedule, store at its end) for every schedule with at most so many deaths.

    A schedule is a text of actors' digits, with a cross behind the one that dies there.
    """
    waiting: list[tuple[str, ...]] = [()]
    seen: set[str] = set()
    while waiting:
        prefix = waiting.pop()
        store = start.copy()
        actors = [Actor(store, act) for act in acts]
        taken: list[str] = []
        died = 0
        while True:
            alive = [str(n) for n, actor in enumerate(actors) if not actor.done]
            if not alive:
                break
            choices = alive + ([f"{n}x" for n in alive] if died < deaths else [])
            here = state(store, actors, died)
            if len(taken) >= len(prefix) and here in seen:
                break
            seen.add(here)
            if len(taken) < len(prefix):
                choice = prefix[len(taken)]
            else:
                choice, *others = choices
                waiting.extend((*taken, other) for other in others)
            taken.append(choice)
            actor = actors[int(choice[0])]
            if choice.endswith("x"):
                died += 1
                actor.die()
            else:
                actor.step()
            if actor.fault:
                raise AssertionError(f"after {' '.join(taken)}") from actor.fault
            each_step(store)
        for actor in actors:
            if not actor.done:
                actor.die()
        if not alive:
            yield " ".join(taken), store
