"""The function that takes orders in, and everything that calls, limits and watches it."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import cloudwatch, lambda_, s3

from components import alarms
from components.account import here
from components.bundles import FUNCTION_PYTHON, Bundle
from components.function import check_no_loop, environment, function_statements
from components.names import StackNames
from components.order import after
from components.queues import failure_queue
from components.role import service_role
from components.settings import AlarmSettings, FunctionSettings
from components.storage import OUTPUTS, RAW, DataLake
from components.sweep import sweep
from components.topic import topic

ARCHITECTURE = "arm64"
"""A fifth cheaper a second than x86_64, and Polars has wheels for it."""

HANDLER = "handler.entry.lambda_handler"

SUFFIXES = (".csv", ".CSV")
"""S3's filters tell capitals; what is spelled in other ways, the sweep finds."""

RETRIES = 2
EVENT_AGE_SECONDS = 6 * 3600
"""The most that Lambda has for calls by events."""


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
        names = StackNames(args.stack)

        # first: made by the function, it would have no retention and no key
        logs = cloudwatch.LogGroup(
            f"{name}-logs",
            name=names.function_log,
            retention_in_days=args.settings.log_days,
            kms_key_id=args.lake.key_arn,
            opts=child,
        )
        queues = failure_queue(
            f"{name}-queue",
            names=names,
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
            physical_name=names.function,
            service="lambda.amazonaws.com",
            statements=function_statements(args.lake, logs.arn, queues, told),
            opts=child,
        )
        layer = self._layer(f"{name}-layer", args)
        code = args.lake.upload(f"{name}-code", args.function.path, args.function.sha256, child)
        function = lambda_.Function(
            name,
            name=names.function,
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
            opts=after(child, logs, role.policy),
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
            opts=after(child, role.policy),
        )
        lambda_.EventSourceMapping(
            f"{name}-redrive",
            event_source_arn=queues.failures.arn,
            function_name=function.name,
            # one by one: a failure is tried again with nothing but itself
            batch_size=1,
            opts=after(child, role.policy),
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
            opts=after(child, allowed),
        )
        sweep(
            f"{name}-sweep",
            stack=args.stack,
            minutes=args.settings.sweep_minutes,
            function=function,
            account=account,
            opts=child,
        )
        watched = alarms.Watched(
            function=names.function,
            failures=names.failures,
            parked=names.parked,
            parked_url=queues.parked.id,
        )
        for alarm in alarms.alarms(
            watched,
            quarantine_percent=args.alarms.quarantine_percent,
            no_file_hours=args.alarms.no_file_hours,
        ):
            alarms.make(
                f"{name}-{alarm.name}", alarm, owner=names.function, topic=told.arn, opts=child
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
            layer_name=StackNames(args.stack).layer,
            s3_bucket=archive.bucket,
            s3_key=archive.key,
            compatible_architectures=[ARCHITECTURE],
            compatible_runtimes=[f"python{FUNCTION_PYTHON}"],
            opts=child,
        )
