import re

import pytest

from components.settings import STACK_NAME
from tests.components.open_to import group, peers
from tests.components.with_balancer import SECRET, SETTINGS, run_with_balancer
from tests.doubles.registered import run_stack
from web import urls


@pytest.fixture(scope="module")
def open_dev():
    return run_with_balancer("dev")


@pytest.fixture(scope="module")
def open_prod():
    ranges = ["192.0.2.0/24", "198.51.100.0/24"]
    return run_stack("prod", {"oidcClientSecret": SECRET}, **SETTINGS, allowedCidrs=ranges)


def test_nobody_gets_through_without_a_login(open_dev):
    [listener] = open_dev.of("lb.Listener")
    first, then = sorted(listener.inputs["defaultActions"], key=lambda action: action["order"])
    assert first["type"] == "authenticate-oidc"
    assert first["authenticateOidc"]["onUnauthenticatedRequest"] == "authenticate"
    assert first["authenticateOidc"]["clientSecret"] == SECRET
    assert then["type"] == "forward"


def test_what_a_pages_scripts_ask_gets_a_401_where_a_login_is_missing(open_dev):
    """A script that is sent to the OIDC provider begins a login that nobody sees."""
    [listener] = open_dev.of("lb.Listener")
    conditions = {}
    for rule in open_dev.of("lb.ListenerRule"):
        first, then = sorted(rule.inputs["actions"], key=lambda action: action["order"])
        assert rule.inputs["listenerArn"] == listener.outputs["arn"]
        assert first["type"] == "authenticate-oidc"
        assert first["authenticateOidc"]["onUnauthenticatedRequest"] == "deny"
        assert then["type"] == "forward"
        [conditions[rule.inputs["priority"]]] = rule.inputs["conditions"]

    assert conditions == {
        1: {"pathPattern": {"values": [urls.STATE]}},
        2: {"httpHeader": {"httpHeaderName": "HX-Request", "values": ["true"]}},
    }


def test_one_session_is_good_for_pages_and_scripts(open_dev):
    """But for what a missing one means, the logins are the same."""
    [listener] = open_dev.of("lb.Listener")
    actions = [
        *listener.inputs["defaultActions"],
        *(action for rule in open_dev.of("lb.ListenerRule") for action in rule.inputs["actions"]),
    ]
    logins = [
        {**one["authenticateOidc"], "onUnauthenticatedRequest": ""}
        for one in actions
        if one["type"] == "authenticate-oidc"
    ]
    targets = {one["targetGroupArn"] for one in actions if one["type"] == "forward"}

    assert logins == [logins[0]] * 3
    assert len(targets) == 1


def test_the_one_listener_speaks_https_with_a_modern_policy(open_dev):
    [listener] = open_dev.of("lb.Listener")
    assert (listener.inputs["port"], listener.inputs["protocol"]) == (443, "HTTPS")
    assert listener.inputs["certificateArn"] == SETTINGS["certificateArn"]
    assert listener.inputs["sslPolicy"].startswith("ELBSecurityPolicy-TLS13-1-2-Res-")


def test_the_clients_secret_is_a_secret_in_the_listener_and_its_rules_and_nowhere_else(open_dev):
    holders = []
    for resource in open_dev.resources:
        if SECRET in repr([resource.inputs, resource.outputs]):
            holders.append(resource.name)
            assert resource.secrets & {"defaultActions", "actions"}
    assert sorted(holders) == [
        "dashboard-balancer",
        "dashboard-balancer-htmx",
        "dashboard-balancer-state",
    ]
    assert SECRET not in repr(open_dev.exports)


def test_only_the_load_balancer_reaches_the_instance_and_it_reaches_no_more_than_it_must(open_dev):
    balancer = group(open_dev, "dashboard-balancer").outputs["id"]
    instance = group(open_dev, "dashboard-group").outputs["id"]
    assert peers(open_dev, "Ingress", "dashboard-group") == {(5000, balancer)}
    assert peers(open_dev, "Ingress", "dashboard-balancer") == {(443, "0.0.0.0/0")}
    assert peers(open_dev, "Egress", "dashboard-balancer") == {(5000, instance), (443, "0.0.0.0/0")}


def test_address_ranges_come_on_top_of_the_login(open_prod):
    assert peers(open_prod, "Ingress", "dashboard-balancer") == {
        (443, "192.0.2.0/24"),
        (443, "198.51.100.0/24"),
    }
    [listener] = open_prod.of("lb.Listener")
    assert len(listener.inputs["defaultActions"]) == 2


def test_health_is_what_healthz_says(open_dev):
    target = open_dev.one("lb.TargetGroup")
    assert target.inputs["healthCheck"]["path"] == "/healthz"
    assert target.inputs["healthCheck"]["matcher"] == "200"
    attached = open_dev.one("lb.TargetGroupAttachment")
    assert attached.inputs["targetId"] == open_dev.one("ec2.Instance").outputs["id"]


def test_requests_are_logged_beside_the_lakes_own_access_logs(open_dev):
    logs = open_dev.one("s3.Bucket", bucketPrefix="orders-lake-dev-logs-").outputs["id"]
    balancer = open_dev.one("lb.LoadBalancer")
    assert balancer.inputs["accessLogs"] == {"bucket": logs, "enabled": True, "prefix": "elb"}
    policy = open_dev.one("s3.BucketPolicy", bucket=logs)
    assert "logdelivery.elasticloadbalancing.amazonaws.com" in policy.inputs["policy"]


def test_headers_that_are_not_valid_are_dropped(open_dev):
    balancer = open_dev.one("lb.LoadBalancer")
    assert balancer.inputs["dropInvalidHeaderFields"] is True
    assert balancer.inputs["desyncMitigationMode"] == "defensive"


def test_prod_is_protected_against_deletion_and_dev_is_not(open_dev, open_prod):
    assert open_prod.one("lb.LoadBalancer").inputs["enableDeletionProtection"] is True
    assert open_dev.one("lb.LoadBalancer").inputs["enableDeletionProtection"] is False


def test_the_dashboard_is_told_that_it_stands_behind_it(open_dev):
    script = open_dev.one("ec2.Instance").inputs["userData"]
    assert 'DASHBOARD_LISTEN="0.0.0.0:5000"' in script
    assert 'DASHBOARD_PROXIED="1"' in script
    assert 'DASHBOARD_HOSTS="orders.example.com"' in script


def test_the_outputs_say_where_it_is_and_what_the_name_points_to(open_dev):
    assert open_dev.exports["dashboard"] == "https://orders.example.com"
    assert "point_host_name_to" in open_dev.exports


def test_its_name_fits_where_the_stacks_is_longest():
    longest = max(length for length in range(40) if re.fullmatch(STACK_NAME, "a" * length))
    assert len(f"orders-lake-{'a' * longest}") <= 32, "Elastic Load Balancing's limit"
