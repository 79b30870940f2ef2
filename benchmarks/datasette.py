"""The dashboard against Datasette, on the same rows and the same SQL, by wrk, in turns.

A warm panel's part must be served at least 6 times as often as Datasette's page of the same query,
and a panel's JSON at least 3 times as often as Datasette's, while our server's memory stays flat.
Both serve as they do by default. Prints a table; exits 1 if one of these is missed. Datasette is
fetched into the cache folder in an environment of its own, as requirements/datasette.txt has it.
"""

import json
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from urllib.request import urlopen

from benchmarks import data
from benchmarks.process import resident_mb
from lake.folder import FolderStore
from lake.ledger import Ledger
from local import sample, set_up
from local.duck import DuckEngine
from queries.catalog import load
from queries.panel import Panel
from queries.relations import relations
from web.engine import Watch

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements" / "datasette.txt"
SLUG = "total-sales-by-customer"
PART = {
    "HX-Request": "true",
    "HX-Request-Type": "partial",
    "HX-Target": f"div#answer-{SLUG}",
    "HX-Source": "div",
}
"""What htmx sends for a panel that renews itself."""

ROUNDS = 5
SECONDS = 4
LEAST_PART, LEAST_JSON = 6.0, 3.0
"""How many times as many requests a second."""
MOST_GROWN_MB = 8.0
"""Growth of the resident set after the first round, in millions of bytes: the allocator's slack."""
START_S = 30.0

Get = tuple[str, Mapping[str, str]]
"""An address and the headers to ask with."""


class CannotRun(Exception):
    """The benchmark cannot be run here; the message says what to do."""


@dataclass(frozen=True)
class Served:
    """A server of ours or theirs."""

    process: subprocess.Popen[bytes]
    address: str

    def rows(self, path: str) -> list[list[object]]:
        """Return the rows of a JSON answer."""
        with urlopen(self.address + path, timeout=START_S) as answer:
            rows: list[list[object]] = json.load(answer)["rows"]
            return rows

    @property
    def resident_mb(self) -> float:
        """The resident set, in millions of bytes."""
        return resident_mb(self.process.pid)


@contextmanager
def serving(log: Path, *words: str | Path) -> Iterator[Served]:
    """Start a server that says its address, and end it."""
    # a file, since nobody reads a pipe: Datasette says a line about every request
    with log.open("wb") as file:
        process = subprocess.Popen(words, cwd=ROOT, stdout=file, stderr=file)
    try:
        until = time.monotonic() + START_S
        while not (found := re.search(r"http://[\d.:]+\d", log.read_text())):
            if process.poll() is not None or time.monotonic() > until:
                raise CannotRun(f"{words[0]} did not start: {log.read_text()}")
            time.sleep(0.1)
        yield Served(process, found[0])
    finally:
        process.terminate()
        process.wait(START_S)


def fill(lake: Path) -> None:
    """Wait until a lake that is served for the first time has all its sample orders."""
    ledger = Ledger(FolderStore(lake))
    until = time.monotonic() + START_S
    while ledger.balance().files < len(sample.EXPORT_DAYS):
        if time.monotonic() > until:
            raise CannotRun(f"the sample orders were not ingested within {START_S:g} s")
        time.sleep(0.2)


def write_database(lake: Path, file: Path) -> int:
    """Write the lake's orders, each in its newest version, as SQLite; return how many."""
    engine = DuckEngine(lake, FolderStore(lake))
    orders = f"WITH orders AS ({dict(relations())['orders']})"
    columns = ("order_id", "customer", "amount", "status", "order_date")
    found = engine.run(f"{orders} SELECT {', '.join(columns)} FROM orders", (), Watch()).rows
    engine.close()
    plain = (int, str, type(None))
    rows = [[v if isinstance(v, plain) else str(v) for v in row] for row in found]
    base = sqlite3.connect(file)
    with base:
        base.execute("CREATE TABLE orders (order_id, customer, amount REAL, status, order_date)")
        base.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", rows)
    base.close()
    return len(rows)


def install() -> Path:
    """Return the Python that has Datasette; fetch it first if it is not there yet."""
    version = re.search(r"^datasette==(\S+)", LOCK.read_text(), re.MULTILINE)
    assert version, LOCK
    home = data.folder().parent / f"datasette-{version[1]}"
    python, done = home / "bin" / "python", home / "done"
    if not done.exists() or done.read_text() != LOCK.read_text():
        print(f"Setting up Datasette {version[1]} in {home} (once) ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", home], check=True)
        words = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([python, *words, "--require-hashes", "-r", LOCK], check=True)
        done.write_text(LOCK.read_text())
    return python


def wrk() -> str:
    """Return wrk, the load generator; take it from Debian where that can be done."""
    if not shutil.which("wrk"):
        set_up.take_from_debian("wrk")
    found = shutil.which("wrk")
    if not found:
        raise CannotRun("wrk is missing: install it, on Debian with `apt-get install wrk`")
    return found


def per_second(program: str, url: str, headers: Mapping[str, str], seconds: int) -> float:
    """Return how many requests of eight connections are answered a second, all with success."""
    named = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    words = [program, "-t1", "-c8", f"-d{seconds}s", "--timeout", "30s", *named, url]
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in said and "Socket errors" not in said, said
    found = re.search(r"Requests/sec:\s+([0-9.]+)", said)
    assert found, said
    return float(found[1])


def measure(ours: Served, theirs: Served) -> bool:
    """Measure in turns and print; return whether something is missed."""
    panel = f"{ours.address}/panels/{SLUG}"
    query = f"{theirs.address}/orders/{SLUG}"
    gets: dict[str, Get] = {
        "Datasette, HTML": (query, {}),
        "ours, a panel's part": (panel, PART),
        "Datasette, .json?_shape=arrays": (f"{query}.json?_shape=arrays", {}),
        "ours, .json": (f"{panel}.json", {}),
    }
    program = wrk()
    rates: dict[str, list[float]] = {name: [] for name in gets}
    first_mb = 0.0
    for turn in range(ROUNDS + 1):
        for name, (url, headers) in gets.items():
            rate = per_second(program, url, headers, SECONDS)
            if turn:  # the first round warms up
                rates[name].append(rate)
        first_mb = first_mb or ours.resident_mb
    grown = ours.resident_mb - first_mb

    print(f"{'requests a second':34}{'median':>8}{'ratio':>8}{'at least':>10}")
    missed = grown > MOST_GROWN_MB
    names = list(gets)
    for peer, own, least in ((*names[:2], LEAST_PART), (*names[2:], LEAST_JSON)):
        # neighbours in time, since other work on the machine slows both
        ratio = median(b / a for a, b in zip(rates[peer], rates[own], strict=True))
        missed |= ratio < least
        print(f"{peer:34}{median(rates[peer]):8.0f}")
        mark = "  MISSED" if ratio < least else ""
        print(f"{own:34}{median(rates[own]):8.0f}{ratio:8.1f}{least:10.1f}{mark}")
    mark = "  MISSED" if grown > MOST_GROWN_MB else ""
    print(
        f"our memory: {first_mb:.0f} MB after the first round, {grown:+.1f} MB after the others "
        f"(at most {MOST_GROWN_MB:+g}){mark}"
    )
    return missed


def main() -> int:
    """Measure; return the exit code."""
    panel = load()[SLUG]
    assert isinstance(panel, Panel), panel
    with tempfile.TemporaryDirectory(dir=data.folder()) as folder:
        lake, file, about = Path(folder, "lake"), Path(folder, "orders.db"), Path(folder, "m.json")
        queries = {SLUG: {"sql": panel.sql}}
        about.write_text(json.dumps({"databases": {"orders": {"queries": queries}}}))
        local = (sys.executable, "-m", "local", "serve", "--lake", lake, "--port", "0")
        with serving(Path(folder, "ours"), *local) as ours:
            fill(lake)
            count = write_database(lake, file)
            datasette = (install(), "-m", "datasette", "serve", "-i", file, "-m", about, "-p", "0")
            with serving(Path(folder, "theirs"), *datasette) as theirs:
                rows = compare(ours, theirs)
                print(f"{count:,} orders, {rows} rows of an answer; wrk -t1 -c8, {ROUNDS} rounds")
                return int(measure(ours, theirs))


def compare(ours: Served, theirs: Served) -> int:
    """Assert that both give the same answer; return its rows."""
    mine = ours.rows(f"/panels/{SLUG}.json")
    other = theirs.rows(f"/orders/{SLUG}.json?_shape=arrays")
    assert mine == [[name, round(float(str(total)), 2)] for name, total in other], (mine, other)
    return len(mine)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CannotRun as fault:
        sys.exit(f"orders-lake: {fault}")
