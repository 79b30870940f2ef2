"""The command line: what a person or a script does with a lake in a folder, or in a bucket.

Exit codes: 0 done, and every file was committed; 1 a file was rejected, or something failed; 2 for
wrong use; 130 for a check that Ctrl-C stopped. Records go to standard output, one JSON object a
line with the columns of `ingests`; whatever is for the person at the terminal goes to standard
error.

A command imports what it needs when it runs: the web server, DuckDB and AWS's client cost more than
reading a small file does.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from lake import names, times
from lake.ledger import Status
from local.lakes import Lake, Told, existing, is_inside, must_be_a_lake, not_there
from local.options import (
    Moment,
    Port,
    WrongUse,
    existing_folder_option,
    folder_option,
    function_option,
    lake_option,
    told,
)
from local.terminal import Commands, say, tell

if TYPE_CHECKING:
    from local.pipeline import Pipeline

STOPPED = 130
"""The exit code of what SIGINT ended, as shells give it: 128 and the signal's number."""


@click.group(cls=Commands)
def main() -> None:
    """Work with an orders lake, in a folder or in the bucket of a stack.

    sweep, replay, withdraw, show, find and quarantine take --lake s3://BUCKET too: what changes the
    lake is then done by the stack's own function, under its rule.
    """


@main.command()
@folder_option
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
        if not names.is_text(key):
            raise click.UsageError(f"{file}: its name is not UTF-8; rename it")
        if not names.is_file(key):
            raise click.UsageError(f"{file}: a name that starts with a dot is not ingested")
    with told():
        from local.pipeline import Pipeline  # noqa: PLC0415

        pipeline = Pipeline(folder)
        # a version that was withdrawn stays so: the file is in raw/, but in no answer
        _report(_ingested(pipeline, keys, as_of), refused=("rejected", "withdrawn"))


@main.command()
@lake_option
@function_option
def sweep(where: str, function: str | None) -> None:
    """Ingest what lies in raw/ and is not ingested yet."""
    with told():
        lake = existing(where, function)
        refusals = lake.refusals()
        for refusal in refusals:
            tell(refusal)
        _report(_records(lake, lake.ledger.unsettled()))
        if refusals:
            sys.exit(1)


@main.command()
@lake_option
@function_option
@click.option("--key", metavar="KEY", help="One file, such as raw/orders.csv.")
@click.option("--prefix", metavar="PREFIX", help="All files whose key begins so; raw/ means all.")
@click.option("--from", "since", type=Moment(), metavar="DATE", help="Arrived that day or later.")
@click.option("--to", "until", type=Moment(), metavar="DATE", help="Arrived that day or before.")
def replay(
    where: str,
    *,
    function: str | None,
    key: str | None,
    prefix: str | None,
    since: datetime | None,
    until: datetime | None,
) -> None:
    """Look at files again, as after a change of the rule. What is up to date stays as it is."""
    span = since is not None or until is not None
    if (key is not None) + (prefix is not None) + span != 1:
        raise click.UsageError("say which files: --key, --prefix, or --from and --to")
    if prefix is not None and not prefix.startswith(names.RAW):
        raise click.UsageError(f"{prefix!r} is no prefix of raw files: those begin with raw/")
    with told():
        from handler.sweep import arrived  # noqa: PLC0415

        lake = existing(where, function)
        if key is not None:
            found = list(_records(lake, [key])) if names.is_file(key) else []
            if not found:
                raise not_there(lake, key)
            _report(found)
            return
        keys = arrived(
            lake.store,
            prefix=prefix or names.RAW,
            since=since.date() if since else None,
            until=until.date() if until else None,
        )
        _report(_records(lake, keys))


@main.command()
@lake_option
@function_option
@click.argument("key")
@click.option("--reason", required=True, help="Why, for whoever reads the record later.")
def withdraw(where: str, function: str | None, key: str, reason: str) -> None:
    """Take what a file brought out of the lake; KEY is such as raw/orders.csv.

    The file stays in raw/. What brings it back is another version of it: in a bucket any upload, in
    a folder other bytes or the same ones with another time, as after `touch`.
    """
    with told():
        if not reason.strip():
            raise WrongUse("--reason is empty: say why, for whoever reads the record later")
        from local import history  # noqa: PLC0415

        lake = existing(where, function)
        before = history.of(lake, key).withdrawal if names.is_file(key) else None
        records = lake.withdraw(key, reason)
        if before is not None:
            tell(
                f"{key} was withdrawn before, on {before.finished_at:%Y-%m-%d}, for this reason: "
                f"{before.reason}. Its record gives the new one from now on"
            )
        _report(records)


@main.command("withdraw-sample")
@existing_folder_option
def withdraw_sample(folder: Path) -> None:
    """Take the sample orders of the first start out of the lake; other files stay."""
    with told():
        from local import sample  # noqa: PLC0415

        lake = existing(str(folder))
        keys = list(sample.keys_in(lake))
        if not keys:
            tell(f"There are no sample orders in {folder}.")
            return
        _report(record for key in keys for record in lake.withdraw(key, "sample orders"))


@main.command()
@lake_option
@click.argument("key", required=False)
def show(where: str, key: str | None) -> None:
    """Say what became of a file, or of all files."""
    with told():
        from local import history, quarantined, shown  # noqa: PLC0415

        lake = existing(where)
        if key is None:
            files, refusals = history.of_all(lake), lake.refusals()
            for one in files:
                say(shown.row(one))
            for refusal in refusals:
                tell(refusal)
            if not files and not refusals:
                tell("Nothing has come in yet.")
            return
        one = history.of(lake, key)
        if not (one.versions or one.records):
            raise not_there(lake, key)
        standing = one.standing
        lines = quarantined.lines(lake.store, standing) if standing else []
        for line in shown.paragraphs(one, lines):
            say(line)


@main.command()
@lake_option
@click.argument("text")
def find(where: str, text: str) -> None:
    """Print the versions of raw files that hold a text, in whatever case, a JSON object each.

    All versions are read: also replaced ones, and files that were rejected. So what is to be erased
    is found where no table shows it.
    """
    from local.find import holding  # noqa: PLC0415

    with told():
        if not text.strip():
            raise WrongUse("an empty text is in every file: give some letters")
        found = 0
        for version in holding(existing(where).store, text):
            found += 1
            about = {
                "source_key": version.key,
                "source_version": version.id,
                "arrived": times.write(version.arrived),
                "size_bytes": version.size,
            }
            click.echo(json.dumps(about, ensure_ascii=False))
        if not found:
            tell("No version of a raw file holds it.")


@main.command()
@lake_option
@click.option(
    "--into",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="DIR",
    help="Write them into a file there [default: print them].",
)
@click.argument("key")
@click.pass_context
def quarantine(ctx: click.Context, where: str, folder: Path | None, key: str) -> None:
    """Print a file's bad lines, or write them into a file, as a CSV to correct.

    They come as they are, under the header of their file: correct them with an editor, and ingest
    the CSV under a name of its own (the same name would replace the file) with the --as-of of the
    file they came from, so that they count as exported with it. --into gives the file that name;
    the command that ingests it is printed to standard error, where the reasons stand too.
    """
    with told():
        from local import history, quarantined  # noqa: PLC0415

        lake = existing(where)
        if folder is not None and is_inside(where, folder):
            raise WrongUse(
                f"{folder} is inside the lake: name a folder outside of it, where the lines can be "
                "corrected before they come in"
            )
        one = history.of(lake, key)
        record = one.standing
        if record is None:
            if not one.versions:
                raise not_there(lake, key)
            raise WrongUse(f"{key} waits to be ingested: `sweep` looks at it")
        if record.status == "rejected":
            raise click.ClickException(
                f"{key} was rejected as a whole: {record.reason}. Correct the file itself"
            )
        lines = quarantined.lines(lake.store, record)
        if not lines:
            tell(f"There is nothing to correct: no line of {key} is quarantined.")
            return
        content = quarantined.as_csv(lake.store, one, record, lines)
        file = Path(quarantined.name(record))
        if folder is None:
            # who only looks at it gets no bytes that a terminal obeys
            click.echo(quarantined.shown(content) if sys.stdout.isatty() else content, nl=False)
            saved = f"Saved as {file} and corrected"
        else:
            file = folder / file
            _write_new(file, content)
            saved = f"They are in {file}. Corrected there"
        for line in lines:
            tell(f"line {line.number:,}: {line.reason}")
        target = f"{names.RAW}{file.name}"
        if lake.store.head(target) is not None:
            tell(
                f"{target} came in before: a file of that name replaces what it brought. To keep "
                "both, give the new one another name"
            )
        command = quarantined.way_back(where, record, file, ctx.find_root().command_path)
        tell(f"{saved}, they come in again by:")
        tell(command)


@main.command()
@folder_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to serve on.")
@click.option("--port", default=5000, show_default=True, type=Port())
@click.option("--no-sample", is_flag=True, help="Leave an empty lake empty.")
def serve(folder: Path, host: str, port: int, no_sample: bool) -> None:
    """Serve the dashboard, and ingest what is dropped into raw/."""
    from local.serve import serve  # noqa: PLC0415

    with told():
        serve(folder, host, port, with_sample=not no_sample)


@main.command()
@existing_folder_option
def check(folder: Path) -> None:
    """Run every panel; print its first rows, or its fault."""
    from local.check import Stopped, check  # noqa: PLC0415

    with told():
        must_be_a_lake(folder)
        done = wrong = 0
        try:
            for finding in check(folder):
                say(finding.title, bold=True)
                for line in (*finding.text.split("\n"), ""):
                    say(line)
                done += 1
                wrong += not finding.sound
        except Stopped as stop:
            tell(
                f"Stopped while {stop} ran. Panels checked before it: {done}, with a fault: "
                f"{wrong}."
            )
            sys.exit(STOPPED)
    sys.exit(1 if wrong else 0)


def _ingested(
    pipeline: "Pipeline", files: Mapping[str, Path], as_of: datetime | None
) -> Iterator[Told]:
    """Ingest files by key; yield their records, and say of each what it replaced."""
    from local import history  # noqa: PLC0415

    for key, file in files.items():
        before = history.of(pipeline, key) if pipeline.knows(key) else None
        record = pipeline.ingest(file, key, as_of)
        yield record.columns()
        if before is not None:
            # not earlier: it brings polars, which the ingest imports while it copies
            from local import shown  # noqa: PLC0415

            for line in shown.replaced(before, record):
                tell(line)


def _records(lake: Lake, keys: Iterable[str]) -> Iterator[Told]:
    """Look at keys; yield the records as they come."""
    for _, records in lake.look(keys):
        yield from records


def _write_new(file: Path, content: bytes) -> None:
    """Write a file that is not there yet: one that is may be half corrected."""
    try:
        with file.open("xb") as new:
            new.write(content)
    except FileExistsError:
        raise click.ClickException(f"{file} is there already, and stays as it is") from None
    except OSError as fault:
        raise click.ClickException(f"cannot write {file}: {fault.strerror}") from fault


def _report(records: Iterable[Told], refused: tuple[Status, ...] = ("rejected",)) -> None:
    """Print records as they come; exit 1 when one has a status that is refused."""
    well, none = True, True
    for record in records:
        none = False
        click.echo(json.dumps(record, ensure_ascii=False))
        key, as_of = record["source_key"], record["received_at"]
        if record["status"] in refused:
            well = False
            tell(f"{key}: {record['status']}: {record['reason']}")
        elif record["status"] == "committed" and times.read(as_of) > times.now():
            tell(
                f"{key}: counts as exported on {as_of[:10]}, which is still to come: it overrules "
                "every export until then; --as-of says when it was"
            )
    if none:
        tell("There was no file to look at.")
    if not well:
        sys.exit(1)
