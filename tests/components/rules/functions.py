"""Rules about Lambda."""

from tests.components.rules.rule import Rule, changed, inputs, without
from tests.doubles.registered import Registered, Resource

FUNCTION = "lambda.Function"
SUPPORTED = {"python3.10", "python3.11", "python3.12", "python3.13", "python3.14"}
"""Of Python, as Security Hub lists them for Lambda.2."""


def has_a_place_for_failures(function: Resource, stack: Registered) -> bool:
    return any(
        one.inputs["functionName"] == function.inputs["name"]
        and "qualifier" not in one.inputs
        and one.inputs.get("destinationConfig", {}).get("onFailure", {}).get("destination")
        for one in stack.of("lambda.FunctionEventInvokeConfig")
    ) or bool(function.inputs.get("deadLetterConfig"))


RULES = (
    Rule(
        "Lambda.1",
        "only a named thing of this account calls the function",
        "lambda.Permission",
        inputs(lambda given: bool(given.get("sourceArn") and given.get("sourceAccount"))),
        changed("lambda.Permission", "sourceAccount", None),
    ),
    Rule(
        "Lambda.2",
        "the runtime is supported",
        FUNCTION,
        inputs(lambda given: given["runtime"] in SUPPORTED),
        changed(FUNCTION, "runtime", "python3.8"),
    ),
    Rule(
        "CKV_AWS_50",
        "calls are traced",
        FUNCTION,
        inputs(lambda given: given.get("tracingConfig", {}).get("mode") == "Active"),
        changed(FUNCTION, "tracingConfig", None),
    ),
    Rule(
        "CKV_AWS_115",
        "concurrency is limited",
        FUNCTION,
        inputs(lambda given: (given.get("reservedConcurrentExecutions") or 0) > 0),
        changed(FUNCTION, "reservedConcurrentExecutions", None),
    ),
    Rule(
        "CKV_AWS_116",
        "what fails is kept",
        FUNCTION,
        has_a_place_for_failures,
        without("lambda.FunctionEventInvokeConfig"),
    ),
    Rule(
        "CKV_AWS_173",
        "the environment is encrypted with a key of ours",
        FUNCTION,
        inputs(lambda given: "environment" not in given or bool(given.get("kmsKeyArn"))),
        changed(FUNCTION, "kmsKeyArn", None),
    ),
)
