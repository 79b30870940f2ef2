"""OrdersCatalog: the tables as the schema has them, the crawler that only checks, the workgroup."""

import json

import pulumi
import pytest

from components.catalog import named_queries
from lake.schema import TABLES
from queries.catalog import load
from queries.compose import named_query
from tests.doubles.registered import run_stack

PARQUET = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
JSON = "org.openx.data.jsonserde.JsonSerDe"


def test_the_database_carries_the_stack():
    assert run_stack("dev").one("glue.CatalogDatabase").inputs["name"] == "orders_db_dev"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_is_declared_as_the_schema_has_it(dev, table):
    declared = dev.one("glue.CatalogTable", name=table.name).inputs
    storage = declared["storageDescriptor"]

    assert declared["databaseName"] == "orders_db_dev"
    assert declared["tableType"] == "EXTERNAL_TABLE"
    assert [(one["name"], one["type"]) for one in storage["columns"]] == [
        (column.name, column.type.hive) for column in table.columns
    ]
    assert storage["location"].startswith("s3://orders-lake-dev-")
    assert storage["location"].endswith(f"/{table.prefix}")
    assert (
        storage["serDeInfo"]["serializationLibrary"]
        == {"parquet": PARQUET, "json": JSON}[table.form]
    )
    assert declared["parameters"]["classification"] == table.form


def test_there_are_no_other_tables(dev):
    assert {one.inputs["name"] for one in dev.of("glue.CatalogTable")} == {
        table.name for table in TABLES
    }


def test_comments_are_as_short_as_glue_takes_them(dev):
    for table in dev.of("glue.CatalogTable"):
        for column in table.inputs["storageDescriptor"]["columns"]:
            assert 0 < len(column["comment"]) <= 255


# the crawler


def test_the_crawler_looks_at_processed_alone_and_edits_nothing(dev):
    crawler = dev.one("glue.Crawler").inputs

    assert crawler["name"] == "orders_processed_crawler_dev"
    assert crawler["catalogTargets"] == [{"databaseName": "orders_db_dev", "tables": ["processed"]}]
    assert crawler["schemaChangePolicy"] == {"updateBehavior": "LOG", "deleteBehavior": "LOG"}
    assert json.loads(crawler["configuration"]) == {
        "Version": 1.0,
        "CrawlerOutput": {"Partitions": {"AddOrUpdateBehavior": "InheritFromTable"}},
        "Grouping": {"TableGroupingPolicy": "CombineCompatibleSchemas"},
    }


def test_the_crawler_runs_when_it_is_set_to_and_else_when_asked():
    schedule = "cron(15 3 * * ? *)"

    assert "schedule" not in run_stack("dev").one("glue.Crawler").inputs
    scheduled = run_stack("dev", crawlerSchedule=schedule).one("glue.Crawler").inputs
    assert scheduled["schedule"] == schedule


def test_what_the_crawler_writes_is_encrypted(dev):
    key = dev.one("kms.Key").outputs["arn"]
    security = dev.one("glue.SecurityConfiguration").inputs

    assert dev.one("glue.Crawler").inputs["securityConfiguration"] == security["name"]
    for kind, encryption in security["encryptionConfiguration"].items():
        assert encryption["kmsKeyArn"] == key, kind
        mode = next(value for name, value in encryption.items() if name.endswith("Mode"))
        assert mode in {"SSE-KMS", "CSE-KMS"}


def test_the_crawlers_rights_are_there_before_it(dev):
    assert dev.waits_for("catalog-crawler", "catalog-crawler-role-policy")


# the workgroup


def test_no_query_can_leave_the_workgroups_settings(dev):
    workgroup = dev.one("athena.Workgroup").inputs
    configuration = workgroup["configuration"]

    assert workgroup["name"] == "orders-dev"
    assert configuration["enforceWorkgroupConfiguration"] is True
    assert configuration["publishCloudwatchMetricsEnabled"] is True
    assert configuration["engineVersion"] == {"selectedEngineVersion": "Athena engine version 3"}


def test_results_lie_under_enriched_encrypted_in_a_bucket_of_this_account(dev):
    result = dev.one("athena.Workgroup").inputs["configuration"]["resultConfiguration"]

    assert result["outputLocation"].startswith("s3://orders-lake-dev-")
    assert result["outputLocation"].endswith("/enriched/")
    assert result["expectedBucketOwner"] == "123456789012"
    assert result["encryptionConfiguration"] == {
        "encryptionOption": "SSE_KMS",
        "kmsKeyArn": dev.one("kms.Key").outputs["arn"],
    }


def test_a_query_is_stopped_at_the_limit_in_bytes():
    stack = run_stack("dev", queryCutoffMiB=10)

    cutoff = stack.one("athena.Workgroup").inputs["configuration"]["bytesScannedCutoffPerQuery"]
    assert cutoff == 10_485_760, "the least that the provider takes"


def test_a_workgroup_with_a_history_goes_only_where_the_data_may(dev, prod):
    assert dev.one("athena.Workgroup").inputs["forceDestroy"] is True
    assert prod.one("athena.Workgroup").inputs["forceDestroy"] is False


# named queries


def test_there_is_a_named_query_of_every_panel_as_it_runs_by_a_click(dev):
    made = {one.inputs["name"]: one.inputs for one in dev.of("athena.NamedQuery")}

    assert made.keys() == load().keys()
    for slug, panel in load().items():
        assert made[slug]["query"] == named_query(panel)
        assert made[slug]["description"] == panel.description
        assert (made[slug]["database"], made[slug]["workgroup"]) == ("orders_db_dev", "orders-dev")


def test_athena_takes_their_lengths(dev):
    for one in dev.of("athena.NamedQuery"):
        assert len(one.inputs["query"].encode()) <= 262_144
        assert len(one.inputs["description"]) <= 1024


def test_a_file_that_is_no_panel_is_told_and_keeps_no_other_from_its_query(tmp_path, monkeypatch):
    (tmp_path / "broken.sql").write_text("SELECT 1")
    monkeypatch.setattr("components.catalog.load", lambda: load(tmp_path))
    told = []
    monkeypatch.setattr(pulumi, "warn", told.append)

    assert named_queries("a", database="d", workgroup="w", opts=pulumi.ResourceOptions()) == []

    [warning] = told
    assert warning.startswith("no named query is made of a file that is no panel: broken.sql:1: ")
