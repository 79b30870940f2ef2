import re

from queries.relations import relations


def test_latest_and_orders_are_the_relations_in_that_order():
    assert list(relations()) == ["latest", "orders"]


def test_orders_ends_in_its_where_for_the_filters_to_go_on():
    assert relations()["orders"].endswith("FROM latest\nWHERE kept")


def test_no_relation_depends_on_a_database():
    tables = re.findall(r"FROM ([\w.]+)", "\n".join(relations().values()))

    assert tables == ["processed", "dropped", "latest"]
