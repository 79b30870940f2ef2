"""Requests that AWS refuses because of what else there is, or is not, in the account.

Each function takes the account, the verb (create, update, delete), the resource as it would be, and
the words that the table gives it; it returns the reason, or nothing.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.doubles.aws_account import Account, Thing

BUCKET = "aws:s3/bucket:Bucket"
FUNCTION = "aws:lambda/function:Function"
OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
DAY = 24 * 3600
LEAST_UNRESERVED = 10
"""Calls at once that Lambda always keeps for functions that reserve none."""


def no_such_bucket(account: "Account", verb: str, thing: "Thing") -> str | None:
    """What belongs to a bucket needs the bucket."""
    bucket = thing.properties["bucket"]
    if verb == "delete" or (BUCKET, bucket) in account.things:
        return None
    return f"NoSuchBucket: The specified bucket does not exist: {bucket}"


def bucket_not_empty(account: "Account", verb: str, thing: "Thing") -> str | None:
    """A bucket that holds objects stays, unless it is told to let them go."""
    if verb != "delete" or thing.properties.get("forceDestroy"):
        return None
    holds = any(other.properties["bucket"] == thing.id for other in account.of(OBJECT))
    if holds or thing.id in account.used:
        return "BucketNotEmpty: The bucket you tried to delete is not empty"
    return None


def bucket_may_not_call(account: "Account", verb: str, thing: "Thing") -> str | None:
    """S3 tries to call a function before it takes the notification."""
    if verb == "delete":
        return None
    permitted = {
        permission.properties["function"]
        for permission in account.of("aws:lambda/permission:Permission")
        if permission.properties["principal"] == "s3.amazonaws.com"
    }
    for target in thing.properties.get("lambdaFunctions") or ():
        if _last(target["lambdaFunctionArn"]) not in permitted:
            return "InvalidArgument: Unable to validate the following destination configurations"
    return None


def no_such_code(account: "Account", verb: str, thing: "Thing") -> str | None:
    """A function or a layer is read from an object that is there."""
    id_ = f"{thing.properties.get('s3Bucket')}/{thing.properties.get('s3Key')}"
    if verb == "delete" or (OBJECT, id_) in account.things:
        return None
    return f"InvalidParameterValueException: NoSuchKey: The specified key does not exist: {id_}"


def no_such_function(account: "Account", verb: str, thing: "Thing", property_: str) -> str | None:
    """What belongs to a function needs the function."""
    name = thing.properties[property_]
    if verb == "delete" or (FUNCTION, name) in account.things:
        return None
    return f"ResourceNotFoundException: Function not found: {name}"


def too_little_concurrency(account: "Account", verb: str, thing: "Thing") -> str | None:
    """Ten calls at once must be left to functions that reserve none."""
    reserved = thing.properties.get("reservedConcurrentExecutions") or 0
    if verb == "delete" or reserved <= 0 or account.concurrency - reserved >= LEAST_UNRESERVED:
        return None
    return (
        "InvalidParameterValueException: Specified ReservedConcurrentExecutions for function"
        " decreases account's UnreservedConcurrentExecution below its minimum value of [10]"
    )


def visibility_shorter_than_timeout(account: "Account", verb: str, thing: "Thing") -> str | None:
    """A message must stay hidden as long as a call may take."""
    if verb == "delete":
        return None
    queues = {queue.properties["arn"]: queue for queue in account.of("aws:sqs/queue:Queue")}
    queue = queues.get(thing.properties["eventSourceArn"])
    function = account.things.get((FUNCTION, thing.properties["functionName"]))
    if queue is None or function is None:
        return "ResourceNotFoundException: the queue or the function is not there"
    hidden = queue.properties.get("visibilityTimeoutSeconds") or 30
    timeout = function.properties.get("timeout") or 3
    if hidden < timeout:
        return (
            f"InvalidParameterValueException: Queue visibility timeout: {hidden} seconds is less"
            f" than Function timeout: {timeout} seconds"
        )
    return None


def alarm_too_long(account: "Account", verb: str, thing: "Thing") -> str | None:
    """An alarm looks at a day at most, at a week with periods of an hour or more."""
    queries = thing.properties.get("metricQueries") or ()
    periods = [query["metric"]["period"] for query in queries if query.get("metric")]
    if thing.properties.get("period"):
        periods.append(thing.properties["period"])
    for period in periods:
        span = period * thing.properties["evaluationPeriods"]
        if span > (7 * DAY if period >= 3600 else DAY):
            return f"ValidationError: {span} seconds are too long for periods of {period}"
    return None


def in_use(account: "Account", verb: str, thing: "Thing", *types: str) -> str | None:
    """What something else of these types refers to stays."""
    if verb != "delete":
        return None
    names = {thing.id, thing.properties.get("arn", thing.id)}
    for type_ in types:
        for other in account.of(f"aws:{type_}"):
            if other.id != thing.id and names & texts(other.properties):
                return f"DependencyViolation: {other.id} ({type_}) uses it"
    return None


def referred_by_other_group(account: "Account", verb: str, thing: "Thing") -> str | None:
    """A security group stays while a rule of another one names it."""
    for kind in ("Ingress", "Egress"):
        for rule in account.of(f"aws:vpc/securityGroup{kind}Rule:SecurityGroup{kind}Rule"):
            if (
                verb == "delete"
                and rule.properties.get("referencedSecurityGroupId") == thing.id
                and rule.properties["securityGroupId"] != thing.id
            ):
                return f"DependencyViolation: {rule.id} refers to it"
    return None


def no_such_subnet(account: "Account", verb: str, thing: "Thing") -> str | None:
    """An instance stands in a subnet that is there."""
    subnet = thing.properties.get("subnetId", "")
    known = set(account.default_subnets.values()) | account.foreign_subnets
    if verb == "delete" or subnet in known or ("aws:ec2/subnet:Subnet", subnet) in account.things:
        return None
    return f"InvalidSubnetID.NotFound: The subnet ID '{subnet}' does not exist"


def other_architecture(account: "Account", verb: str, thing: "Thing") -> str | None:
    """An instance type runs images of its own architecture."""
    architecture = account.instance_types[thing.properties["instanceType"]]
    if verb == "delete" or thing.properties["ami"] == account.images[architecture]:
        return None
    return (
        f"InvalidParameterValue: the image {thing.properties['ami']} is not for"
        f" {thing.properties['instanceType']}, which is {architecture}"
    )


def crawler_deletes_catalog_target(account: "Account", verb: str, thing: "Thing") -> str | None:
    """Behind a table that is declared a crawler may not delete."""
    policy = thing.properties.get("schemaChangePolicy") or {}
    if thing.properties.get("catalogTargets") and policy.get("deleteBehavior") != "LOG":
        return "InvalidInputException: The SchemaChangePolicy for DeleteBehavior must be LOG"
    return None


def workgroup_not_empty(account: "Account", verb: str, thing: "Thing") -> str | None:
    """A workgroup with queries stays, unless it is told to let them go."""
    if verb != "delete" or thing.properties.get("forceDestroy"):
        return None
    queries = account.of("aws:athena/namedQuery:NamedQuery")
    if thing.id in account.used or any(q.properties["workgroup"] == thing.id for q in queries):
        return f"InvalidRequestException: WorkGroup {thing.id} is not empty"
    return None


def policy_too_long(account: "Account", verb: str, thing: "Thing", most: str) -> str | None:
    """A document has a longest length; white space is not counted."""
    document = json.dumps(json.loads(thing.properties["policy"]), separators=(",", ":"))
    if len(document) > int(most):
        return f"LimitExceeded: the policy has {len(document)} characters, not {most} at most"
    return None


def deletion_protected(account: "Account", verb: str, thing: "Thing") -> str | None:
    """A protected load balancer stays."""
    if verb == "delete" and thing.properties.get("enableDeletionProtection"):
        return "OperationNotPermitted: it cannot be deleted because deletion protection is enabled"
    return None


def logs_bucket_forbids(account: "Account", verb: str, thing: "Thing") -> str | None:
    """A load balancer tries to write into its logs' bucket before it takes the name."""
    logs = thing.properties.get("accessLogs") or {}
    if verb == "delete" or not logs.get("enabled"):
        return None
    for policy in account.of("aws:s3/bucketPolicy:BucketPolicy"):
        if policy.properties["bucket"] == logs["bucket"]:
            for statement in json.loads(policy.properties["policy"])["Statement"]:
                service = str(statement.get("Principal"))
                if "elasticloadbalancing" in service and statement["Effect"] == "Allow":
                    return None
    return f"InvalidConfigurationRequest: Access Denied for bucket: {logs['bucket']}"


def balancer_changes_vpc(account: "Account", verb: str, thing: "Thing") -> str | None:
    """A load balancer stays in the VPC that it was made in."""
    if verb != "update":
        return None
    old = account.things[thing.token, thing.id]
    groups = {group.id: group for group in account.of("aws:ec2/securityGroup:SecurityGroup")}
    vpcs = {
        groups[id_].properties["vpcId"]
        for id_ in (*old.properties["securityGroups"], *thing.properties["securityGroups"])
    }
    if len(vpcs) > 1:
        return f"InvalidConfigurationRequest: it cannot move from one VPC to another: {vpcs}"
    return None


def too_few_subnets(account: "Account", verb: str, thing: "Thing") -> str | None:
    """An application load balancer stands in two zones."""
    if verb == "delete" or len(set(thing.properties.get("subnets") or ())) > 1:
        return None
    return "ValidationError: At least two subnets in two different Availability Zones"


def texts(value: Any) -> set[str]:
    """Return all texts that a value holds."""
    if isinstance(value, Mapping):
        return set().union(*map(texts, value.values()))
    if isinstance(value, list):
        return set().union(*map(texts, value))
    return {value} if isinstance(value, str) else set()


def _last(arn: str) -> str:
    return arn.rpartition(":")[2]
