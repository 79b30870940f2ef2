"""What is said to a person at a terminal: no name and no value in it moves the cursor.

Files, columns and customers may be called anything, and a terminal obeys some of it. What a program
reads, records and CSV, goes out as it is.
"""

import logging
from types import TracebackType
from typing import Any

import click

from web.show import lines, visible


def say(sentence: str, *, bold: bool = False) -> None:
    """Print a line of what was asked for."""
    click.secho(visible(sentence), bold=bold)


def tell(sentence: str) -> None:
    """Print a line beside what was asked for, to standard error."""
    click.echo(visible(sentence), err=True)


class Faults(click.ClickException):
    """Several things that went wrong, a line each."""

    def __init__(self, sentences: list[str]) -> None:
        super().__init__("; ".join(sentences))
        self._sentences = sentences

    def format_message(self) -> str:
        """Return what is printed."""
        return "\n".join(map(visible, self._sentences))


class Commands(click.Group):
    """Commands whose faults are told like all else."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command that was typed."""
        try:
            return super().invoke(ctx)
        except Faults:
            raise
        except click.UsageError as fault:
            raise click.UsageError(visible(fault.format_message()), fault.ctx) from fault
        except click.ClickException as fault:
            raise click.ClickException(visible(fault.format_message())) from fault


class Formatter(logging.Formatter):
    """A log line for each message, and a traceback in as many lines as it has."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        """Return a message as it is logged."""
        return visible(super().formatMessage(record))

    def formatException(  # noqa: N802
        self,
        ei: tuple[type[BaseException], BaseException, TracebackType | None]
        | tuple[None, None, None],
    ) -> str:
        """Return a traceback as it is logged."""
        return lines(super().formatException(ei))
