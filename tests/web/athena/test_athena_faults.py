"""What people are told when Athena refuses or fails: what to do, and nothing of the account."""

import pytest

from tests.doubles.athena import DATABASE, WORKGROUP
from web.athena.engine import AthenaEngine
from web.engine import EngineError, Watch

SECRET = "arn:aws:iam::123456789012:role/dashboard"


@pytest.mark.parametrize("operation", ["StartQueryExecution", "GetQueryExecution"])
@pytest.mark.parametrize(
    ("error", "message", "code", "words"),
    [
        ("ExpiredTokenException", "The security token is expired", "away", "credentials"),
        ("UnrecognizedClientException", "The token is invalid", "away", "credentials"),
        (
            "AccessDeniedException",
            f"User: {SECRET} is not authorized to perform: athena:X on resource: y",
            "failed",
            "role may not",
        ),
        ("InternalServerException", "oh", "away", "fault of its own"),
        ("InvalidRequestException", "WorkGroup is not found.", "failed", "workgroup is missing"),
        ("InvalidRequestException", "WorkGroup is disabled.", "failed", "workgroup is missing"),
        ("InvalidRequestException", "QueryExecution abc was not found", "failed", "run it again"),
        (
            "InvalidRequestException",
            "No output location provided. An output location is required either through the "
            "Workgroup result configuration setting or as an API input.",
            "failed",
            "no place for its results",
        ),
        (
            "InvalidRequestException",
            "line 3:7: mismatched input 'FORM'. Expecting: <expression>",
            "query",
            "line 3:7: mismatched input 'FORM'",
        ),
        ("SomethingNew", f"about {SECRET}", "failed", "(SomethingNew)"),
    ],
)
def test_a_request_that_is_refused_says_what_to_do(
    run, athena, pauses, caplog, operation, error, message, code, words
):
    status = 500 if error == "InternalServerException" else 400
    athena.refuses(operation, error, message, times=5, status=status)
    with pytest.raises(EngineError) as told:
        run()

    assert told.value.code == code
    assert words in told.value.message
    assert SECRET not in told.value.message
    assert message in caplog.text, "the log has it whole"


def test_throttling_that_does_not_end_says_what_to_do(run, athena, pauses):
    athena.refuses("StartQueryExecution", "TooManyRequestsException", times=5)
    with pytest.raises(EngineError, match="try again in a minute") as told:
        run()

    assert told.value.code == "away"


def test_an_unknown_fault_of_the_servers_is_athenas_own(run, athena, pauses):
    athena.refuses("StartQueryExecution", "Weather", times=5, status=503)
    with pytest.raises(EngineError, match="fault of its own"):
        run()


def test_an_engine_that_cannot_be_reached_is_away(run, athena, pauses):
    athena.drops("GetQueryExecution", times=5)
    with pytest.raises(EngineError, match="cannot be reached") as told:
        run()

    assert told.value.code == "away"


def error(category, type_=1000, *, retryable=False):
    return {"ErrorCategory": category, "ErrorType": type_, "Retryable": retryable}


@pytest.mark.parametrize(
    ("state", "reason", "about", "code", "words"),
    [
        ("CANCELLED", "Bytes scanned limit was exceeded", None, "failed", "scanned more than"),
        (
            "FAILED",
            "Query cancelled! : Bytes scanned limit was exceeded",
            error(2),
            "failed",
            "scanned more than",
        ),
        ("CANCELLED", "Query cancelled by user", None, "cancelled", "stopped in Athena"),
        ("CANCELLED", None, None, "cancelled", "stopped in Athena"),
        (
            "FAILED",
            "TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.orders_db.processed' does not exist",
            error(2, 1301),
            "failed",
            "not in the Glue database",
        ),
        ("FAILED", "SCHEMA_NOT_FOUND: line 1:1", error(2, 1301), "failed", "Glue database"),
        (
            "FAILED",
            "COLUMN_NOT_FOUND: line 1:8: Column 'amuont' cannot be resolved",
            error(2, 1006),
            "query",
            "Column 'amuont' cannot be resolved",
        ),
        (
            "FAILED",
            f"Access Denied (Service: Amazon S3; Status Code: 403; {SECRET})",
            error(2, 1500),
            "failed",
            "role may not",
        ),
        ("FAILED", "PERMISSION_DENIED: glue:GetTable", error(2), "failed", "role may not"),
        (
            "FAILED",
            f"Access denied: KMS.DisabledException: {SECRET} is disabled.",
            error(2),
            "failed",
            "KMS key is switched off",
        ),
        (
            "FAILED",
            f"{SECRET} is pending deletion. (Service: AWSKMS)",
            error(1),
            "failed",
            "cancel its deletion",
        ),
        (
            "FAILED",
            "Unable to verify/create output bucket lake",
            error(2),
            "failed",
            "no place for its results",
        ),
        ("FAILED", "SlowDown: Please reduce your request rate.", error(1), "away", "too much"),
        ("FAILED", "The provided token has expired.", error(2), "away", "credentials"),
        (
            "FAILED",
            "Query exhausted resources at this scale factor",
            error(1, 1),
            "failed",
            "narrower filter",
        ),
        ("FAILED", "Query timeout", error(1, 206), "failed", "longer than"),
        (
            "FAILED",
            "HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split s3://b/processed/x.parquet",
            error(2, 1001),
            "failed",
            "replaced just then",
        ),
        ("FAILED", "GENERIC_INTERNAL_ERROR: null", error(1, 200), "away", "fault of its own"),
        ("FAILED", "DIVISION_BY_ZERO", error(2, 1001), "query", "DIVISION_BY_ZERO"),
        ("FAILED", "Something else", error(3), "failed", "Something else"),
        ("FAILED", None, None, "failed", "no reason"),
    ],
)
def test_a_query_that_fails_says_what_to_do(run, athena, state, reason, about, code, words):
    athena.ending.state = state
    athena.ending.reason = reason
    athena.ending.error = about
    with pytest.raises(EngineError) as told:
        run()

    assert told.value.code == code
    assert words in told.value.message
    assert "\n" not in told.value.message
    assert SECRET not in told.value.message


def test_athenas_own_words_are_one_line_of_a_readable_length(run, athena):
    athena.ending.state, athena.ending.error = "FAILED", error(2)
    athena.ending.reason = "line 1:1:\n" + "far too much " * 100
    with pytest.raises(EngineError) as told:
        run()

    assert "\n" not in told.value.message
    assert len(told.value.message) < 400


def test_a_query_in_a_database_that_is_not_there_says_what_to_do(athena, athena_client, store):
    athena.begin(store.root)
    engine = AthenaEngine(athena_client, workgroup=WORKGROUP, database="gone", store=store)
    with pytest.raises(EngineError, match="run `pulumi up`, which declares it"):
        engine.run("SELECT * FROM processed", (), Watch())


def test_a_workgroup_that_is_not_there_says_what_to_do(athena, athena_client, store):
    engine = AthenaEngine(athena_client, workgroup="gone", database=DATABASE, store=store)
    with pytest.raises(EngineError, match="workgroup is missing or switched off"):
        engine.run("SELECT 1", (), Watch())


def test_a_text_that_is_no_query_is_refused(run, athena, store):
    athena.begin(store.root)
    with pytest.raises(EngineError, match="line 1:1") as told:
        run("SELEC 1")

    assert told.value.code == "query"
