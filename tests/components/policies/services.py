"""What AWS's services ask for in the name of a role: no call of ours, so it cannot be recorded.

Each comes from the service's documentation, named beside it; nobody has seen them here.
"""

from collections.abc import Iterator

from lake import names
from lake.schema import DROPPED, INGESTS, PROCESSED, QUARANTINE, Table
from tests.doubles.calls import Place
from tests.doubles.iam import Request
from tests.doubles.registered import Registered

FILE = "raw/orders.csv"
RESULT = "enriched/0c1271a6.csv"


def an_object(table: Table) -> str:
    """Return a key under a table's prefix."""
    return f"{table.prefix}{names.stem(FILE)}"


def of_function(place: Place, stack: Registered) -> Iterator[Request]:
    """Yield what Lambda asks for in the function's name."""
    # Lambda, "Sending function logs to CloudWatch Logs"
    stream = place.local("logs", f"log-group:/aws/lambda/{_function(stack)}:log-stream:s")
    yield place.request("logs:CreateLogStream", stream)
    yield place.request("logs:PutLogEvents", stream)
    # Lambda, "Visualize Lambda function invocations using AWS X-Ray"; it knows no resources
    yield place.request("xray:PutTraceSegments", "*")
    yield place.request("xray:PutTelemetryRecords", "*")
    # Lambda, "Retaining records of asynchronous invocations": the destination's permission
    queue = place.local("sqs", f"{_function(stack)}-failures")
    yield place.request("sqs:SendMessage", queue)
    # Lambda, "Using Lambda with Amazon SQS": execution role permissions
    for action in ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes"):
        yield place.request(f"sqs:{action}", queue)
    # Lambda, "Securing Lambda environment variables": decrypted with the role's rights
    yield place.on_key("Decrypt", via="lambda")


def of_sweep(place: Place, stack: Registered) -> Iterator[Request]:
    """Yield what the scheduler asks for."""
    alias = f"function:{_function(stack)}:{stack.one('lambda.Alias').inputs['name']}"
    yield place.request("lambda:InvokeFunction", place.local("lambda", alias))


def of_crawler(place: Place, stack: Registered) -> Iterator[Request]:
    """Yield what Glue asks for in the crawler's name."""
    crawler = stack.one("glue.Crawler").inputs
    database = crawler["databaseName"]
    # Glue, "Crawler prerequisites": read the target, list it, and know where it lies
    yield place.on_bucket("GetBucketLocation")
    yield from place.lists(PROCESSED.prefix)
    yield from place.reads(an_object(PROCESSED))
    # Glue, "Actions, resources, and condition keys": each also on the catalog and the database
    yield from _on_table(
        place,
        database,
        PROCESSED.name,
        *(
            *("BatchGetPartition", "GetDatabase", "GetPartition", "GetPartitions", "GetTable"),
            *("GetTables", "BatchCreatePartition", "CreatePartition", "UpdatePartition"),
            "UpdateTable",
        ),
    )
    # Glue, "Setting up encryption": the role of a crawler with a security configuration
    group = stack.one("cloudwatch.LogGroup", name=_crawler_group(stack)).outputs["arn"]
    for action in ("AssociateKmsKey", "CreateLogGroup"):
        yield place.request(f"logs:{action}", group)
    for action in ("CreateLogStream", "PutLogEvents"):
        yield place.request(f"logs:{action}", f"{group}:log-stream:s")


def of_host(place: Place, stack: Registered) -> Iterator[Request]:
    """Yield what the host's own agents, its start, and Athena ask for."""
    app = stack.one("s3.BucketObjectv2", key=_app(stack))
    yield from place.reads(app.inputs["key"])
    # Systems Manager, "Step 2: create an instance profile": no resource but the instance itself
    yield place.request("ssm:UpdateInstanceInformation", place.local("ec2", "instance/i-0123"))
    for verb in ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel"):
        yield place.request(f"ssmmessages:{verb}", "*")
    yield place.request("ssmmessages:OpenDataChannel", "*")
    # the log agent: its group is there, a stream per file and instance is not
    stream = place.local("logs", f"log-group:/orders-lake/{stack.stack}/dashboard:log-stream:s")
    yield place.request("logs:CreateLogStream", stream)
    yield place.request("logs:PutLogEvents", stream)
    yield from _athena(place, stack)


def _athena(place: Place, stack: Registered) -> Iterator[Request]:
    """Yield what Athena asks for in the name of who runs a query.

    Athena, "Access to databases and tables in the Glue Data Catalog" and "Access to Amazon S3".
    """
    database = stack.one("glue.CatalogDatabase").inputs["name"]
    # Athena, "Example workgroup policies": with the right to run queries goes that to see where
    yield place.request(
        "athena:GetWorkGroup", place.local("athena", f"workgroup/{place.workgroup}")
    )
    for resource in ("catalog", "database/default"):
        yield place.request("glue:GetDatabase", place.local("glue", resource))
    for table in (PROCESSED, DROPPED, QUARANTINE, INGESTS):
        yield from _on_table(
            place,
            database,
            table.name,
            *("BatchGetPartition", "GetDatabase", "GetPartition", "GetPartitions", "GetTable"),
            "GetTables",
        )
        yield from place.lists(table.prefix)
        yield from place.reads(an_object(table))
    yield place.on_bucket("GetBucketLocation")
    yield from place.lists(RESULT)
    yield from place.writes(RESULT)
    yield from place.reads(RESULT)
    for action in ("AbortMultipartUpload", "ListMultipartUploadParts"):
        yield place.on_object(action, {"Key": RESULT})


def _on_table(place: Place, database: str, table: str, *actions: str) -> Iterator[Request]:
    for action in actions:
        for resource in ("catalog", f"database/{database}", f"table/{database}/{table}"):
            yield place.request(f"glue:{action}", place.local("glue", resource))


def _function(stack: Registered) -> str:
    return str(stack.one("lambda.Function").inputs["name"])


def _app(stack: Registered) -> str:
    [key] = [
        one.inputs["key"]
        for one in stack.of("s3.BucketObjectv2")
        if one.inputs["key"].startswith("bundles/app-")
    ]
    return str(key)


def _crawler_group(stack: Registered) -> str:
    [name] = [
        one.inputs["name"]
        for one in stack.of("cloudwatch.LogGroup")
        if one.inputs["name"].startswith("/aws-glue/")
    ]
    return str(name)
