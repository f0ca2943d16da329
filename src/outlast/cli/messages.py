"""What the command line says, and where: data on stdout; `error:`, `hint:` and notes on stderr.

Exit codes, one sentence each:

    0    yes: the command did what it says.
    1    no: a threshold failed.
    2    the command or the scenario is wrong, or the machine refused (a folder that cannot be written).
    3    outlast itself is wrong: a bug.
    4    neither yes nor no: the replications cannot decide a threshold.
    130  interrupted by Ctrl-C or SIGTERM; what was finished is kept.
"""

from __future__ import annotations

import os
import sys
import traceback
from dataclasses import dataclass
from typing import Any

import click
from click.exceptions import Abort, Exit, NoSuchOption

from outlast.errors import OutlastError, ProgramError, ScenarioError, nearest_hint, printable

OK, NO, USAGE, INTERNAL, INCONCLUSIVE, INTERRUPTED = 0, 1, 2, 3, 4, 130


@dataclass
class Session:
    """What -v and -q of this call said."""

    verbose: bool = False
    quiet: bool = False


def data(text: str) -> None:
    """Write a document to stdout: the same bytes in every locale, nothing added, no colour."""
    _write(text.encode("utf-8"), nl=False)


def say(text: str) -> None:
    """Write text for people to stdout."""
    _write(text, color=_color())


def _write(text: str | bytes, **options: Any) -> None:
    """Write to stdout. A full disk is named; a reader that went away stays a BrokenPipeError."""
    try:
        click.echo(text, **options)
    except BrokenPipeError:
        raise
    except OSError as problem:
        raise OSError(problem.errno, problem.strerror, "standard output") from problem


def note(text: str) -> None:
    """Write a line that is neither data nor an error to stderr."""
    click.echo(text, err=True, color=_color())


def warning(text: str) -> None:
    """Write `warning: text` to stderr: nothing is wrong, but it may not be what was meant."""
    note(click.style("warning:", fg="yellow", bold=True) + f" {text}")


def error(text: str) -> None:
    """Write `error: text` to stderr; the text may end in a `hint:` line of its own."""
    note(click.style("error:", fg="red", bold=True) + f" {text}")


def report(problem: BaseException, session: Session) -> int:
    """Say what ended the command; returns the exit code. One message per problem, traceback only with -v."""
    if isinstance(problem, Exit):
        return problem.exit_code
    if isinstance(problem, KeyboardInterrupt | Abort):
        note("interrupted")
        return INTERRUPTED
    if session.verbose and not isinstance(problem, click.ClickException | ScenarioError):
        note("".join(traceback.format_exception(problem)).rstrip())
    if isinstance(problem, ScenarioError | ProgramError):
        return _all(problem)
    if isinstance(problem, OutlastError):
        error(str(problem))
    elif isinstance(problem, click.ClickException):
        error(_usage(problem))
    elif isinstance(problem, OSError) and problem.strerror:
        error(": ".join(str(part) for part in (problem.filename, problem.strerror) if part))
    elif isinstance(problem, MemoryError):
        error("not enough memory\n  hint: fewer replications, a shorter horizon or fewer units need less")
    else:
        return _bug(problem, session)
    return USAGE


def _all(problem: ScenarioError | ProgramError) -> int:
    for each in problem.problems:
        error(str(each))
    if len(problem.problems) > 1:
        note(f"{len(problem.problems)} problems")
    return USAGE


def _bug(problem: BaseException, session: Session) -> int:
    what = printable(str(problem).partition("\n")[0])[:200]
    error(f"internal error: {type(problem).__name__}{': ' if what else ''}{what}; this is a bug in outlast")
    trace = "the traceback above" if session.verbose else "what the same command prints with -v"
    note(f"  hint: please report it with the scenario and {trace}")
    return INTERNAL


def _usage(problem: click.ClickException) -> str:
    """Click's message in our form: lower case, no full stop, the hint on a line of its own."""
    context = getattr(problem, "ctx", None)
    mistyped = isinstance(problem, NoSuchOption)
    hint = _option_hint(problem, context) if mistyped else getattr(problem, "hint", "")
    text = problem.message if mistyped else problem.format_message()
    if not hint and context is not None:
        hint = f"`{context.command_path} --help` shows what it takes"
    text = printable(text.strip().removesuffix("."))
    return text[:1].lower() + text[1:] + (f"\n  hint: {hint}" if hint else "")


def _option_hint(problem: click.ClickException, context: click.Context | None) -> str:
    if context is None or not isinstance(problem, NoSuchOption):
        return ""
    parameters = context.command.get_params(context)
    names = [name for parameter in parameters for name in parameter.opts if name.startswith("-")]
    hint = nearest_hint(problem.option_name, names)
    return hint if hint.startswith("did you mean") else ""


def _color() -> bool | None:
    """None lets click decide by the terminal. NO_COLOR counts when it is not empty (no-color.org)."""
    return False if os.environ.get("NO_COLOR") else None


def close_stdout(code: int) -> int:
    """Flush stdout, where a full disk shows last. A reader that went away (`| head`) is no error."""
    if sys.stdout is None:  # closed by the caller: `>&-`
        return code
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return forget_stdout()
    except OSError as problem:
        forget_stdout()
        error(f"standard output: {problem.strerror}")
        return code or USAGE
    return code


def forget_stdout() -> int:
    """Nobody reads any more: what Python still flushes at exit goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return OK
