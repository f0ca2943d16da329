"""Arguments and options that several verbs share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click
from click.core import ParameterSource
from click.types import IntParamType

from outlast.cli import messages
from outlast.cli.messages import Session
from outlast.errors import UsageError, nearest_hint, shown

if TYPE_CHECKING:
    from outlast.scenario import Scenario

Command = TypeVar("Command", bound=Callable[..., Any])

ENGINES = ("kernel", "reference")
# what only a simulation needs
CHANCE = {"replications": "-n", "seed": "--seed", "threads": "--threads", "rare": "--rare"}
LARGEST_SEED = 2**63 - 1
MOST_REPLICATIONS = 10_000_000
MOST_THREADS = 1024


class Whole(IntParamType):
    """A whole number from `least` to `most`, both included."""

    name = "n"

    def __init__(self, least: int, most: int = LARGEST_SEED) -> None:
        self.least, self.most = least, most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value)
        if text.isascii() and text.isdigit() and len(text) < 20 and self.least <= int(text) <= self.most:
            return int(text)
        allowed = f"at least {self.least}" if self.most == LARGEST_SEED else f"{self.least} to {self.most}"
        self.fail(f"a whole number is needed, {allowed} (got {shown(value)}{_origin(param, ctx)})", param, ctx)


def _origin(param: click.Parameter | None, ctx: click.Context | None) -> str:
    """` from OUTLAST_SEED` where a value was not written on the command line."""
    if param is None or ctx is None or param.name is None:
        return ""
    source = ctx.get_parameter_source(param.name)
    return f" from {param.envvar}" if source is ParameterSource.ENVIRONMENT else ""


scenario = click.argument("file", metavar="SCENARIO")
changes = click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="PATH=VALUE",
    help="Replace one value: --set components.ranker.replica.restart='90 s'. May be repeated.",
)
variant = click.option("--variant", metavar="NAME", help="Apply a variant of the scenario.")
seed = click.option(
    "--seed",
    type=Whole(0),
    metavar="N",
    envvar="OUTLAST_SEED",
    help="Seed of all randomness. [default: the scenario's, else 1]",
)


def _engine(names: Sequence[str], more: str = "") -> Callable[[Command], Command]:
    said = f"The compiled engine, or the slow readable one that gives the same bits{more}."
    return click.option("--engine", type=click.Choice(names), default="kernel", show_default=True, help=said)


engine = _engine(ENGINES)
any_engine = _engine((*ENGINES, "exact"), "; or exact: solve the Markov chain where all delays are exponential")


def check_chance(context: click.Context) -> None:
    """Say what plays no part where the engine draws nothing."""
    if context.params["engine"] != "exact":
        return
    given = [name for name in CHANCE if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if given:
        messages.note(f"without a part in the exact engine, which draws nothing: {', '.join(CHANCE[n] for n in given)}")


def check_threads(threads: int | None, quiet: bool) -> None:
    """Say so where there are more threads than processors: it works, but nothing is gained."""
    from outlast.run.replications import processors  # imported here: `--help` needs no run

    there = processors()
    if threads is not None and threads > there and not quiet:
        what = "1 processor" if there == 1 else f"{there} processors"
        messages.warning(f"{threads} threads share {what}: more threads than that make no run faster")


def talk(command: Command) -> Command:
    """Add -q and -v."""
    quiet = click.option(
        "-q", "--quiet", is_flag=True, is_eager=True, expose_value=False, callback=_quiet,
        help="Print the result and errors only.",
    )  # fmt: skip
    verbose = click.option(
        "-v", "--verbose", is_flag=True, is_eager=True, expose_value=False, callback=_verbose,
        help="Say more; errors come with their traceback.",
    )  # fmt: skip
    return quiet(verbose(command))


def session(context: click.Context) -> Session:
    """What this call's -v and -q said."""
    found = context.find_object(Session)
    return Session() if found is None else found


def _quiet(context: click.Context, option: click.Parameter, value: bool) -> None:
    session(context).quiet |= value


def _verbose(context: click.Context, option: click.Parameter, value: bool) -> None:
    session(context).verbose |= value


def parsed(texts: Sequence[str], horizon: str | None = None) -> dict[str, Any]:
    """The changes of `--set` and `--horizon`. Raises UsageError where a path is given twice."""
    from outlast.scenario.overlay import parse_set  # imported here: `--help` needs no YAML

    pairs = [parse_set(text) for text in texts]
    if horizon is not None:
        pairs.append(("horizon", horizon))
    found: dict[str, Any] = {}
    for path, value in pairs:
        if path in found:
            raise UsageError(f"{path} is given twice", "keep one of the two")
        found[path] = value
    return found


def opened(file: str, changes: Mapping[str, Any], variant: str | None = None) -> Scenario:
    """The scenario, one of its variants if named, with the changes of the command line on top."""
    from outlast.scenario import load  # imported here: it brings the kinds, and with them numba

    scenario = load(file)
    if variant is not None:
        scenario = scenario.variant(variant)
    return scenario.changed(changes, label="--set") if changes else scenario


def check_component(name: str | None, known: Sequence[str]) -> None:
    """Raises UsageError with the nearest name if there is no such component."""
    if name is not None and name not in known:
        raise UsageError(f"there is no component {shown(name)}", nearest_hint(name, known, "components"))
