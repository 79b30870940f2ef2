"""A bucket with the function over it, and the events that AWS would send."""

import copy
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import duckdb
import polars as pl

from handler.entry import Function, handle
from handler.look import Looker
from lake import names
from lake.ledger import Ledger
from lake.rule import Settings
from lake.schema import DROPPED, PROCESSED, Table
from tests.doubles.bucket import Bucket

AS_OF = "2025-11-10"
"""The files of tests/handler/outcomes.py were exported then: one of their good rows is dropped."""


def event(name: str) -> dict[str, Any]:
    """Return one of the events in events/, as AWS sends it."""
    return json.loads((Path(__file__).parent / "events" / f"{name}.json").read_text())


class Stack:
    """A bucket and a warm function."""

    def __init__(self, bucket: Bucket, work: Path, settings: Settings | None = None) -> None:
        self.bucket = bucket
        self.work = work
        self.store = bucket.store()
        self.ledger = Ledger(self.store)
        self.settings = settings or Settings()
        self.function = Function(self.store, Looker(self.store, self.settings, work), bucket.name)

    def created(self, *keys: str, name: str = "put") -> dict[str, Any]:
        """Return S3's notification of objects: a record each, their keys encoded as S3 does."""
        [sample] = event(name)["Records"]
        records = []
        for key in keys:
            record = copy.deepcopy(sample)
            record["s3"]["bucket"]["name"] = self.bucket.name
            record["s3"]["object"]["key"] = quote_plus(key, safe="/")
            records.append(record)
        return {"Records": records}

    def invoke(self, asked: Any) -> dict[str, Any]:
        """Invoke the function; its requests are counted from here on."""
        self.bucket.server.requests.clear()
        return handle(asked, self.function)

    def look(self, key: str) -> dict[str, Any]:
        """Invoke the function as S3 does for one object; return the record that stands."""
        return self.invoke(self.created(key))["looked"][key][-1]

    def frame(self, table: Table, key: str) -> pl.DataFrame:
        content, _ = self.store.get(names.output(table, key)) or (b"", "")
        return pl.read_parquet(io.BytesIO(content))

    def declared(self, table: Table, key: str) -> dict[str, str]:
        """Return the columns of an output as another engine finds them in the file."""
        content, _ = self.store.get(names.output(table, key)) or (b"", "")
        path = self.work / "described.parquet"
        path.write_bytes(content)
        columns = duckdb.sql(f"DESCRIBE FROM '{path}'").fetchall()
        path.unlink()
        return {column[0]: column[1] for column in columns}

    def quarantine(self, key: str, version: str) -> pl.DataFrame:
        content, _ = self.store.get(names.quarantine(key, version)) or (b"", "")
        return pl.read_parquet(io.BytesIO(content))

    def ids(self, table: Table, key: str) -> list[str]:
        return self.frame(table, key)["order_id"].to_list()

    def outputs(self, key: str) -> dict[str, bytes | None]:
        """Return the bytes that are published of a key."""
        found = {t.name: self.store.get(names.output(t, key)) for t in (PROCESSED, DROPPED)}
        return {name: content[0] if content else None for name, content in found.items()}

    def is_settled(self) -> bool:
        """Tell whether nothing is left to do, and every row is in one place."""
        ledger = Ledger(self.store)
        return not (ledger.pending() or ledger.unsettled()) and ledger.balance().holds
