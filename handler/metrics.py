"""What is counted per file: lines in CloudWatch's embedded metric format, read from the log."""

import json
from datetime import UTC

from lake import times
from lake.ledger import Record

NAMESPACE = "OrdersLake"
DIMENSION = "FunctionName"
METRICS = ("Kept", "Dropped", "Quarantined", "Rejected")
"""Rows, and for the last one files. Each has a value for every file, so that their number counts
files."""


def line(record: Record, function: str) -> str:
    """Return a record's metrics, as one line of the log of the function of that name.

    Key, status and reason stand beside them: they are no dimensions, which would cost by the file,
    but the log can be searched for them.
    """
    about = {
        "Timestamp": int(times.now().replace(tzinfo=UTC).timestamp() * 1000),
        "CloudWatchMetrics": [
            {
                "Namespace": NAMESPACE,
                "Dimensions": [[DIMENSION]],
                "Metrics": [{"Name": name, "Unit": "Count"} for name in METRICS],
            }
        ],
    }
    counts = (record.kept, record.dropped, record.quarantined, int(record.status == "rejected"))
    return json.dumps(
        {
            "_aws": about,
            DIMENSION: function,
            **dict(zip(METRICS, counts, strict=True)),
            "key": record.source_key,
            "version": record.source_version,
            "status": record.status,
            "reason": record.reason,
        }
    )
