"""A zip file whose bytes follow from its contents alone.

Python's zipfile cannot give that: what it writes depends on the machine's zlib (zlib-ng and
Apple's deflate differently). So nothing is compressed here. The project's own files are stored,
and what comes from a wheel keeps the compressed bytes it has there, which the lock file's hash
pins. Every entry is a plain file, readable by all, of 1980-01-01.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

LOCAL = struct.Struct("<4s5H3I2H")
CENTRAL = struct.Struct("<4s6H3I5H2I")
END = struct.Struct("<4s4H2IH")
"""The three records of a zip file: PKWARE's APPNOTE, 4.3.7, 4.3.12 and 4.3.16."""

VERSION = 20
"""Of the format: deflate and folders are all that a reader must know."""
UNIX = 3 << 8
UTF8_NAMES = 1 << 11
NEW_YEAR_1980 = (1 << 5) | 1
"""The first day that the format has."""
READABLE = 0o100644 << 16
"""A plain file that its owner writes and all read, which Lambda asks for."""

MOST_ENTRIES = 0xFFFF
MOST_BYTES = 0xFFFFFFFF
"""What the records above can say; Lambda takes far less."""


@dataclass(frozen=True)
class Entry:
    """A file for an archive: its bytes as they are stored there, and what they unpack to."""

    name: str
    stored: bytes
    method: int
    """zipfile.ZIP_STORED or ZIP_DEFLATED"""
    crc: int
    size: int
    """bytes, unpacked"""

    @classmethod
    def plain(cls, name: str, content: bytes) -> "Entry":
        """Return the entry that holds `content` uncompressed."""
        return cls(name, content, zipfile.ZIP_STORED, zlib.crc32(content), len(content))


def entries_of(path: Path) -> Iterator[Entry]:
    """Yield the files of a zip file with their bytes as they are stored there.

    Raises ValueError for a way of compressing that a reader need not know.
    """
    with zipfile.ZipFile(path) as archive, path.open("rb") as file:
        for info in archive.infolist():
            if info.is_dir():
                continue
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise ValueError(f"{path.name}: {info.filename} is compressed in an unusual way")
            file.seek(info.header_offset)
            # the names' lengths in the local record are its own: it may have other extra fields
            name, extra = LOCAL.unpack(file.read(LOCAL.size))[-2:]
            file.seek(name + extra, 1)
            stored = file.read(info.compress_size)
            yield Entry(info.filename, stored, info.compress_type, info.CRC, info.file_size)


def packed(entries: Iterable[Entry]) -> Iterator[bytes]:
    """Yield the bytes of the archive that holds `entries`, whatever their order here.

    Raises ValueError for a name that comes twice, and for more than the format can say.
    """
    central, offset = [], 0
    before = None
    for entry in sorted(entries, key=lambda entry: entry.name.encode()):
        if entry.name == before:
            raise ValueError(f"{entry.name} comes from two places")
        before = entry.name
        name = entry.name.encode()
        told = (
            *(VERSION, 0 if name.isascii() else UTF8_NAMES, entry.method, 0, NEW_YEAR_1980),
            *(entry.crc, len(entry.stored), entry.size, len(name), 0),
        )
        local = LOCAL.pack(b"PK\x03\x04", *told) + name
        at = (0, 0, 0, READABLE, offset)
        central.append(CENTRAL.pack(b"PK\x01\x02", UNIX | VERSION, *told, *at) + name)
        offset += len(local) + len(entry.stored)
        yield local
        yield entry.stored
    listing = b"".join(central)
    if len(central) >= MOST_ENTRIES or offset + len(listing) >= MOST_BYTES:
        raise ValueError(f"{len(central)} files of {offset} bytes are too much for a zip file")
    yield listing
    count = len(central)
    yield END.pack(b"PK\x05\x06", 0, 0, count, count, len(listing), offset, 0)
