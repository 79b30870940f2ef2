"""A lake that the handler wrote: several exports, with all that its tables can hold."""

from datetime import datetime
from pathlib import Path

from lake.rule import Settings
from local.pipeline import Pipeline

HEADER = b"OrderID,Customer,Amount,Status,OrderDate"
SPRING = (
    b"A1,Ann,10.00,shipped,2025-03-01",
    b'A2,"O\'Hara, ""Bob""",-2.50,confirmed,2025-03-02',
    "A3,漢字 🙂 Łukasz,0.00,Pending,2025-03-30".encode(),
    "A4, שלום ,9999999999999999.99,shipped,2025-02-28".encode(),
    b"A5,Ann,-9999999999999999.99,cancelled,2025-03-29",
    b"A6,Ann,1.5,pending,2024-01-31",
    b"A7,a;b--c/*,0.01,shipped,1999-12-31",
    b"A8,\xff\xfe,1.00,shipped,2025-03-01",
    b"A9,Ann,1.00,lost,2025-03-01",
    b"A10,Ann,1.00,shipped,2025-13-01",
    b"A11,Ann,ten,shipped,2025-03-01",
    *(b"T%d,Tie,100.00,shipped,2025-03-%02d" % (n, n) for n in range(1, 16)),
)
SUMMER = (
    b"A1,Ann,10.00,cancelled,2025-03-01",
    "A3,漢字 🙂 Łukasz,7.77,confirmed,2025-03-30".encode(),
    b"A5,Ann,3.00,shipped,2025-03-29",
    b"B1,Ann,20.05,pending,2025-06-15",
    b"B2,O'Hara,19.99,confirmed,2025-06-16",
)


def write(root: Path, work: Path) -> Pipeline:
    """Ingest exports into a folder lake; `work` is where they come from."""
    lake = Pipeline(root, {})

    def comes(name: str, content: bytes, as_of: datetime) -> None:
        source = work / "export"
        source.write_bytes(content)
        lake.ingest(source, f"raw/{name}", as_of)

    march = datetime(2025, 3, 31, 12, 34, 56, 789000)
    comes("spring ä 'x'.csv", _lines(*SPRING[:5]), march)
    # the same name again, longer
    comes("spring ä 'x'.csv", _lines(*SPRING, end=b"\r\n"), march)
    comes("sommer/juni.csv", b"\xef\xbb\xbf" + _lines(*SUMMER), datetime(2025, 6, 30))
    comes("no table.csv", b"\x1f\x8b\x08 not orders \x00", march)
    comes("empty.csv", HEADER, march)
    comes("wrong.csv", _lines(b"W1,Wrong,1.00,shipped,2025-03-01"), march)
    lake.withdraw("raw/wrong.csv", "it was another shop's")
    assert lake.settings == Settings()
    return lake


def _lines(*lines: bytes, end: bytes = b"\n") -> bytes:
    return end.join((HEADER, *lines, b""))
