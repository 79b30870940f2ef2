"""Waiting for what other threads do."""

import time

SOON = 5.0
"""Seconds within which it must have come, on a busy machine too."""


def eventually(true) -> bool:
    until = time.monotonic() + SOON
    while not true():
        if time.monotonic() > until:
            return False
        time.sleep(0.002)
    return True
