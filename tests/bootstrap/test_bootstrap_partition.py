"""ARNs of China and of the government's regions begin otherwise: nothing here names another's."""

import json

import pytest

from tests.bootstrap.conftest import STATE
from tests.components.with_balancer import SECRET, SETTINGS
from tests.doubles import registered
from tests.doubles.registered import REGION, run_stack


@pytest.fixture(params=["aws-cn", "aws-us-gov"])
def partition(request, monkeypatch):
    answer = {"partition": request.param}
    monkeypatch.setitem(registered._ANSWERS, "aws:index/getPartition:getPartition", answer)
    return request.param


def named(made):
    """Return the inputs that name something by its ARN, by resource."""
    texts = {one.name: json.dumps(one.inputs, default=str) for one in made.resources}
    return {name: text for name, text in texts.items() if "arn:" in text}


def test_a_preview_reads_its_state_and_the_public_parameters_in_its_partition(bootstrap, partition):
    documents = bootstrap().documents("preview-dev").values()
    resources = {
        resource
        for document in documents
        for statement in document["Statement"]
        for resource in statement["Resource"]
    }
    assert f"arn:{partition}:s3:::{STATE}" in resources
    assert f"arn:{partition}:ssm:{REGION}::parameter/aws/service/*" in resources


def test_the_roles_of_bootstrap_name_their_own_partition_alone(bootstrap, partition):
    texts = named(bootstrap())
    assert len(texts) > 10
    for name, text in texts.items():
        assert text.count("arn:") == text.count(f"arn:{partition}:"), name


@pytest.mark.parametrize("network", ["public", "private"])
def test_a_stack_names_its_own_partition_alone(partition, network):
    own = SETTINGS["certificateArn"].replace("arn:aws:", f"arn:{partition}:")
    settings = {**SETTINGS, "network": network, "certificateArn": own}
    texts = named(run_stack("prod", {"oidcClientSecret": SECRET}, **settings))
    assert len(texts) > 10
    for name, text in texts.items():
        assert text.count("arn:") == text.count(f"arn:{partition}:"), name
