import pytest

from tests.engines.trino_server import CannotRun, TrinoServer


@pytest.fixture(scope="session")
def trino_server(tmp_path_factory):
    """A running Trino. Where it cannot run the tests fail and say why: a skip looks like a pass."""
    try:
        server = TrinoServer(tmp_path_factory.mktemp("trino"))
    except CannotRun as reason:
        pytest.fail(str(reason), pytrace=False)
    yield server
    server.stop()
