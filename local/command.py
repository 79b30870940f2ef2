"""The command line: what a person or a script does with a lake in a folder.

Exit codes: 0 done, and every file was committed; 1 a file was rejected, or something failed; 2 for
wrong use. Records go to standard output, one JSON object a line with the columns of `ingests`;
whatever is for the person at the terminal goes to standard error.

A command imports what it needs when it runs: the web server and DuckDB cost more than reading a
small file does.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lake import names, times
from lake.ledger import Record, Status
from lake.rule import SettingError
from lake.store import StoreError

if TYPE_CHECKING:
    from local.pipeline import Pipeline


class Moment(click.ParamType[datetime]):
    """A date (00:00 UTC) or a moment, ISO 8601."""

    name = "date"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read a moment."""
        try:
            return times.read(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a date like 2025-11-10", param, ctx)


def _folder(ctx: click.Context, param: click.Parameter, value: str) -> Path:
    """Refuse a bucket by name; a folder need not be there yet."""
    if value.startswith("s3://"):
        raise click.BadParameter(
            "a lake in a bucket is worked on by its stack's function: name a folder", ctx, param
        )
    return Path(value)


lake_option = click.option(
    "--lake",
    "folder",
    callback=_folder,
    default=".lake",
    show_default=True,
    metavar="DIR",
    help="Folder of the lake; ingest and serve make a new one.",
)


@click.group()
def main() -> None:
    """Work with an orders lake in a folder."""


@main.command()
@lake_option
@click.option(
    "--as-of",
    type=Moment(),
    metavar="DATE",
    help="When the files were exported [default: each file's modification time].",
)
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILE...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
def ingest(folder: Path, as_of: datetime | None, files: tuple[Path, ...]) -> None:
    """Copy files into raw/, ingest them, print a JSON record each."""
    keys = {f"{names.RAW}{file.name}": file for file in files}
    if len(keys) < len(files):
        raise click.UsageError("two of the files have the same name: one would replace the other")
    for key, file in keys.items():
        if not names.is_file(key):
            raise click.UsageError(f"{file}: a name that starts with a dot is not ingested")
    with _pipeline(folder, new=True) as pipeline:
        # a version that was withdrawn stays so: the file is in raw/, but in no answer
        _report(
            (pipeline.ingest(file, key, as_of) for key, file in keys.items()),
            refused=("rejected", "withdrawn"),
        )


@main.command("sweep")
@lake_option
def sweep_(folder: Path) -> None:
    """Ingest what lies in raw/ and is not ingested yet."""
    from handler.sweep import sweep  # noqa: PLC0415

    with _pipeline(folder) as pipeline:
        refusals = list(pipeline.store.unnamable())
        for refusal in refusals:
            click.echo(refusal, err=True)
        looked = sweep(pipeline.looker, pipeline.ledger)
        _report(record for _, records in looked for record in records)
        if refusals:
            sys.exit(1)


@main.command("replay")
@lake_option
@click.option("--key", metavar="KEY", help="One file, such as raw/orders.csv.")
@click.option("--prefix", metavar="PREFIX", help="All files whose key begins so; raw/ means all.")
@click.option("--from", "since", type=Moment(), metavar="DATE", help="Arrived that day or later.")
@click.option("--to", "until", type=Moment(), metavar="DATE", help="Arrived that day or before.")
def replay_(
    folder: Path,
    key: str | None,
    prefix: str | None,
    since: datetime | None,
    until: datetime | None,
) -> None:
    """Look at files again, as after a change of the rule. What is up to date stays as it is."""
    from handler.sweep import replay  # noqa: PLC0415

    span = since is not None or until is not None
    if (key is not None) + (prefix is not None) + span != 1:
        raise click.UsageError("say which files: --key, --prefix, or --from and --to")
    if prefix is not None and not prefix.startswith(names.RAW):
        raise click.UsageError(f"{prefix!r} is no prefix of raw files: those begin with raw/")
    with _pipeline(folder) as pipeline:
        if key is not None:
            _report(_looked(pipeline, key))
            return
        looked = replay(
            pipeline.store,
            pipeline.looker,
            prefix=prefix or names.RAW,
            since=since.date() if since else None,
            until=until.date() if until else None,
        )
        _report(record for _, records in looked for record in records)


@main.command("withdraw")
@lake_option
@click.argument("key")
@click.option("--reason", required=True, help="Why, for whoever reads the record later.")
def withdraw_(folder: Path, key: str, reason: str) -> None:
    """Take what a file brought out of the lake; KEY is such as raw/orders.csv."""
    from handler.withdraw import NothingToWithdraw, withdraw  # noqa: PLC0415

    with _pipeline(folder) as pipeline:
        try:
            withdraw(pipeline.store, key, reason, pipeline.settings.fingerprint)
        except NothingToWithdraw as fault:
            raise click.UsageError(str(fault)) from fault
        _report(_looked(pipeline, key))


@main.command()
@lake_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to serve on.")
@click.option("--port", default=5000, show_default=True, type=click.IntRange(0, 65535))
@click.option("--no-sample", is_flag=True, help="Leave an empty lake empty.")
def serve(folder: Path, host: str, port: int, no_sample: bool) -> None:
    """Serve the dashboard, and ingest what is dropped into raw/."""
    from local.serve import serve  # noqa: PLC0415

    with _told():
        serve(folder, host, port, with_sample=not no_sample)


@main.command()
@lake_option
def check(folder: Path) -> None:
    """Run every panel on the lake; print its first rows, or where it is wrong and why."""
    from local.check import check  # noqa: PLC0415

    _must_be_a_lake(folder)
    with _told():
        wrong = 0
        for finding in check(folder):
            click.secho(finding.title, bold=True)
            click.echo(f"{finding.text}\n")
            wrong += not finding.sound
    sys.exit(1 if wrong else 0)


@contextmanager
def _told() -> Iterator[None]:
    """Turn what a person can do something about into a sentence for them."""
    try:
        yield
    except SettingError as fault:
        raise click.UsageError(str(fault)) from fault
    except StoreError as fault:
        raise click.ClickException(str(fault)) from fault
    except ExceptionGroup as faults:
        # a sweep or a replay goes on after a fault; what went wrong comes in the end
        raise click.ClickException("\n".join(map(str, faults.exceptions))) from faults


@contextmanager
def _pipeline(folder: Path, *, new: bool = False) -> Iterator["Pipeline"]:
    """Open a lake; only where it may be a new one is it made."""
    if not new:
        _must_be_a_lake(folder)
    with _told():
        from local.pipeline import Pipeline  # noqa: PLC0415

        yield Pipeline(folder)


def _must_be_a_lake(folder: Path) -> None:
    if not (folder / names.RAW).is_dir():
        raise click.UsageError(f"there is no lake in {folder}: name its folder with --lake DIR")


def _looked(pipeline: "Pipeline", key: str) -> list[Record]:
    """Look at a key that a person named."""
    from handler.look import NotRaw  # noqa: PLC0415

    try:
        records = pipeline.looker.look(key)
    except NotRaw as fault:
        raise click.UsageError(str(fault)) from fault
    if not records:
        raise click.UsageError(f"{key} is not in the lake: give a key such as {names.RAW}a.csv")
    return records


def _report(records: Iterable[Record], refused: tuple[Status, ...] = ("rejected",)) -> None:
    """Print records as they come; exit 1 when one has a status that is refused."""
    well, none = True, True
    for record in records:
        none = False
        click.echo(json.dumps(record.columns(), ensure_ascii=False))
        if record.status in refused:
            well = False
            click.echo(f"{record.source_key}: {record.status}: {record.reason}", err=True)
    if none:
        click.echo("There was no file to look at.", err=True)
    if not well:
        sys.exit(1)
