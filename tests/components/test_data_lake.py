"""DataLake: what closes the bucket, what goes from it and when, and who gets access to what."""

import json

import pytest

from lake import names
from lake.schema import TABLES
from tests.doubles.registered import run_stack

COMPANIONS = {
    "s3.BucketVersioning",
    "s3.BucketServerSideEncryptionConfiguration",
    "s3.BucketPublicAccessBlock",
    "s3.BucketOwnershipControls",
    "s3.BucketPolicy",
    "s3.BucketLifecycleConfiguration",
}


def lake_bucket(stack):
    [bucket] = [one for one in stack.of("s3.Bucket") if "logs" not in one.inputs["bucketPrefix"]]
    return bucket.outputs["id"]


def logs_bucket(stack):
    [bucket] = [one for one in stack.of("s3.Bucket") if "logs" in one.inputs["bucketPrefix"]]
    return bucket.outputs["id"]


def rules(stack, bucket):
    lifecycle = stack.one("s3.BucketLifecycleConfiguration", bucket=bucket)
    return {rule["filter"]["prefix"]: rule for rule in lifecycle.inputs["rules"][1:]}


def test_both_buckets_are_versioned_encrypted_closed_and_have_a_lifecycle(dev):
    for bucket in (lake_bucket(dev), logs_bucket(dev)):
        for kind in COMPANIONS:
            assert dev.one(kind, bucket=bucket), (kind, bucket)


def test_the_lake_is_encrypted_with_its_key_through_a_bucket_key(dev):
    [rule] = dev.one("s3.BucketServerSideEncryptionConfiguration", bucket=lake_bucket(dev)).inputs[
        "rules"
    ]

    assert rule["bucketKeyEnabled"] is True
    assert rule["applyServerSideEncryptionByDefault"] == {
        "sseAlgorithm": "aws:kms",
        "kmsMasterKeyId": dev.one("kms.Key").outputs["arn"],
    }


def test_access_logs_are_encrypted_by_s3_since_their_writers_cannot_use_the_key(dev):
    [rule] = dev.one("s3.BucketServerSideEncryptionConfiguration", bucket=logs_bucket(dev)).inputs[
        "rules"
    ]

    assert rule["applyServerSideEncryptionByDefault"] == {"sseAlgorithm": "AES256"}
    logging = dev.one("s3.BucketLogging")
    assert logging.inputs["bucket"] == lake_bucket(dev)
    assert logging.inputs["targetBucket"] == logs_bucket(dev)


def test_the_key_rotates_and_only_what_is_kept_has_long_to_be_missed(dev, prod):
    for stack, days in ((dev, 7), (prod, 30)):
        key = stack.one("kms.Key").inputs
        assert key["enableKeyRotation"] is True
        assert key["deletionWindowInDays"] == days


def test_nothing_under_raw_ever_goes(prod):
    for prefix in rules(prod, lake_bucket(prod)):
        assert prefix, "a rule for everything would be one for raw/"
        assert not prefix.startswith(names.RAW)
        assert not names.RAW.startswith(prefix)


def test_results_expire_but_not_before_athena_may_give_them_again(prod):
    days = rules(prod, lake_bucket(prod))["enriched/"]["expiration"]["days"]

    assert days * 24 * 60 >= 10_080, "ResultReuseByAgeConfiguration's longest age, minutes"


def test_replaced_outputs_go_after_the_days_that_are_set_and_published_ones_stay():
    stack = run_stack("dev", oldVersionDays=3)
    by_prefix = rules(stack, lake_bucket(stack))

    for prefix in (*(table.prefix for table in TABLES), "state/", "bundles/"):
        rule = by_prefix[prefix]
        assert rule["noncurrentVersionExpiration"] == {"noncurrentDays": 3}
        assert rule["expiration"] == {"expiredObjectDeleteMarker": True}


def test_access_logs_expire_as_set():
    stack = run_stack("dev", accessLogDays=5)

    assert rules(stack, logs_bucket(stack))[""]["expiration"] == {"days": 5}


def test_unfinished_uploads_are_cleared_away_everywhere(dev):
    for lifecycle in dev.of("s3.BucketLifecycleConfiguration"):
        first = lifecycle.inputs["rules"][0]
        assert first["filter"] == {"prefix": ""}
        assert first["abortIncompleteMultipartUpload"] == {"daysAfterInitiation": 1}


def test_the_policy_waits_for_the_access_block_and_objects_for_a_closed_bucket(dev):
    for bucket in ("lake", "lake-logs"):
        assert dev.waits_for(f"{bucket}-policy", f"{bucket}-not-public")
        assert dev.waits_for(f"{bucket}-lifecycle", f"{bucket}-versions")
    for archive in dev.of("s3.BucketObjectv2"):
        for closed in ("lake-encryption", "lake-policy", "lake-not-public", "lake-versions"):
            assert dev.waits_for(archive.name, closed), (archive.name, closed)
    assert dev.waits_for("lake-logging", "lake-logs-policy")


def of_the_lake(stack):
    """Yield the resources that hold the data, and those without which it is not what it was."""
    kinds = {"s3.Bucket", "s3.BucketLogging", "kms.Key", *COMPANIONS}
    for kind in kinds:
        yield from stack.of(kind)


def test_kept_data_is_protected_and_stays_with_all_that_guards_it(prod):
    for resource in of_the_lake(prod):
        options = prod.options[resource.name]
        assert options.protected, resource.name
        assert options.retained, resource.name
    for bucket in prod.of("s3.Bucket"):
        assert bucket.inputs["forceDestroy"] is False


def test_the_keys_alias_is_protected_and_goes_when_the_key_stays(prod):
    """Kept, it would be taken when the stack is made anew."""
    [alias] = prod.of("kms.Alias")
    assert prod.options[alias.name].protected
    assert not prod.options[alias.name].retained


def test_data_that_need_not_be_kept_goes_with_the_stack(dev):
    for resource in of_the_lake(dev):
        options = dev.options[resource.name]
        assert not options.protected, resource.name
        assert not options.retained, resource.name
    for bucket in dev.of("s3.Bucket"):
        assert bucket.inputs["forceDestroy"] is True


def test_only_with_a_load_balancer_may_one_write_logs(dev):
    balanced = run_stack(
        "dev",
        {"oidcClientSecret": "never to be seen"},
        access="balancer",
        hostName="orders.example.com",
        certificateArn="arn:aws:acm:eu-central-1:123456789012:certificate/" + "0" * 36,
        oidcIssuer="https://login.example.com",
        oidcAuthorizationEndpoint="https://login.example.com/authorize",
        oidcTokenEndpoint="https://login.example.com/token",
        oidcUserInfoEndpoint="https://login.example.com/userinfo",
        oidcClientId="orders",
    )

    assert writers_of_logs(dev) == {"logging.s3.amazonaws.com": "s3/*"}
    assert writers_of_logs(balanced) == {
        "logging.s3.amazonaws.com": "s3/*",
        "logdelivery.elasticloadbalancing.amazonaws.com": "elb/*",
    }


def writers_of_logs(stack):
    policy = json.loads(stack.one("s3.BucketPolicy", bucket=logs_bucket(stack)).inputs["policy"])
    found = {}
    for statement in policy["Statement"]:
        if statement["Effect"] == "Allow":
            assert statement["Action"] == ["s3:PutObject"]
            assert statement["Condition"]["StringEquals"]["aws:SourceAccount"]
            [service] = statement["Principal"]["Service"]
            [resource] = statement["Resource"]
            found[service] = resource.partition("/")[2]
    return found


def test_other_content_lies_under_another_key(dev):
    for archive in dev.of("s3.BucketObjectv2"):
        assert archive.inputs["key"].startswith("bundles/")
        assert len(archive.inputs["key"].rpartition("-")[2].partition(".")[0]) == 16


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_names_of_buckets_leave_room_for_what_makes_them_unique(stack, request):
    for bucket in request.getfixturevalue(stack).of("s3.Bucket"):
        assert bucket.inputs["bucketPrefix"].startswith(f"orders-lake-{stack}-")
        # 63 characters, of which the provider takes 26
        assert len(bucket.inputs["bucketPrefix"].replace(stack, "x" * 19)) <= 37
