"""Waiting for what other threads do, and how long something takes."""

import time
from collections.abc import Callable

SOON = 30.0
"""Seconds within which it must have come, on a busy machine too."""


def eventually(true, seconds: float = SOON, pause: float = 0.002) -> bool:
    until = time.monotonic() + seconds
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(pause)
    return True


def quickest(seconds: Callable[[], float], most: float, tries: int = 5) -> float:
    """Return the least seconds of several tries; there is no further one after a good one.

    A busy machine holds up this one or that: what is slow by itself is slow every time.
    """
    took = [seconds()]
    while min(took) > most and len(took) < tries:
        took.append(seconds())
    return min(took)
