"""Athena over a lake in a bucket: what answers SQL on AWS."""

import threading
import time
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import BotoCoreError, ClientError

from lake.store import Store
from web.athena import faults, reuse
from web.athena.execution import Execution, start
from web.athena.price import USD_PER_TB, cost
from web.athena.results import read
from web.engine import Answer, Stats, Value, Watch

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_athena.type_defs import QueryExecutionTypeDef

WAIT_SHARE = 0.1
"""Time until the next look, as a share of the time since the start: whoever waits for a query sees
its end at most a tenth late, and a long query costs few requests."""
LEAST_WAIT_S = 0.05
"""Shortest time between two looks; Athena's own quickest answers take about 0.3 s."""
ENDS = ("SUCCEEDED", "FAILED", "CANCELLED")
"""The states that a query stays in."""


class AthenaEngine:
    """The engine over one database, in one workgroup. Safe to use from several threads.

    Where results lie, how they are encrypted and how much a query may scan is the workgroup's
    matter. `store` is the lake's: its last change decides which earlier results may be reused.
    """

    name = "Athena"
    latest: Literal["cte", "table"] = "cte"

    def __init__(
        self,
        athena: "AthenaClient",
        *,
        workgroup: str,
        database: str,
        store: Store,
        usd_per_tb: Decimal = USD_PER_TB,
    ) -> None:
        self._athena = athena
        self._workgroup = workgroup
        self._database = database
        self._store = store
        self._usd_per_tb = usd_per_tb
        self._running = 0
        self._changed = threading.Condition()

    def run(self, sql: str, binds: Sequence[Value], watch: Watch) -> Answer:
        """Run one SELECT on the lake as it is now, or newer. Raises EngineError."""
        with self._changed:
            self._running += 1
        try:
            return self._run(sql, binds, watch)
        except (ClientError, BotoCoreError) as fault:
            raise faults.of_request(fault) from fault
        finally:
            with self._changed:
                self._running -= 1
                self._changed.notify_all()

    def close(self, seconds: float) -> None:
        """Wait at most so long for runs that were cancelled to stop their queries."""
        with self._changed:
            self._changed.wait_for(lambda: self._running == 0, seconds)

    def _run(self, sql: str, binds: Sequence[Value], watch: Watch) -> Answer:
        if watch.cancel.is_set():
            raise faults.cancelled()
        began = time.monotonic()
        execution = start(
            self._athena,
            sql,
            binds,
            workgroup=self._workgroup,
            database=self._database,
            # Athena compares texts; whether it compares parameters too is said nowhere, and its
            # check of a repeated request is known not to: a text with parameters is run anew
            reuse_minutes=None if binds or watch.fresh else reuse.minutes(self._store),
        )
        watch.link = execution.link
        try:
            found = self._wait(execution, watch, began)
        except BaseException:
            # nobody waits any longer, and what it scans from here on would still be billed
            execution.stop()
            raise
        if found["Status"]["State"] != "SUCCEEDED":
            raise faults.of_end(execution.id, found["Status"])
        return self._answer(execution, found, watch)

    def _wait(self, execution: Execution, watch: Watch, began: float) -> "QueryExecutionTypeDef":
        """Look, a first time at once, until the query has ended; return how."""
        while True:
            found = execution.look()
            if found is not None:
                watch.bytes = found.get("Statistics", {}).get("DataScannedInBytes")
                if found["Status"]["State"] in ENDS:
                    return found
            elapsed = time.monotonic() - began
            if watch.cancel.wait(max(LEAST_WAIT_S, WAIT_SHARE * elapsed)):
                raise faults.cancelled()

    def _answer(self, execution: Execution, found: "QueryExecutionTypeDef", watch: Watch) -> Answer:
        columns, rows, truncated = read(self._athena, execution.id, watch.cancel)
        said = found.get("Statistics", {})
        reused = said.get("ResultReuseInformation", {}).get("ReusedPreviousResult", False)
        scanned = said.get("DataScannedInBytes")
        queued_ms, total_ms = (
            said.get("QueryQueueTimeInMillis"),
            said.get("TotalExecutionTimeInMillis"),
        )
        stats = Stats(
            bytes=scanned,
            cost=None if scanned is None else cost(scanned, self._usd_per_tb, reused=reused),
            queued_ms=queued_ms,
            run_ms=None if total_ms is None else total_ms - (queued_ms or 0),
            reused=reused,
            link=execution.link,
        )
        return Answer(columns, rows, stats, truncated)
