"""The function over a bucket against the same on this disk: whole processes, in turns.

The bucket is moto's server in a process of its own; the export lies there as a browser or the AWS
command line leaves it, in parts. Through the bucket it must take at most 1.5 times as long. Prints
a table; exits 1 where that is missed.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError

from benchmarks import data, process
from lake.s3 import client
from lake.store import AS_OF

ROWS = 2_000_000
ROUNDS = 5
MOST_RATIO = 1.5
BUCKET, KEY = "lake", "raw/orders.csv"
PART = 8 << 20
"""Bytes of a part: what the AWS command line takes."""

PATIENCE = 30
"""Seconds until moto must answer."""

LOOK = f"""
import json, os
from handler.entry import lambda_handler
print(json.dumps(lambda_handler({{"action": "look", "keys": ["{KEY}"]}}, None)), flush=True)
# neither a function nor the command line, against which this is held, tidies up when all is done
os._exit(0)
"""


MOTO = """
import io, sys
from moto.s3.models import FakeKey
from moto.server import main

def listed(key, _):
    twin = object.__new__(type(key))
    twin.__dict__ |= key.__dict__ | {"_value_buffer": io.BytesIO()}
    return twin

# moto copies the content of every version that it lists, 0.4 s for this export: no bucket does
FakeKey.__deepcopy__ = listed
main(sys.argv[1:])
"""


@contextmanager
def server() -> Iterator[None]:
    """Start moto's server, and let boto3 talk to nothing else, here and in what is started."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    os.environ |= {
        "AWS_ENDPOINT_URL_S3": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "a-benchmark",
        "AWS_SECRET_ACCESS_KEY": "a-benchmark",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "LAKE_BUCKET": BUCKET,
    }
    words = [sys.executable, "-c", MOTO, "-H", "127.0.0.1", "-p", str(port)]
    moto = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        moto.kill()
        moto.wait()


def upload(export: Path) -> None:
    """Make the bucket, and put the export there in parts."""
    s3, end = client(), time.monotonic() + PATIENCE
    while True:
        try:
            s3.create_bucket(Bucket=BUCKET)
            break
        except BotoCoreError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
    versioned = {"Status": "Enabled"}
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration=versioned)  # type: ignore[arg-type]
    config = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART)
    metadata = {"Metadata": {AS_OF: data.AS_OF.isoformat()}}
    boto3.client("s3").upload_file(str(export), BUCKET, KEY, ExtraArgs=metadata, Config=config)


def through_the_bucket() -> tuple[process.Run, dict[str, int]]:
    """Look at the export as the function does; return what that took, and the record."""
    s3 = client()
    for entry in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        if entry["Key"] != KEY:
            s3.delete_object(Bucket=BUCKET, Key=entry["Key"])
    run = process.python("-c", LOOK)
    return run, json.loads(run.output)["looked"][KEY][-1]


def on_this_disk(export: Path) -> tuple[process.Run, dict[str, int]]:
    """Ingest the export into a fresh folder; return what that took, and the record."""
    with tempfile.TemporaryDirectory(dir=data.folder()) as lake:
        run = process.python("-m", "local", "ingest", "--lake", lake, "--as-of", data.AS_OF, export)
    return run, json.loads(run.output)


def main() -> int:
    """Measure; return the exit code."""
    export = data.export(ROWS)
    there, here = [], []
    with server():
        upload(export)
        for _ in range(ROUNDS):
            run, record = on_this_disk(export)
            here.append(run)
            run, same = through_the_bucket()
            there.append(run)
            assert [record[n] for n in ("rows_in", "kept", "dropped", "quarantined")] == [
                same[n] for n in ("rows_in", "kept", "dropped", "quarantined")
            ]
    print(f"{ROWS:,} rows{'':14}{'wall s':>10}{'cpu s':>10}{'peak MB':>10}")
    for name, runs in (("on this disk", here), ("through a bucket", there)):
        wall, cpu = median(r.seconds for r in runs), median(r.cpu_seconds for r in runs)
        print(f"{name:24}{wall:10.2f}{cpu:10.2f}{max(r.peak_mb for r in runs):10.0f}")
    ratio = median(r.seconds for r in there) / median(r.seconds for r in here)
    print(f"{ratio:.2f} times as long (at most {MOST_RATIO:g})")
    return 0 if ratio <= MOST_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
