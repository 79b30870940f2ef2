"""A lake in a bucket: read from here, worked on by its stack's function.

The function is in charge of the rule, and a command that ran the handler itself could have another
one. It is asked to look at one key a call: so no call is too long for Lambda, and none too large.
"""

import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lake.ledger import Ledger
from lake.s3 import ATTEMPTS, S3Store, client
from lake.store import StoreError
from local.lakes import Told, not_there
from local.options import WrongUse

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

AT_ONCE = 8
"""Calls at a time: a look at a small file takes half a second, and most accounts allow a thousand
functions at once, new ones ten."""

LONGEST_CALL = 15 * 60 + 30
"""Seconds: Lambda ends a call after 15 minutes, and its answer needs a moment."""


class Stack:
    """A stack's bucket and its function, found by the bucket's notifications unless named."""

    def __init__(self, bucket: str, function: str | None = None) -> None:
        self._s3 = client()
        self.store = S3Store(bucket, self._s3)
        self.ledger = Ledger(self.store)
        self._named = function
        self._calls: tuple[LambdaClient, str] | None = None

    def refusals(self) -> list[str]:
        """Return nothing: S3 takes no key that is not text."""
        return []

    def look(self, keys: Iterable[str]) -> Iterator[tuple[str, list[Told]]]:
        """Let the function look at keys, several at a time.

        Raises an ExceptionGroup in the end of what kept keys from their look.
        """
        wanted = list(keys)
        if not wanted:
            return
        self._connect()
        faults: list[Exception] = []
        pool = ThreadPoolExecutor(AT_ONCE)
        try:
            calls = [(key, pool.submit(self._look, key)) for key in wanted]
            for key, call in calls:
                try:
                    yield key, call.result()
                except StoreError as fault:
                    faults.append(fault)
        finally:
            # who interrupts it waits for the calls under way; no other is made
            pool.shutdown(cancel_futures=True)
        if faults:
            raise ExceptionGroup("could not look at all keys", faults)

    def withdraw(self, key: str, reason: str) -> list[Told]:
        """Let the function withdraw a key. Raises WrongUse for one that cannot be withdrawn."""
        # the key itself comes before those that begin with it
        first = next(self.store.versions(key), None)
        if (first is None or first.key != key) and not self._was_there(key):
            raise not_there(self, key)
        answer = self._invoke(key, {"action": "withdraw", "key": key, "reason": reason})
        return _records(answer, key)

    def _was_there(self, key: str) -> bool:
        return any(ingest.record.source_key == key for ingest in self.ledger.ingests())

    def _look(self, key: str) -> list[Told]:
        answer = self._invoke(key, {"action": "look", "keys": [key]})
        for why in answer["ignored"]:
            raise StoreError(f"{key}: the function refused it: {why}")
        return _records(answer, key)

    def _invoke(self, key: str, event: dict[str, Any]) -> Any:
        """Call the function and wait for its answer. Raises StoreError with its fault's words."""
        calls, function = self._connect()
        try:
            answer = calls.invoke(FunctionName=function, Payload=json.dumps(event))
            content: Any = json.load(answer["Payload"])
        except (ClientError, BotoCoreError, OSError, ValueError) as fault:
            raise StoreError(f"{key}: cannot call {function}: {fault}") from fault
        if answer.get("FunctionError"):
            said = content.get("errorMessage", content) if isinstance(content, dict) else content
            raise StoreError(f"{key}: {function} failed: {said}")
        return content

    def _connect(self) -> tuple["LambdaClient", str]:
        """Return Lambda's client, in the function's region, and the function's name or ARN."""
        if self._calls is None:
            function = self._named or self._notified()
            self._calls = (_client(function), function)
        return self._calls

    def _notified(self) -> str:
        """Return the ARN of the function that the bucket notifies. Raises WrongUse."""
        bucket = self.store.bucket
        try:
            configuration = self._s3.get_bucket_notification_configuration(Bucket=bucket)
        except (ClientError, BotoCoreError) as fault:
            raise StoreError(f"cannot ask {bucket} which function it notifies: {fault}") from fault
        told = configuration.get("LambdaFunctionConfigurations", [])
        found = sorted({one["LambdaFunctionArn"] for one in told})
        if len(found) != 1:
            which = f"several functions ({', '.join(found)})" if found else "no function"
            raise WrongUse(f"the bucket {bucket} notifies {which}: name the stack's by --function")
        return found[0]


def _records(answer: Any, key: str) -> list[Told]:
    records: list[Told] = answer["looked"].get(key, [])
    return records


def _client(function: str) -> "LambdaClient":
    # arn:aws:lambda:REGION:ACCOUNT:function:NAME, or a name alone
    parts = function.split(":")
    region = parts[3] if function.startswith("arn:") else None
    config = Config(
        read_timeout=LONGEST_CALL,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        max_pool_connections=AT_ONCE,
    )
    return boto3.client("lambda", region_name=region, config=config)
