"""The lake's tables as Glue knows them, declared from the one schema."""

from dataclasses import dataclass

import pulumi
from pulumi_aws import glue

from lake.schema import TABLES, Table


@dataclass(frozen=True)
class Form:
    """How Athena reads a file form: names of Hive's classes."""

    input: str
    output: str
    serde: str
    parameters: dict[str, str]


_HIVE = "org.apache.hadoop.hive.ql.io"

FORMS = {
    "parquet": Form(
        f"{_HIVE}.parquet.MapredParquetInputFormat",
        f"{_HIVE}.parquet.MapredParquetOutputFormat",
        f"{_HIVE}.parquet.serde.ParquetHiveSerDe",
        {"serialization.format": "1"},
    ),
    # one object a line; what is no column of ours, such as a record's ETags, it passes over
    "json": Form(
        "org.apache.hadoop.mapred.TextInputFormat",
        f"{_HIVE}.HiveIgnoreKeyTextOutputFormat",
        "org.openx.data.jsonserde.JsonSerDe",
        {"serialization.format": "1", "case.insensitive": "TRUE"},
    ),
}


def tables(
    name: str,
    *,
    database: pulumi.Input[str],
    bucket: pulumi.Input[str],
    opts: pulumi.ResourceOptions,
) -> dict[str, glue.CatalogTable]:
    """Declare every table of the schema; return them by name."""
    return {
        table.name: glue.CatalogTable(
            f"{name}-{table.name}",
            name=table.name,
            database_name=database,
            description=table.description,
            table_type="EXTERNAL_TABLE",
            parameters={"EXTERNAL": "TRUE", "classification": table.form},
            storage_descriptor=_storage(table, bucket),
            opts=opts,
        )
        for table in TABLES
    }


def _storage(table: Table, bucket: pulumi.Input[str]) -> glue.CatalogTableStorageDescriptorArgs:
    form = FORMS[table.form]
    return glue.CatalogTableStorageDescriptorArgs(
        location=pulumi.Output.format("s3://{}/{}", bucket, table.prefix),
        input_format=form.input,
        output_format=form.output,
        ser_de_info=glue.CatalogTableStorageDescriptorSerDeInfoArgs(
            serialization_library=form.serde, parameters=form.parameters
        ),
        columns=[
            glue.CatalogTableStorageDescriptorColumnArgs(
                name=column.name, type=column.type.hive, comment=column.description
            )
            for column in table.columns
        ],
    )
