import atexit
import gc
import os
from types import SimpleNamespace

import hypothesis
import pytest
from xdist.scheduler import LoadFileScheduling

from tests.doubles.bucket import ENVIRONMENT, Bucket, Server

# how long an example takes is the machine's matter, and says nothing about what is tested
hypothesis.settings.register_profile("orders-lake", deadline=None)
hypothesis.settings.load_profile("orders-lake")


GARBAGE = (10_000, 20, 20)
"""After how many new objects, and rounds, garbage is looked for: rarely, this process ends soon."""

SHARING = ("tests/bootstrap/", "tests/components/policies/")
"""Folders whose files share what takes seconds to make: each goes to one worker, as a file does."""


class Scheduling(LoadFileScheduling):
    def _split_scope(self, nodeid):
        file = super()._split_scope(nodeid)
        return next((folder for folder in SHARING if file.startswith(folder)), file)


def pytest_xdist_make_scheduler(config, log):
    return Scheduling(config, log)


def pytest_xdist_auto_num_workers():
    """One worker more than there are processors: many a test waits for a clock or a process."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items):
    """Let the longest files come first, which are the browser's: no worker is left with one."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


def pytest_configure():
    """Let nobody look for garbage while modules and tests are collected: none of it is any."""
    gc.disable()


def pytest_collection_finish():
    """Let the collector of garbage leave alone what lives as long as the run: a third of its time.

    All the modules of the tests and of what they test are hundreds of thousands of objects.
    """
    gc.freeze()
    gc.set_threshold(*GARBAGE)
    gc.enable()
    # Python ends as ever: DuckDB would complain of what is never freed
    atexit.register(gc.unfreeze)


@pytest.fixture(scope="session")
def s3_server():
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def aws(s3_server, monkeypatch):
    """The environment in which boto3 talks to moto's server, and to nothing else."""
    environment = {"AWS_ENDPOINT_URL_S3": s3_server.url, **ENVIRONMENT}
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return environment


@pytest.fixture
def bucket(s3_server, aws):
    """A versioned bucket on moto's server, its requests counted from here on."""
    bucket = Bucket(s3_server)
    yield bucket
    s3_server.begin()


@pytest.fixture
def pauses(monkeypatch):
    """The seconds that botocore would have waited between its tries."""
    waited = []
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=waited.append))
    return waited
