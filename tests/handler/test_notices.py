"""What people are told of a call: metrics of every file, a message where somebody must act."""

import json
import secrets
from dataclasses import replace
from datetime import timedelta

import boto3
import pytest

from handler import notices
from handler.entry import handle
from handler.notices import Notices
from lake import times
from tests.doubles.bucket import refused
from tests.handler.invoking import AS_OF, Stack
from tests.handler.outcomes import lines, order

KEY = "raw/orders.csv"
NAME = "FilterAndProcessOrders-dev"


@pytest.fixture
def stack(bucket, tmp_path):
    return Stack(bucket, tmp_path)


class Inbox:
    """A topic, and the messages that came out of it."""

    def __init__(self, url: str) -> None:
        self._sqs = boto3.client("sqs", endpoint_url=url)
        sns = boto3.client("sns", endpoint_url=url)
        name = f"inbox-{secrets.token_hex(6)}"
        self.topic = sns.create_topic(Name=name)["TopicArn"]
        self._queue = self._sqs.create_queue(QueueName=name)["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=self._queue, AttributeNames=["QueueArn"])
        sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=arn["Attributes"]["QueueArn"])

    def messages(self) -> list[dict]:
        """Return what came since the last time it was asked."""
        found = self._sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10)
        messages = found.get("Messages", [])
        for message in messages:
            self._sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return [json.loads(message["Body"]) for message in messages]


@pytest.fixture
def inbox(s3_server, aws, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_SNS", s3_server.url)
    return Inbox(s3_server.url)


@pytest.fixture
def call(stack, inbox):
    """Invoke the function as Lambda does, with a topic to tell."""

    def invoke(asked):
        return handle(asked, stack.function, Notices(NAME, inbox.topic))

    return invoke


def metrics_of(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


# metrics


def test_every_file_that_is_finished_is_a_line_of_metrics(stack, call, capsys):
    stack.bucket.upload(KEY, lines(order(status="lost")), AS_OF)

    call(stack.created(KEY))

    [line] = metrics_of(capsys)
    assert {name: line[name] for name in ("Kept", "Dropped", "Quarantined", "Rejected")} == {
        "Kept": 2,
        "Dropped": 1,
        "Quarantined": 1,
        "Rejected": 0,
    }
    assert (line["key"], line["status"], line["FunctionName"]) == (KEY, "committed", NAME)


def test_a_line_is_in_the_form_that_cloudwatch_takes(stack, call, capsys):
    stack.bucket.upload(KEY, lines(), AS_OF)

    call(stack.created(KEY))

    [line] = metrics_of(capsys)
    [directive] = line["_aws"]["CloudWatchMetrics"]
    assert abs(line["_aws"]["Timestamp"] / 1000 - times.now().timestamp()) < 86_400
    assert directive["Dimensions"] == [["FunctionName"]]
    assert isinstance(line["FunctionName"], str)
    for metric in directive["Metrics"]:
        assert metric["Unit"] == "Count"
        assert isinstance(line[metric["Name"]], int)


def test_a_file_that_was_settled_before_is_not_counted_again(stack, call, capsys):
    stack.bucket.upload(KEY, lines(), AS_OF)
    call(stack.created(KEY))
    capsys.readouterr()

    call(stack.created(KEY))

    assert metrics_of(capsys) == []


def test_outside_of_lambda_nothing_is_printed(stack, capsys):
    stack.bucket.upload(KEY, lines(), AS_OF)

    stack.look(KEY)

    assert capsys.readouterr().out == ""


# messages


def test_a_rejected_file_is_told_with_its_key_and_the_reason(stack, call, inbox):
    stack.bucket.upload(KEY, b"")

    call(stack.created(KEY))

    [message] = inbox.messages()
    assert message["Subject"] == f"{NAME}: rejected files"
    assert f"{KEY}: the file is empty" in message["Message"]
    assert "drop them again under the same names" in message["Message"]


def test_a_rejected_file_is_told_once_however_often_it_is_looked_at(stack, call, inbox):
    stack.bucket.upload(KEY, b"")
    call(stack.created(KEY))
    inbox.messages()

    call(stack.created(KEY))
    call({"action": "sweep"})

    assert inbox.messages() == []


def test_a_file_that_is_taken_is_no_message(stack, call, inbox):
    stack.bucket.upload(KEY, lines(order(status="lost")), AS_OF)

    call(stack.created(KEY))

    assert inbox.messages() == []


def test_all_that_one_call_rejects_is_one_message_that_stays_short(stack, call, inbox, monkeypatch):
    monkeypatch.setattr(notices, "NAMED", 2)
    for number in range(4):
        stack.bucket.upload(f"raw/{number}.csv", b"")

    call({"action": "sweep"})

    [message] = inbox.messages()
    assert message["Message"].count("the file is empty") == 2
    assert "and 2 more: the table ingests names them all" in message["Message"]


def test_a_key_cannot_write_lines_of_its_own_into_a_message(stack, inbox):
    stack.bucket.upload(KEY, b"")
    stack.look(KEY)
    [record] = stack.ledger.newest()
    told = Notices(NAME, inbox.topic, began=record.finished_at)

    told.add(replace(record, source_key="raw/a\nAll is well.csv"))
    told.send()

    [message] = inbox.messages()
    assert "raw/a?All is well.csv: the file is empty" in message["Message"]


def test_an_export_of_the_future_is_told_of_since_it_overrules_all_others(stack, call, inbox):
    stack.bucket.upload(KEY, lines(), "2052-11-10")
    stack.bucket.upload("raw/empty.csv", b"", "2052-11-10")

    call(stack.created(KEY, "raw/empty.csv"))

    [message] = inbox.messages()
    assert message["Subject"] == f"{NAME}: rejected files and files of the future"
    assert "in the future:\nraw/orders.csv: as-of 2052-11-10\n" in message["Message"]
    assert "upload them again under the same names with the right as-of" in message["Message"]


def test_what_was_rejected_before_a_fault_is_told_all_the_same(stack, call, inbox):
    stack.bucket.upload("raw/1.csv", b"")
    stack.bucket.upload("raw/2.csv", lines(), AS_OF)
    stack.bucket.server.meddle = unreadable("raw/2.csv")

    with pytest.raises(ExceptionGroup):
        call(stack.created("raw/1.csv", "raw/2.csv"))

    [message] = inbox.messages()
    assert message["Subject"] == f"{NAME}: rejected files"


def test_a_topic_that_cannot_be_told_fails_no_call_and_stands_in_the_log(stack, caplog, s3_server):
    stack.bucket.upload(KEY, b"")
    arn = "arn:aws:sns:eu-central-1:123456789012:not-there"

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL_SNS", s3_server.url)
        answer = handle(stack.created(KEY), stack.function, Notices(NAME, arn))

    assert answer["looked"][KEY][-1]["status"] == "rejected"
    assert f"could not tell {arn} of rejected files: " in caplog.text


def test_the_environment_says_whom_to_tell():
    told = Notices.from_environment(
        {"AWS_LAMBDA_FUNCTION_NAME": NAME, "NOTICES_TOPIC_ARN": "arn:aws:sns:a"}
    )

    assert (told.function, told.topic) == (NAME, "arn:aws:sns:a")
    assert Notices.from_environment({}).topic == ""


def test_a_clock_that_differs_a_little_makes_no_news_of_old_records(stack, call, capsys):
    stack.bucket.upload(KEY, lines(), AS_OF)
    record = stack.look(KEY)
    finished = times.read(record["finished_at"])
    told = Notices(NAME, "", began=finished + timedelta(milliseconds=1))

    handle(stack.created(KEY), stack.function, told)

    assert metrics_of(capsys) == []


# the failure queue


def failed(*events) -> dict:
    """Return messages of the failure queue: calls by events that failed three times."""
    return {
        "Records": [
            {
                "messageId": str(number),
                "eventSource": "aws:sqs",
                "body": json.dumps(
                    {
                        "version": "1.0",
                        "requestContext": {
                            "condition": "RetriesExhausted",
                            "approximateInvokeCount": 3,
                        },
                        "requestPayload": event,
                        "responseContext": {"statusCode": 200, "functionError": "Unhandled"},
                        "responsePayload": {"errorMessage": "could not look at 1 of the keys"},
                    }
                ),
            }
            for number, event in enumerate(events)
        ]
    }


def unreadable(key):
    return lambda request: (
        refused("403 Forbidden", "AccessDenied")
        if (request.method, request.key) == ("GET", key)
        else None
    )


def test_what_failed_is_looked_at_again_from_the_queue(stack, call):
    stack.bucket.upload(KEY, lines(), AS_OF)

    answer = call(failed(stack.created(KEY)))

    assert answer["looked"][KEY][-1]["status"] == "committed"
    assert answer["ignored"] == []


def test_what_fails_again_is_told_with_its_key_and_the_reason(stack, call, inbox):
    stack.bucket.upload(KEY, lines(), AS_OF)
    stack.bucket.server.meddle = unreadable(KEY)

    with pytest.raises(ExceptionGroup):
        call(stack.created(KEY))
    assert inbox.messages() == [], "the first tries are followed by others"
    with pytest.raises(ExceptionGroup):
        call(failed(stack.created(KEY)))

    [message] = inbox.messages()
    assert message["Subject"] == f"{NAME}: a failure"
    assert f"cannot read {KEY}" in message["Message"]
    assert "AccessDenied" in message["Message"]


def test_a_failed_sweep_leaves_the_queue_since_the_next_one_looks_again(stack, call):
    answer = call(failed({"action": "sweep"}))

    assert answer["looked"] == {}
    assert answer["ignored"] == ["no records: not an event of S3"]


@pytest.mark.parametrize("body", ["", "no JSON", "[]", "{}", '{"requestPayload": null}', "null"])
def test_a_message_that_holds_no_failed_call_is_ignored(stack, call, body):
    message = {"Records": [{"eventSource": "aws:sqs", "body": body}]}

    assert call(message)["ignored"] == ["a record that is not S3's"]
