"""The Pulumi program, from the start of Python to the last resource that it registers.

Bundles are there; what is measured is what a person waits for at every preview before the engine
can say anything. AWS is the tests' double, in the program's process. Prints a table; exits 1 when
a run takes longer than 3 s.

usage: python -m benchmarks.program [once STACK]
"""

import json
import runpy
import sys
import threading
import warnings
from pathlib import Path
from statistics import median
from typing import Any

import pulumi
import yaml

from benchmarks import process
from components import bundles
from tests.doubles.aws_account import Account
from tests.doubles.aws_invokes import INVOKES

ROOT = Path(__file__).parent.parent
STACKS = ("dev", "prod")
LIMIT_S = 3.0
ROUNDS = 3


class Aws(pulumi.runtime.Mocks):
    """The double's account, asked without a wire between."""

    def __init__(self) -> None:
        self.account = Account()
        self._lock = threading.Lock()

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Make a resource in the account; what is not AWS's is as it is given."""
        if not args.typ.startswith("aws:"):
            return args.name, {**args.inputs, "output": args.inputs.get("input")}
        urn = f"urn:pulumi:stack::project::{args.typ}::{args.name}"
        with self._lock:
            thing = self.account.create(args.typ, urn, dict(args.inputs))
        return thing.id, dict(thing.properties)

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:
        """Answer a question."""
        return INVOKES[args.token](self.account, args.args)


def once(stack: str) -> None:
    """Run the program for a stack, in this process; print how many resources it registered."""
    aws = Aws()
    pulumi.runtime.set_mocks(aws, project="orders-lake", stack=stack, preview=False)
    pulumi.runtime.set_all_config(config(stack))

    @pulumi.runtime.test
    def program() -> None:
        """Run it, and wait for all that it registers."""
        runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")

    with warnings.catch_warnings():
        # pulumi_aws warns of its own deprecated names when a service is imported
        warnings.simplefilter("ignore", DeprecationWarning)
        program()
    print(len(aws.account.things))


def config(stack: str) -> dict[str, str]:
    """Return the stack's settings as the engine gives them: defaults too, all as text."""
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    given = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    values = {f"orders-lake:{key}": value["default"] for key, value in declared.items()} | given
    return {
        key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()
    }


def main() -> int:
    """Measure both stacks of the checkout; return the exit code."""
    for architecture in bundles.ARCHITECTURES:
        bundles.layer(architecture)
        bundles.app(architecture)
    bundles.function()
    missed = False
    print(f"{'program run':20}{'resources':>10}{'seconds':>10}{'limit':>8}{'processor':>11}")
    for stack in STACKS:
        runs = [process.python("-m", "benchmarks.program", "once", stack) for _ in range(ROUNDS)]
        seconds = median(run.seconds for run in runs)
        over = seconds > LIMIT_S
        missed |= over
        print(
            f"{stack:20}{int(runs[0].output.split()[-1]):10}{seconds:10.2f}{LIMIT_S:8.1f}"
            f"{median(run.cpu_seconds for run in runs):11.2f}"
            f"{'  MISSED' if over else ''}"
        )
    return int(missed)


if __name__ == "__main__":
    if sys.argv[1:2] == ["once"]:
        once(sys.argv[2])
    else:
        sys.exit(main())
