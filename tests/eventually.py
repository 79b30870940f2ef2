"""Waiting for what other threads do, and how long something takes."""

import time
from collections.abc import Callable

SOON = 30.0
"""Seconds within which it must have come, on a busy machine too."""


def eventually(true) -> bool:
    until = time.monotonic() + SOON
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.002)
    return True


def quickest(seconds: Callable[[], float], most: float, tries: int = 5) -> float:
    """Return the least seconds of several tries; there is no further one after a good one.

    A busy machine holds up this one or that: what is slow by itself is slow every time.
    """
    took = [seconds()]
    while min(took) > most and len(took) < tries:
        took.append(seconds())
    return min(took)
