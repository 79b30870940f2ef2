"""Finding a text in raw/: all versions of all files, also of those that were rejected."""

import re
import unicodedata
from collections.abc import Iterator

from lake import names
from lake.store import NoFile, Store, Version

ENCODINGS = ("utf-8", "cp1252", "utf-16-le", "utf-16-be")
"""A file that was rejected for its encoding holds its text in another one."""


def holding(store: Store, text: str) -> Iterator[Version]:
    """Yield the versions that hold a text, in whatever case, composed or not. Raises StoreError."""
    wanted = _pattern(text)
    # a letter that is not composed has up to three parts, of three bytes each: no letter has more
    reach = 9 * len(text)
    for version in store.versions(names.RAW):
        try:
            with store.open(version) as body:
                before = b""
                for chunk in body.chunks:
                    if wanted.search(before + chunk):
                        yield version
                        break
                    before = (before + chunk)[-reach:]
        except NoFile:
            continue


def _pattern(text: str) -> re.Pattern[bytes]:
    # a CSV writes the marks in a quoted field twice
    spellings = (text, text.replace('"', '""'))
    forms = {unicodedata.normalize(form, one) for form in ("NFC", "NFD") for one in spellings}
    ways = [_letters(form, encoding) for form in sorted(forms) for encoding in ENCODINGS]
    return re.compile(b"|".join(way for way in ways if way))


def _letters(text: str, encoding: str) -> bytes | None:
    """Return a pattern of a text's letters in either case, None where the encoding lacks one."""
    try:
        return b"".join(
            b"(?:%s)" % b"|".join(re.escape(case.encode(encoding)) for case in _cases(letter))
            for letter in text
        )
    except UnicodeEncodeError:
        return None


def _cases(letter: str) -> list[str]:
    return sorted({letter, letter.lower(), letter.upper()})
