"""Every address: the pages', their exports' and their actions'.

All state of a page is in its address; what has its default is left out, so that one page has one
address.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

INGESTS = "/ingests"
STATE = "/state"


def overview(texts: Mapping[str, str]) -> str:
    """Return the overview's address under a filter."""
    return _with("/", texts)


def refresh_all(texts: Mapping[str, str]) -> str:
    """Return the address that runs all of the overview's panels anew."""
    return _with("/refresh", texts)


def panel(slug: str, texts: Mapping[str, str], ending: str = "") -> str:
    """Return a panel's address with parameters; an ending is .csv, /cancel or the like."""
    return _with(f"/panels/{slug}{ending}", texts)


def quarantine(find: str, ending: str = "") -> str:
    """Return the address of the quarantined lines; an ending is /cancel or /refresh."""
    return _with(f"{INGESTS}{ending}", {"find": find})


def _with(path: str, texts: Mapping[str, str]) -> str:
    given = {name: text for name, text in texts.items() if text}
    return f"{path}?{urlencode(given)}" if given else path
