"""What is a schedule, and what only looks like one: Glue would refuse it, half through an up."""

import pytest

from components.cron import is_cron


@pytest.mark.parametrize(
    "fields",
    [
        "15 3 * * ? *",
        "0/30 8-18 ? * MON-FRI *",
        "*/5 * * * ? *",
        "0,10,59 0,23 1,31 1-12 ? 1970-2199",
        "0 12 L * ? *",
        "0 12 LW JAN,JUL ? *",
        "0 12 15W * ? 2030",
        "0 12 ? * 6L *",
        "10/15 3 * * ? *",
    ],
)
def test_a_schedule_is_taken(fields):
    assert is_cron(f"cron({fields})")


@pytest.mark.parametrize(
    "fields",
    [
        "60 3 * * ? *",
        "15 24 * * ? *",
        "15 3 0 * ? *",
        "15 3 32 * ? *",
        "15 3 * 13 ? *",
        "15 3 * JUNE ? *",
        "15 3 ? * 8 *",
        # EventBridge's, not Glue's
        "15 3 ? * 6#2 *",
        "15 3 * * ? 1969",
        # both days said, or none
        "15 3 1 * MON *",
        "15 3 ? * ? *",
        "15 3 * * * *",
        # closer than five minutes
        "* 3 * * ? *",
        "*/4 3 * * ? *",
        "0,4 3 * * ? *",
        # backwards, by no step, of nothing
        "30-10 3 * * ? *",
        "0/0 3 * * ? *",
        ", 3 * * ? *",
        "-5 3 * * ? *",
        "15 3 * * ?",
        "15 3 * * ? * *",
        "15  3 * * ? *",
    ],
)
def test_what_glue_would_refuse_is_none(fields):
    assert not is_cron(f"cron({fields})")


@pytest.mark.parametrize("text", ["", "rate(1 day)", "15 3 * * ? *", "cron(15 3 * * ? *) "])
def test_another_form_is_none(text):
    assert not is_cron(text)
