import pytest

from lake.folder import FolderStore
from tests.doubles.athena import DATABASE, WORKGROUP, AthenaServer
from tests.doubles.bucket import REGION
from web.athena.client import client
from web.athena.engine import AthenaEngine
from web.engine import Watch


@pytest.fixture(scope="session")
def athena_server():
    server = AthenaServer()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def athena_client(athena_server):
    """The dashboard's own client; nothing but its address says that it talks to a double."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {
            "AWS_ENDPOINT_URL_ATHENA": athena_server.url,
            "AWS_ACCESS_KEY_ID": "a-test",
            "AWS_SECRET_ACCESS_KEY": "a-test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
        }.items():
            patch.setenv(name, value)
        return client()


@pytest.fixture
def athena(athena_server):
    """The double, with nothing asked and nothing scripted yet."""
    athena_server.begin()
    return athena_server


@pytest.fixture
def store(tmp_path):
    return FolderStore(tmp_path / "lake")


@pytest.fixture
def engine(athena, athena_client, store):
    return AthenaEngine(athena_client, workgroup=WORKGROUP, database=DATABASE, store=store)


@pytest.fixture
def run(engine):
    """Return a function that runs one SELECT."""

    def run(sql="SELECT 1", *binds, watch=None):
        return engine.run(sql, binds, watch or Watch())

    return run
