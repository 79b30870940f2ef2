"""The rule, the limits, where they come from, and the fingerprint of what decides an outcome."""

from dataclasses import fields, replace
from datetime import date

import pytest

from lake import rule
from lake.rule import Limits, Rule, SettingError, Settings

USUAL = Settings()


def changed(part: str, name: str, value: object) -> Settings:
    return replace(USUAL, **{part: replace(getattr(USUAL, part), **{name: value})})


OTHERS = {
    "rule.statuses": changed("rule", "statuses", ("pending",)),
    "rule.days": changed("rule", "days", 31),
    "limits.file_bytes": changed("limits", "file_bytes", 1000),
    "limits.line_bytes": changed("limits", "line_bytes", 1000),
    "limits.bad_share": changed("limits", "bad_share", 0.4),
}


def test_pending_and_cancelled_orders_are_dropped_once_they_are_30_days_old():
    assert (set(USUAL.rule.statuses), USUAL.rule.days) == ({"pending", "cancelled"}, 30)


@pytest.mark.parametrize(
    ("days", "received", "last"),
    [
        (30, date(2025, 11, 10), date(2025, 10, 11)),
        (30, date(2025, 4, 15), date(2025, 3, 16)),
        (30, date(2024, 3, 1), date(2024, 1, 31)),
        (0, date(2025, 11, 10), date(2025, 11, 10)),
        (36_500, date(2025, 11, 10), date(1925, 12, 5)),
        (30, date(1, 1, 10), date(1, 1, 1)),
    ],
    ids=[
        "usual",
        "over a change of clocks",
        "leap year",
        "no days",
        "a century",
        "as-of of year 1",
    ],
)
def test_the_last_dropped_day_is_counted_in_calendar_days(days, received, last):
    assert Rule(days=days).last_dropped_day(received) == last


# the fingerprint


def test_every_setting_has_a_test_of_its_fingerprint():
    parts = {"rule": Rule, "limits": Limits}

    assert parts.keys() == {field.name for field in fields(Settings)}
    assert {f"{part}.{f.name}" for part, of in parts.items() for f in fields(of)} == OTHERS.keys()


@pytest.mark.parametrize("name", OTHERS)
def test_another_setting_is_another_fingerprint(name):
    assert OTHERS[name].fingerprint != USUAL.fingerprint


def test_another_schema_or_output_is_another_fingerprint(monkeypatch):
    before = USUAL.fingerprint
    monkeypatch.setattr(rule, "OUTPUT_VERSION", rule.OUTPUT_VERSION + 1)
    raised = USUAL.fingerprint
    monkeypatch.setattr(rule, "TABLES", rule.TABLES[1:])

    assert len({before, raised, USUAL.fingerprint}) == 3


def test_the_same_settings_have_the_same_fingerprint_everywhere():
    assert Settings(Rule(), Limits()).fingerprint == USUAL.fingerprint
    assert len(USUAL.fingerprint) == 16


def test_the_order_of_statuses_changes_nothing():
    one, other = (
        Settings(Rule(statuses=words))
        for words in (("pending", "cancelled"), ("cancelled", "pending", "pending"))
    )

    assert one == other
    assert one.fingerprint == other.fingerprint == USUAL.fingerprint


# from the environment


@pytest.mark.parametrize("environment", [{}, {"ORDERS_DROP_DAYS": "", "ORDERS_DROP_STATUSES": ""}])
def test_what_is_not_set_or_empty_is_as_usual(environment):
    assert Settings.from_environment(environment) == USUAL


def test_every_setting_can_be_set():
    assert Settings.from_environment(
        {
            "ORDERS_DROP_STATUSES": " shipped, pending",
            "ORDERS_DROP_DAYS": "7",
            "ORDERS_MAX_FILE_BYTES": "1000000",
            "ORDERS_MAX_LINE_BYTES": "100",
            "ORDERS_MAX_BAD_SHARE": "0.25",
        }
    ) == Settings(
        Rule(statuses=("pending", "shipped"), days=7),
        Limits(file_bytes=1_000_000, line_bytes=100, bad_share=0.25),
    )


def test_the_usual_values_written_out_are_the_usual_settings():
    given = {"ORDERS_DROP_STATUSES": "pending,cancelled", "ORDERS_DROP_DAYS": "30"}

    assert Settings.from_environment(given).fingerprint == USUAL.fingerprint


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        (
            "DROP_STATUSES",
            "pending,lost",
            "'lost' is none of pending, confirmed, shipped, cancelled",
        ),
        ("DROP_STATUSES", "Pending", "'Pending' is none of pending"),
        ("DROP_STATUSES", "pending,", "'' is none of pending"),
        ("DROP_DAYS", "-1", "-1 is not between 0 and 36500"),
        ("DROP_DAYS", "36501", "36501 is not between 0 and 36500"),
        ("DROP_DAYS", "soon", "'soon' is not a number like 30"),
        ("DROP_DAYS", "1.5", "'1.5' is not a number like 30"),
        ("MAX_FILE_BYTES", "0", "0 is not between 1 and 5497558138880"),
        ("MAX_FILE_BYTES", "6000000000000", "6000000000000 is not between 1 and 5497558138880"),
        ("MAX_FILE_BYTES", "8 GiB", "'8 GiB' is not a number like 8589934592"),
        ("MAX_LINE_BYTES", "63", "63 is not between 64 and 131072"),
        ("MAX_LINE_BYTES", "131073", "131073 is not between 64 and 131072"),
        ("MAX_BAD_SHARE", "1.1", "1.1 is not between 0 and 1"),
        ("MAX_BAD_SHARE", "-0.1", "-0.1 is not between 0 and 1"),
        ("MAX_BAD_SHARE", "nan", "nan is not between 0 and 1"),
        ("MAX_BAD_SHARE", "50%", "'50%' is not a number like 0.5"),
    ],
)
def test_a_wrong_value_is_told_with_its_name_and_what_is_allowed(name, value, told):
    with pytest.raises(SettingError) as refused:
        Settings.from_environment({f"ORDERS_{name}": value})

    assert str(refused.value).startswith(f"ORDERS_{name}: {told}")


@pytest.mark.parametrize("value", ["0", "36500"])
def test_the_ends_of_a_range_are_allowed(value):
    assert Settings.from_environment({"ORDERS_DROP_DAYS": value}).rule.days == int(value)
