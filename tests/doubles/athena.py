"""Athena's JSON protocol over HTTP, with boto3 unchanged in front of it.

It runs the SQL it is sent, with the parameters as the literals they are, on DuckDB over a folder
lake: panels are written for both. States, statistics, wire texts and errors can be scripted. What
its answers look like was measured on the real Athena by the authors of the GitHub project
aoyagikouhei/athena-local (docs/dev/measurements): error bodies, a header row that counts as one of
a page's thousand, a token after every full page, parameters that a repeated start does not compare.
"""

import json
import secrets
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import duckdb

from local import tables
from tests.doubles.athena_query import Ending, Query, Refused
from tests.doubles.wire import Result, wire

WORKGROUP = "orders"
DATABASE = "orders_db"


@dataclass
class Request:
    """What was asked of it."""

    operation: str
    body: dict[str, Any]
    at: float


class AthenaServer:
    """The double, in threads of its own; one for many tests, each of which calls `begin`."""

    def __init__(self, port: int = 0) -> None:
        self._http = _Http(("127.0.0.1", port), _handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()
        self._pool = ThreadPoolExecutor(8, thread_name_prefix="athena")
        self._duck: duckdb.DuckDBPyConnection | None = None
        self.begin()

    @property
    def port(self) -> int:
        return self._http.server_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def begin(self, lake: Path | None = None) -> None:
        """Forget everything; serve a lake in a folder."""
        self.requests: list[Request] = []
        self.queries: dict[str, Query] = {}
        self.ending = Ending()
        """how a query goes that nothing else was scripted for"""
        self.later_s = 0.0
        """how far its clock is ahead: what makes results old"""
        self.slow: dict[str, float] = {}
        """operation -> seconds from when it is carried out to its answer"""
        self._tokens: dict[str, str] = {}
        self._scripts: dict[str, Ending] = {}
        self._refusals: dict[str, list[Refused | None]] = defaultdict(list)
        self._lock = threading.Lock()
        if self._duck:
            self._duck.close()
            self._duck = None
        if lake is not None:
            self._duck = duckdb.connect(":memory:")
            self._duck.execute("SET TimeZone = 'UTC'")
            tables.create_views(self._duck, lake)

    def stop(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
        self._pool.shutdown()

    def script(self, part: str, **ending: Any) -> None:
        """Say how queries go whose text holds a part."""
        self._scripts[part] = Ending(**ending)

    def gives(self, columns: Sequence[str | dict[str, Any]], *rows: Sequence[str | None]) -> None:
        """Let all queries have this result, as it goes over the wire."""
        self.ending.result = Result.of(columns, rows)

    def refuses(
        self, operation: str, code: str, message: str = "", *, times: int = 1, **more: Any
    ) -> None:
        """Refuse the next requests of a kind."""
        self._refusals[operation] += [Refused(code, message, **more)] * times

    def drops(self, operation: str, times: int = 1) -> None:
        """Carry out the next requests of a kind, and drop the connection instead of answering."""
        self._refusals[operation] += [None] * times

    def asked(self) -> Counter[str]:
        """Return how often each operation was asked for."""
        return Counter(request.operation for request in self.requests)

    def answer(self, operation: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """Carry out a request; None drops the connection. Raises Refused."""
        with self._lock:
            self.requests.append(Request(operation, body, time.monotonic()))
            waiting = self._refusals[operation]
            scripted = waiting.pop(0) if waiting else _NOTHING
            if isinstance(scripted, Refused):
                raise scripted
            done = _OPERATIONS[operation](self, body)
        time.sleep(self.slow.get(operation, 0.0))
        return done if scripted is _NOTHING else None

    def now(self) -> float:
        return time.monotonic() + self.later_s

    def _start(self, body: dict[str, Any]) -> dict[str, Any]:
        token = body.get("ClientRequestToken", "")
        if not 32 <= len(token) <= 128:
            raise _invalid("clientRequestToken has a length that is not allowed")
        if body["WorkGroup"] != WORKGROUP:
            raise _invalid("WorkGroup is not found.")
        if "ResultConfiguration" in body:
            raise _invalid("the workgroup is enforced: its result configuration is not overridden")
        parameters = body.get("ExecutionParameters", [])
        if any(not 1 <= len(parameter) <= 1024 for parameter in parameters):
            raise _invalid("a parameter has a length that is not allowed")
        sql = body["QueryString"]
        if len(sql) > 262_144:
            raise _invalid("queryString is too long")
        _check(sql)
        if token in self._tokens:
            known = self.queries[self._tokens[token]]
            # the parameters are not compared
            for part in ("QueryString", "QueryExecutionContext"):
                if known.request[part] != body[part]:
                    raise _invalid(
                        "Idempotent parameters do not match", "IDEMPOTENT_PARAMETER_MISMATCH"
                    )
            return {"QueryExecutionId": known.id}
        query = self._earlier(body) or self._run(sql, parameters, body)
        self.queries[query.id] = query
        self._tokens[token] = query.id
        return {"QueryExecutionId": query.id}

    def _run(self, sql: str, parameters: list[str], body: dict[str, Any]) -> Query:
        scripted = [ending for part, ending in self._scripts.items() if part in sql]
        ending = scripted[0] if scripted else self.ending
        result: Future[Result]
        if ending.result is not None or ending.state != "SUCCEEDED":
            result = Future()
            result.set_result(ending.result or Result.of([], []))
        else:
            context = body["QueryExecutionContext"]
            result = self._pool.submit(self._select, sql, parameters, context.get("Database"))
        return Query(_id(), sql, parameters, body, ending, self.now(), result)

    def _select(self, sql: str, parameters: list[str], database: str | None) -> Result:
        """Run the SQL as EXECUTE IMMEDIATE does: with the parameters' texts as SQL."""
        if database != DATABASE or self._duck is None:
            raise ValueError(
                "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.x.y' does not exist"
            )
        with self._duck.cursor() as cursor:
            cursor.execute(f"PREPARE query AS {sql}")
            execute = f"EXECUTE query({', '.join(parameters)})" if parameters else "EXECUTE query"
            if len(cursor.extract_statements(execute)) != 1:
                raise ValueError("a parameter got out of its quotes")
            cursor.execute(execute)
            return wire(cursor.description, cursor.fetchall())

    def _earlier(self, body: dict[str, Any]) -> Query | None:
        """Return a query with an earlier result, if that may be reused."""
        allowed = body.get("ResultReuseConfiguration", {}).get("ResultReuseByAgeConfiguration", {})
        if not allowed.get("Enabled"):
            return None
        for known in reversed(self.queries.values()):
            ended = known.began + known.ending.queued_s + known.ending.runs_s
            fits = (
                known.sql == body["QueryString"] and known.request["WorkGroup"] == body["WorkGroup"]
            )
            young = self.now() - ended <= 60 * allowed.get("MaxAgeInMinutes", 60)
            if fits and young and known.stand(self.now())[0] == "SUCCEEDED":
                return Query(
                    _id(),
                    known.sql,
                    known.parameters,
                    body,
                    Ending(),
                    self.now(),
                    known.result,
                    True,
                )
        return None

    def _look(self, body: dict[str, Any]) -> dict[str, Any]:
        query, now = self._query(body), self.now()
        state, reason, error = query.stand(now)
        status: dict[str, Any] = {"State": state, "SubmissionDateTime": time.time()}
        if reason:
            status["StateChangeReason"] = reason
        if error:
            status["AthenaError"] = error
        queued, ran = (1000 * part for part in (query.ending.queued_s, query.ending.runs_s))
        statistics = {
            "DataScannedInBytes": query.scanned(now),
            "QueryQueueTimeInMillis": round(queued),
            "EngineExecutionTimeInMillis": round(ran),
            "TotalExecutionTimeInMillis": round(queued + ran),
            "ResultReuseInformation": {"ReusedPreviousResult": query.reused},
        }
        return {
            "QueryExecution": {
                "QueryExecutionId": query.id,
                "Query": query.sql,
                "StatementType": "DML",
                "Status": status,
                "Statistics": statistics,
                "WorkGroup": query.request["WorkGroup"],
            }
        }

    def _results(self, body: dict[str, Any]) -> dict[str, Any]:
        query = self._query(body)
        state = query.stand(self.now())[0]
        if state != "SUCCEEDED":
            raise _invalid(
                f"Query did not finish successfully. Final query state: {state}",
                "INVALID_QUERY_EXECUTION_STATE",
            )
        limit, first = body.get("MaxResults", 1000), int(body.get("NextToken", "0"))
        if not 1 <= limit <= 1000:
            raise _invalid("MaxResults is more than maximum allowed length 1000")
        result = query.result.result()
        rows = result.page(first, limit)
        answer = {
            "UpdateCount": 0,
            "ResultSet": {"Rows": rows, "ResultSetMetadata": {"ColumnInfo": result.columns}},
        }
        if len(rows) == limit:
            answer["NextToken"] = str(first + limit)
        return answer

    def _stop(self, body: dict[str, Any]) -> dict[str, Any]:
        query = self._query(body)
        if query.stand(self.now())[0] in ("QUEUED", "RUNNING"):
            query.stopped = self.now()
        return {}

    def _query(self, body: dict[str, Any]) -> Query:
        known = self.queries.get(body["QueryExecutionId"])
        if known is None:
            raise _invalid("QueryExecution was not found", "QUERY_EXECUTION_NOT_FOUND")
        return known


_NOTHING = object()
_OPERATIONS: dict[str, Callable[[AthenaServer, dict[str, Any]], dict[str, Any]]] = {
    "StartQueryExecution": AthenaServer._start,
    "GetQueryExecution": AthenaServer._look,
    "GetQueryResults": AthenaServer._results,
    "StopQueryExecution": AthenaServer._stop,
}


def _invalid(message: str, code: str = "INVALID_INPUT") -> Refused:
    return Refused("InvalidRequestException", message, code)


def _id() -> str:
    return secrets.token_hex(16)


def _check(sql: str) -> None:
    """Refuse what cannot be parsed before it is a query, as Athena does."""
    try:
        statements = duckdb.extract_statements(sql)
    except duckdb.Error as fault:
        raise _invalid(f"line 1:1: {fault}", "MALFORMED_QUERY") from None
    if [statement.type for statement in statements] != [duckdb.StatementType.SELECT]:
        raise _invalid("Queries of this type are not supported", "MALFORMED_QUERY")


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request, client_address) -> None:
        """A client that goes away is no news."""


def _handler(double: AthenaServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # head and body in one piece: else each answer waits for an acknowledgement
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            operation = self.headers["X-Amz-Target"].removeprefix("AmazonAthena.")
            status = 200
            try:
                answer = double.answer(operation, body)
            except Refused as refused:
                status, answer = refused.status, refused.body
            if answer is None:
                self.close_connection = True
                return
            content = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.1")
            self.send_header("x-amzn-RequestId", _id())
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: Any) -> None:
            pass

    return Handler
