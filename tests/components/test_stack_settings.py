"""The settings: what is taken, what is refused and how that is said, and what Pulumi.yaml says."""

import contextvars
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pulumi
import pytest
import yaml
from pulumi.runtime.config import set_all_config

from components import settings
from components.agreements import architecture_of
from components.settings import Settings, SettingsError
from lake.rule import Limits, Rule
from tests.components.with_balancer import SETTINGS as BALANCER

ROOT = Path(__file__).parent.parent.parent
PROJECT = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())

SECRET = {"oidcClientSecret": "never to be seen"}


@pytest.fixture(autouse=True)
def _no_region(monkeypatch):
    monkeypatch.delenv("AWS_REGION", raising=False)


def read(stack: str = "dev", secret: dict | None = None, **given) -> Settings:
    """Read settings as Pulumi gives them: texts as they are, all else as JSON."""

    def within() -> Settings:
        texts = {
            f"orders-lake:{key}": value if isinstance(value, str) else json.dumps(value)
            for key, value in {**given, **(secret or {})}.items()
        }
        set_all_config(texts, [f"orders-lake:{key}" for key in secret or {}])
        return settings.read(pulumi.Config("orders-lake"), stack)

    return contextvars.copy_context().run(within)


def faults(*args, **given) -> list[str]:
    """Return what is said of settings that cannot be used, one line a fault."""
    with pytest.raises(SettingsError) as raised:
        read(*args, **given)
    return [line.strip() for line in str(raised.value).split("\n")[1:]]


def test_without_any_setting_all_have_their_defaults():
    assert read() == Settings("dev")


def test_defaults_are_those_that_pulumi_yaml_declares():
    declared = {key: one["default"] for key, one in PROJECT["config"].items()}
    # a secret has no value that a file could say; Pulumi wants some default of a typed one
    assert declared.pop("oidcClientSecret") == ""
    assert read(**declared) == Settings("dev")


def test_pulumi_yaml_declares_every_setting_with_its_type_and_describes_it():
    types = {bool: "boolean", int: "integer", tuple: "array"}
    known = {}
    for group, field, setting in settings.declared():
        default = getattr(getattr(Settings("dev"), group), field.name)
        known[setting.key] = types.get(type(default), "string")

    assert {key: one["type"] for key, one in PROJECT["config"].items()} == known
    for key, one in PROJECT["config"].items():
        assert one["description"].endswith("."), key


def test_the_rule_is_the_same_as_on_a_laptop_unless_told_otherwise():
    function = Settings("dev").function

    assert Rule(function.drop_statuses, function.drop_days) == Rule()
    assert function.max_line_bytes == Limits.line_bytes
    assert function.max_bad_percent / 100 == Limits.bad_share


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_stacks_files_can_be_used_as_they_are(stack):
    given = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    ours = {
        key.removeprefix("orders-lake:"): value
        for key, value in given.items()
        if key.startswith("orders-lake:")
    }

    assert ours
    assert read(stack, **ours).lake.keep_data == (stack == "prod")


TAKEN = [
    ("keepData", "false", ("lake", "keep_data"), False),
    ("dropStatuses", ["shipped"], ("function", "drop_statuses"), ("shipped",)),
    ("dropDays", 0, ("function", "drop_days"), 0),
    ("dropDays", 36_500, ("function", "drop_days"), 36_500),
    ("memoryMiB", 128, ("function", "memory_mib"), 128),
    ("memoryMiB", 10_240, ("function", "memory_mib"), 10_240),
    ("diskMiB", 10_240, ("function", "disk_mib"), 10_240),
    ("timeoutSeconds", 1, ("function", "timeout_seconds"), 1),
    ("reservedConcurrency", 5, ("function", "reserved_concurrency"), 5),
    ("logDays", 3653, ("function", "log_days"), 3653),
    ("alarmEmail", "orders@example.com", ("alarms", "email"), "orders@example.com"),
    ("alarmNoFileHours", 168, ("alarms", "no_file_hours"), 168),
    ("queryCutoffMiB", 10, ("catalog", "query_cutoff_mib"), 10),
    (
        "crawlerSchedule",
        "cron(15 3 * * ? *)",
        ("catalog", "crawler_schedule"),
        "cron(15 3 * * ? *)",
    ),
    (
        "crawlerSchedule",
        "cron(0/30 8-18 ? * MON-FRI *)",
        ("catalog", "crawler_schedule"),
        "cron(0/30 8-18 ? * MON-FRI *)",
    ),
    ("currency", "EUR", ("dashboard", "currency"), "EUR"),
    ("athenaUsdPerTb", "6.75", ("dashboard", "usd_per_tb"), Decimal("6.75")),
]


@pytest.mark.parametrize(("key", "given", "place", "value"), TAKEN)
def test_a_value_is_taken(key, given, place, value):
    group, name = place
    assert getattr(getattr(read(**{key: given}), group), name) == value


REFUSED = [
    ("keepData", "yes", "true or false"),
    ("resultDays", 6, "a whole number from 7 to 3650"),
    ("oldVersionDays", 0, "a whole number from 1 to 3650"),
    ("dropStatuses", ["pendin"], "a list of one or more of pending, confirmed, shipped, cancelled"),
    ("dropStatuses", [], "a list of one or more of pending, confirmed, shipped, cancelled"),
    ("dropStatuses", "pending", "a list of one or more of pending, confirmed, shipped, cancelled"),
    ("dropDays", -1, "a whole number from 0 to 36500"),
    ("dropDays", "soon", "a whole number from 0 to 36500"),
    ("dropDays", "1.5", "a whole number from 0 to 36500"),
    ("maxBadPercent", 101, "a whole number from 0 to 100"),
    ("maxLineBytes", 131_073, "a whole number from 64 to 131072"),
    ("memoryMiB", 127, "a whole number from 128 to 10240"),
    ("memoryMiB", 10_241, "a whole number from 128 to 10240"),
    ("diskMiB", 511, "a whole number from 512 to 10240"),
    ("timeoutSeconds", 901, "a whole number from 1 to 900"),
    ("reservedConcurrency", -1, "a whole number from 1 to 1000000, or 0: none is reserved"),
    ("sweepMinutes", 0, "a whole number from 1 to 1440"),
    ("logDays", 31, "one of 1, 3, 5, 7, 14, 30, 60"),
    ("logDays", 0, "one of 1, 3, 5, 7, 14, 30, 60"),
    ("alarmEmail", "orders", "an address, or empty"),
    ("alarmQuarantinePercent", 100, "a whole number from 1 to 99, or 0: no such alarm"),
    ("alarmNoFileHours", 169, "a whole number from 1 to 168, or 0: no such alarm"),
    ("queryCutoffMiB", 9, "a whole number from 10 to"),
    ("crawlerSchedule", "every night", "a schedule like cron(15 3 * * ? *), or empty"),
    ("crawlerSchedule", "cron(15 3 * * * *)", "a schedule like cron(15 3 * * ? *), or empty"),
    ("crawlerSchedule", "cron(75 3 * * ? *)", "a schedule like cron(15 3 * * ? *), or empty"),
    ("crawlerSchedule", "rate(1 day)", "a schedule like cron(15 3 * * ? *), or empty"),
    ("network", "vpn", "one of public, private, existing"),
    ("vpcId", "default", "an id like vpc-0123456789abcdef0, or empty"),
    ("instanceType", "t4g", "a type like t4g.small"),
    ("architecture", "amd64", "one of arm64, x86_64"),
    ("access", "open", "one of session, balancer"),
    ("oidcIssuer", "http://login.example.com", "an https address, or empty"),
    (
        "certificateArn",
        "arn:aws:iam::123456789012:server-certificate/a",
        "the ARN of a certificate",
    ),
    ("allowedCidrs", ["10.0.0.1/8"], "a list of different ranges like 192.0.2.0/24"),
    ("allowedCidrs", ["2001:db8::/32"], "a list of different ranges like 192.0.2.0/24"),
    (
        "allowedCidrs",
        ["192.0.2.0/24", "192.0.2.0/24"],
        "a list of different ranges like 192.0.2.0/24",
    ),
    ("dropStatuses", ["pending", "pending"], "a list of one or more of pending, confirmed"),
    ("allowedCidrs", ["everybody"], "a list of different ranges like 192.0.2.0/24"),
    ("currency", "Euro", "a code like EUR, or empty"),
    ("athenaUsdPerTb", "free", "an amount like 5"),
    ("athenaUsdPerTb", "-1", "an amount like 5"),
    ("permissionsBoundary", "boundary", "the ARN of a policy, or empty"),
]


@pytest.mark.parametrize(("key", "given", "allowed"), REFUSED)
def test_a_value_that_is_not_allowed_is_refused_with_what_is(key, given, allowed):
    shown = given if isinstance(given, str) else json.dumps(given)

    [fault] = faults(**{key: given})

    assert fault.startswith(f"{key}: {shown!r} is not {allowed}")


def test_every_fault_is_told_at_once_and_how_to_mend_it():
    with pytest.raises(SettingsError) as raised:
        read("dev", memoryMiB=1, dropDays="soon", logdays=7)

    told = str(raised.value)
    assert told.startswith(
        "3 of the settings of dev cannot be used; `pulumi config set` or Pulumi.dev"
    )
    assert all(f"\n  {key}: " in told for key in ("memoryMiB", "dropDays", "logdays"))


def test_an_unknown_key_is_refused_and_the_likely_one_is_named():
    assert faults(memoryMib=256) == ["memoryMib: there is no such setting: is memoryMiB meant?"]
    assert faults(colour="green") == ["colour: there is no such setting"]


def test_keys_of_other_projects_and_of_the_provider_are_not_ours():
    def within() -> Settings:
        set_all_config({"aws:region": "eu-central-1", "other:memoryMiB": "1"}, [])
        return settings.read(pulumi.Config("orders-lake"), "dev")

    assert contextvars.copy_context().run(within) == Settings("dev")


def with_tags(stack: str, tags: object) -> Settings:
    def within() -> Settings:
        set_all_config({"aws:defaultTags": json.dumps(tags)}, [])
        return settings.read(pulumi.Config("orders-lake"), stack)

    return contextvars.copy_context().run(within)


def test_a_file_copied_for_another_stack_with_its_tag_is_refused():
    with pytest.raises(SettingsError) as raised:
        with_tags("test", {"tags": {"stack": "dev"}})

    assert str(raised.value).endswith(
        "\n  aws:defaultTags: the tag stack is 'dev' and this stack is called test: rights go by"
        " that tag"
    )


@pytest.mark.parametrize(
    "tags", [{"tags": {"stack": "test"}}, {"tags": {"team": "dev"}}, {"tags": None}, {}, "dev"]
)
def test_other_tags_are_nobodys_business(tags):
    assert with_tags("test", tags).stack == "test"


@pytest.mark.parametrize("name", ["dev", "a", "pr-12", "a" * 19])
def test_a_stacks_name_that_fits_into_all_names_is_taken(name):
    assert read(name).stack == name


@pytest.mark.parametrize("name", ["Dev", "a_b", "1st", "a--b", "-a", "a-", "a" * 20, "dev-logs"])
def test_a_stacks_name_that_does_not_is_refused(name):
    [fault] = faults(name)
    assert fault == (
        f"stack: {name!r} is no stack's name: small letters, digits and single -, 19 at most, and"
        " no -logs at the end"
    )


# settings that must agree


def test_a_file_that_the_disk_cannot_hold_three_times_is_refused():
    assert faults(maxFileMiB=1000, diskMiB=2999) == [
        "diskMiB, maxFileMiB: a file of 1000 MiB needs a disk of 3000, not of 2999: take smaller"
        " files, or a disk of up to 10240"
    ]
    assert read(maxFileMiB=1000, diskMiB=3000).function.max_file_mib == 1000


@pytest.mark.parametrize(
    ("instance_type", "architecture"),
    [
        ("t4g.small", "arm64"),
        ("c7gn.xlarge", "arm64"),
        ("im4gn.large", "arm64"),
        ("r8gd.large", "arm64"),
        ("g5g.xlarge", "arm64"),
        ("a1.large", "arm64"),
        ("t3.micro", "x86_64"),
        ("m7i.large", "x86_64"),
        ("m7i-flex.large", "x86_64"),
        ("g4dn.xlarge", "x86_64"),
        ("g6.xlarge", "x86_64"),
        ("u7i-12tb.224xlarge", "x86_64"),
    ],
)
def test_an_instance_types_name_says_its_architecture(instance_type, architecture):
    assert architecture_of(instance_type) == architecture


def test_instance_type_and_architecture_must_agree():
    assert faults(instanceType="t3.micro") == [
        "architecture, instanceType: t3.micro is x86_64, not arm64: change one"
    ]
    assert read(instanceType="t3.micro", architecture="x86_64").dashboard.architecture == "x86_64"


def test_an_existing_network_needs_its_ids():
    assert faults(network="existing") == [
        "vpcId: network: existing needs vpcId",
        "subnetIds: network: existing needs subnetIds",
    ]
    given = read(network="existing", vpcId="vpc-01234567", subnetIds=["subnet-01234567"])
    assert given.network.subnet_ids == ("subnet-01234567",)


def test_ids_without_an_existing_network_are_refused():
    assert faults(network="private", vpcId="vpc-01234567") == [
        "network, vpcId: vpcId is used with network: existing only, and network is private"
    ]


def test_a_load_balancer_in_an_existing_network_needs_two_subnets():
    given = {"network": "existing", "vpcId": "vpc-01234567", "subnetIds": ["subnet-01234567"]}
    one = {"balancerSubnetIds": ["subnet-01234567"]}
    two = {"balancerSubnetIds": ["subnet-01234567", "subnet-11234567"]}

    assert faults("dev", SECRET, **BALANCER, **given, **one) == [
        "balancerSubnetIds: a load balancer needs two public subnets, in two availability zones"
    ]
    assert read("dev", SECRET, **BALANCER, **given, **two)
    assert faults(**given, **two) == [
        "access, balancerSubnetIds: balancerSubnetIds is used with access: balancer only"
    ]


@pytest.mark.parametrize("missing", [*sorted(BALANCER.keys() - {"access"}), "oidcClientSecret"])
def test_a_public_address_without_certificate_and_login_is_refused(missing):
    given = {key: value for key, value in BALANCER.items() if key != missing}
    secret = {} if missing == "oidcClientSecret" else SECRET

    assert faults("dev", secret, **given) == [
        f"{missing}: access: balancer gives a public address, and that needs a certificate and a"
        " login: set what is missing"
    ]


def test_with_all_of_it_the_address_is_public_and_ranges_can_narrow_it():
    given = read("dev", SECRET, **BALANCER, allowedCidrs=["192.0.2.0/24", "10.0.0.1/32"])

    assert given.dashboard.access == "balancer"
    assert given.dashboard.allowed_cidrs == ("192.0.2.0/24", "10.0.0.1/32")


def test_a_certificate_of_another_region_is_refused(monkeypatch):
    monkeypatch.setenv("AWS_REGION", "eu-west-1")

    assert faults("dev", SECRET, **BALANCER) == [
        "certificateArn: the certificate is in eu-central-1, and a load balancer in eu-west-1 takes"
        " only one from there: request one with `aws acm request-certificate`"
    ]
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    assert read("dev", SECRET, **BALANCER)


@pytest.mark.parametrize("key", sorted(BALANCER.keys() - {"access"}))
def test_what_only_a_load_balancer_uses_is_refused_without_one(key):
    assert faults(**{key: BALANCER[key]}) == [
        f"access, {key}: {key} is used with access: balancer only, and access is session"
    ]


def test_the_clients_secret_stays_an_output_and_is_seen_nowhere():
    given = read("dev", SECRET, **BALANCER)

    assert isinstance(given.dashboard.oidc_client_secret, pulumi.Output)
    assert SECRET["oidcClientSecret"] not in repr(given)


def test_a_secret_in_clear_text_is_refused_and_not_repeated():
    told = faults(**BALANCER, **SECRET)

    assert told == [
        "oidcClientSecret: it stands in clear text: set it with `pulumi config set --secret"
        " oidcClientSecret`, and give it a new value"
    ]


def test_what_follows_from_a_refused_value_is_not_told_as_well():
    assert len(faults(instanceType="t3", architecture="arm64")) == 1


def test_settings_are_plain_values_that_can_be_changed_by_a_copy():
    given = read()

    assert replace(given, stack="other").stack == "other"
    assert hash(given) == hash(read())
