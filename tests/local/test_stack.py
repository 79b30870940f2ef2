"""The command line on a bucket: it reads the lake itself, and lets the stack's function work."""

import json
import shlex
import time

import pytest
from click.testing import CliRunner

from handler.entry import handle
from lake.rule import Rule, Settings
from lake.schema import DROPPED, PROCESSED
from local import stack as stacks
from local.command import main
from tests.doubles.bucket import refused
from tests.doubles.lambda_service import LambdaService
from tests.doubles.runtime import Runtime
from tests.handler.invoking import AS_OF, Stack
from tests.handler.outcomes import HEADER, lines, order

KEY, OTHER = "raw/orders.csv", "raw/shop a/more+orders.csv"
REGION = "eu-central-1"
FUNCTION = f"arn:aws:lambda:{REGION}:123456789012:function:FilterAndProcessOrders-dev"
OLD_RULE = Settings(Rule(days=1000))
"""What the function does and the command's own environment would not."""


@pytest.fixture
def service(monkeypatch):
    service = LambdaService()
    monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", service.url)
    yield service
    service.stop()


@pytest.fixture
def stack(bucket, tmp_path, service):
    """A bucket that notifies its function."""
    stack = Stack(bucket, tmp_path, OLD_RULE)
    service.functions[FUNCTION] = lambda event: handle(event, stack.function)
    notify(bucket, FUNCTION)
    return stack


def notify(bucket, *functions):
    told = [
        {
            "LambdaFunctionArn": function,
            "Events": ["s3:ObjectCreated:*"],
            "Filter": {"Key": {"FilterRules": [{"Name": "suffix", "Value": suffix}]}},
        }
        for function in functions
        for suffix in (".csv", ".CSV")
    ]
    bucket.s3.put_bucket_notification_configuration(
        Bucket=bucket.name, NotificationConfiguration={"LambdaFunctionConfigurations": told}
    )


def local(stack, command, *words, **environment):
    words = [command, "--lake", f"s3://{stack.bucket.name}", *words]
    return CliRunner().invoke(main, words, env=environment)


def records(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_sweep_lets_the_function_look_at_what_is_unsettled_a_key_a_call(stack, service):
    for key in (KEY, OTHER):
        stack.bucket.upload(key, lines(), AS_OF)

    done = local(stack, "sweep")

    assert done.exit_code == 0, done.output
    # the function's rule decides, not that of the command's environment
    assert [(r["source_key"], r["status"], r["dropped"]) for r in records(done)] == [
        (KEY, "committed", 0),
        (OTHER, "committed", 0),
    ]
    assert sorted(service.calls, key=repr) == [
        (FUNCTION, {"action": "look", "keys": [key]}) for key in (KEY, OTHER)
    ]
    assert stack.is_settled()
    assert "no file to look at" in local(stack, "sweep").stderr
    assert len(service.calls) == 2


def test_the_command_itself_writes_nothing_to_the_bucket(stack, service):
    stack.bucket.upload(KEY, lines(order(status="lost")), AS_OF)
    service.functions[FUNCTION] = lambda event: {"looked": {}, "ignored": [], "left_out": 0}
    stack.bucket.server.begin()

    for words in (["sweep"], ["replay", "--prefix", "raw/"], ["show"], ["show", KEY]):
        local(stack, *words)
    local(stack, "withdraw", KEY, "--reason", "wrong file")

    assert {request.method for request in stack.bucket.server.requests} <= {"GET", "HEAD"}
    assert len(service.calls) == 3


def test_a_rejected_file_is_told_and_exits_1(stack):
    stack.bucket.upload(KEY, b"")

    done = local(stack, "sweep")

    assert done.exit_code == 1
    assert f"{KEY}: rejected: the file is empty" in done.stderr


def test_a_replay_of_a_prefix_or_a_key_lets_the_function_look_at_those(stack, service):
    for key in (KEY, OTHER):
        stack.bucket.upload(key, lines(), AS_OF)

    one = local(stack, "replay", "--key", OTHER)
    some = local(stack, "replay", "--prefix", "raw/shop a/")
    all_ = local(stack, "replay", "--prefix", "raw/")
    none = local(stack, "replay", "--to", "2001-01-01")

    assert [[r["source_key"] for r in records(done)] for done in (one, some, all_, none)] == [
        [OTHER],
        [OTHER],
        [KEY, OTHER],
        [],
    ]


def test_a_withdrawal_is_the_functions_work_too(stack, service):
    stack.bucket.upload(KEY, lines(), AS_OF)
    stack.look(KEY)

    done = local(stack, "withdraw", KEY, "--reason", "wrong file")

    [record] = records(done)
    assert (record["status"], record["reason"], done.exit_code) == ("withdrawn", "wrong file", 0)
    assert stack.ids(PROCESSED, KEY) == []
    assert stack.is_settled()


def test_a_second_withdrawal_says_that_there_was_one_and_why(stack):
    stack.bucket.upload(KEY, lines(), AS_OF)
    stack.look(KEY)
    first = local(stack, "withdraw", KEY, "--reason", "wrong file")
    again = local(stack, "withdraw", KEY, "--reason", "erasure")

    assert first.stderr == ""
    assert "for this reason: wrong file. Its record gives the new one" in again.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["withdraw", "raw/order.csv", "--reason", "x"], "did you mean raw/orders.csv?"),
        (["withdraw", "raw/order", "--reason", "x"], "did you mean raw/orders.csv?"),
        (["withdraw", "processed/x", "--reason", "x"], "keys begin with raw/"),
        (["replay", "--key", "raw/order.csv"], "did you mean raw/orders.csv?"),
        (["show", "raw/order.csv"], "did you mean raw/orders.csv?"),
        (["quarantine", "raw/completely-different"], "`show` lists what is"),
    ],
)
def test_a_key_that_is_not_there_is_wrong_use(stack, words, said):
    stack.bucket.upload(KEY, lines(), AS_OF)

    done = local(stack, *words)

    assert done.exit_code == 2
    assert said in done.stderr


def test_one_key_that_fails_keeps_no_other_from_its_look(stack):
    for key in (KEY, OTHER):
        stack.bucket.upload(key, lines(), AS_OF)
    stack.bucket.server.meddle = lambda request: (
        refused("403 Forbidden", "AccessDenied")
        if (request.method, request.key) == ("GET", KEY)
        else None
    )

    done = local(stack, "sweep")

    assert done.exit_code == 1
    assert [record["source_key"] for record in records(done)] == [OTHER]
    assert f"{KEY}: {FUNCTION} failed: could not look at 1 of the keys" in done.stderr
    assert "AccessDenied" in done.stderr


@pytest.mark.parametrize("how", ["option", "environment"])
def test_another_function_can_be_named(stack, service, how):
    service.functions["mine"] = service.functions[FUNCTION]
    stack.bucket.upload(KEY, lines(), AS_OF)

    if how == "option":
        done = local(stack, "sweep", "--function", "mine")
    else:
        done = local(stack, "sweep", ORDERS_FUNCTION="mine")

    assert done.exit_code == 0, done.output
    assert [name for name, _ in service.calls] == ["mine"]


@pytest.mark.parametrize(
    ("notified", "said"), [([], "notifies no function"), ([FUNCTION, f"{FUNCTION}2"], "several")]
)
def test_a_bucket_that_does_not_say_which_function_is_its_own_is_told(stack, notified, said):
    notify(stack.bucket, *notified)
    stack.bucket.upload(KEY, lines(), AS_OF)

    done = local(stack, "sweep")

    assert done.exit_code == 2
    assert said in done.stderr
    assert "--function" in done.stderr


def test_a_function_that_is_not_there_is_told(stack):
    stack.bucket.upload(KEY, lines(), AS_OF)

    done = local(stack, "sweep", "--function", "typo")

    assert done.exit_code == 1
    assert f"{KEY}: cannot call typo: " in done.stderr
    assert "ResourceNotFound" in done.stderr


def test_a_bucket_that_is_not_there_is_told(stack):
    done = CliRunner().invoke(main, ["show", "--lake", "s3://no-such-bucket"])

    assert done.exit_code == 1
    assert "NoSuchBucket" in done.stderr


def test_a_function_goes_with_a_bucket_alone(tmp_path):
    done = CliRunner().invoke(main, ["sweep", "--lake", str(tmp_path), "--function", "mine"])

    assert done.exit_code == 2
    assert "--function goes with a bucket" in done.stderr


def test_many_files_are_looked_at_in_the_order_of_their_keys_however_late_one_is(
    stack, monkeypatch
):
    monkeypatch.setattr(stacks, "AT_ONCE", 3)
    keys = [f"raw/{number:02}.csv" for number in range(12)]
    for key in keys:
        stack.bucket.upload(key, HEADER, AS_OF)

    done = local(stack, "sweep")

    assert [record["source_key"] for record in records(done)] == keys
    assert stack.is_settled()


def test_who_interrupts_a_look_at_many_keys_waits_only_for_the_calls_under_way(
    stack, service, monkeypatch
):
    monkeypatch.setattr(stacks, "AT_ONCE", 2)
    keys = [f"raw/{number:02}.csv" for number in range(40)]
    called = []

    def slow(event):
        called.append(event)
        time.sleep(0.05)
        return {"looked": {}, "ignored": [], "left_out": 0}

    service.functions[FUNCTION] = slow
    looked = stacks.Stack(stack.bucket.name, FUNCTION).look(keys)
    next(looked)

    with pytest.raises(KeyboardInterrupt):
        looked.throw(KeyboardInterrupt())

    assert 1 <= len(called) <= 5


def test_show_and_quarantine_read_a_bucket_and_say_how_the_lines_come_in_again(stack, service):
    version = stack.bucket.upload(KEY, lines(order(status="lost")), AS_OF)
    stack.look(KEY)

    told = local(stack, "show", KEY)
    lost = local(stack, "quarantine", KEY)

    assert version in told.stdout
    assert "1 x Status is none of" in told.stdout
    assert lost.stdout_bytes == HEADER + b"\n" + order(status="lost") + b"\n"
    assert f"s3://{stack.bucket.name}/raw/orders_corrected-" in lost.stderr
    assert "--metadata 'as-of=2025-11-10 00:00:00.000'" in lost.stderr
    assert service.calls == []


def test_quarantine_says_that_its_file_replaces_one_that_is_in_the_bucket(stack):
    stack.bucket.upload(KEY, lines(order(status="lost")), AS_OF)
    stack.look(KEY)
    first = local(stack, "quarantine", KEY)
    place = shlex.split(first.stderr.splitlines()[-1])[4]
    key = place.removeprefix(f"s3://{stack.bucket.name}/")
    stack.bucket.upload(key, lines(), AS_OF)

    again = local(stack, "quarantine", KEY)

    assert "came in before" not in first.stderr
    assert f"{key} came in before: a file of that name replaces" in again.stderr


def test_the_function_under_awss_own_runtime_client_is_asked_and_answers(
    bucket, aws, service, tmp_path
):
    notify(bucket, FUNCTION)
    bucket.upload(KEY, lines(), AS_OF)
    stack, runtime = Stack(bucket, tmp_path), Runtime()
    runtime.start(tmp_path / "function", bucket.name, aws | {"AWS_REGION": REGION})
    service.functions[FUNCTION] = lambda event: runtime.invoke(event).content
    try:
        swept = local(stack, "sweep")
        withdrawn = local(stack, "withdraw", KEY, "--reason", "wrong file")
    finally:
        runtime.stop()

    assert [r["status"] for r in records(swept) + records(withdrawn)] == ["committed", "withdrawn"]
    assert stack.ids(DROPPED, KEY) == []
    assert stack.is_settled()
