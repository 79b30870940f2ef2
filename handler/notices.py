"""What people are told: metrics of every file, and a message where a person must act.

A metric alone cannot name a file, so an alarm cannot either: the message with key and reason comes
from here, the alarm tells that there is one even where it could not be sent.
"""

import logging
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from handler import metrics
from lake import times
from lake.ledger import Record

log = logging.getLogger(__name__)

FUNCTION_VARIABLE = "AWS_LAMBDA_FUNCTION_NAME"
"""Lambda sets it."""
TOPIC_VARIABLE = "NOTICES_TOPIC_ARN"

NAMED = 20
"""Files that one message names: a replay under a stricter rule can reject a thousand."""

PATIENCE = Config(connect_timeout=3, read_timeout=5, retries={"total_max_attempts": 2})
"""A topic that does not answer must not hold up the orders."""

WHAT_TO_DO = (
    "What was published of these files before stays. Mend them, and drop them again under the same"
    " names; `withdraw` takes back one that should not have come."
)


OVERRULES = (
    "Until then their orders overrule those of every other export. If the date is a slip, upload"
    " them again under the same names with the right as-of."
)


@dataclass
class Notices:
    """What one call has to tell."""

    function: str
    """the name that Lambda has for it; empty elsewhere, where nobody reads metrics"""
    topic: str
    """ARN of the topic for messages; empty for none"""
    began: datetime = field(default_factory=times.now)
    rejected: list[Record] = field(default_factory=list)
    ahead: list[Record] = field(default_factory=list)
    """those whose as-of is still to come"""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Notices":
        """Return what this function tells, and where."""
        return cls(environment.get(FUNCTION_VARIABLE, ""), environment.get(TOPIC_VARIABLE, ""))

    def add(self, record: Record) -> None:
        """Count a file that this call has finished; one that was settled before is no news."""
        if record.finished_at is None or record.finished_at < self.began:
            return
        if self.function:
            # cloudwatch reads metrics from lines that hold nothing else
            print(metrics.line(record, self.function), flush=True)  # noqa: T201
        if record.status == "rejected":
            self.rejected.append(record)
        if record.is_ahead:
            self.ahead.append(record)

    def send(self, failure: str | None = None) -> None:
        """Send one message of what a person must look at; none if all is well.

        It cannot fail a call: what could not be sent stands in the log.
        """
        parts = []
        subjects = []
        if self.rejected:
            subjects.append("rejected files")
            parts.append(_rejections(self.rejected))
        if self.ahead:
            subjects.append("files of the future")
            parts.append(_of_the_future(self.ahead))
        if failure:
            subjects.append("a failure")
            parts.append(f"A call failed again, and will be tried again: {failure}")
        if not (parts and self.topic):
            return
        what = " and ".join(subjects)
        # few calls have something to say: the others need no client
        import boto3  # noqa: PLC0415

        try:
            boto3.client("sns", config=PATIENCE).publish(
                TopicArn=self.topic,
                # a subject is ASCII and shorter than 100 characters
                Subject=f"{self.function}: {what}"[:99],
                Message="\n\n".join(parts),
            )
        except (BotoCoreError, ClientError) as fault:
            log.error("could not tell %s of %s: %s", self.topic, what, fault)


def _rejections(records: Sequence[Record]) -> str:
    lines = _named(records, lambda record: record.reason or "")
    return "\n".join(["Rejected:", *lines, "", WHAT_TO_DO])


def _of_the_future(records: Sequence[Record]) -> str:
    lines = _named(records, lambda record: f"as-of {record.received_at:%Y-%m-%d}")
    return "\n".join(["Counted as exported in the future:", *lines, "", OVERRULES])


def _named(records: Sequence[Record], why: Callable[[Record], str]) -> list[str]:
    """Return a line a file, for as many as a message names."""
    lines = [f"{_visible(r.source_key)}: {_visible(why(r))}" for r in records[:NAMED]]
    more = len(records) - len(lines)
    if more:
        lines.append(f"and {more} more: the table ingests names them all")
    return lines


def _visible(text: str) -> str:
    """Return a text on one line: a key may hold anything."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
