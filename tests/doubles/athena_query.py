"""The queries of Athena's double: how they go, how they stand, and the errors it answers with."""

from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from tests.doubles.wire import Result


class Refused(Exception):
    """Athena's error to a request."""

    def __init__(self, code: str, message: str, athena_code: str = "", status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"__type": code, "Message": message}
        if athena_code:
            self.body |= {"AthenaErrorCode": athena_code, "ErrorCode": athena_code}


@dataclass
class Ending:
    """How a query goes: how long it takes, what it has scanned then, and how it ends."""

    queued_s: float = 0.0
    runs_s: float = 0.0
    scanned: int = 0
    state: str = "SUCCEEDED"
    reason: str | None = None
    error: dict[str, Any] | None = None
    result: Result | None = None
    """what it gives; None runs the SQL"""


@dataclass
class Query:
    """A query that was started."""

    id: str
    sql: str
    parameters: list[str]
    request: dict[str, Any]
    ending: Ending
    began: float
    result: "Future[Result]"
    reused: bool = False
    stopped: float | None = None

    def stand(self, now: float) -> tuple[str, str | None, dict[str, Any] | None]:
        """Return state, reason and error."""
        age = (self.stopped or now) - self.began
        ending = self.ending
        if age < ending.queued_s:
            state = "QUEUED"
        elif age < ending.queued_s + ending.runs_s or not self.result.done():
            state = "RUNNING"
        elif (fault := self.result.exception()) is not None:
            about = {"ErrorCategory": 2, "ErrorType": 1000, "Retryable": False}
            return "FAILED", str(fault), about | {"ErrorMessage": str(fault)}
        else:
            return ending.state, ending.reason, ending.error
        return (
            (state, None, None)
            if self.stopped is None
            else ("CANCELLED", "Query cancelled by user", None)
        )

    def scanned(self, now: float) -> int:
        """Return the bytes scanned so far, or in the end."""
        if self.reused:
            return 0
        ran = (self.stopped or now) - self.began - self.ending.queued_s
        share = 1.0 if self.ending.runs_s == 0 else min(1.0, max(0.0, ran / self.ending.runs_s))
        return int(self.ending.scanned * share)
