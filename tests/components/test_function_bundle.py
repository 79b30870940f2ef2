"""The built function and layer as Lambda has them: unpacked, with nothing else to be found."""

import json
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import awslambdaric
import pytest
import simplejson
import snapshot_restore_py

from components.bundles import function, layer
from lake.schema import DROPPED, PROCESSED
from tests.doubles.runtime import Runtime
from tests.handler.invoking import AS_OF, Stack
from tests.handler.outcomes import lines, order

pytestmark = pytest.mark.engine

KEY = "raw/shop a/orders+1.csv"
HERE = {"aarch64": "arm64"}.get(platform.machine(), platform.machine())
"""This machine's architecture, as AWS calls it: the other one's layer cannot run here."""

WHERE = """
import json, pathlib, sys, boto3, botocore, handler.entry, lake, polars
files = {name: sys.modules[name].__file__ for name in ("boto3", "botocore", "lake", "polars")}
print(json.dumps({"files": files, "versions": [boto3.__version__, polars.__version__]}))
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """What Lambda unpacks (the function's folder, the layer's), and AWS's runtime client."""
    folder = tmp_path_factory.mktemp("lambda")
    for name, bundle in (("task", function()), ("opt", layer(HERE))):
        with zipfile.ZipFile(bundle.path) as archive:
            archive.extractall(folder / name)
    client = folder / "client"
    for module in (awslambdaric, simplejson):
        shutil.copytree(Path(module.__file__).parent, client / module.__name__)
    shutil.copy(snapshot_restore_py.__file__, client)
    for built in Path(awslambdaric.__file__).parent.parent.glob("runtime_client*"):
        shutil.copy(built, client)
    return folder


@pytest.fixture
def python(unpacked, tmp_path):
    """Return Lambda's command line and environment: no packages of this machine's are found."""
    path = [unpacked / "task", unpacked / "opt" / "python", unpacked / "client"]
    disk = tmp_path / "disk"
    disk.mkdir()
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": ":".join(map(str, path))}
    env |= {"TMPDIR": str(disk), "HOME": str(disk), "PYTHONDONTWRITEBYTECODE": "1"}
    return [sys.executable, "-S"], env


def test_everything_that_runs_comes_out_of_the_two(python, unpacked):
    words, env = python
    done = subprocess.run(
        [*words, "-c", WHERE], cwd=unpacked / "task", env=env, capture_output=True, check=True
    )
    files = json.loads(done.stdout)["files"]
    for name in ("boto3", "botocore", "lake"):
        assert files[name].startswith(f"{unpacked}/task/"), files
    assert files["polars"].startswith(f"{unpacked}/opt/python/"), files


def test_a_file_in_the_bucket_is_processed(python, unpacked, bucket, aws, tmp_path):
    words, env = python
    stack = Stack(bucket, tmp_path)
    version = bucket.upload(KEY, lines(order(status="lost")), AS_OF)
    runtime = Runtime()
    env |= {"AWS_LAMBDA_RUNTIME_API": runtime.address, "LAKE_BUCKET": bucket.name}
    env |= {"AWS_LAMBDA_FUNCTION_NAME": "orders", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1769"}
    env |= {"AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_REGION": aws["AWS_DEFAULT_REGION"]}
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*words, "-m", "awslambdaric", "handler.entry.lambda_handler"],
            cwd=unpacked / "task",
            env=env | aws,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        answer = runtime.invoke(stack.created(KEY))
    finally:
        process.kill()
        process.wait()
        runtime.stop()

    told = (tmp_path / "log").read_text()
    assert answer.kind == "response", (answer, told)
    [record] = answer.content["looked"][KEY]
    assert (record["status"], record["source_version"]) == ("committed", version)
    assert stack.ids(PROCESSED, KEY) == ["G1", "G2"]
    assert stack.ids(DROPPED, KEY) == ["G3"]
    assert stack.quarantine(KEY, version)["raw"].to_list() == [order(status="lost")]
    assert stack.is_settled()
