"""Which earlier results Athena may give again: those that are younger than the lake's last change.

Athena itself does not look whether the data has changed.
"""

from datetime import datetime, timedelta

from lake import names, times
from lake.store import Store, StoreError

LONGEST_QUERY = timedelta(minutes=30)
"""A result's age counts from its end, so one that is younger than the change may come from a query
that began before it: at most so long, Athena's own limit for a query. Clocks that differ by some
seconds are lost in it too."""
MOST_MINUTES = 10_080
"""Greatest age that Athena takes, a week; the bucket keeps results at least as long."""


def minutes(store: Store) -> int | None:
    """Return the greatest age in minutes of a result that may be reused, or None for none."""
    try:
        marker = store.head(names.MARKER)
    except StoreError:
        # a lake that cannot be asked when it changed may have changed just now
        return None
    return age(marker.modified, times.now()) if marker else None


def age(changed: datetime, now: datetime) -> int | None:
    """Return the same for a lake that changed last at `changed`."""
    whole = (now - changed - LONGEST_QUERY) // timedelta(minutes=1)
    return min(whole, MOST_MINUTES) if whole > 0 else None
