"""Where things lie: the key of every object, made from the key of the raw file.

Two raw keys never share an output and one key always has the same: the slug is there to be read,
the digest of the whole key tells them apart, also where a file system ignores case. No name starts
with `_` or `.`: Athena takes those for hidden and skips them.
"""

import hashlib
import re
import unicodedata
from datetime import date, datetime

from lake.schema import INGESTS, QUARANTINE, Table

RAW = "raw/"
MARKER = "state/marker"
"""Outside all tables: a fresh random value after every visible change, so its ETag is the state."""
RECORDS = "state/records.jsonl.gz"
"""All records in one object, as a sweep found them: to be read at once instead of one by one."""

SLUG_LENGTH = 48
"""Longest slug, characters: with digest and version a name stays well under 255 bytes."""

DIGEST_LENGTH = 16
"""Hex digits of a key's digest: 64 bits."""

_DIGEST = f"[0-9a-f]{{{DIGEST_LENGTH}}}"
# a folder's version can look like a digest and another one: a time of 16 digits lies in 1970
_DIGEST_WITHIN = re.compile(rf"-{_DIGEST}-(?!{_DIGEST}\.parquet$)")

_CORRECTED = "_corrected-"


def slug(key: str) -> str:
    """Return the file name in a key as lower-case ASCII words joined by dashes; `file` if none."""
    name = key.rsplit("/", 1)[-1]
    stem = name[:-4] if name.lower().endswith(".csv") else name
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:SLUG_LENGTH].strip("-") or "file"


def digest(key: str) -> str:
    """Return what tells a raw key apart from all others: the first digits of its SHA-256."""
    return hashlib.sha256(key.encode()).hexdigest()[:DIGEST_LENGTH]


def stem(key: str) -> str:
    """Return `<slug>-<digest>` for a raw key."""
    return f"{slug(key)}-{digest(key)}"


def output(table: Table, key: str) -> str:
    """Return where a raw key's rows of `processed` or `dropped` lie."""
    return f"{table.prefix}{stem(key)}.parquet"


def quarantine(key: str, version: str) -> str:
    """Return where a raw version's quarantined lines lie."""
    return f"{QUARANTINE.prefix}{stem(key)}-{_safe(version)}.parquet"


def quarantine_prefix(key: str) -> str:
    """Return the prefix of the quarantine of all versions of a key.

    It may be that of others too, whose names begin with this key's stem: see `is_quarantine_of`.
    """
    return f"{QUARANTINE.prefix}{stem(key)}-"


def is_quarantine_of(key: str, place: str) -> bool:
    """Tell whether a place is the quarantine of a version of this key, and of no other key.

    That of another key with the same prefix has that key's digest before its version, which no
    version has within: a folder's is a time and such a digest, S3's are 32 random letters.
    """
    prefix = quarantine_prefix(key)
    return place.startswith(prefix) and not _DIGEST_WITHIN.search(place, len(prefix) - 1)


def correction(key: str, exported: date) -> str:
    """Return how the name of a file ends that holds corrected lines of a raw key."""
    return f"{_CORRECTED}{exported:%Y-%m-%d}-{digest(key)}.csv"


def as_correction(key: str) -> str:
    """Return that ending of a raw key; empty for a file that holds no corrected lines."""
    _, mark, rest = key.rpartition(_CORRECTED)
    return mark + rest if mark else ""


def record(key: str, version: str, arrived: datetime) -> str:
    """Return where a raw version's ingest record lies: under the day it arrived, UTC."""
    return f"{INGESTS.prefix}{arrived:%Y-%m-%d}/{stem(key)}-{_safe(version)}.json"


def is_file(key: str) -> bool:
    """Tell whether a key under raw/ is a file at all: no folder marker, nothing hidden.

    A name that is not UTF-8, as a folder can hold one, is none: no record could name it.
    """
    return (
        key.startswith(RAW)
        and not key.endswith("/")
        and not any(part.startswith(".") for part in key.split("/"))
        and is_text(key)
    )


def is_text(key: str) -> bool:
    """Tell whether a key is text: a name in a folder that is not UTF-8 is none."""
    return not any("\ud800" <= letter <= "\udfff" for letter in key)


def is_csv(key: str) -> bool:
    """Tell whether a key's name ends in .csv, in whatever case."""
    return key.lower().endswith(".csv")


def _safe(version: str) -> str:
    """Return a version id as part of a name; S3's ids hold letters, digits, `.`, `_` and `-`."""
    return re.sub(r"[^A-Za-z0-9._-]", "-", version)
