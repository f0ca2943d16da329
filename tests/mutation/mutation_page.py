"""What the mutation check found: a summary for the terminal, and the page docs/mutation.md.

Survivors are explained by hand in explanations.yaml, by the name of the mutant; the page repeats the explanations.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from mutants import Function, Mutant

EXPLANATIONS = Path(__file__).with_name("explanations.yaml")
EQUIVALENT, MISSED = "equivalent", "not caught"


@dataclass(frozen=True)
class Checked:
    """A mutant, the test that failed first (none: ""), and the seconds it took."""

    mutant: Mutant
    caught_by: str
    seconds: float


@dataclass(frozen=True)
class Explanation:
    """Why a mutant survives: it means the same, or no test notices."""

    kind: str  # EQUIVALENT or MISSED
    why: str


def explanations() -> dict[str, Explanation]:
    """By the name of the mutant."""
    rows = yaml.safe_load(EXPLANATIONS.read_text(encoding="utf-8")) or []
    for row in rows:
        if row["kind"] not in (EQUIVALENT, MISSED):
            raise ValueError(f"{EXPLANATIONS.name}: kind {row['kind']!r} of {row['mutant']!r} is not known")
    return {row["mutant"]: Explanation(row["kind"], row["why"]) for row in rows}


def summary(checked: list[Checked]) -> str:
    """Rates, which test file caught how many, and the survivors."""
    lines = [rates(checked), "", "caught by"]
    lines += [f"  {n:4}  {name}" for name, n in _catchers(checked).most_common()]
    known = explanations()
    lines += ["", "survivors"]
    for c in _survivors(checked):
        m, explained = c.mutant, known.get(c.mutant.name)
        lines += [f"  {m.file}:{m.line} {m.function} ({m.operator})", f"    - {m.before.strip()}",
                  f"    + {m.after.strip()}", f"    {explained.kind}: {explained.why}" if explained else "    unexplained"]  # fmt: skip
    return "\n".join(lines)


def rates(checked: list[Checked]) -> str:
    survivors, known = _survivors(checked), explanations()
    caught = len(checked) - len(survivors)
    same = sum(1 for c in survivors if c.mutant.name in known and known[c.mutant.name].kind == EQUIVALENT)
    different = max(1, len(checked) - same)
    return (f"{len(checked)} mutants, {caught} caught ({caught / max(1, len(checked)):.1%}), {same} equivalent, "
            f"{len(survivors) - same} not caught; {caught / different:.1%} of those that are not equivalent are caught")  # fmt: skip


def _survivors(checked: list[Checked]) -> list[Checked]:
    return [c for c in checked if not c.caught_by]


def _catchers(checked: list[Checked]) -> Counter[str]:
    return Counter(c.caught_by.split("::")[0] for c in checked if c.caught_by)


def write_page(root: Path, checked: list[Checked], found: list[Function], seed: int, programs: int) -> None:
    """Every survivor must be explained, and every explanation must be of a survivor."""
    survivors = {c.mutant.name for c in _survivors(checked)}
    for name in sorted(survivors ^ set(explanations())):
        problem = "is not explained" if name in survivors else "is explained but did not survive"
        raise SystemExit(f"error: {name} {problem}\nhint: change {EXPLANATIONS.name}")
    page = "\n".join(_page(checked, found, seed, programs))
    (root / "docs" / "mutation.md").write_text(page, encoding="utf-8")


def _page(checked: list[Checked], found: list[Function], seed: int, programs: int) -> Iterator[str]:
    minutes = sum(c.seconds for c in checked) / 60
    yield from (INTRODUCTION.format(count=len(checked), seed=seed, programs=programs), "## Result", "")
    yield f"{rates(checked)}."
    yield ""
    yield (f"Found on {datetime.date.today()} for a kernel of {sum(f.lines for f in found)} lines in {len(found)} "
           f"functions, with {sum(len(f.mutants) for f in found):,} possible mutants; {minutes:.0f} minutes of one "
           f"processor.")  # fmt: skip
    yield from ("", *_table("Operator", checked, lambda c: c.mutant.operator))
    yield from ("", *_table("File", checked, lambda c: c.mutant.file))
    yield from ("", "| First to notice | mutants |", "|---|--:|")
    yield from (f"| `{name}` | {n} |" for name, n in _catchers(checked).most_common())
    yield f"\n{sum('does not end' in c.caught_by for c in checked)} of them by a test that did not end."
    yield from ("", "## Survivors", "")
    yield from _explained(checked)
    yield ""


def _table(title: str, checked: list[Checked], key: Callable[[Checked], str]) -> Iterator[str]:
    yield f"| {title} | mutants | caught | equivalent | not caught |"
    yield "|---|--:|--:|--:|--:|"
    known = explanations()
    kinds: dict[str, Counter[str]] = {}
    for c in checked:
        kind = "caught" if c.caught_by else known[c.mutant.name].kind if c.mutant.name in known else MISSED
        kinds.setdefault(key(c), Counter())[kind] += 1
    for name, n in sorted(kinds.items()):
        yield f"| {name} | {n.total()} | {n['caught']} | {n[EQUIVALENT]} | {n[MISSED]} |"


def _explained(checked: list[Checked]) -> Iterator[str]:
    known = explanations()
    for c in _survivors(checked):
        m = c.mutant
        yield f"* `{m.file}`, `{m.function}`: `{m.before.strip()}` became `{m.after.strip()}`."
        yield f"  **{known[m.name].kind}**: {known[m.name].why}"


INTRODUCTION = """\
# Mutation check

Would a test notice if one line of the kernel were wrong? Mutants are made mechanically (`tests/mutation/edits.py`): one
line of one function is changed, and the tests run against it until one fails.

```bash
.venv/bin/python tests/mutation/check.py --count {count} --seed {seed} --programs {programs} --page
```

The command continues where it was stopped, `--jobs 2` uses two processors, and it writes this page.

* *Kernel*: what runs inside it, `src/outlast/engines/kernel` without `driver.py`, `pointer.py` and what estimates rare outages.
* *Sample*: spread over the functions in proportion to their lines, inside a function over the operators. A change that
  leaves the syntax tree as it was, or equals another change, is not made.
* *Tests*: those of the rules (`tests/rules`), those of the room for log and signals, then {programs} generated programs
  on which kernel and reference must agree bit for bit, some of them stopped, copied and continued. The kernel runs as
  plain Python there, as it does in the suite beside the compiled one. A test that takes 8 s of processor time counts as
  failed.
* *Equivalent* is a mutant that no program can tell from the kernel; the others that survived are gaps.
"""
