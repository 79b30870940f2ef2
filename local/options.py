"""What commands take, and how they tell a person what went wrong."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from lake import times
from lake.rule import SettingError
from lake.store import StoreError
from local import ports
from local.terminal import Faults

Command = TypeVar("Command", bound=Callable[..., Any])

BUCKET = "s3://"
"""How a lake begins that is no folder."""


class WrongUse(ValueError):
    """What was asked for cannot be done as it was asked; the message says why."""


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


class Port(click.ParamType[int]):
    """A port to listen on; 0 takes a free one."""

    name = "number"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        """Read a port."""
        text = str(value)
        if not (text.isascii() and text.isdigit() and int(text) <= ports.HIGHEST):
            self.fail(f"{value!r} is no port: give a number from 0 to {ports.HIGHEST}", param, ctx)
        port = int(text)
        if port in ports.BLOCKED:
            self.fail(
                f"browsers open no page on port {port}: choose another one, such as "
                f"{ports.another(port)}",
                param,
                ctx,
            )
        return port


def _folder(ctx: click.Context, param: click.Parameter, value: str) -> Path:
    """Refuse a bucket by name; a folder need not be there yet."""
    if value.startswith(BUCKET):
        raise click.BadParameter(
            f"{ctx.info_name} works on a folder, and {value} is a bucket: name a folder, or see "
            f"{ctx.find_root().info_name} --help for what works on a bucket",
            ctx,
            param,
        )
    return Path(value)


def _folder_option(text: str) -> Callable[[Command], Command]:
    return click.option(
        "--lake",
        "folder",
        callback=_folder,
        default=".lake",
        show_default=True,
        metavar="DIR",
        help=text,
    )


folder_option = _folder_option("Folder of the lake; a new one is made.")

existing_folder_option = _folder_option("The lake's folder.")

lake_option = click.option(
    "--lake",
    "where",
    default=".lake",
    show_default=True,
    metavar="DIR|s3://BUCKET",
    help="The lake's folder, or the bucket of a stack.",
)

function_option = click.option(
    "--function",
    envvar="ORDERS_FUNCTION",
    metavar="NAME",
    help="For a bucket: its stack's function [default: the one that the bucket notifies].",
)


@contextmanager
def told() -> Iterator[None]:
    """Turn what a person can do something about into a sentence for them."""
    try:
        yield
    except (SettingError, WrongUse) as fault:
        raise click.UsageError(str(fault)) from fault
    except StoreError as fault:
        raise click.ClickException(str(fault)) from fault
    except ExceptionGroup as faults:
        # a sweep or a replay goes on after a fault; what went wrong comes in the end
        raise Faults([str(fault) for fault in faults.exceptions]) from faults
