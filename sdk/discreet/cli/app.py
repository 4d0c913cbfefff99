"""The application: a group that finds its commands by entry point, and the outermost edge of every one.

A command is an entry point of the group `discreet.commands` that names a `click.Command`. Only the invoked one is
imported: `--help` reads the first line of each module's docstring, which is the command's help in one line.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points, version
from typing import Any, NoReturn

import click

from ..errors import nearest
from .refusals import COULD_NOT_RUN, READER_LEFT, refuse

GROUP = "discreet.commands"
_WORKFLOW = (
    *("demo", "new", "fmt", "check", "explain-check", "test", "matrix", "blueprint", "diff"),
    *("keys", "build", "verify", "show", "decide", "consent"),
)


class Application(click.Group):
    """The group `discreet`. It ends every command with an exit code of `refusals`, and never with a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        found = _entry_points()
        return [name for name in _WORKFLOW if name in found] + sorted(found.keys() - set(_WORKFLOW))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        found = _entry_points().get(cmd_name)
        if found is None:
            return None
        command = found.load()
        if not isinstance(command, click.Command):
            raise click.ClickException(f"entry point `{cmd_name}` of {GROUP} is not a command")
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args[:1] == ["--json"]:
            command = next((each for each in args if each in _entry_points()), "COMMAND")
            raise click.UsageError(f"`--json` comes after the command: `discreet {command} --json`", ctx)
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and not args[0].startswith("-") and args[0] not in _entry_points():
            raise click.UsageError(f"unknown command `{args[0]}`{nearest(args[0], _entry_points())}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, one_line_help(_entry_points()[name])) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run one command and end the process; a shell that completes a line is served by click."""
        if standalone_mode and "_DISCREET_COMPLETE" not in os.environ:
            _end(self, list(sys.argv[1:] if args is None else args))
        extra |= {"standalone_mode": standalone_mode, "windows_expand_args": windows_expand_args}
        return super().main(args, prog_name, complete_var, **extra)


def _end(group: Application, arguments: list[str]) -> NoReturn:
    try:
        status = _answer(group, arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        status = _reader_left()
    except SystemExit as ended:  # rich ends the process itself, with 1
        if not isinstance(ended.__context__, BrokenPipeError):
            raise
        status = _reader_left()
    except OSError as error:  # a full disk behind stdout
        status = refuse(error, as_json=False)
    sys.exit(status)


def _reader_left() -> int:
    """Whoever read us has enough. What is still buffered must not fail a second time at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return READER_LEFT


def _answer(group: Application, arguments: list[str]) -> int:
    as_json = "--json" in arguments
    if not arguments:
        click.echo(group.make_context("discreet", [], resilient_parsing=True).get_help(), err=True)
        return COULD_NOT_RUN
    try:
        with group.make_context("discreet", list(arguments)) as context:
            group.invoke(context)
    except click.exceptions.Exit as answer:
        return answer.exit_code
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - the outermost edge
        return refuse(error, as_json=as_json)
    return 0


def one_line_help(found: EntryPoint) -> str:
    """The first line of the docstring of the entry point's module, which is not imported for it."""
    try:
        spec = importlib.util.find_spec(found.module)
    except ImportError:  # its package is gone, or lacks an extra: invoking it will say so
        return ""
    source = getattr(spec.loader, "get_source", lambda _: None)(found.module) if spec else None
    if source is None:
        return ""
    lines = (ast.get_docstring(ast.parse(source)) or "").splitlines()
    return lines[0] if lines else ""


@cache
def _entry_points() -> Mapping[str, EntryPoint]:
    return {found.name: found for found in entry_points(group=GROUP)}


def _print_version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted:
        click.echo(f"discreet {version('discreet')}")
        ctx.exit()


@click.command(
    "discreet",
    cls=Application,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 yes, 1 the answer is no, 2 it could not run. Every command takes --json.",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version and exit.",
)
def app() -> None:
    """Personalization that knows only what it has been told it may know."""
