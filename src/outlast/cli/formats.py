"""Groups whose commands are the modules of a folder: `outlast import FORMAT`, `outlast export FORMAT`."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import click

from outlast.errors import UsageError, nearest_hint, shown


class Formats(click.Group):
    """A group that finds its commands by looking: module `chrome_trace` holds `chrome_trace`, called `chrome-trace`."""

    package: str

    def list_commands(self, ctx: click.Context) -> list[str]:
        paths = import_module(self.package).__path__
        return sorted(module.name.replace("_", "-") for module in iter_modules(paths))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.list_commands(ctx):
            return None
        name = cmd_name.replace("-", "_")
        command = getattr(import_module(f"{self.package}.{name}"), name)
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        known = self.list_commands(ctx)
        if args[0] not in known and not args[0].startswith("-"):
            raise UsageError(
                f"`outlast {self.name}` knows no format {shown(args[0])}", nearest_hint(args[0], known, "formats")
            )
        return super().resolve_command(ctx, args)


class Imports(Formats):
    package = "outlast.cli.imports"


class Exports(Formats):
    package = "outlast.cli.exports"
