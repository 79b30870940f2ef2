"""What the README says of settings is what Pulumi.yaml declares."""

from docs import settings_table


def test_the_settings_are_those_of_pulumi_yaml():
    page = settings_table.PAGE.read_text()

    made = settings_table.table(settings_table.ROOT / "Pulumi.yaml")

    assert settings_table.replaced(page, made) == page, "run `python -m docs.settings_table`"
