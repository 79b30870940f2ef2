import pytest

from tests.components.policies import flows, services
from tests.components.policies.roles import CRAWLER, FUNCTION, HOST, SWEEP, Role, place_of
from tests.components.with_balancer import run_with_balancer
from tests.doubles.athena import AthenaServer
from tests.doubles.bucket import Bucket, Server


@pytest.fixture(scope="session")
def balanced():
    """What prod registers with a load balancer."""
    return run_with_balancer("prod")


@pytest.fixture(scope="session")
def function_calls(dev, tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch, flows.lake_of(dev, patch) as lake:
        return flows.work_on_files(lake, tmp_path_factory.mktemp("function"))


@pytest.fixture(scope="session")
def dashboard_calls(tmp_path_factory):
    server, athena = Server(), AthenaServer()
    try:
        with pytest.MonkeyPatch.context() as patch:
            flows.set_environment(patch, AWS_ENDPOINT_URL_S3=server.url)
            folder = tmp_path_factory.mktemp("host")
            return flows.look_at_pages(athena, Bucket(server), folder, patch)
    finally:
        athena.stop()
        server.stop()


@pytest.fixture(scope="session")
def roles(dev, function_calls, dashboard_calls):
    def role(name, calls, asked):
        place = place_of(dev, name)
        sent = [request for call in calls for request in place.asks(call)]
        unique = {str(request): request for request in (*sent, *asked(place, dev))}
        return Role(dev.policies(name), place, tuple(unique.values()), tuple(sent))

    return {
        FUNCTION: role(FUNCTION, function_calls, services.of_function),
        SWEEP: role(SWEEP, [], services.of_sweep),
        CRAWLER: role(CRAWLER, [], services.of_crawler),
        HOST: role(HOST, dashboard_calls, services.of_host),
    }
