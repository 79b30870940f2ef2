from datetime import date, datetime
from decimal import Decimal

import pytest

from queries.relations import relations
from tests import generated, reference
from tests.folder_lake import FolderLake
from tests.panels import five
from tests.reference import Version

FILTERS = [
    {},
    {"from": date(2025, 1, 15)},
    {"to": date(2025, 1, 15)},
    {"from": date(2024, 12, 1), "to": date(2025, 2, 28)},
    {"from": date(2025, 2, 1), "to": date(2025, 1, 1)},
    {"customer": "O'Hara"},
    {"customer": "Łukasz", "status": "shipped"},
    {"customer": "nobody"},
    {"status": "cancelled", "from": date(2025, 1, 1)},
    {"from": date(1, 1, 1), "to": date(9999, 12, 31)},
]


@pytest.fixture(scope="module", params=[1, 2, 3])
def filled(request, tmp_path_factory):
    lake = FolderLake(tmp_path_factory.mktemp("lake"))
    versions = generated.versions(seed=request.param)
    lake.publish(versions)
    yield lake, versions
    lake.engine.close()


@pytest.mark.parametrize("filters", FILTERS, ids=str)
def test_each_of_the_five_equals_the_calculation_in_plain_python(filled, filters):
    lake, versions = filled

    assert lake.panels(filters) == reference.panels(versions, filters)


@pytest.mark.parametrize("month", [date(2024, 12, 1), date(2025, 4, 1), date(1999, 1, 1)], ids=str)
def test_the_largest_orders_are_those_of_the_chosen_month(filled, month):
    lake, versions = filled

    given = lake.panels({"month": month})["largest-orders"]

    assert given == reference.panels(versions, month=month)["largest-orders"]


def test_the_kept_table_and_the_relation_in_the_text_give_the_same(filled):
    lake, _ = filled
    columns = "order_id, customer, amount, status, order_date, source_key, source_line, received_at"

    for kept in ("kept", "NOT kept"):
        table = lake.rows(f"SELECT {columns} FROM latest WHERE {kept} ORDER BY order_id")
        text = lake.rows(
            f"WITH latest AS ({relations()['latest']}) "
            f"SELECT {columns} FROM latest WHERE {kept} ORDER BY order_id"
        )
        assert table == text
        assert len(table) > 50


def test_columns_have_the_names_and_types_that_are_promised(filled):
    lake, _ = filled

    columns = {
        slug: {column.name: column.type for column in lake.ask(panel).columns}
        for slug, panel in five().items()
    }

    assert columns == {
        "total-sales-by-customer": {"customer": "text", "total_sales": "decimal"},
        "monthly-orders-and-revenue": {"month": "date", "orders": "integer", "revenue": "decimal"},
        "order-status": {"status": "text", "orders": "integer", "revenue": "decimal"},
        "average-order-value": {"customer": "text", "average_order_value": "decimal"},
        "largest-orders": {
            "order_date": "date",
            "order_id": "text",
            "customer": "text",
            "amount": "decimal",
        },
    }


def order(number, amount, day="2025-03-01", status="shipped", customer="Alice", **more):
    return Version(
        f"O{number}",
        customer,
        Decimal(amount),
        status,
        date.fromisoformat(day),
        more.get("key", "raw/a.csv"),
        more.get("line", number + 2),
        more.get("received", datetime(2025, 3, 31)),
        more.get("kept", True),
    )


@pytest.fixture
def lake(tmp_path):
    lake = FolderLake(tmp_path / "lake")
    yield lake
    lake.engine.close()


@pytest.mark.parametrize(
    ("amounts", "average"),
    [
        (["0.01", "0.00"], "0.01"),  # half a cent goes up
        (["-0.01", "0.00"], "-0.01"),  # and away from zero for a refund
        (["0.01", "0.01", "0.00"], "0.01"),
        (["0.01", "0.00", "0.00"], "0.00"),
        (["10.00", "20.05"], "15.03"),
        (["20000000000000.01", "20000000000000.02"], "20000000000000.02"),
    ],
)
def test_an_average_is_rounded_half_up_to_the_cent(lake, amounts, average):
    lake.publish(order(number, amount) for number, amount in enumerate(amounts))

    assert lake.panels()["average-order-value"] == [("Alice", Decimal(average))]


def test_the_largest_amount_there_can_be_breaks_no_average(lake):
    lake.publish([order(1, "9999999999999999.99")])

    [(_, average)] = lake.panels()["average-order-value"]

    assert average == pytest.approx(Decimal("9999999999999999.99"), abs=Decimal("0.01"))


def test_amounts_of_any_size_are_added_up_to_the_cent(lake):
    lake.publish(order(number, "9999999999999999.99") for number in range(3))

    [(_, total)] = lake.panels()["total-sales-by-customer"]

    assert total == Decimal("29999999999999999.97")


def test_without_a_month_the_largest_orders_are_those_of_the_newest_months_orders(lake):
    lake.publish(
        [order(1, "5", "2025-01-31"), order(2, "7", "2025-02-01"), order(3, "6", "2205-01-01")]
    )

    assert [row[1] for row in lake.panels()["largest-orders"]] == ["O2"]


def test_the_newest_export_counts_for_the_default_month_even_if_its_orders_are_filtered_out(lake):
    ahead = order(1, "5", "2025-04-20", customer="Bob", received=datetime(2025, 3, 31))
    later = order(2, "5", "2025-04-01", key="raw/b.csv", received=datetime(2025, 4, 2), kept=False)
    lake.publish([ahead, later, order(3, "5", "2025-03-01", customer="Bob")])

    assert [row[1] for row in lake.panels({"customer": "Bob"})["largest-orders"]] == ["O1"]


def test_a_span_does_not_narrow_the_largest_orders(lake):
    lake.publish([order(1, "5", "2025-03-05")])

    given = lake.panels({"from": date(2025, 6, 1)})

    assert [row[1] for row in given["largest-orders"]] == ["O1"]
    assert given["total-sales-by-customer"] == []


def test_at_most_ten_orders_are_the_largest_and_equal_ones_come_by_their_id(lake):
    lake.publish(order(number, "5") for number in range(10, 30))

    assert [row[1] for row in lake.panels()["largest-orders"]] == [f"O{n}" for n in range(10, 20)]
