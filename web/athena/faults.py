"""What went wrong, and what to do about it, in one sentence for the person at the page.

Account numbers, ARNs and Athena's longer texts go to the log; only what is wrong with the SQL is
repeated on the page, since who writes the panel needs it.
"""

import logging
import re
from typing import TYPE_CHECKING, Literal

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    TokenRetrievalError,
)

from web.engine import EngineError

if TYPE_CHECKING:
    from mypy_boto3_athena.type_defs import QueryExecutionStatusTypeDef

Said = tuple[Literal["query", "away", "cancelled", "failed"], str]
"""A code for programs and a sentence for people."""

CANCELLED: Said = ("cancelled", "The query was cancelled.")
STOPPED: Said = ("cancelled", "The query was stopped in Athena: run it again.")
UNREACHABLE: Said = (
    "away",
    "Athena cannot be reached from the dashboard's host: check its network and region, and ask "
    "again.",
)
EXPIRED: Said = (
    "away",
    "The dashboard's AWS credentials are missing or have expired: on AWS the host's role renews "
    "them by itself within minutes, elsewhere sign in again.",
)
THROTTLED: Said = (
    "away",
    "Athena is asked too much just now: try again in a minute, or ask AWS for a higher quota.",
)
SYSTEM: Said = ("away", "Athena had a fault of its own: ask again in a minute.")
DENIED: Said = (
    "failed",
    "The dashboard's role may not do what the query needs: run `pulumi up`, which grants it; the "
    "server's log says what was refused.",
)
TABLE_MISSING: Said = (
    "failed",
    "A table that the query reads is not in the Glue database: run `pulumi up`, which declares it.",
)
NO_WORKGROUP: Said = (
    "failed",
    "Athena's workgroup is missing or switched off: run `pulumi up`, or enable it in Athena's "
    "console.",
)
NO_PLACE: Said = (
    "failed",
    "Athena's workgroup has no place for its results: run `pulumi up`, which gives it one.",
)
KEY_OFF: Said = (
    "failed",
    "The lake's KMS key is switched off or waits to be deleted: in KMS's console cancel its "
    "deletion and enable it.",
)
LOST: Said = ("failed", "Athena no longer knows the query: run it again.")
SCANNED_TOO_MUCH: Said = (
    "failed",
    "The query was stopped because it scanned more than the workgroup allows: choose a narrower "
    "filter, or raise the limit in the stack's settings.",
)
TOO_LARGE: Said = (
    "failed",
    "The query needs more memory than Athena has: choose a narrower filter.",
)
TOO_LONG: Said = (
    "failed",
    "The query took longer than Athena allows: choose a narrower filter.",
)
FILE_UNREADABLE: Said = (
    "failed",
    "A file of the lake could not be read, most likely because it was replaced just then: run the "
    "query again; if that fails too, the server's log names the file.",
)

CODES: dict[str, Said] = {
    **dict.fromkeys(
        (
            *("ExpiredTokenException", "ExpiredToken", "RequestExpired", "InvalidClientTokenId"),
            *("UnrecognizedClientException", "InvalidSignatureException", "IncompleteSignature"),
            *("MissingAuthenticationToken", "MissingAuthenticationTokenException"),
        ),
        EXPIRED,
    ),
    **dict.fromkeys(
        (
            *("ThrottlingException", "Throttling", "TooManyRequestsException"),
            *("RequestLimitExceeded", "SlowDown"),
        ),
        THROTTLED,
    ),
    **dict.fromkeys(("AccessDeniedException", "AccessDenied", "NotAuthorized"), DENIED),
    **dict.fromkeys(("InternalServerException", "InternalFailure", "ServiceUnavailable"), SYSTEM),
}
"""error code of a request -> what it means here (Athena's API reference, its common errors)"""

REASONS: tuple[tuple[str, Said], ...] = (
    # this one ends as CANCELLED, not as FAILED
    (r"bytes scanned limit", SCANNED_TOO_MUCH),
    (r"TABLE_NOT_FOUND|SCHEMA_NOT_FOUND|EntityNotFound", TABLE_MISSING),
    # such a refusal says "access denied" as well
    (r"KMS\.?\w*(Disabled|InvalidState)|is pending deletion|:key/\S+ is disabled", KEY_OFF),
    (r"access ?denied|PERMISSION_DENIED|not authorized|insufficient permissions", DENIED),
    (r"slow ?down|reduce your request rate|throttl|rate exceeded", THROTTLED),
    (r"expired ?token|token \w+ expired", EXPIRED),
    (r"verify/create output bucket|output location", NO_PLACE),
    (r"exhausted resources|EXCEEDED_\w*MEMORY", TOO_LARGE),
    (r"query timeout|timed out|time limit", TOO_LONG),
    # outputs are replaced in place: a query that is just reading one then fails
    (r"HIVE_(CANNOT_OPEN_SPLIT|CURSOR_ERROR|BAD_DATA|FILESYSTEM_ERROR)", FILE_UNREADABLE),
)
"""pattern -> what it means; looked for in a query's StateChangeReason, in this order"""

BEGINNINGS: dict[str, Said] = {
    "workgroup ": NO_WORKGROUP,
    "no output location": NO_PLACE,
    "queryexecution ": LOST,
}
"""how the message of an InvalidRequestException begins that is not about the SQL -> its meaning"""

CATEGORY_SYSTEM, CATEGORY_USER = 1, 2
"""AthenaError.ErrorCategory (error catalog, Athena user guide); 3 is other."""

SHOWN = 300
"""Most characters of Athena's own words that are repeated."""

NO_CREDENTIALS = (
    CredentialRetrievalError,
    NoCredentialsError,
    PartialCredentialsError,
    TokenRetrievalError,
)

_log = logging.getLogger(__name__)


def cancelled() -> EngineError:
    """Return the error of a run that its watchers stopped."""
    return EngineError(*CANCELLED)


def is_throttled(fault: ClientError) -> bool:
    """Tell whether a request was refused only because there were too many."""
    return CODES.get(_code(fault)) is THROTTLED


def of_request(fault: ClientError | BotoCoreError) -> EngineError:
    """Return the error of a request that Athena refused, or that never reached it."""
    _log.warning("Athena: %s", fault)
    if isinstance(fault, BotoCoreError):
        return EngineError(*(EXPIRED if isinstance(fault, NO_CREDENTIALS) else UNREACHABLE))
    code = _code(fault)
    if code in CODES:
        return EngineError(*CODES[code])
    if code == "InvalidRequestException":
        said = str(fault.response["Error"].get("Message", ""))
        # the sentence about a thing begins with it; an SQL text may hold the word anywhere
        found = next((v for begin, v in BEGINNINGS.items() if said.lower().startswith(begin)), None)
        return EngineError(*found) if found else _refused(said)
    if fault.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) >= 500:
        return EngineError(*SYSTEM)
    return EngineError("failed", f"Athena refused the request ({code}); the server's log says why.")


def of_end(execution: str, status: "QueryExecutionStatusTypeDef") -> EngineError:
    """Return the error of a query that ended without a result, other than by our own stop."""
    error = status.get("AthenaError", {})
    said = status.get("StateChangeReason") or error.get("ErrorMessage") or ""
    _log.warning("Athena: the query %s is %s: %s %s", execution, status["State"], said, error)
    for pattern, meaning in REASONS:
        if re.search(pattern, said, re.IGNORECASE):
            return EngineError(*meaning)
    if status["State"] == "CANCELLED":
        return EngineError(*STOPPED)
    if error.get("ErrorCategory") == CATEGORY_USER:
        return _refused(said)
    if error.get("ErrorCategory") == CATEGORY_SYSTEM:
        return EngineError(*SYSTEM)
    return EngineError("failed", f"Athena could not carry out the query: {_clipped(said)}")


def _refused(said: str) -> EngineError:
    return EngineError("query", f"Athena refuses the SQL; mend the panel's file: {_clipped(said)}")


def _clipped(said: str) -> str:
    words = " ".join(said.split()) or "it gives no reason."
    return words if len(words) <= SHOWN else f"{words[:SHOWN]}\N{HORIZONTAL ELLIPSIS}"


def _code(fault: ClientError) -> str:
    return str(fault.response.get("Error", {}).get("Code", ""))
