import sys

import pytest

from tests.engines import examples, npm_tool, pulumi_cli
from tests.engines.fetched import CannotRun
from tests.engines.pulumi_engine import PulumiEngine, copy_of_the_project
from tests.engines.trino_server import TrinoServer


@pytest.fixture(scope="session")
def trino_server(tmp_path_factory):
    """A running Trino. Where it cannot run the tests fail and say why: a skip looks like a pass."""
    try:
        server = TrinoServer(tmp_path_factory.mktemp("trino"))
    except CannotRun as reason:
        pytest.fail(str(reason), pytrace=False)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def tool():
    """Return a function that gives a tool of npm's by its folder here, installed."""

    def tool(name):
        found = npm_tool.NpmTool(name)
        try:
            found.install()
        except CannotRun as reason:
            pytest.fail(str(reason), pytrace=False)
        return found

    return tool


@pytest.fixture(scope="session")
def pulumi_command(pytestconfig):
    """Pulumi's command line. What its first installation says is seen at once, not afterwards."""
    capture = pytestconfig.pluginmanager.getplugin("capturemanager")

    def say(text):
        with capture.global_and_fixture_disabled():
            sys.stderr.write(f"\norders-lake: {text}\n")
            sys.stderr.flush()

    try:
        return pulumi_cli.find(say)
    except CannotRun as reason:
        pytest.fail(str(reason), pytrace=False)


@pytest.fixture(scope="session")
def project(tmp_path_factory):
    """A copy of the project, which stays as it is while the checkout is worked on."""
    return copy_of_the_project(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="session")
def pulumi_engine(tmp_path_factory, pulumi_command):
    """Pulumi's engine over an account of its own: the stacks that are only looked at."""
    engine = PulumiEngine(tmp_path_factory.mktemp("pulumi"), pulumi_command)
    yield engine
    engine.stop()


@pytest.fixture(scope="session")
def stacks(pulumi_engine, project):
    """Stacks that are up, by name; each is made when it is first asked for."""
    return examples.Stacks(pulumi_engine, project)


@pytest.fixture(scope="session")
def bootstrapped(pulumi_engine, project):
    """The roles that GitHub's workflows assume, made as a person makes them once."""
    stack = examples.bootstrap(pulumi_engine, project)
    done = stack.up()
    assert not done.failed, done.said
    return stack


@pytest.fixture
def fresh_stacks(tmp_path, pulumi_command, project):
    """Stacks in an account of the test's own, for what goes further than a look."""
    engine = PulumiEngine(tmp_path, pulumi_command)
    yield examples.Stacks(engine, project)
    engine.stop()
