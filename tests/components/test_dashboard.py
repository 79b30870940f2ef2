import json
import re

import pytest

from components.user_data import PORT
from tests.components.with_balancer import SECRET, run_with_balancer
from tests.doubles import registered
from tests.doubles.registered import run_stack, statements

NAME = "Athena-Dashboard-Server-dev"


@pytest.fixture(scope="module")
def instance(dev):
    return dev.one("ec2.Instance").inputs


def test_it_carries_the_name_that_its_users_know_and_the_stacks(dev, instance):
    assert instance["tags"]["Name"] == NAME
    assert dev.one("iam.InstanceProfile").inputs["name"] == NAME
    assert dev.one("iam.Role", name=NAME)


def test_nobody_has_a_key_to_it(instance):
    assert "keyName" not in instance
    assert "getPasswordData" not in instance


def test_its_role_comes_by_the_newer_metadata_service_and_to_the_host_alone(instance):
    assert instance["metadataOptions"] == {
        "httpEndpoint": "enabled",
        "httpTokens": "required",
        "httpPutResponseHopLimit": 1,
        "instanceMetadataTags": "disabled",
    }


def test_its_disk_is_encrypted_and_it_is_watched(instance):
    assert instance["rootBlockDevice"]["encrypted"] is True
    assert instance["monitoring"] is True
    assert instance["ebsOptimized"] is True


def test_processor_time_is_not_billed_on_top_where_a_type_would(instance):
    assert instance["creditSpecification"] == {"cpuCredits": "standard"}
    for type_, architecture in (("m7g.medium", "arm64"), ("trn1.2xlarge", "x86_64")):
        other = run_stack("dev", instanceType=type_, architecture=architecture)
        assert "creditSpecification" not in other.one("ec2.Instance").inputs


@pytest.mark.parametrize(
    ("instance_type", "architecture"), [("t4g.small", "arm64"), ("t3.small", "x86_64")]
)
def test_its_image_is_amazon_linux_for_its_architecture(monkeypatch, instance_type, architecture):
    asked = []
    call = registered._Recorder.call

    def noting(self, args):
        asked.append((args.token, dict(args.args)))
        return call(self, args)

    monkeypatch.setattr(registered._Recorder, "call", noting)
    run_stack("dev", instanceType=instance_type, architecture=architecture)
    [parameter] = [args["name"] for token, args in asked if token.endswith("getParameter")]
    assert parameter == (
        f"/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{architecture}"
    )


def test_a_changed_app_is_another_script_and_that_another_instance(instance, monkeypatch):
    assert instance["userDataReplaceOnChange"] is True
    made = registered._bundle

    def another(kind):
        return made(f"another {kind}") if kind == "app" else made(kind)

    monkeypatch.setattr(registered, "_bundle", another)
    assert run_stack("dev").one("ec2.Instance").inputs["userData"] != instance["userData"]


def test_its_script_fetches_the_bundle_that_was_uploaded_and_checks_it(dev, instance):
    [bundle] = [one for one in dev.of("s3.BucketObjectv2") if one.name == "dashboard-app"]
    script = instance["userData"]
    assert f"--bucket {bundle.inputs['bucket']} --key {bundle.inputs['key']} " in script
    [digest] = re.findall(r"^echo ([0-9a-f]{64})", script, re.M)
    assert digest[:16] in bundle.inputs["key"]


def test_its_script_tells_the_dashboard_what_it_needs_and_no_secret(dev, instance):
    [bucket] = [one for one in dev.of("s3.Bucket") if one.name == "lake"]
    told = dict(re.findall(r'^([A-Z_]+)="(.*)"$', instance["userData"], re.M))
    assert told == {
        "LAKE_BUCKET": bucket.outputs["id"],
        "ATHENA_WORKGROUP": dev.one("athena.Workgroup").inputs["name"],
        "ATHENA_DATABASE": "orders_db_dev",
        "ATHENA_USD_PER_TB": "5",
        "AWS_REGION": "eu-central-1",
        "DASHBOARD_CURRENCY": told["DASHBOARD_CURRENCY"],
        "DASHBOARD_ENVIRONMENT": "dev",
        "DASHBOARD_HOSTS": "",
        "DASHBOARD_LISTEN": f"127.0.0.1:{PORT}",
        "DASHBOARD_PROXIED": "0",
    }
    behind = run_with_balancer("dev").one("ec2.Instance")
    assert SECRET not in behind.inputs["userData"]
    assert "userData" not in behind.secrets, "nothing secret goes into it"


def test_the_output_is_the_command_that_forwards_its_port(dev):
    instance_id = dev.one("ec2.Instance").outputs["id"]
    assert dev.exports["session"] == (
        f"aws ssm start-session --region eu-central-1 --target {instance_id}"
        " --document-name AWS-StartPortForwardingSession"
        f" --parameters portNumber={PORT},localPortNumber={PORT}"
    )
    assert dev.exports["dashboard"] == f"http://localhost:{PORT}"
    assert "point_host_name_to" not in dev.exports


def test_it_waits_for_what_it_needs_as_soon_as_it_is_up(dev):
    for name in ("dashboard-role-policy", "dashboard-app", "dashboard-logs"):
        assert dev.waits_for("dashboard", name), name
    assert dev.waits_for("dashboard", "dashboard-group-to-aws")


def test_its_logs_are_encrypted_and_end(dev):
    [logs] = [one for one in dev.of("cloudwatch.LogGroup") if one.name == "dashboard-logs"]
    assert logs.inputs["name"] == "/orders-lake/dev/dashboard"
    assert logs.inputs["kmsKeyId"] == dev.one("kms.Key").outputs["arn"]
    [another] = {one.inputs["retentionInDays"] for one in dev.of("cloudwatch.LogGroup")}
    assert logs.inputs["retentionInDays"] == another > 0


def test_what_the_host_itself_may_do_is_this_and_no_more(dev):
    by_sid = {one["Sid"]: one for one in statements(dev.documents(NAME))}
    [bundle] = [one for one in dev.of("s3.BucketObjectv2") if one.name == "dashboard-app"]
    assert by_sid["FetchApp"]["Action"] == ["s3:GetObject"]
    assert by_sid["FetchApp"]["Resource"] == [bundle.outputs["arn"]]
    assert by_sid["WriteLogs"]["Action"] == ["logs:CreateLogStream", "logs:PutLogEvents"]
    [logs] = by_sid["WriteLogs"]["Resource"]
    assert logs.endswith(":log-group:/orders-lake/dev/dashboard:*")
    # besides the role for sessions nothing is allowed on everything
    everywhere = [sid for sid, one in by_sid.items() if "*" in one.get("Resource", [])]
    assert everywhere == ["SessionManager"]
    assert by_sid["SessionManager"]["Action"] == [
        "ssm:UpdateInstanceInformation",
        "ssmmessages:CreateControlChannel",
        "ssmmessages:CreateDataChannel",
        "ssmmessages:OpenControlChannel",
        "ssmmessages:OpenDataChannel",
    ]


def test_only_instances_take_its_role(dev):
    trust = json.loads(dev.one("iam.Role", name=NAME).inputs["assumeRolePolicy"])
    assert [one["Principal"] for one in trust["Statement"]] == [{"Service": ["ec2.amazonaws.com"]}]
