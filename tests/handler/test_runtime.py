"""The function as AWS runs it: its bundle unpacked, under AWS's own runtime client.

A small server takes the place of the one that hands a function its events inside Lambda.
"""

import pytest

from lake.schema import DROPPED, PROCESSED
from tests.doubles.bucket import refused
from tests.doubles.runtime import Runtime
from tests.handler.invoking import AS_OF, Stack
from tests.handler.outcomes import lines, order

KEY = "raw/shop a/orders+1.csv"


@pytest.fixture
def stack(bucket, tmp_path):
    return Stack(bucket, tmp_path)


@pytest.fixture
def function(stack, aws, tmp_path):
    """Start the function over the bucket; `function(...)` takes more of its environment."""
    runtime = Runtime()

    def start(**environment: str) -> Runtime:
        region = {"AWS_REGION": aws["AWS_DEFAULT_REGION"]}
        runtime.start(tmp_path / "function", stack.bucket.name, aws | region | environment)
        return runtime

    yield start
    runtime.stop()


def test_an_event_goes_in_and_the_outputs_are_committed(stack, function, tmp_path):
    version = stack.bucket.upload(KEY, lines(order(status="lost")), AS_OF)
    runtime = function()

    answer = runtime.invoke(stack.created(KEY))

    assert answer.kind == "response", answer
    [record] = answer.content["looked"][KEY]
    assert (record["status"], record["source_version"]) == ("committed", version)
    assert stack.ids(PROCESSED, KEY) == ["G1", "G2"]
    assert stack.ids(DROPPED, KEY) == ["G3"]
    assert stack.quarantine(KEY, version)["raw"].to_list() == [order(status="lost")]
    assert stack.is_settled()
    assert f"{KEY}: committed" in (tmp_path / "function" / "log").read_text()
    assert list((tmp_path / "function" / "disk").iterdir()) == [], "its disk is left empty"


def test_what_it_writes_is_what_every_other_machine_writes(stack, function, tmp_path):
    stack.bucket.upload(KEY, lines(*[order(id=str(n)) for n in range(3000)]), AS_OF)
    stack.look(KEY)
    before = stack.outputs(KEY)
    for prefix in ("processed/", "dropped/", "ingests/"):
        for entry in stack.store.list(prefix):
            stack.bucket.s3.delete_object(Bucket=stack.bucket.name, Key=entry.key)

    function(POLARS_MAX_THREADS="1", TZ="Asia/Tokyo", LC_ALL="C").invoke(stack.created(KEY))

    assert stack.outputs(KEY) == before


def test_an_error_says_what_is_wrong_and_the_next_event_is_taken_all_the_same(stack, function):
    stack.bucket.upload(KEY, lines(), AS_OF)
    stack.bucket.server.meddle = lambda request: (
        refused("403 Forbidden", "AccessDenied") if request.method == "PUT" else None
    )
    runtime = function()

    error = runtime.invoke(stack.created(KEY))

    assert error.kind == "error"
    assert error.content["errorType"] == "ExceptionGroup"
    assert "could not look at 1 of the keys: cannot write " in error.content["errorMessage"]
    assert "AccessDenied" in error.content["errorMessage"]
    assert error.content["stackTrace"]
    stack.bucket.server.begin()
    assert runtime.invoke(stack.created(KEY)).kind == "response"
    assert stack.is_settled()


def test_a_bucket_that_cannot_be_reached_is_an_error_that_names_it(stack, function):
    runtime = function(AWS_ENDPOINT_URL_S3="http://127.0.0.1:9")

    error = runtime.invoke(stack.created(KEY))

    assert error.kind == "error"
    assert (
        'Could not connect to the endpoint URL: "http://127.0.0.1:9'
        in (error.content["errorMessage"])
    )


def test_a_wrong_setting_is_an_error_that_names_it(stack, function):
    runtime = function(ORDERS_DROP_DAYS="soon")

    error = runtime.invoke(stack.created(KEY))

    assert (error.kind, error.content["errorType"]) == ("error", "SettingError")
    assert "ORDERS_DROP_DAYS: 'soon' is not a number like 30" in error.content["errorMessage"]
