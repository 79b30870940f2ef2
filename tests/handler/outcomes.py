"""What bad input gets: a table that reads like the README's promise, one row a kind of input.

`good` lines surround the ones in question, so that a case shows that no other row is touched.
"""

import gzip
import io
import zipfile
from dataclasses import dataclass, field

HEADER = b"OrderID,Customer,Amount,Status,OrderDate"
GOOD = (
    b"G1,Ann,10.00,shipped,2025-03-01",
    b"G2,Bob,-2.50,confirmed,2025-03-02",
    b"G3,Cem,7,pending,2024-01-31",
)


@dataclass(frozen=True)
class Case:
    """An input and its outcome."""

    number: int
    title: str
    content: bytes
    kept: int = 0
    dropped: int = 0
    quarantined: dict[bytes, str] = field(default_factory=dict)
    """exact bytes of a line -> what its reason says"""
    repairs: tuple[str, ...] = ()
    rejected: str | None = None
    """what the reason of the rejection says"""
    rows: tuple[tuple[str, ...], ...] = ()
    """rows that must arrive: id, customer, amount, status, date"""

    @property
    def name(self) -> str:
        """Return it as a test's id."""
        return f"{self.number:02d} {self.title}"


def lines(*middle: bytes, end: bytes = b"\n", header: bytes = HEADER) -> bytes:
    """Return a file of the good lines with others among them."""
    return end.join((header, GOOD[0], *middle, *GOOD[1:], b""))


def accepted(number: int, title: str, content: bytes, *rows: tuple[str, ...], repairs=()) -> Case:
    """Return a case in which the good rows and some more are kept."""
    return Case(number, title, content, 2 + len(rows), 1, {}, tuple(repairs), rows=rows)


def quarantined(
    number: int, title: str, bad: dict[bytes, str], content: bytes | None = None
) -> Case:
    """Return a case in which just these lines are quarantined."""
    return Case(number, title, content or lines(*bad), 2, 1, bad)


def rejected(number: int, title: str, content: bytes, reason: str) -> Case:
    """Return a case in which the whole file is."""
    return Case(number, title, content, rejected=reason)


def archive() -> bytes:
    """Return a zip with a CSV in it, as an Excel workbook is one."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as file:
        file.writestr("orders.csv", lines())
    return target.getvalue()


def order(**fields: str) -> bytes:
    """Return a sound line with some fields of its own."""
    usual = {"id": "X1", "customer": "Dee", "amount": "5.00", "status": "shipped"}
    usual |= {"date": "2025-04-01"} | fields
    return ",".join(usual.values()).encode()


X1 = ("X1", "Dee", "5.00", "shipped", "2025-04-01")
NUMBER = "Amount is not a number"
DATE = "OrderDate is not a date"
QUOTES = "broken quoting"
SHORT = "fewer fields"
LONG = "more fields"

CASES = (
    accepted(1, "CRLF", lines(end=b"\r\n")),
    accepted(2, "LF", lines()),
    accepted(
        3, "mixed CRLF and LF", lines().replace(b"\n", b"\r\n", 1), repairs=["mixed_line_ends"]
    ),
    accepted(4, "CR only", lines().replace(b"\n", b"\r"), repairs=["carriage_return_line_ends"]),
    accepted(
        5, "two CR and a LF", lines().replace(b"\n", b"\r\r\n"), repairs=["stray_carriage_returns"]
    ),
    accepted(6, "no final newline, whole row", lines().rstrip()),
    quarantined(
        7,
        "no final newline, short row",
        {b"G9,Ann,3.00,shi": SHORT},
        lines() + b"G9,Ann,3.00,shi",
    ),
    accepted(8, "blank lines", lines(b"", b"  ", b""), repairs=["blank_lines"]),
    quarantined(9, "a row of commas", {b",,,,": "OrderID is empty"}),
    Case(10, "header only", HEADER + b"\n"),
    rejected(11, "empty file", b"", "the file is empty"),
    rejected(11, "white file", b" \n\n \t\r\n", "the file is empty"),
    rejected(12, "no header", b"\n".join(GOOD), "is not the header"),
    rejected(13, "wrong header name", lines(header=HEADER.replace(b"Amount", b"Total")), "Amount"),
    accepted(
        14,
        "columns in another order",
        b"Status,OrderDate,Amount,OrderID,Customer\n"
        b"shipped,2025-03-01,10.00,G1,Ann\nconfirmed,2025-03-02,-2.50,G2,Bob\n"
        b"pending,2024-01-31,7,G3,Cem\n",
    ),
    accepted(
        15,
        "header case and blanks",
        lines(header=b" orderid ,CUSTOMER,amount, status,Order Date"),
        repairs=["header_names"],
    ),
    rejected(16, "duplicate header", lines(header=HEADER + b",Amount"), "twice"),
    rejected(17, "required column missing", lines(header=b"OrderID,Customer,Amount"), "lacks"),
    accepted(
        18,
        "extra column",
        b"OrderID,Customer,Note,Amount,Status,OrderDate\nG1,Ann,n,10.00,shipped,2025-03-01\n"
        b"G2,Bob,,-2.50,confirmed,2025-03-02\nG3,Cem,n,7,pending,2024-01-31\n",
        repairs=["ignored_column Note"],
    ),
    accepted(
        18,
        "extra column whose name has a quotation mark",
        b'OrderID,Customer,Size 5",Amount,Status,OrderDate\nG1,Ann,n,10.00,shipped,2025-03-01\n'
        b"G2,Bob,,-2.50,confirmed,2025-03-02\nG3,Cem,n,7,pending,2024-01-31\n",
        repairs=['ignored_column Size 5"'],
    ),
    accepted(19, "header repeated inside", lines(HEADER), repairs=["repeated_headers"]),
    quarantined(20, "units row under the header", {b"text,text,USD,text,ISO": NUMBER}),
    rejected(21, "preamble", b"Orders of March\nall shops\n" + lines(), "line 3"),
    quarantined(
        22,
        "two tables in one file",
        {b"Shop,City": SHORT, b"S1,Bonn": SHORT},
        lines() + b"Shop,City\nS1,Bonn\n",
    ),
    quarantined(23, "TOTAL row", {b"TOTAL,,14.50,,": "Customer is empty"}),
    quarantined(24, "short row", {b"X1,Dee,5.00,shipped": SHORT}),
    quarantined(25, "long row", {order() + b",more,and more": LONG}),
    accepted(
        26,
        "trailing comma, in the header too",
        b"".join(line + b",\n" for line in (HEADER, *GOOD)),
        repairs=["ignored_column"],
    ),
    quarantined(26, "trailing comma, not in the header", {order() + b",": LONG}),
    accepted(
        27,
        "blanks around a field",
        lines(b"X1,Dee, 5.00 ,\tshipped , 2025-04-01 "),
        X1,
        repairs=["trimmed_amount", "trimmed_date", "mended_status"],
    ),
    accepted(
        28, "comma in quotes", lines(order(customer='"Dee, Ltd"')), (X1[0], "Dee, Ltd", *X1[2:])
    ),
    accepted(29, "doubled quote", lines(order(customer='"5"" pipe"')), (X1[0], '5" pipe', *X1[2:])),
    quarantined(
        30,
        "newline in quotes",
        {b'X1,"Dee': QUOTES, b'Ltd",5.00,shipped,2025-04-01': QUOTES},
    ),
    quarantined(31, "lone quote in a bare field", {order(customer='5" pipe'): QUOTES}),
    quarantined(31, "two quotes in a bare field", {order(customer='5" x 3" pipe'): QUOTES}),
    quarantined(32, "text after a closing quote", {order(customer='"Dee" Ltd'): QUOTES}),
    quarantined(33, "quote never closed", {order(customer='"Dee'): QUOTES}),
    quarantined(
        34,
        "two lost quotes far apart",
        {order(customer='"Dee'): QUOTES, order(customer='Eve"'): QUOTES},
        b"\n".join((HEADER, order(customer='"Dee'), *GOOD, order(customer='Eve"'), b"")),
    ),
    quarantined(35, "backslash escape", {order(customer=r'"Dee \"D\" Ltd"'): QUOTES}),
    quarantined(
        36, "single-quote quoting", {b"'X1','Dee, Ltd','5.00','shipped','2025-04-01'": LONG}
    ),
    rejected(37, "semicolons", lines().replace(b",", b";"), "semicolons"),
    rejected(37, "tabs", lines().replace(b",", b"\t"), "tabs"),
    rejected(37, "bars", lines().replace(b",", b"|"), "bars"),
    quarantined(38, "one row with another delimiter", {order().replace(b",", b";"): SHORT}),
    accepted(39, "byte order mark", b"\xef\xbb\xbf" + lines(), repairs=["byte_order_mark"]),
    accepted(
        39,
        "a byte order mark before the first row is a character of its id",
        b"\n".join((HEADER, b"\xef\xbb\xbf" + order(), *GOOD, b"")),
        ("\ufeffX1", *X1[1:]),
    ),
    rejected(40, "UTF-16", lines().decode().encode("utf-16"), "UTF-16"),
    rejected(40, "UTF-16 without a mark", lines().decode().encode("utf-16-le"), "NUL"),
    quarantined(41, "a Latin-1 byte", {order().replace(b"Dee", b"Ren\xe9"): "not UTF-8"}),
    quarantined(42, "NUL byte", {order(customer="D\0ee"): "NUL"}),
    rejected(42, "NUL bytes all over", lines().replace(b"0", b"\0\0\0"), "NUL"),
    accepted(
        43,
        "control and bidi characters",
        lines(order(customer="D\x07\x1b[1m\u202eee")),
        (X1[0], "D\x07\x1b[1m\u202eee", *X1[2:]),
    ),
    accepted(
        44,
        "U+2028 and U+0085 in a field",
        lines(order(customer="D\u2028e\x85e")),
        (X1[0], "D\u2028e\x85e", *X1[2:]),
    ),
    accepted(
        45, "non-NFC Unicode", lines(order(customer="Re\u0301ne")), (X1[0], "Re\u0301ne", *X1[2:])
    ),
    accepted(
        46,
        "emoji, CJK, RTL",
        lines(order(customer="🙂 注文 שלום")),
        (X1[0], "🙂 注文 שלום", *X1[2:]),
    ),
    accepted(47, "Ctrl-Z at the end", lines() + b"\x1a", repairs=["blank_lines"]),
    rejected(48, "gzip", gzip.compress(lines()), "gzip"),
    rejected(48, "zip, xlsx", archive(), "Excel"),
    rejected(48, "HTML", b"<!doctype html><title>502</title>", "HTML"),
    rejected(48, "JSON", b'[{"OrderID": 1}]', "JSON"),
    rejected(48, "Parquet", b"PAR1\x15\x04", "Parquet"),
    rejected(49, "decompression bomb", gzip.compress(b"\0" * 5_000_000), "gzip"),
    quarantined(50, "field over 64 KB", {order(customer="D" * 70_000): "longer than"}),
    quarantined(
        50,
        "line over 64 KB, of shorter fields",
        {order(id="I" * 40_000, customer="D" * 40_000): "the line is longer than"},
    ),
    rejected(52, "20,000 columns", b",".join(b"c%d" % n for n in range(20_000)), "20,000 columns"),
    accepted(
        53,
        "status in capitals with blanks",
        lines(order(status=" SHIPPED ")),
        X1,
        repairs=["mended_status"],
    ),
    accepted(
        53,
        "status in capitals after 2,000 that were not",
        lines(*(order(id=str(n)) for n in range(2000)), order(status="Shipped")),
        *((str(n), *X1[1:]) for n in range(2000)),
        X1,
        repairs=["mended_status"],
    ),
    Case(
        54,
        "canceled",
        lines(order(status="canceled")),
        kept=2,
        dropped=2,
        repairs=("respelled_status",),
        rows=((*X1[:3], "cancelled", X1[4]),),
    ),
    quarantined(55, "unknown status", {order(status="lost"): "Status is none of"}),
    quarantined(55, "empty status", {order(status=""): "Status is empty"}),
    *(
        quarantined(number, f"date {text}", {order(date=text): reason})
        for number, text, reason in (
            (56, "2025-02-30", DATE),
            (57, "31/12/2024", DATE),
            (57, "12/31/24", DATE),
            (58, "2025-1-5", DATE),
            (59, "2025-04-01T00:00:00+02:00", DATE),
            (60, "0000-01-01", "OrderDate is not between"),
            (60, "9999-12-31", "OrderDate is not between"),
            (60, "1899-12-31", "OrderDate is not between"),
            (60, "2200-01-01", "OrderDate is not between"),
            (62, "", "OrderDate is empty"),
        )
    ),
    *(
        accepted(60, f"date {text}", lines(order(date=text)), (*X1[:4], text), repairs=repairs)
        for text, repairs in (
            ("1900-01-01", ()),
            ("1989-12-31", ()),
            ("1990-01-01", ()),
            ("2049-12-31", ["future_date"]),
            ("2050-01-01", ["future_date"]),
            ("2199-12-31", ["future_date"]),
        )
    ),
    accepted(
        61,
        "future date",
        lines(order(date="2031-01-01")),
        (*X1[:4], "2031-01-01"),
        repairs=["future_date"],
    ),
    quarantined(63, "thousands separator", {order(amount='"1,234.50"'): NUMBER}),
    quarantined(63, "decimal comma", {order(amount='"1.234,50"'): NUMBER}),
    *(
        quarantined(number, f"amount {text}", {order(amount=text): reason})
        for number, text, reason in (
            (63, "$20", NUMBER),
            (64, "NaN", NUMBER),
            (64, "inf", NUMBER),
            (64, "1e400", NUMBER),
            (64, "0x10", NUMBER),
            (64, "1_000", NUMBER),
            (64, "1e3", NUMBER),
            (64, ".5", NUMBER),
            (64, "+7", NUMBER),
            (65, "٣٤", NUMBER),
            (66, "1.005", "more than two decimals"),
            (68, "12345678901234567.00", "more than 16 digits"),
        )
    ),
    accepted(
        67,
        "negative amount and -0",
        lines(order(amount="-5.00"), order(id="X2", amount="-0")),
        (*X1[:2], "-5.00", *X1[3:]),
        ("X2", "Dee", "0.00", *X1[3:]),
    ),
    accepted(69, "id 007", lines(order(id="007")), ("007", *X1[1:])),
    accepted(70, "20-digit id", lines(order(id="9" * 20)), ("9" * 20, *X1[1:])),
    accepted(
        71,
        "a text id after 2,000 numbers",
        lines(*(order(id=str(n)) for n in range(2000)), order(id="A-1")),
        *((str(n), *X1[1:]) for n in range(2000)),
        ("A-1", *X1[1:]),
    ),
    quarantined(72, "empty id", {order(id=""): "OrderID is empty"}),
    quarantined(72, "empty customer", {order(customer="  "): "Customer is empty"}),
    quarantined(72, "empty amount", {order(amount=""): "Amount is empty"}),
    accepted(73, "exact duplicate", lines(order(), order()), X1, X1),
    accepted(
        74,
        "same id, other content",
        lines(order(), order(amount="6.00")),
        X1,
        (*X1[:2], "6.00", *X1[3:]),
    ),
    accepted(
        75,
        "formulas in text",
        lines(*(order(customer=text) for text in ("=cmd()", "+1", "@x", "-2"))),
        *((X1[0], text, *X1[2:]) for text in ("=cmd()", "+1", "@x", "-2")),
    ),
    accepted(76, "markup in text", lines(order(customer="<script>")), (X1[0], "<script>", *X1[2:])),
    accepted(77, "# at the start of a line", lines(order(id="#1")), ("#1", *X1[1:])),
    rejected(
        78,
        "over half of the rows bad",
        lines(*[order(date="soon")] * 4),
        "4 of 7 rows cannot be read, more than 50%; the first is line 3: OrderDate",
    ),
)
