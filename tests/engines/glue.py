"""What the stack registers with Glue and Athena, and the same tables for Trino.

Run as a program it prints the registered inputs as JSON: Pulumi keeps global state, which the
tests of the real engine in the same process need for themselves.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
BUCKET, DATABASE, WORKGROUP = "the-bucket", "orders_db", "orders"

HIVE = "org.apache.hadoop.hive.ql.io"
FORMATS = {
    (
        f"{HIVE}.parquet.serde.ParquetHiveSerDe",
        f"{HIVE}.parquet.MapredParquetInputFormat",
        f"{HIVE}.parquet.MapredParquetOutputFormat",
    ): "PARQUET",
    (
        "org.openx.data.jsonserde.JsonSerDe",
        "org.apache.hadoop.mapred.TextInputFormat",
        f"{HIVE}.HiveIgnoreKeyTextOutputFormat",
    ): "OPENX_JSON",
}
"""serde, input and output format -> Trino's name of them (HiveStorageFormat in trino-hive)"""

TYPES = {
    "string": "varchar",
    "binary": "varbinary",
    "map<string,bigint>": "map(varchar, bigint)",
    "timestamp": "timestamp(3)",
}
"""Hive's name of a type -> Trino's, where they differ"""


@dataclass(frozen=True)
class GlueTable:
    """A table as Glue is told it."""

    inputs: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.inputs["name"]

    @property
    def types(self) -> dict[str, str]:
        """Trino's types by column."""
        columns = self.inputs["storageDescriptor"]["columns"]
        return {c["name"]: TYPES.get(c["type"], c["type"].replace(",", ", ")) for c in columns}

    @property
    def prefix(self) -> str:
        """Where its objects lie in the bucket."""
        location = self.inputs["storageDescriptor"]["location"]
        assert location.startswith(f"s3://{BUCKET}/")
        return location.removeprefix(f"s3://{BUCKET}/")

    def for_trino(self, schema: str) -> str:
        """Return the statement that declares it over the folder of that name."""
        assert self.inputs["tableType"] == "EXTERNAL_TABLE"
        stored = self.inputs["storageDescriptor"]
        serde = stored["serDeInfo"]["serializationLibrary"]
        form = FORMATS[serde, stored["inputFormat"], stored["outputFormat"]]
        columns = ", ".join(f"{name} {type_}" for name, type_ in self.types.items())
        return (
            f"CREATE TABLE {schema}.{self.name} ({columns}) WITH (format = '{form}', "
            f"external_location = 'local:///{schema}/{self.prefix.rstrip('/')}')"
        )


@cache
def registered() -> tuple[list[GlueTable], dict[str, str]]:
    """Return the tables that the stack declares, and its named queries by name."""
    told = subprocess.run(
        [sys.executable, "-m", "tests.engines.glue"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    found = json.loads(told)
    tables = [GlueTable(inputs) for type_, inputs in found if type_ == "glue/catalogTable"]
    queries = {
        inputs["name"]: inputs["query"] for type_, inputs in found if type_ == "athena/namedQuery"
    }
    return tables, queries


def _print() -> None:
    import pulumi  # noqa: PLC0415
    from pulumi.runtime import mocks  # noqa: PLC0415

    from components.catalog import named_queries  # noqa: PLC0415
    from components.tables import tables  # noqa: PLC0415

    found = []

    class Recorder(mocks.Mocks):
        def new_resource(self, args):
            kind = args.typ.removeprefix("aws:").rpartition(":")[0]
            found.append((kind, args.inputs))
            return args.name, args.inputs

        def call(self, args):
            raise NotImplementedError(args.token)

    mocks.set_mocks(Recorder(), preview=False)

    @pulumi.runtime.test
    def program() -> None:
        opts = pulumi.ResourceOptions()
        tables("lake", database=DATABASE, bucket=BUCKET, opts=opts)
        named_queries("lake", database=DATABASE, workgroup=WORKGROUP, opts=opts)

    program()
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    _print()
