"""What the program refuses, in words, before anything is made."""

import pytest
import yaml

from tests.engines.examples import SECRET, bootstrap, prepare
from tests.engines.pulumi_engine import PulumiEngine

pytestmark = pytest.mark.engine


@pytest.fixture(scope="module")
def empty(tmp_path_factory, pulumi_command):
    """An engine over an account in which nothing is ever made."""
    engine = PulumiEngine(tmp_path_factory.mktemp("empty"), pulumi_command)
    yield engine
    made = engine.provider.calls
    engine.stop()
    assert made == []


@pytest.fixture(scope="module")
def unmade(empty, project):
    return prepare(empty, project, "dev")


def test_all_wrong_settings_are_told_at_once_and_nothing_is_made(unmade):
    wrong = {
        "logDays": 2,
        "timeoutSeconds": 901,
        "network": "moon",
        "dropStatuses": ["pending", "lost"],
        "crawlerSchedule": "daily",
        "lodDays": 30,
        "instanceType": "t3.small",
    }

    refused = unmade.up(wrong)

    assert refused.failed
    assert [step.token for step in refused.steps if step.token != "pulumi:pulumi:Stack"] == []
    for key in wrong:
        assert f"\n  {key}" in refused.said or f", {key}" in refused.said, key
    assert "7 of the settings of dev cannot be used" in refused.said
    assert "is logDays meant?" in refused.said
    assert "Traceback" not in refused.said


def test_a_value_of_another_type_is_told_by_pulumi_itself(unmade):
    """Before the program runs, so one at a time; it names the key and the type."""
    refused = unmade.preview({"dropDays": "soon"})

    assert refused.failed
    assert "configuration key 'dropDays' must be of type 'integer'" in refused.said


def test_a_client_secret_in_clear_text_is_refused(unmade):
    refused = unmade.preview({"oidcClientSecret": SECRET})

    assert refused.failed
    assert "oidcClientSecret" in refused.said
    assert SECRET not in refused.said


def test_a_public_address_without_a_login_is_refused(unmade):
    refused = unmade.preview({"access": "balancer"})

    assert refused.failed
    for key in ("certificateArn", "hostName", "oidcClientId", "oidcClientSecret", "oidcIssuer"):
        assert key in refused.said


def test_credentials_of_another_account_end_before_anything_is_made(unmade):
    refused = unmade.up({"aws:allowedAccountIds": ["999999999999"]})

    assert refused.failed
    assert "AWS account ID not allowed: 123456789012" in refused.said


def test_the_right_account_is_let_through(unmade):
    allowed = unmade.preview({"aws:allowedAccountIds": ["123456789012"]})

    assert not allowed.failed, allowed.said


def test_a_missing_default_vpc_is_said_at_preview(unmade, empty):
    empty.provider.account.default_vpc = False
    try:
        refused = unmade.preview()
    finally:
        empty.provider.account.default_vpc = True

    assert refused.failed
    assert "aws ec2 create-default-vpc" in refused.said
    assert "Traceback" not in refused.said


def test_an_instance_type_that_the_region_has_not_is_said_at_preview(unmade):
    refused = unmade.preview({"instanceType": "m8g.48xlarge"})

    assert refused.failed
    assert "this region has no m8g.48xlarge" in refused.said


def test_an_account_that_cannot_reserve_calls_is_told_by_aws_alone(unmade):
    """The default reserves none: it is what works in an account of a day."""
    declared = yaml.safe_load((unmade.work / "Pulumi.yaml").read_text())["config"]

    assert declared["reservedConcurrency"]["default"] == 0


def test_wrong_settings_of_the_second_program_are_told_at_once(empty, project):
    refused = bootstrap(empty, project).up(
        {"repository": "example", "stateBucket": "No_Bucket", "stacks": ["*"]}
    )

    assert refused.failed
    assert "3 of the settings cannot be used" in refused.said
    for key in ("repository", "stateBucket", "stacks"):
        assert f"\n  {key}: " in refused.said
