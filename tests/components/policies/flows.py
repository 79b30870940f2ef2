"""What the function and the dashboard do in all their ways, over moto, with each call recorded."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import boto3
from moto import mock_aws
from pytest import MonkeyPatch as Patch

import queries
import web.athena.client
from handler.entry import Function, handle
from handler.look import Looker
from handler.notices import Notices
from lake.ledger import Ledger
from lake.rule import Rule, Settings
from lake.s3 import S3Store, client
from lake.store import AS_OF as AS_OF_KEY
from tests import generated
from tests.doubles.athena import DATABASE, WORKGROUP, AthenaServer
from tests.doubles.bucket import ENVIRONMENT, Bucket
from tests.doubles.calls import Call, Recorder
from tests.doubles.registered import REGION, Registered
from tests.handler.invoking import AS_OF, Stack
from tests.handler.outcomes import HEADER, lines, order
from web.app import create_app
from web.athena.engine import AthenaEngine
from web.config import Config

KEY = "raw/orders.csv"
STRICTER = Settings(Rule(days=10))
"""A changed rule: a replay writes everything anew."""
PAGES = (
    "/panels/order-status.json",
    "/panels/order-status.csv",
    "/panels/order-status?customer=O%27Hara",
)
SLOW_S = 5.0
"""Seconds that a query takes which is to be stopped."""


@dataclass
class Lake:
    """The lake's bucket and topic on moto, with nothing enforced and everything recorded."""

    stack: Registered
    recorder: Recorder
    bucket: str
    topic: str

    def upload(self, key: str, content: bytes) -> None:
        """Put a raw file there as somebody else, unrecorded."""
        boto3.Session(region_name=REGION).client("s3").put_object(
            Bucket=self.bucket, Key=key, Body=content, Metadata={AS_OF_KEY: AS_OF}
        )

    def function(self, work: Path, settings: Settings | None = None) -> Function:
        """Return the function, with a client of the session that is the default one now."""
        store = S3Store(self.bucket, client())
        return Function(store, Looker(store, settings or Settings(), work), self.bucket)

    @property
    def notices(self) -> Notices:
        """Whom the function tells."""
        return Notices("FilterAndProcessOrders", self.topic)


def set_environment(patch: Patch, **more: str) -> None:
    """Let boto3 know no credentials and no region but a test's; two records are many already."""
    patch.setattr("lake.ledger.AT_ONCE", 1)
    patch.delenv("AWS_PROFILE", raising=False)
    for name, value in {**ENVIRONMENT, **more}.items():
        patch.setenv(name, value)


@contextlib.contextmanager
def lake_of(stack: Registered, monkeypatch: Patch) -> Iterator[Lake]:
    """Make a stack's bucket and topic on moto; clients that are made by default are recorded."""
    set_environment(monkeypatch)
    with mock_aws():
        owner = boto3.Session(region_name=REGION)
        bucket = stack.one("s3.BucketNotification").inputs["bucket"]
        topic = owner.client("sns").create_topic(Name=stack.one("sns.Topic").inputs["name"])
        s3 = owner.client("s3")
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        recorder = Recorder()
        recorder.listen(monkeypatch)
        yield Lake(stack, recorder, bucket, topic["TopicArn"])


def work_on_files(lake: Lake, work: Path) -> list[Call]:
    """Let the function do everything that it can be asked for; return what it sent."""
    function, stricter = lake.function(work), lake.function(work, STRICTER)
    sent = lake.recorder.calls
    sent.clear()

    def ask(event, by=function):
        handle(event, by, lake.notices)

    # new, again, a newer version of it, one that is overtaken before anybody looked
    lake.upload(KEY, lines(order(status="lost")))
    ask(created(lake, KEY))
    ask(created(lake, KEY))
    lake.upload(KEY, lines(order(status="gone")))
    lake.upload(KEY, lines(order(status="away")))
    ask(created(lake, KEY))
    # rejected: no CSV at all, a name that is none, one that stood before
    lake.upload("raw/broken.csv", b"\0")
    lake.upload("raw/notes.txt", b"hello")
    lake.upload("raw/empty.csv", HEADER)
    ask({"action": "sweep"})
    lake.upload(KEY, b"\0")
    ask(created(lake, KEY))
    # everything anew, under a changed rule, and then taken back
    ask({"action": "replay"}, stricter)
    ask({"action": "withdraw", "key": KEY, "reason": "the wrong file"}, stricter)
    ask({"action": "withdraw", "key": "raw/broken.csv", "reason": "the wrong file"}, stricter)
    ask({"action": "look", "keys": ["raw/not-there.csv"]})
    return list(sent)


def created(lake: Lake, key: str) -> dict:
    """Return S3's notification of an object."""
    return {
        "Records": [
            {
                "eventName": "ObjectCreated:Put",
                "s3": {"bucket": {"name": lake.bucket}, "object": {"key": key}},
            }
        ]
    }


def look_at_pages(athena: AthenaServer, bucket: Bucket, folder: Path, patch: Patch) -> list[Call]:
    """Let the dashboard show and export everything that it can; return what it sent."""
    generated.write(folder / "lake", generated.versions(seed=5, orders=60, files=2))
    athena.begin(folder / "lake")
    function = Stack(bucket, folder)
    for key, content in ((KEY, lines(order(status="lost"))), ("raw/broken.csv", b"\0")):
        bucket.upload(key, content, AS_OF)
        function.look(key)
    patch.setenv("AWS_ENDPOINT_URL_ATHENA", athena.url)
    recorder = Recorder()
    recorder.listen(patch)
    store = S3Store(bucket.name, client())
    engine = AthenaEngine(
        web.athena.client.client(), workgroup=WORKGROUP, database=DATABASE, store=store
    )
    app = create_app(
        Config(engine=engine, ledger=Ledger(store), panels=Path(queries.__file__).parent, raw="raw")
    )
    page = app.test_client()
    try:
        for path in ("/", "/ingests", "/healthz", *PAGES):
            assert page.get(path).status_code == 200, path
        # a slow query that nobody waits for
        athena.ending = replace(athena.ending, runs_s=SLOW_S)
        page.get("/panels/order-status?status=pending")
        page.post("/panels/order-status/cancel?status=pending")
        page.post("/panels/order-status/refresh")
    finally:
        app.extensions["desk"].runs.close()
        engine.close(SLOW_S)
    return list(recorder.calls)
