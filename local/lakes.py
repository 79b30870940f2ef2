"""A lake that commands work on: a folder by the handler's code here, a bucket by its function.

What a command reads it reads itself; what it changes, the one who is in charge of the lake's rule
changes: on a laptop that is the environment of the command, in a stack the function's.
"""

import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol

from lake import names
from lake.ledger import Ledger
from lake.store import Store
from local.options import BUCKET, WrongUse

Told = dict[str, Any]
"""a record as the columns of `ingests`, ready for JSON"""


class Lake(Protocol):
    """What reads a lake, and what works on it."""

    @property
    def store(self) -> Store:
        """What holds it."""
        ...

    @property
    def ledger(self) -> Ledger:
        """What reads its records."""
        ...

    def refusals(self) -> list[str]:
        """Return a sentence about each file that no look can be taken at."""
        ...

    def look(self, keys: Iterable[str]) -> Iterator[tuple[str, list[Told]]]:
        """Look at keys; yield each with the records that decided it.

        Raises an ExceptionGroup in the end of what kept keys from their look.
        """
        ...

    def withdraw(self, key: str, reason: str) -> list[Told]:
        """Withdraw a key. Raises WrongUse for one that cannot be withdrawn."""
        ...


def existing(where: str, function: str | None = None) -> Lake:
    """Open the lake in a folder or in `s3://bucket`. Raises WrongUse, SettingError, StoreError."""
    if where.startswith(BUCKET):
        from local.stack import Stack  # noqa: PLC0415

        return Stack(where.removeprefix(BUCKET).rstrip("/"), function)
    if function:
        raise WrongUse(f"--function goes with a bucket, and {where} is a folder")
    from local.pipeline import Pipeline  # noqa: PLC0415

    must_be_a_lake(Path(where))
    return Pipeline(Path(where))


def must_be_a_lake(folder: Path) -> None:
    """Raise WrongUse for a folder that holds no lake."""
    if not (folder / names.RAW).is_dir():
        raise WrongUse(f"there is no lake in {folder}: name its folder with --lake DIR")


def is_inside(where: str, folder: Path) -> bool:
    """Tell whether a folder is a lake's own, or one below it; a bucket's never is."""
    if where.startswith(BUCKET):
        return False
    return folder.resolve().is_relative_to(Path(where).resolve())


def not_there(lake: Lake, key: str) -> WrongUse:
    """Return what to say of a key that is not in the lake, or not any more."""
    keys = dict.fromkeys(version.key for version in lake.store.versions(names.RAW))
    if not names.is_file(key):
        within = f"{names.RAW}{key}"
        hint = f"; did you mean {within}?" if within in keys else ""
        return WrongUse(
            f"{key} is no raw file: keys begin with {names.RAW}, none of it hidden{hint}"
        )
    if any(ingest.record.source_key == key for ingest in lake.ledger.ingests()):
        return WrongUse(
            f"{key} is no longer in {names.RAW}: there is nothing to look at again, and what it "
            f"brought stays as it is; `show {shlex.quote(key)}` tells it"
        )
    from difflib import get_close_matches  # noqa: PLC0415

    # without what all keys have: it would make any two of them alike
    by_name = {_name(one): one for one in keys if names.is_file(one)}
    near = get_close_matches(_name(key), by_name, n=1)
    hint = f"did you mean {by_name[near[0]]}?" if near else "`show` lists what is"
    return WrongUse(f"{key} is not in the lake: {hint}")


def _name(key: str) -> str:
    """Return a key without its beginning and its ending."""
    return key.removeprefix(names.RAW).removesuffix(".csv")
