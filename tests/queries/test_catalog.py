from datetime import date
from textwrap import dedent

import pytest

from queries.catalog import PanelError, load
from queries.panel import Panel, Parameter
from tests.panels import FIVE, five

HEAD = """\
/*
title: One
description: First.
chart: bar
*/
"""


def write(folder, name, text):
    (folder / name).write_text(dedent(text), encoding="utf-8")


def only(folder):
    [panel] = load(folder).values()
    return panel


def test_every_panel_in_queries_can_be_read():
    broken = [str(panel) for panel in load().values() if isinstance(panel, PanelError)]
    if broken:
        pytest.fail("\n".join(broken), pytrace=False)


def test_the_five_panels_are_there_in_their_order():
    assert [slug for slug in load() if slug in FIVE] == list(FIVE)
    assert all(panel.title and panel.description for panel in five().values())


def test_a_new_file_is_a_new_panel(tmp_path):
    write(
        tmp_path,
        "refunds.sql",
        """\
        /*
        title: Refunds
        description: Orders that gave
          money back.
        chart: none
        position: 7
        ignores: [span, status]
        parameters:
          - name: least
            type: integer
            default: 10
          - name: month
            type: month
            title: In
            default: 2025-03
          - {name: day, type: date, default: 2025-03-31}
          - {name: word, type: text}
        */

        -- why
        SELECT order_id FROM orders
        WHERE amount <= -? AND order_date >= ? AND order_date < ? AND order_date < ?
            AND customer = coalesce(?, customer);
        """,
    )

    panel = only(tmp_path)

    assert panel == Panel(
        slug="refunds",
        title="Refunds",
        description="Orders that gave money back.",
        chart="none",
        parameters=(
            Parameter("least", "integer", "Least", 10),
            Parameter("month", "month", "In", date(2025, 3, 1)),
            Parameter("day", "date", "Day", date(2025, 3, 31)),
            Parameter("word", "text", "Word"),
        ),
        ignores=("span", "status"),
        position=7,
        sql="SELECT order_id FROM orders\n"
        "WHERE amount <= -? AND order_date >= ? AND order_date < ? AND order_date < ?\n"
        "    AND customer = coalesce(?, customer)",
        file="refunds.sql",
        line=21,
    )


def test_panels_come_by_position_then_slug_and_those_without_one_last(tmp_path):
    for name, position in [
        ("b", "position: 1\n"),
        ("a", "position: 1\n"),
        ("c", ""),
        ("d", "position: -1\n"),
    ]:
        write(tmp_path, f"{name}.sql", HEAD.replace("*/", position + "*/") + "SELECT 1 AS x")

    assert list(load(tmp_path)) == ["d", "a", "b", "c"]


def test_one_wrong_file_leaves_the_others_alone(tmp_path):
    write(tmp_path, "right.sql", HEAD + "SELECT 1 AS x")
    write(tmp_path, "broken.sql", HEAD + "SELECT FROM WHERE")
    write(tmp_path, "headless.sql", "SELECT 1")

    panels = load(tmp_path)

    assert [(slug, type(panel)) for slug, panel in panels.items()] == [
        ("right", Panel),
        ("broken", PanelError),
        ("headless", PanelError),
    ]


def test_other_files_are_no_panels(tmp_path):
    for name in ("notes.txt", ".hidden.sql", "orders.sql", "panel.sql.bak"):
        write(tmp_path, name, "anything")

    assert load(tmp_path) == {}


def test_an_error_says_file_line_and_reason(tmp_path):
    write(tmp_path, "wrong.sql", HEAD.replace("chart: bar", "chart: pie") + "SELECT 1 AS x")

    error = only(tmp_path)

    assert isinstance(error, PanelError)
    assert str(error) == "wrong.sql:4: chart: 'pie' is none of line, bar, share, none"
    assert (error.file, error.line) == ("wrong.sql", 4)


@pytest.mark.parametrize(
    ("head", "line", "reason"),
    [
        ("title: [", 3, "the head is not YAML"),
        ("title: One\n\tdescription: x", 3, "the head is not YAML"),
        ("just words", 1, "the head holds key: value lines"),
        ("", 1, "the head holds key: value lines"),
        ("- a\n- b", 1, "the head holds key: value lines"),
        ("title: One\nchart: bar", 1, "the head has no description"),
        ("title: One\ndescription: x\nchart: bar\ncolour: red", 5, "'colour' is none of title"),
        ("title: One\ndescription: x\nchart: bar\ntitle: Two", 5, "title is said twice"),
        ("title: 7\ndescription: x\nchart: bar", 2, "title is a text"),
        ("title: ' '\ndescription: x\nchart: bar", 2, "title is a text"),
        ("title: One\ndescription: x\nchart: [bar]", 4, "chart: ['bar'] is none of"),
        ("title: One\ndescription: x\nchart: bar\nposition: first", 5, "whole number"),
        ("title: One\ndescription: x\nchart: bar\nposition: true", 5, "whole number"),
        ("title: One\ndescription: x\nchart: bar\nignores: span", 5, "ignores is a list of span"),
        ("title: One\ndescription: x\nchart: bar\nignores: [month]", 5, "ignores: 'month' is none"),
        ("title: One\ndescription: x\nchart: bar\nparameters: month", 5, "parameters is a list"),
        ("title: !!python/object:os.system x\ndescription: x\nchart: bar", 2, "not YAML"),
        ("title: 2025-13-45\ndescription: x\nchart: bar", 2, "not YAML"),
    ],
)
def test_a_wrong_head_is_refused_with_its_line(tmp_path, head, line, reason):
    write(tmp_path, "p.sql", f"/*\n{head}\n*/\nSELECT 1 AS x")

    error = only(tmp_path)

    assert isinstance(error, PanelError)
    assert error.line == line
    assert reason in error.reason


@pytest.mark.parametrize(
    ("parameters", "line", "reason"),
    [
        ("- month", 6, "key: value is wanted, of name, type"),
        ("- {type: month}", 6, "the parameter has no name"),
        ("- {name: month}", 6, "the parameter has no type"),
        ("- name: month\n    type: week", 7, "type: 'week' is none of month, date, text"),
        ("- {name: The Month, type: month}", 6, "is no name"),
        ("- {name: status, type: status}", 6, "taken: a filter of every page"),
        ("- {name: a, type: text}\n  - {name: a, type: date}", 7, "taken: a parameter of this"),
        ("- {name: a, type: text, kind: x}", 6, "'kind' is none of name, type, title, default"),
        ("- {name: a, type: text, name: b}", 6, "name is said twice"),
        ("- name: a\n    type: month\n    default: March", 8, "default: A: 'March' is not a month"),
        ("- {name: a, type: integer, default: true}", 6, "default is not integer"),
        ("- {name: a, type: text, default: [x]}", 6, "default is not text"),
    ],
)
def test_a_wrong_parameter_is_refused_with_its_line(tmp_path, parameters, line, reason):
    head = HEAD.replace("*/", f"parameters:\n  {parameters}\n*/")
    write(tmp_path, "p.sql", head + "SELECT 1 AS x FROM orders WHERE customer = ?")

    error = only(tmp_path)

    assert isinstance(error, PanelError)
    assert (error.line, reason in error.reason) == (line, True), str(error)


@pytest.mark.parametrize(
    ("sql", "line", "reason"),
    [
        ("", 5, "there is no SELECT after the head"),
        ("-- nothing\n", 6, "there is no SELECT after the head"),
        ("SELECT 1 AS x\nFROM orders\nWHERE amount = = 2", 8, "not Athena SQL"),
        ("SELECT (1 AS x", 6, "not Athena SQL"),
        ("SELECT 'never closed\nFROM orders", 7, "never closed"),
        ("SELECT 1 AS x /* never closed", 6, "never closed"),
        ("SELECT 1 AS x;\nSELECT 2 AS x", 7, "a second statement follows"),
        ("SELECT 1 AS x; DROP TABLE latest", 6, "a second statement follows"),
        ("DROP TABLE latest", 6, "begins with SELECT or WITH"),
        ("INSERT INTO latest SELECT * FROM orders", 6, "begins with SELECT or WITH"),
        ("EXPLAIN SELECT 1", 6, "begins with SELECT or WITH"),
        ("SELECT * FROM orders WHERE customer = ?", 6, "there are 1 ? for 0 values"),
        ("SELECT ? AS x FROM orders", 6, "stands outside WHERE"),
        ("SELECT customer FROM orders LIMIT ?", 6, "stands outside WHERE"),
        ("SELECT * FROM orders WHERE customer = :name", 6, "parameters are written as ?"),
        ("SELECT 1 AS x\nFROM orders_db.processed", 7, "say processed alone"),
        ("SELECT 1 AS x\nFROM order", 7, "order is none of orders, latest"),
        ("SELECT 1 AS x\nFROM customers", 7, "customers is none of orders, latest, processed"),
        ("SELECT * FROM read_csv('/etc/passwd')", 6, "not functions or files"),
        ("WITH orders AS (SELECT 1 AS x) SELECT x FROM orders", 6, "the name orders is taken"),
        ("WITH RECURSIVE a AS (SELECT 1 AS x) SELECT x FROM a", 6, "WITH RECURSIVE"),
        ("SELECT {: 1}.a AS x", 6, "its parser cannot read this"),
    ],
)
def test_broken_sql_is_refused_with_its_line(tmp_path, sql, line, reason):
    write(tmp_path, "p.sql", HEAD + sql)

    error = only(tmp_path)

    assert isinstance(error, PanelError)
    assert (error.line, reason in error.reason) == (line, True), str(error)


def test_a_half_written_statement_is_no_fault_of_the_loader(tmp_path):
    write(tmp_path, "p.sql", HEAD + "SELECT count(*) AS")

    assert list(load(tmp_path)) == ["p"]


@pytest.mark.parametrize(
    ("sql", "line", "wanted"),
    [
        ("SELECT amount\n* 1.19 AS gross FROM orders", 7, "DECIMAL '1.19', or 1.19e0 for a double"),
        ("SELECT 1. AS x", 6, "DECIMAL '1'"),
        ("SELECT count(*) AS n FROM orders\n\nWHERE amount < -.5", 8, "DECIMAL '0.5'"),
        (
            "SELECT customer,\navg(amount) AS x FROM orders GROUP BY 1",
            7,
            "avg(CAST(... AS double))",
        ),
        ("SELECT customer\nFROM orders\nGROUP BY 1 HAVING sum(amount) / count(*) > 9", 8, "/"),
        ("SELECT 1 / 2 AS half", 6, "CAST(... AS double) on one side of the /"),
        (
            "SELECT 1 AS x,\ndate_trunc('month', order_date) AS m FROM orders",
            7,
            "CAST(... AS date)",
        ),
        ("SELECT order_date - INTERVAL '1' DAY AS d FROM orders", 6, "CAST(... AS date) around it"),
        ("SELECT customer,\n\nsum(amount) FROM orders GROUP BY 1", 8, "say one with AS"),
        ("SELECT customer, Customer FROM orders", 6, "two columns are called customer"),
    ],
)
def test_what_the_engines_answer_differently_is_refused_with_what_to_write(
    tmp_path, sql, line, wanted
):
    write(tmp_path, "p.sql", HEAD + sql)

    error = only(tmp_path)

    assert isinstance(error, PanelError)
    assert (error.line, wanted in error.reason) == (line, True), str(error)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT 1 AS x;",
        "SELECT 1 AS x ; -- the end",
        "/* a; b ? */ SELECT ';?' AS x FROM orders -- ;?",
        "with a as (select customer from ORDERS) select * from A",
        "SELECT customer FROM orders UNION ALL SELECT source_key FROM quarantine",
        "SELECT o.customer FROM orders AS o JOIN latest AS l ON o.order_id = l.order_id",
        "SELECT count(*) FILTER (WHERE amount < 0) AS refunds FROM orders",
        "SELECT x FROM (VALUES (1), (2)) AS t(x)",
        "SELECT amount * DECIMAL '1.19' + 1.5e0 + 2E-3 AS x, '1.5' AS y FROM orders -- 1.5",
        "SELECT o.amount AS x1 FROM orders AS o",
        "SELECT CAST(sum(amount) AS double) / count(*) AS x FROM orders",
        "SELECT (100e0 * count(*) - 1) / 3 AS x, avg(CAST(amount AS double)) AS y FROM orders",
        "SELECT round(sum(CAST(amount AS double)), 2) / 3 AS x FROM orders",
        "SELECT CAST(date_trunc('month', order_date) AS date) AS m, o.* FROM orders AS o "
        "WHERE order_date > date_trunc('year', order_date) - INTERVAL '1' DAY",
        "SELECT date_trunc('day', received_at) AS x FROM orders",
        "SELECT received_at + INTERVAL '1' DAY AS x FROM latest",
    ],
)
def test_any_portable_select_is_taken(tmp_path, sql):
    write(tmp_path, "p.sql", HEAD + sql)

    assert isinstance(only(tmp_path), Panel), str(only(tmp_path))


def test_the_reason_of_a_file_that_cannot_be_read_is_said(tmp_path):
    (tmp_path / "latin.sql").write_bytes(b"/*\ntitle: caf\xe9\n*/")
    (tmp_path / "folder.sql").mkdir()
    write(tmp_path, "Not An Address.sql", HEAD)

    assert {slug: str(error) for slug, error in load(tmp_path).items()} == {
        "latin": "latin.sql:2: the file is not UTF-8",
        "folder": "folder.sql:1: the file cannot be read: Is a directory",
        "Not An Address": "Not An Address.sql:1: the name becomes an address: "
        "small letters and digits, with - between",
    }


def test_line_ends_of_another_system_change_nothing(tmp_path):
    text = HEAD + "SELECT 1 AS x\nFROM orders\n"
    (tmp_path / "p.sql").write_bytes(text.replace("\n", "\r\n").encode())

    panel = only(tmp_path)

    assert (panel.sql, panel.line) == ("SELECT 1 AS x\nFROM orders", 6)


def test_a_byte_order_mark_before_the_head_changes_nothing(tmp_path):
    text = HEAD + "SELECT 1 AS x\nFROM orders\n"
    (tmp_path / "p.sql").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())

    panel = only(tmp_path)

    assert isinstance(panel, Panel), str(panel)
    assert (panel.sql, panel.line) == ("SELECT 1 AS x\nFROM orders", 6)
