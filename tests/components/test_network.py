import pulumi
import pytest

from components.network import known_first
from components.private_vpc import ENDPOINTS
from tests.components.open_to import group, peers
from tests.components.with_balancer import SECRET, SETTINGS
from tests.doubles import registered
from tests.doubles.registered import run_stack


@pytest.fixture(scope="module")
def public():
    return run_stack("dev", network="public")


@pytest.fixture(scope="module")
def private():
    return run_stack("dev", network="private")


@pytest.fixture
def aws_answers(monkeypatch):
    def answer(function, **answer):
        monkeypatch.setitem(registered._ANSWERS, f"aws:ec2/{function}:{function}", answer)

    return answer


def test_public_makes_nothing_and_takes_the_default_vpc(public):
    assert not public.of("ec2.Vpc")
    assert not public.of("ec2.Subnet")
    instance = public.one("ec2.Instance")
    assert instance.inputs["subnetId"] == "subnet-0123456789abcdef0"
    assert instance.inputs["associatePublicIpAddress"] is True


def test_public_lets_nothing_in_and_the_instance_call_by_https_alone(public):
    assert group(public, "dashboard-group").inputs["vpcId"] == "vpc-0123456789abcdef0"
    assert peers(public, "Ingress", "dashboard-group") == set()
    assert peers(public, "Egress", "dashboard-group") == {(443, "0.0.0.0/0")}


def test_a_missing_default_vpc_is_said_before_anything_is_made(aws_answers):
    aws_answers("getVpcs", ids=[])
    with pytest.raises(pulumi.RunError, match="there is none: make one with `aws ec2 create-def"):
        run_stack("dev", network="public")


def test_a_default_vpc_without_a_fitting_subnet_is_said(aws_answers):
    aws_answers("getSubnets", ids=[])
    with pytest.raises(pulumi.RunError, match=r"no default subnet in a zone with t4g\.small: m"):
        run_stack("dev", network="public")


def test_a_type_that_the_region_has_not_is_said(aws_answers):
    aws_answers("getInstanceTypeOfferings", locations=[])
    with pytest.raises(pulumi.RunError, match=r"this region has no t4g\.small: choose another"):
        run_stack("dev", network="private")


def test_a_load_balancer_with_one_default_subnet_is_said(aws_answers):
    aws_answers("getSubnets", ids=["subnet-0123456789abcdef0"])
    with pytest.raises(pulumi.RunError, match="one zone alone, and a load balancer needs two"):
        run_stack("dev", {"oidcClientSecret": SECRET}, **SETTINGS, network="public")


def test_subnets_are_chosen_in_the_same_order_whatever_aws_lists_first(aws_answers):
    aws_answers("getSubnets", ids=["subnet-2", "subnet-1"])
    made = run_stack("dev", network="public")
    assert made.one("ec2.Instance").inputs["subnetId"] == "subnet-1"


@pytest.mark.parametrize(
    ("known", "found", "ordered"),
    [
        (["b", "c"], ["b", "c"], ["b", "c"]),
        (["b", "c"], ["a", "b", "c"], ["b", "c", "a"]),
        (["b", "c"], ["a", "c"], ["c", "a"]),
        (["b", "c"], ["a"], ["a"]),
    ],
    ids=["nothing new", "a new one", "one gone", "all gone"],
)
def test_what_was_known_comes_first_as_long_as_it_is_there(known, found, ordered):
    assert known_first(known, found) == ordered


def test_private_gives_the_instance_no_way_to_the_internet(private):
    instance = private.one("ec2.Instance")
    [subnet] = private.of("ec2.Subnet")
    assert instance.inputs["associatePublicIpAddress"] is False
    assert instance.inputs["subnetId"] == subnet.outputs["id"]
    assert not private.of("ec2.InternetGateway")
    assert not private.of("ec2.Route")


def test_private_lets_the_instance_reach_what_it_calls_and_nothing_else(private):
    endpoints = group(private, "network-endpoints").outputs["id"]
    [subnet] = private.of("ec2.Subnet")
    assert peers(private, "Ingress", "dashboard-group") == set()
    # the second is S3's prefix list
    assert peers(private, "Egress", "dashboard-group") == {(443, endpoints), (443, None)}
    assert peers(private, "Ingress", "network-endpoints") == {(443, subnet.inputs["cidrBlock"])}
    assert peers(private, "Egress", "network-endpoints") == set()


def test_private_has_an_endpoint_for_every_service_that_the_instance_calls(private):
    endpoints = {
        e.inputs["serviceName"].rpartition(".")[2]: e for e in private.of("ec2.VpcEndpoint")
    }
    assert endpoints.keys() == {"s3", *ENDPOINTS}
    assert endpoints["s3"].inputs["vpcEndpointType"] == "Gateway"
    for service in ENDPOINTS:
        assert endpoints[service].inputs["vpcEndpointType"] == "Interface"
        assert endpoints[service].inputs["privateDnsEnabled"] is True


def test_the_services_that_the_host_may_call_have_an_endpoint(private):
    """A call without one would hang in a network without internet."""
    called = {
        action.partition(":")[0]
        for statement in registered.statements(private.documents("Athena-Dashboard-Server-dev"))
        if statement["Effect"] == "Allow"
        for action in statement["Action"]
    }
    # athena asks glue, and s3 asks kms, on the caller's behalf
    assert called - {"glue", "kms"} == {"s3", *ENDPOINTS}


def test_private_waits_with_the_instance_until_it_can_call(private):
    for name in ("network-s3", "network-ssm", "network-instance-routed"):
        assert private.waits_for("dashboard", name), name


def test_private_empties_the_group_that_a_vpc_comes_with(private):
    default = private.one("ec2.DefaultSecurityGroup")
    assert (default.inputs.get("ingress"), default.inputs.get("egress")) == ([], [])


def test_private_with_a_load_balancer_opens_other_subnets_and_not_the_instances():
    made = run_stack("dev", {"oidcClientSecret": SECRET}, **SETTINGS, network="private")
    subnets = {subnet.name: subnet.outputs["id"] for subnet in made.of("ec2.Subnet")}
    opened = {
        one.inputs["subnetId"]: one.inputs["routeTableId"]
        for one in made.of("ec2.RouteTableAssociation")
    }
    [route] = made.of("ec2.Route")
    for name, id_ in subnets.items():
        is_open = opened[id_] == route.inputs["routeTableId"]
        assert is_open == name.startswith("network-balancer-"), name
    balancer = made.one("lb.LoadBalancer")
    assert set(balancer.inputs["subnets"]) == set(subnets.values()) - {subnets["network-instance"]}
    zones = {subnet.inputs["availabilityZone"] for subnet in made.of("ec2.Subnet")}
    assert len(zones) == 2


def test_existing_takes_what_the_settings_name_and_makes_nothing():
    made = run_stack("dev", network="existing", vpcId="vpc-0a0a0a0a", subnetIds=["subnet-0b0b0b0b"])
    assert not made.of("ec2.Vpc")
    instance = made.one("ec2.Instance")
    assert instance.inputs["subnetId"] == "subnet-0b0b0b0b"
    assert "associatePublicIpAddress" not in instance.inputs, "the subnet says"
    assert group(made, "dashboard-group").inputs["vpcId"] == "vpc-0a0a0a0a"
