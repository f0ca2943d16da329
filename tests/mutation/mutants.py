"""All mutants of the kernel, and a sample of them that is the same for the same sources and seed."""

from __future__ import annotations

import ast
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from edits import OPERATORS, Context

KERNEL = Path("src/outlast/engines/kernel")
TABLES = Path("src/outlast/program/tables.py")
OUTSIDE = (
    "__init__.py", "driver.py", "pointer.py",  # Python's side of the kernel, and how numba sees a block
    "biased.py", "biasing.py", "losses.py", "redraw.py", "split.py", "splitting.py",  # what estimates rare outages
)  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One changed line."""

    file: str  # of the kernel, such as pool.py
    function: str
    line: int
    operator: str
    before: str
    after: str
    nth: int = 1  # of the same changes in a function

    @property
    def name(self) -> str:
        """Says which change it is, whatever its line number."""
        again = f" ({self.nth})" if self.nth > 1 else ""
        return f"{self.file} {self.function}: {self.before.strip()} -> {self.after.strip()}{again}"

    def applied(self, source: str) -> str:
        lines = source.splitlines(keepends=True)
        assert lines[self.line - 1] == self.before + "\n"
        lines[self.line - 1] = self.after + "\n"
        return "".join(lines)


@dataclass(frozen=True)
class Function:
    """A function of the kernel: its code lines (no blank ones, no docstring) and every mutant of it."""

    file: str
    name: str
    lines: int
    mutants: tuple[Mutant, ...]


def kernel_files(root: Path) -> list[Path]:
    return sorted(file for file in (root / KERNEL).glob("*.py") if file.name not in OUTSIDE)


def functions(root: Path) -> list[Function]:
    """Every function of the kernel of the project at `root`, with all its mutants."""
    files = kernel_files(root)
    parsed = {file: ast.parse(file.read_text(encoding="utf-8")) for file in files}
    signatures = {f.name: [ast.unparse(a.annotation) if a.annotation else a.arg for a in f.args.args]
                  for tree in parsed.values() for f in _defined(tree)}  # fmt: skip
    siblings = _siblings((root / TABLES).read_text(encoding="utf-8"))
    found = []
    for file, tree in parsed.items():
        source = file.read_text(encoding="utf-8")
        for function in _defined(tree):
            context = Context(source.encode().splitlines(), function, signatures, siblings)
            found.append(Function(file.name, function.name, _code_lines(function, source),
                                  tuple(_mutants(file.name, source, context))))  # fmt: skip
    return found


def sample(found: list[Function], count: int, seed: int) -> list[Mutant]:
    """`count` mutants spread over the functions in proportion to their lines, inside a function over the operators.

    What is drawn in a function depends on the seed, its name and its own mutants only.
    """
    chosen: list[Mutant] = []
    for function, wanted in zip(found, _quotas(found, count), strict=True):
        dice = random.Random(f"{seed} {function.file} {function.name}")
        by_operator = defaultdict(list)
        for mutant in function.mutants:
            by_operator[mutant.operator].append(mutant)
        for group in by_operator.values():
            dice.shuffle(group)
        chosen += _in_turn(dice, list(by_operator.values()))[:wanted]
    return chosen


def _in_turn(dice: random.Random, groups: list[list[Mutant]]) -> list[Mutant]:
    """One of each group, then a second of each, and so on; the groups of a turn in random order."""
    taken = []
    for turn in range(max(map(len, groups), default=0)):
        dice.shuffle(groups)
        taken += [group[turn] for group in groups if turn < len(group)]
    return taken


def _quotas(found: list[Function], count: int) -> list[int]:
    """Largest remainders, as far as a function has that many mutants; every function has at least one."""
    total = sum(f.lines for f in found)
    shares = [count * f.lines / total for f in found]
    quotas = [min(max(1, int(share)), len(f.mutants)) for share, f in zip(shares, found, strict=True)]
    while sum(quotas) < min(count, sum(len(f.mutants) for f in found)):
        room = [i for i, f in enumerate(found) if quotas[i] < len(f.mutants)]
        quotas[max(room, key=lambda i: shares[i] - quotas[i])] += 1
    return quotas


def _defined(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node


def _mutants(file: str, source: str, context: Context) -> Iterator[Mutant]:
    """Every mutant of a function that parses; no two, and none and the original, with the same syntax tree."""
    lines, top, end = source.splitlines(), context.function.lineno, context.function.end_lineno
    seen, times = {_meaning(lines[top - 1 : end])}, Counter[str]()
    for node in (n for statement in _body(context.function) for n in ast.walk(statement)):
        for operator in OPERATORS:
            for number, first, last, text in operator(context, node):
                old = lines[number - 1].encode()
                new = (old[:first] + text.encode() + old[last:]).decode()
                mutant = Mutant(file, context.function.name, number, operator.__name__, lines[number - 1], new)
                meaning = _meaning([*lines[top - 1 : number - 1], new, *lines[number:end]])
                if meaning and meaning not in seen:
                    seen.add(meaning)
                    times[mutant.name] += 1
                    yield replace(mutant, nth=times[mutant.name])


def _meaning(lines: list[str]) -> str:
    """The syntax tree of a function as text; "" if the lines do not parse."""
    try:
        return ast.dump(ast.parse("\n".join(lines)))
    except SyntaxError:
        return ""


def _body(function: ast.FunctionDef) -> list[ast.stmt]:
    """Without the docstring."""
    return function.body[1:] if ast.get_docstring(function) is not None else function.body


def _code_lines(function: ast.FunctionDef, source: str) -> int:
    lines = source.splitlines()[_body(function)[0].lineno - 1 : function.end_lineno]
    return 1 + sum(1 for line in lines if line.strip())


def _siblings(tables: str) -> dict[str, int]:
    """Value of the next one in the enumerations of the tables, `FREE, QUEUED, HELD = range(3)`."""
    found = {}
    for node in ast.parse(tables).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            names = [name.id for name in node.targets[0].elts if isinstance(name, ast.Name)]
            if ast.unparse(node.value).startswith("range("):
                found.update({name: (i + 1) % len(names) for i, name in enumerate(names)})
    return found
