"""The group `outlast`: finds verbs when they are used, and turns every ending into an exit code.

Verbs import what they need inside their functions, so that `outlast --help` loads neither numba, pandas,
scipy nor matplotlib.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

import click

from outlast import __version__
from outlast.cli import messages
from outlast.errors import UsageError, nearest_hint, shown

VERBS = (
    "run", "compare", "sweep", "gate", "topologies", "causes", "sensitivity", "validate",
    "explain", "trace", "import", "export", "bench", "init", "schema",
)  # fmt: skip  # in the order of `--help`
MODULES = {"import": "imports", "export": "exports"}  # of verbs that Python reserves, and their like
COMPLETION = "_OUTLAST_COMPLETE"  # set by the shell's completion script


class Verbs(click.Group):
    """A group whose verbs are modules of `outlast.cli`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        name = MODULES.get(cmd_name, cmd_name)
        command = getattr(import_module(f"outlast.cli.{name}"), name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if name not in VERBS and not name.startswith("-"):
            raise UsageError(f"there is no command {shown(name)}", _verb_hint(name))
        return super().resolve_command(ctx, args)

    def main(self, args: Sequence[str] | None = None, *more: Any, **extra: Any) -> Any:
        """Run the command line and leave with its exit code (module `messages` lists them)."""
        if COMPLETION in os.environ:
            return super().main(args, "outlast", COMPLETION)
        given = list(sys.argv[1:] if args is None else args)
        leave(self._ended(given or ["--help"]))

    def _ended(self, args: list[str]) -> int:
        session = messages.Session()
        try:
            with self.make_context("outlast", args, obj=session) as context:
                self.invoke(context)
        except BrokenPipeError:
            return messages.forget_stdout()
        except BaseException as problem:
            if isinstance(problem, SystemExit | GeneratorExit):
                raise
            return messages.close_stdout(messages.report(problem, session))
        return messages.close_stdout(messages.OK)


def leave(code: int) -> NoReturn:
    """The only way out."""
    sys.exit(code)


def _verb_hint(name: str) -> str:
    if name.endswith((".yaml", ".yml")) or os.path.isfile(name):
        return f"did you mean `outlast run {name}`?"
    return nearest_hint(name, VERBS, "commands")


@click.group(
    cls=Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Start with `outlast init`, then `outlast run scenario.yaml`. "
    "Exit codes: 0 yes, 1 a threshold failed, 2 wrong command or scenario, 3 a bug, 4 inconclusive, "
    "130 interrupted.",
)
@click.version_option(__version__, "--version", prog_name="outlast", message="%(prog)s %(version)s")
def main() -> None:
    """Will this platform outlast its failures, and how well?

    Simulates years of a platform that is described in YAML, many times, and reports availability, recovery
    times, lost data, goodput and served requests, each number with its interval.
    """
