"""What the function is told and what it may do, apart from how it is made."""

from collections.abc import Sequence

import pulumi

from components.policy import Statement
from components.queues import FailureQueue
from components.settings import FunctionSettings
from components.storage import OUTPUTS, RAW, DataLake
from components.topic import Topic


class LoopError(ValueError):
    """What the function writes would call it again."""


def check_no_loop(watched: str, written: Sequence[str]) -> None:
    """Raise LoopError if an object under one of the written prefixes would be an event."""
    for prefix in written:
        if prefix.startswith(watched) or watched.startswith(prefix):
            raise LoopError(
                f"the function is called for what comes under {watched!r} and writes under"
                f" {prefix!r}: it would call itself"
            )


def environment(settings: FunctionSettings) -> dict[str, str]:
    """Return the function's settings as it reads them (lake/rule.py)."""
    return {
        "ORDERS_DROP_STATUSES": ",".join(settings.drop_statuses),
        "ORDERS_DROP_DAYS": str(settings.drop_days),
        "ORDERS_MAX_FILE_BYTES": str(settings.max_file_mib << 20),
        "ORDERS_MAX_LINE_BYTES": str(settings.max_line_bytes),
        "ORDERS_MAX_BAD_SHARE": str(settings.max_bad_percent / 100),
    }


def function_statements(
    lake: DataLake, log_group_arn: pulumi.Output[str], queues: FailureQueue, told: Topic
) -> tuple[Statement, ...]:
    """Return everything that the function may do, and what it must not whoever allows it."""
    return (
        Statement(
            "Log",
            ("logs:CreateLogStream", "logs:PutLogEvents"),
            (pulumi.Output.format("{}:*", log_group_arn),),
        ),
        # x-ray knows no resources
        Statement("Trace", ("xray:PutTraceSegments", "xray:PutTelemetryRecords"), ("*",)),
        *lake.list_versions(RAW),
        *lake.read_versions(RAW),
        *lake.list(*OUTPUTS),
        # of the quarantine too: replacing an object under If-Match asks for the right to read it
        *lake.read(*OUTPUTS),
        *lake.write(*OUTPUTS),
        *lake.use_key(encrypt=True),
        # its environment is encrypted; lambda decrypts it in the function's name
        *lake.use_key("lambda"),
        *lake.use_key("sns", encrypt=True),
        *told.publish(),
        *queues.send(),
        *queues.receive(),
        lake.refuse("NeverWriteRaw", ("s3:PutObject",), RAW),
        Statement("NeverDelete", ("s3:Delete*",), ("*",), effect="Deny"),
    )
