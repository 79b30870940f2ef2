"""Sample orders for a first start: two years of a small shop's exports, always the same bytes.

A shop exports once a quarter what was ordered in the last half year, so that most orders come
twice, the second time with a new status. A few rows are bad on purpose, each in a way that real
exports are, so that the quarantine has something to show.

Everything comes from one seed through `random()` alone, the one method whose sequence Python
promises to keep, and from whole numbers: so the bytes do not depend on the machine.
"""

import csv
import hashlib
import io
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from lake import names
from lake.folder import FolderStore
from lake.schema import TABLES
from local import history
from local.lakes import Lake

SEED = 20_240_701
FIRST_DAY = date(2024, 7, 1)
EXPORT_DAYS = (
    date(2024, 10, 1),
    date(2025, 1, 1),
    date(2025, 4, 1),
    date(2025, 7, 1),
    date(2025, 10, 1),
    date(2026, 1, 1),
    date(2026, 4, 1),
    date(2026, 7, 1),
)
"""The as-of of each export: the morning after its quarter. Fixed, like all that follows from it."""
REACH = timedelta(days=184)
"""How far back an export reaches: half a year, so that a quarter comes again in the next export."""
ORDERS_A_DAY = 7
"""About this many on an average day: some 5,000 orders in two years."""

CUSTOMERS = (
    "Alder & Finch Books",
    "Amara Okafor",
    "Atelier Beaulieu",
    "Bakkerij De Molen",
    "Birgit Sørensen",
    "Blue Heron Kayaks",
    "Café Zur Linde",
    "Carlos Mendoza",
    "Chen Wei",
    "Clearwater School District",
    "Daniela Rossi",
    "Dunmore Hardware",
    "Elif Yıldız",
    "Ferreira, Santos & Filhos",
    "Fjord Outdoor AS",
    "Grace Mwangi",
    "Greenfield Veterinary Clinic",
    "Hana Novák",
    "Harbour Street Dental",
    "Ingrid Johansson",
    "Jakub Wiśniewski",
    "Kestrel Cycling Club",
    "Kumar Textiles",
    "Lakeside Community Library",
    "Liam O'Connor",
    "Lucía Fernández",
    "Marchetti Ceramiche",
    "Mei-Ling Tan",
    "Northgate Pharmacy",
    'Olivia "Liv" Bergström',
    "Orchard Row Florists",
    "Pinewood Montessori",
    "Priya Raman",
    "Quayside Hotel",
    "Sato Instruments",
    "Stonebridge Brewing Co.",
    "Thomas Becker",
    "Umbra Film Studio",
    "Vesna Kovač",
    "Willow Creek Farm",
    "山田 花子",
)
"""Nobody in particular; with the signs that real names have."""

PRICES = (490, 790, 1250, 1290, 1990, 2450, 3400, 4990, 5900, 7450, 9900, 14_900, 24_900, 59_900)
"""What an article costs, in cents."""

SEASON = (80, 85, 95, 95, 100, 90, 80, 85, 105, 110, 135, 150)
"""Orders of each month, in percent of an average one: most before the holidays."""

BAD_ROWS = (
    "{id},Priya Raman,49.90,on hold,{day}",
    "{id},Quayside Hotel,n/a,shipped,{day}",
    '{id},Sato Instruments,"1,249.00",shipped,{day}',
    "{id},,74.50,confirmed,{day}",
    "{id},Thomas Becker,$19.90,confirmed,{day}",
    "{id},Umbra Film Studio,149.00,shipped",
    "TOTAL,,,,",
    "{id},Willow Creek Farm,59.00,shipped,{day:%d/%m/%Y}",
)
"""One for each export, as a person would break it: the quarantine says what is wrong with it."""


@dataclass(frozen=True)
class Order:
    """An order, with the days on which its status changes."""

    id: str
    customer: str
    cents: int
    placed: date
    confirmed: date
    ended: date
    end: str
    """shipped or cancelled"""

    def status(self, day: date) -> str:
        """Return the status in an export made on the morning of that day."""
        if self.ended < day:
            return self.end
        return "confirmed" if self.confirmed < day else "pending"


def orders() -> Iterator[Order]:
    """Yield all orders of the two years, oldest first."""
    chance = random.Random(SEED)  # noqa: S311, the same for everybody is the point

    def below(limit: int) -> int:
        return int(chance.random() * limit)

    number = 0
    day = FIRST_DAY
    while day < EXPORT_DAYS[-1]:
        # trade grows by a half in the two years, and rests on Sundays
        growth = 80 + 40 * (day - FIRST_DAY).days // (EXPORT_DAYS[-1] - FIRST_DAY).days
        rest = 40 if day.weekday() == 6 else 110
        twice_mean = 2 * ORDERS_A_DAY * SEASON[day.month - 1] * growth * rest // 100**3
        for _ in range(below(twice_mean + 1)):
            number += 1
            # the smaller of two draws: some customers order far more often than others
            rank = min(below(len(CUSTOMERS)), below(len(CUSTOMERS)))
            customer = CUSTOMERS[(rank * 17 + 5) % len(CUSTOMERS)]
            price = PRICES[min(below(len(PRICES)), below(len(PRICES)))]
            cents = price * (1 + min(below(12), below(12)))
            if below(100) < 1:
                cents = -cents
            confirmed = day + timedelta(days=below(4))
            fate = below(100)
            if fate < 88:
                ended = confirmed + timedelta(days=1 + below(9))
            elif fate < 97:
                ended = confirmed + timedelta(days=below(45))
            else:
                # never paid: it stays pending
                confirmed = ended = date.max
            end = "shipped" if fate < 88 else "cancelled"
            yield Order(f"SO-{number:05d}", customer, cents, day, confirmed, ended, end)
        day += timedelta(days=1)


def exports() -> Iterator[tuple[str, date, bytes]]:
    """Yield the exports, oldest first: file name, as-of, content (UTF-8, CRLF, one bad row)."""
    everything = list(orders())
    for index, day in enumerate(EXPORT_DAYS):
        rows = [order for order in everything if day - REACH <= order.placed < day]
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(("OrderID", "Customer", "Amount", "Status", "OrderDate"))
        bad = len(rows) * (index + 1) // (len(EXPORT_DAYS) + 1)
        for position, order in enumerate(rows):
            if position == bad:
                spoiled = BAD_ROWS[index].format(id=f"SO-X{index:04d}", day=order.placed)
                text.write(f"{spoiled}\r\n")
            sign, cents = ("-", -order.cents) if order.cents < 0 else ("", order.cents)
            amount = f"{sign}{cents // 100}.{cents % 100:02d}"
            writer.writerow((order.id, order.customer, amount, order.status(day), order.placed))
        last = day - timedelta(days=1)
        name = f"orders-{last.year}-q{(last.month + 2) // 3}.csv"
        yield name, day, text.getvalue().encode()


def add_if_empty(store: FolderStore) -> int:
    """Put the sample into a lake that holds nothing yet; return how many files that were."""
    if _holds_something(store):
        return 0
    with tempfile.TemporaryDirectory() as folder:
        for name, day, content in exports():
            file = Path(folder, name)
            file.write_bytes(content)
            store.add(file, f"{names.RAW}{name}", datetime.combine(day, time()))
    return len(EXPORT_DAYS)


def keys_in(lake: Lake) -> Iterator[str]:
    """Yield the keys under which the sample stands, and no file of one's own of such a name."""
    for name, _, content in exports():
        one = history.of(lake, f"{names.RAW}{name}")
        versions = [version.id for version in one.waiting]
        if one.standing and one.standing.status == "committed":
            versions.append(one.standing.source_version)
        # what waits is about to stand. in a folder a version ends with its content's digest
        digest = hashlib.sha256(content).hexdigest()[:16]
        if versions and versions[0].endswith(f"-{digest}"):
            yield one.key


def _holds_something(store: FolderStore) -> bool:
    """Tell whether there is a raw file, or anything that one brought: that outlives the file."""
    prefixes = (names.RAW, *(table.prefix for table in TABLES))
    keys = (entry.key for prefix in prefixes for entry in store.list(prefix))
    # a file whose name is not UTF-8 is somebody's too, one that is hidden is no order
    return any(not any(part.startswith(".") for part in key.split("/")) for key in keys)
