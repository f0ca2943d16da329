"""The mutants themselves: one changed line each, all different, the same for the same seed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
import yaml
from edits import OPERATORS
from mutants import KERNEL, Function, Mutant, functions, kernel_files, sample
from mutation_page import Checked, explanations, rates, write_page

ROOT = Path(__file__).resolve().parents[2]
LITTLE = '''
@inner
def serve(P: ProgramBlock, W: WorldBlock, pool: int, by: int) -> int:
    """Documentation < stays."""
    row = W.pools[pool]
    for i in range(pool):
        if row["free"] < 1 and not P.cases[i]["p"]:
            break
    row["free"] += by
    return serve(P, W, max(pool, 2), by)
'''


@pytest.fixture(scope="module")
def found() -> list[Function]:
    return functions(ROOT)


@pytest.fixture
def little(tmp_path: Path) -> list[Mutant]:
    """All mutants of one small function."""
    for file in (KERNEL / "pool.py", Path("src/outlast/program/tables.py")):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / KERNEL / "pool.py").write_text(LITTLE)
    (tmp_path / "src/outlast/program/tables.py").write_text("FREE, QUEUED = range(2)\n")
    return list(functions(tmp_path)[0].mutants)


def test_a_small_function_has_exactly_these_mutants(little: list[Mutant]) -> None:
    loop, test, add, back = (
        "for i in range(pool):", 'if row["free"] < 1 and not P.cases[i]["p"]:', 'row["free"] += by',
        "return serve(P, W, max(pool, 2), by)",
    )  # fmt: skip
    assert {(m.operator, m.before.strip(), m.after.strip()) for m in little} == {
        ("index", "row = W.pools[pool]", "row = W.pools[pool + 1]"),
        ("index", "row = W.pools[pool]", "row = W.pools[pool - 1]"),
        ("index", loop, "for i in range(1, pool):"),
        ("index", loop, "for i in range(pool - 1):"),
        ("condition", test, 'if not (row["free"] < 1 and not P.cases[i]["p"]):'),
        ("connective", test, 'if row["free"] < 1 or not P.cases[i]["p"]:'),
        ("connective", test, 'if row["free"] < 1 and P.cases[i]["p"]:'),
        ("comparison", test, 'if row["free"] <= 1 and not P.cases[i]["p"]:'),
        ("comparison", test, 'if row["free"] >= 1 and not P.cases[i]["p"]:'),
        ("column", test, 'if row["queued"] < 1 and not P.cases[i]["p"]:'),
        ("column", test, 'if row["capacity"] < 1 and not P.cases[i]["p"]:'),
        ("constant", test, 'if row["free"] < 2 and not P.cases[i]["p"]:'),
        ("constant", test, 'if row["free"] < 0 and not P.cases[i]["p"]:'),
        ("index", test, 'if row["free"] < 1 and not P.cases[i + 1]["p"]:'),
        ("index", test, 'if row["free"] < 1 and not P.cases[i - 1]["p"]:'),
        ("deletion", "break", "pass"),
        ("jump", "break", "continue"),
        ("deletion", add, "pass"),
        ("arithmetic", add, 'row["free"] -= by'),
        ("column", add, 'row["queued"] += by'),
        ("column", add, 'row["capacity"] += by'),
        ("returned", back, "return serve(P, W, max(pool, 2), by) + 1"),
        ("extreme", back, "return serve(P, W, min(pool, 2), by)"),
        ("constant", back, "return serve(P, W, max(pool, 3), by)"),
        ("constant", back, "return serve(P, W, max(pool, 1), by)"),
        ("order", back, "return serve(P, W, by, max(pool, 2))"),
    }


def test_a_mutant_changes_one_line_and_means_something_else(found: list[Function]) -> None:
    sources = {file.name: file.read_text() for file in kernel_files(ROOT)}
    for mutant in sample(found, 200, seed=3):
        source = sources[mutant.file]
        changed = mutant.applied(source)
        pairs = zip(source.splitlines(), changed.splitlines(), strict=True)
        assert [i for i, (old, new) in enumerate(pairs, 1) if old != new] == [mutant.line]
        assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(source))


def test_every_name_belongs_to_one_mutant(found: list[Function]) -> None:
    names = [mutant.name for function in found for mutant in function.mutants]
    assert len(set(names)) == len(names)


def test_every_operator_finds_something_in_the_kernel(found: list[Function]) -> None:
    used = {mutant.operator for function in found for mutant in function.mutants}
    assert used == {operator.__name__ for operator in OPERATORS}


def test_the_sample_is_spread_over_all_functions_and_repeats(found: list[Function]) -> None:
    one = sample(found, 240, seed=1)
    assert len(one) == len(set(one)) == 240
    assert one == sample(found, 240, seed=1)
    assert one != sample(found, 240, seed=2)
    assert {(m.file, m.function) for m in one} == {(f.file, f.name) for f in found}


def test_survivors_count_as_equivalent_only_if_they_are_explained(found: list[Function]) -> None:
    mutants = sample(found, 4, seed=1)
    checked = [Checked(mutant, "tests/rules" if i else "", 1.0) for i, mutant in enumerate(mutants)]
    assert mutants[0].name not in explanations()
    n = len(mutants)
    assert rates(checked).startswith(f"{n} mutants, {n - 1} caught ({1 - 1 / n:.1%}), 0 equivalent, 1 not caught;")


def test_the_page_explains_every_survivor(
    found: list[Function], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "docs").mkdir()
    mutants = sample(found, len(found), seed=1)
    same, missed = mutants[3:5]
    checked = [Checked(m, "" if m in (same, missed) else "tests/rules/test_r01.py::test", 1.0) for m in mutants]
    explained = [{"mutant": same.name, "kind": "equivalent", "why": "Nobody reads it."}]
    monkeypatch.setattr("mutation_page.EXPLANATIONS", tmp_path / "explanations.yaml")
    (tmp_path / "explanations.yaml").write_text(yaml.safe_dump(explained))
    with pytest.raises(SystemExit, match=re.escape(f"{missed.name} is not explained")):
        write_page(tmp_path, checked, found, seed=1, programs=5)
    explained.append({"mutant": missed.name, "kind": "not caught", "why": "It needs a full log."})
    (tmp_path / "explanations.yaml").write_text(yaml.safe_dump(explained))
    write_page(tmp_path, checked, found, seed=1, programs=5)
    page = (tmp_path / "docs" / "mutation.md").read_text()
    caught = len(mutants) - 2
    assert f"{len(mutants)} mutants, {caught} caught ({caught / len(mutants):.1%}), 1 equivalent, 1 not caught;" in page
    assert f"`{missed.after.strip()}`.\n  **not caught**: It needs a full log." in page
    assert f"`{same.after.strip()}`.\n  **equivalent**: Nobody reads it." in page
    assert f"| `tests/rules/test_r01.py` | {caught} |" in page


def test_an_explanation_of_a_mutant_that_was_caught_is_refused(
    found: list[Function], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (mutant, *_) = sample(found, len(found), seed=1)
    monkeypatch.setattr("mutation_page.EXPLANATIONS", tmp_path / "explanations.yaml")
    explained = [{"mutant": mutant.name, "kind": "equivalent", "why": "Nobody reads it."}]
    (tmp_path / "explanations.yaml").write_text(yaml.safe_dump(explained))
    with pytest.raises(SystemExit, match="is explained but did not survive"):
        write_page(tmp_path, [Checked(mutant, "tests/rules", 1.0)], found, seed=1, programs=5)
