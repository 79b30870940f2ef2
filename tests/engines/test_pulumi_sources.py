"""A changed file of the project touches the resources that are made of it, and no others."""

import os
import shutil

import pytest

pytestmark = pytest.mark.engine

FUNCTION = {
    "replace BucketObjectv2 orders-code (key source)",
    "update Function orders (s3Key)",
}
DASHBOARD = {
    "replace BucketObjectv2 dashboard-app (key source)",
    # the image that the instance starts from is chosen anew with each app
    "replace Stash dashboard-image",
    "update RolePolicy dashboard-role-policy (policy)",
    "replace Instance dashboard (userData)",
    "update MetricAlarm dashboard-instance-failed (alarmDescription metricQueries)",
}


@pytest.fixture
def changed(project, tmp_path):
    """Return a function that adds text to a file of the project's copy, or makes one of another."""
    copy = shutil.copytree(project, tmp_path / "changed", copy_function=os.link)

    def change(name, text, like=None):
        content = (copy / (like or name)).read_text()
        (copy / name).unlink(missing_ok=True)
        (copy / name).write_text(content + text)
        return copy

    return change


def test_a_changed_handler_touches_the_function_alone(stacks, changed):
    previewed = stacks["dev"].preview(source=changed("handler/sorting.py", "\n# changed\n"))

    assert not previewed.failed, previewed.said
    assert previewed.changed == FUNCTION


def test_a_changed_query_touches_its_named_query_and_the_dashboard(stacks, changed):
    previewed = stacks["dev"].preview(source=changed("queries/order-status.sql", "\n-- changed\n"))

    assert not previewed.failed, previewed.said
    assert previewed.changed == DASHBOARD | {"replace NamedQuery catalog-order-status (query)"}


def test_a_new_query_makes_a_named_query(stacks, changed):
    source = changed("queries/order-status-again.sql", "", like="queries/order-status.sql")

    previewed = stacks["dev"].preview(source=source)

    assert not previewed.failed, previewed.said
    assert previewed.changed == DASHBOARD | {"create NamedQuery catalog-order-status-again"}


def test_a_query_that_is_none_is_told_and_left_out(stacks, changed):
    previewed = stacks["dev"].preview(source=changed("queries/order-status.sql", "\n*/ SELECT\n"))

    assert not previewed.failed, previewed.said
    assert previewed.changed == DASHBOARD | {"delete NamedQuery catalog-order-status"}
    assert "order-status.sql:15: " in "".join(previewed.messages)


def test_a_changed_page_touches_the_dashboard_alone(stacks, changed):
    previewed = stacks["dev"].preview(source=changed("web/templates/base.html", "<!-- changed -->"))

    assert not previewed.failed, previewed.said
    assert previewed.changed == DASHBOARD


def test_what_all_parts_share_touches_function_and_dashboard(stacks, changed):
    previewed = stacks["dev"].preview(source=changed("lake/times.py", "\n# changed\n"))

    assert not previewed.failed, previewed.said
    assert previewed.changed == FUNCTION | DASHBOARD


@pytest.mark.parametrize("name", ["README.md", "local/command.py", "components/compute.py"])
def test_what_is_not_put_on_aws_touches_nothing(stacks, changed, name):
    previewed = stacks["dev"].preview(source=changed(name, "\n# changed\n"))

    assert not previewed.failed, previewed.said
    assert previewed.changed == set()


def test_changed_sources_go_up_and_back(fresh_stacks, changed):
    """Not only previewed: the new object must be there before the function is told of it.

    In prod, where what is kept depends on what is replaced, and must not hold it.
    """
    stack = fresh_stacks["prod"]
    changed("handler/sorting.py", "\n# changed\n")
    changed("queries/order-status.sql", "\n-- changed\n")
    source = changed("web/templates/base.html", "<!-- changed -->")

    there = stack.up(source=source)
    back = stack.up()

    assert not there.failed, there.said
    assert not back.failed, back.said
    query = {"replace NamedQuery catalog-order-status (query)"}
    assert there.changed == back.changed == FUNCTION | DASHBOARD | query
