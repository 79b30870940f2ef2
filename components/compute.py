"""The function that takes orders in, and everything that calls, limits and watches it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, lambda_, s3

from components import alarms
from components.account import here
from components.bundles import FUNCTION_PYTHON, Bundle
from components.policy import Statement
from components.queues import FailureQueue, failure_queue
from components.role import service_role
from components.settings import AlarmSettings, FunctionSettings
from components.storage import OUTPUTS, RAW, DataLake
from components.sweep import sweep
from components.topic import Topic, topic
from lake.schema import TABLES

ARCHITECTURE = "arm64"
"""A fifth cheaper a second than x86_64, and Polars has wheels for it."""

HANDLER = "handler.entry.lambda_handler"

SUFFIXES = (".csv", ".CSV")
"""S3's filters tell capitals; what is spelled in other ways, the sweep finds."""

POLARS_THREADS = 2
"""With one, two sinks and bad rows, memory grows with the file (3.7 GB at 20 M rows); more than
there are processors gain nothing."""

RETRIES = 2
EVENT_AGE_SECONDS = 6 * 3600
"""The most that Lambda has for calls by events."""


class LoopError(ValueError):
    """What the function writes would call it again."""


@dataclass(frozen=True, kw_only=True)
class OrdersFilterArgs:
    """What the function works on, and with."""

    stack: str
    """stands in the names of what is made"""
    lake: DataLake
    function: Bundle
    """the code with its small libraries"""
    layer: Bundle
    """Polars for arm64: too large for anything but a layer that comes through S3"""
    settings: FunctionSettings
    alarms: AlarmSettings


class OrdersFilter(pulumi.ComponentResource):
    """The function `FilterAndProcessOrders-<stack>` and what belongs to it.

    Makes: the log group, the role, the layer, the function; the bucket's notifications on `raw/`;
    the failure queue, from which failed calls are tried again, and where they are parked at last;
    the sweep's schedule; the topic and the alarms.
    """

    function_name: pulumi.Output[str]
    function_arn: pulumi.Output[str]
    queue_arn: pulumi.Output[str]
    """of the failure queue"""
    queue_url: pulumi.Output[str]
    topic_arn: pulumi.Output[str]
    """of the topic that alarms and rejections go to"""

    def __init__(
        self, name: str, args: OrdersFilterArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("orders-lake:components:OrdersFilter", name, None, opts)
        check_no_loop(RAW, OUTPUTS)
        child = pulumi.ResourceOptions(parent=self)
        account = here(self)
        function_name = f"FilterAndProcessOrders-{args.stack}"

        # first: made by the function, it would have no retention and no key
        logs = cloudwatch.LogGroup(
            f"{name}-logs",
            name=f"/aws/lambda/{function_name}",
            retention_in_days=args.settings.log_days,
            kms_key_id=args.lake.key_arn,
            opts=child,
        )
        queues = failure_queue(
            f"{name}-queue",
            physical_name=function_name,
            timeout_seconds=args.settings.timeout_seconds,
            opts=child,
        )
        told = topic(
            f"{name}-topic",
            stack=args.stack,
            key_arn=args.lake.key_arn,
            email=args.alarms.email,
            account=account,
            opts=child,
        )
        role = service_role(
            f"{name}-role",
            physical_name=function_name,
            service="lambda.amazonaws.com",
            statements=function_statements(args.lake, logs.arn, queues, told),
            opts=child,
        )
        layer = self._layer(f"{name}-layer", args)
        code = args.lake.upload(f"{name}-code", args.function.path, args.function.sha256, child)
        function = lambda_.Function(
            name,
            name=function_name,
            description="sorts the orders of raw files into processed, dropped and quarantine",
            runtime=f"python{FUNCTION_PYTHON}",
            architectures=[ARCHITECTURE],
            handler=HANDLER,
            s3_bucket=code.bucket,
            s3_key=code.key,
            layers=[layer.arn],
            role=role.arn,
            memory_size=args.settings.memory_mib,
            timeout=args.settings.timeout_seconds,
            ephemeral_storage=lambda_.FunctionEphemeralStorageArgs(size=args.settings.disk_mib),
            reserved_concurrent_executions=args.settings.reserved_concurrency or None,
            environment=lambda_.FunctionEnvironmentArgs(
                variables={
                    "LAKE_BUCKET": args.lake.bucket,
                    "NOTICES_TOPIC_ARN": told.arn,
                    **environment(args.settings),
                }
            ),
            kms_key_arn=args.lake.key_arn,
            tracing_config=lambda_.FunctionTracingConfigArgs(mode="Active"),
            opts=_after(child, logs, role.policy),
        )
        lambda_.FunctionRecursionConfig(
            f"{name}-recursion",
            function_name=function.name,
            recursive_loop="Terminate",
            opts=child,
        )
        lambda_.FunctionEventInvokeConfig(
            f"{name}-failures",
            function_name=function.name,
            maximum_retry_attempts=RETRIES,
            maximum_event_age_in_seconds=EVENT_AGE_SECONDS,
            destination_config=lambda_.FunctionEventInvokeConfigDestinationConfigArgs(
                on_failure=lambda_.FunctionEventInvokeConfigDestinationConfigOnFailureArgs(
                    destination=queues.failures.arn
                )
            ),
            opts=_after(child, role.policy),
        )
        lambda_.EventSourceMapping(
            f"{name}-redrive",
            event_source_arn=queues.failures.arn,
            function_name=function.name,
            # one by one: a failure is tried again with nothing but itself
            batch_size=1,
            opts=_after(child, role.policy),
        )
        allowed = lambda_.Permission(
            f"{name}-from-bucket",
            action="lambda:InvokeFunction",
            function=function.name,
            principal="s3.amazonaws.com",
            source_arn=args.lake.bucket_arn,
            source_account=account.id,
            opts=child,
        )
        # s3 tries the function before it takes the notification
        s3.BucketNotification(
            f"{name}-notifications",
            bucket=args.lake.bucket,
            lambda_functions=[
                s3.BucketNotificationLambdaFunctionArgs(
                    id=f"raw{number}",
                    lambda_function_arn=function.arn,
                    # large uploads come as CompleteMultipartUpload
                    events=["s3:ObjectCreated:*"],
                    filter_prefix=RAW,
                    filter_suffix=suffix,
                )
                for number, suffix in enumerate(SUFFIXES)
            ],
            opts=_after(child, allowed),
        )
        sweep(
            f"{name}-sweep",
            stack=args.stack,
            minutes=args.settings.sweep_minutes,
            function_arn=function.arn,
            account=account,
            opts=child,
        )
        watched = alarms.Watched(
            function=function_name,
            failures=f"{function_name}-failures",
            parked=f"{function_name}-parked",
            parked_url=queues.parked.id,
        )
        for alarm in alarms.alarms(
            watched,
            quarantine_percent=args.alarms.quarantine_percent,
            no_file_hours=args.alarms.no_file_hours,
        ):
            alarms.make(
                f"{name}-{alarm.name}", alarm, owner=function_name, topic=told.arn, opts=child
            )

        self.function_name = function.name
        self.function_arn = function.arn
        self.queue_arn = queues.failures.arn
        self.queue_url = queues.failures.id
        self.topic_arn = told.arn
        self.register_outputs(
            {
                "function_name": self.function_name,
                "function_arn": self.function_arn,
                "queue_arn": self.queue_arn,
                "queue_url": self.queue_url,
                "topic_arn": self.topic_arn,
            }
        )

    def _layer(self, name: str, args: OrdersFilterArgs) -> lambda_.LayerVersion:
        child = pulumi.ResourceOptions(parent=self)
        archive = args.lake.upload(f"{name}-archive", args.layer.path, args.layer.sha256, child)
        return lambda_.LayerVersion(
            name,
            layer_name=f"orders-polars-{args.stack}",
            s3_bucket=archive.bucket,
            s3_key=archive.key,
            compatible_architectures=[ARCHITECTURE],
            compatible_runtimes=[f"python{FUNCTION_PYTHON}"],
            opts=child,
        )


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
        "POLARS_MAX_THREADS": str(POLARS_THREADS),
    }


def function_statements(
    lake: DataLake, log_group_arn: pulumi.Output[str], queues: FailureQueue, told: Topic
) -> tuple[Statement, ...]:
    """Return everything that the function may do, and what it must not whoever allows it."""
    tables = tuple(table.prefix for table in TABLES)
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
        *lake.list(*tables),
        # of the quarantine too: replacing an object under If-Match asks for the right to read it
        *lake.read(*tables),
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


def _after(opts: pulumi.ResourceOptions, *those: pulumi.Resource) -> pulumi.ResourceOptions:
    return pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(depends_on=list(those)))
