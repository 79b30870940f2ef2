"""The failure queue: what the function could not do, to be tried later, and at last parked."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import sqs

from components.names import StackNames
from components.policy import Statement, document, tls_only

DELAY_SECONDS = 900
"""The longest delay that SQS has: a fault that three tries within minutes met takes longer."""

TRIES = 5
"""Tries before a message is parked: AWS advises five at least, since a throttled one counts."""

CALLS_HIDDEN = 6
"""How many of the function's timeouts a message that is worked on stays hidden (AWS's advice)."""

KEPT_SECONDS = 14 * 24 * 3600
"""The longest that SQS keeps a message."""


@dataclass(frozen=True)
class FailureQueue:
    """The two queues."""

    failures: sqs.Queue
    parked: sqs.Queue
    """where a message is that failed at every try; it waits for a person"""

    def send(self) -> tuple[Statement, ...]:
        """Return what it takes to put a failure into the queue."""
        return (Statement("SendFailure", ("sqs:SendMessage",), (self.failures.arn,)),)

    def receive(self) -> tuple[Statement, ...]:
        """Return what it takes to work on failures, as a function's event source does."""
        actions = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
        return (Statement("ReceiveFailure", actions, (self.failures.arn,)),)


def failure_queue(
    name: str, *, names: StackNames, timeout_seconds: int, opts: pulumi.ResourceOptions
) -> FailureQueue:
    """Make both queues, encrypted and TLS only, for a function with that timeout."""
    parked = _queue(f"{name}-parked", sqs.QueueArgs(name=names.parked), opts)
    failures = _queue(
        f"{name}-failures",
        sqs.QueueArgs(
            name=names.failures,
            delay_seconds=DELAY_SECONDS,
            visibility_timeout_seconds=CALLS_HIDDEN * timeout_seconds,
            redrive_policy=pulumi.Output.json_dumps(
                {"deadLetterTargetArn": parked.arn, "maxReceiveCount": TRIES}
            ),
        ),
        opts,
    )
    sqs.RedriveAllowPolicy(
        f"{name}-parked-from",
        queue_url=parked.id,
        redrive_allow_policy=pulumi.Output.json_dumps(
            {"redrivePermission": "byQueue", "sourceQueueArns": [failures.arn]}
        ),
        opts=opts,
    )
    return FailureQueue(failures, parked)


def _queue(name: str, args: sqs.QueueArgs, opts: pulumi.ResourceOptions) -> sqs.Queue:
    args.message_retention_seconds = KEPT_SECONDS
    # sqs's own key: messages name keys and reasons, and the services need no right to another key
    args.sqs_managed_sse_enabled = True
    queue = sqs.Queue(name, args, opts=opts)
    sqs.QueuePolicy(
        f"{name}-policy",
        queue_url=queue.id,
        policy=document([tls_only(queue.arn, action="sqs:*")]),
        opts=opts,
    )
    return queue
