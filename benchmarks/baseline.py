"""The usual way to write such a function, to measure against: everything in memory, row by row.

usage: python -m benchmarks.baseline IN.csv OUT.csv AS-OF
"""

# the usual way knows no time zones
# ruff: noqa: DTZ007

import csv
import io
import sys
from datetime import datetime, timedelta
from pathlib import Path


def main(source: str, target: str, as_of: str) -> None:
    """Drop old pending and cancelled orders, write the others, print how many those are."""
    body = Path(source).read_bytes().decode("utf-8")
    cutoff = datetime.strptime(as_of, "%Y-%m-%d") - timedelta(days=30)
    kept = []
    for row in csv.DictReader(io.StringIO(body)):
        order_date = datetime.strptime(row["OrderDate"], "%Y-%m-%d")
        if row["Status"].lower() in ("pending", "cancelled") and order_date <= cutoff:
            continue
        kept.append(row)
    out = io.StringIO()
    writer = csv.DictWriter(out, ["OrderID", "Customer", "Amount", "Status", "OrderDate"])
    writer.writeheader()
    writer.writerows(kept)
    Path(target).write_bytes(out.getvalue().encode("utf-8"))
    print(len(kept))


if __name__ == "__main__":
    main(*sys.argv[1:])
