"""One query of Athena's: started once, looked at, stopped."""

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from queries.literal import literal
from web.athena import console, faults
from web.engine import EngineError, Value

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_athena.type_defs import QueryExecutionTypeDef

QUERY_BYTES = 262_144
"""Longest query text, bytes in UTF-8 (StartQueryExecution, API reference)."""
PARAMETER_LENGTH = 1024
"""Longest parameter, characters with its quotes (same place)."""
TOKEN_BYTES = 32
"""Random bytes of a start's token, 64 hex digits: Athena takes 32 to 128 characters."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Execution:
    """A query that Athena has taken."""

    athena: "AthenaClient"
    id: str

    @property
    def link(self) -> str:
        """The query's address in Athena's console."""
        meta = self.athena.meta
        return console.link(meta.region_name, meta.partition, self.id)

    def look(self) -> "QueryExecutionTypeDef | None":
        """Return how it stands, or None if Athena is asked too much just now: it runs on."""
        try:
            return self.athena.get_query_execution(QueryExecutionId=self.id)["QueryExecution"]
        except ClientError as fault:
            if faults.is_throttled(fault):
                return None
            raise

    def stop(self) -> None:
        """Stop it, as far as that can be done: one that runs on only costs money."""
        try:
            self.athena.stop_query_execution(QueryExecutionId=self.id)
        except (ClientError, BotoCoreError) as fault:
            _log.warning("Athena: the query %s could not be stopped: %s", self.id, fault)


def start(
    athena: "AthenaClient",
    sql: str,
    binds: Sequence[Value],
    *,
    workgroup: str,
    database: str,
    reuse_minutes: int | None,
) -> Execution:
    """Start a query, once, however often the request itself has to be repeated.

    `reuse_minutes` is the greatest age of an earlier result that may be given again; None for none.
    Raises EngineError for what Athena could not take, ClientError and BotoCoreError.
    """
    if len(sql.encode()) > QUERY_BYTES:
        raise EngineError(
            "query", f"The query is longer than the {QUERY_BYTES:,} bytes Athena takes."
        )
    request: dict[str, Any] = {
        "QueryString": sql,
        # one token for all tries of this request: a start whose answer was lost is not repeated
        "ClientRequestToken": secrets.token_hex(TOKEN_BYTES),
        "QueryExecutionContext": {"Database": database},
        "WorkGroup": workgroup,
    }
    if binds:
        request["ExecutionParameters"] = [_parameter(value) for value in binds]
    if reuse_minutes is not None:
        by_age = {"Enabled": True, "MaxAgeInMinutes": reuse_minutes}
        request["ResultReuseConfiguration"] = {"ResultReuseByAgeConfiguration": by_age}
    return Execution(athena, athena.start_query_execution(**request)["QueryExecutionId"])


def _parameter(value: Value) -> str:
    """Return a value as Athena reads a parameter: an SQL literal."""
    try:
        text = literal(value)
    except ValueError as fault:
        raise EngineError("query", f"The value cannot be asked for: {fault}.") from None
    if len(text) > PARAMETER_LENGTH:
        raise EngineError(
            "query",
            f"The value is {len(text):,} characters long in SQL, and Athena takes "
            f"{PARAMETER_LENGTH:,}: choose a shorter one.",
        )
    return text
