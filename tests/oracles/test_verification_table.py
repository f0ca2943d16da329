"""The page of all comparisons is up to date, and its z-scores are what they should be."""

from __future__ import annotations

import ast
import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from verification import RECORDS, Finding
from verification_table import PAGE, UNRESOLVED, Whole, not_compared, page, read

HERE = Path(__file__).parent
Comparison = tuple[str, str]


@pytest.fixture(scope="module")
def compared(pytestconfig: pytest.Config) -> list[tuple[str, str, str, float]]:
    """What the page in the repository lists."""
    if pytestconfig.getoption("verification_table", None) is not None:
        pytest.skip("the page is being written anew")
    return read(PAGE.read_text(encoding="utf-8"))


def test_page_lists_every_quantity_of_the_records_as_compared_or_not(compared) -> None:
    """A test can only check quantities of the records, so none is missing on the page."""
    known = {(name, q["quantity"]) for name, record in RECORDS.items() for q in record["quantities"]}
    done, missing = {row[:2] for row in compared}, set(not_compared(PAGE.read_text(encoding="utf-8")))
    assert done | missing == known
    assert not done & missing
    assert missing <= set(UNRESOLVED)


def test_page_lists_only_what_a_test_checks(compared) -> None:
    """Every comparison of the page is a check in a file of tests that names the case."""
    files = [path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py") if path.name != Path(__file__).name]
    checks = [(text, pattern) for text in files for pattern in checked_quantities(text)]
    for name, quantity, _, _ in compared:
        assert any(f'"{name}"' in text and re.fullmatch(pattern, quantity) for text, pattern in checks), (
            name,
            quantity,
        )


def checked_quantities(text: str) -> list[str]:
    """The first argument of every `check` and `check_exact`, as a regular expression."""
    calls = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
    firsts = [call.args[0] for call in calls if call.func.attr in ("check", "check_exact")]
    return ["".join(map(_pattern, first.values if isinstance(first, ast.JoinedStr) else [first])) for first in firsts]


def _pattern(part: ast.expr) -> str:
    return re.escape(part.value) if isinstance(part, ast.Constant) else r"[\w.]+"


def test_z_scores_as_a_whole_look_standard_normal(compared) -> None:
    """Scores of one case share runs; the bounds allow for scores of a case that move as one."""
    whole = Whole.of(findings({name: [z for n, _, _, z in compared if n == name] for name in {r[0] for r in compared}}))
    assert whole.n > 100
    assert normal(whole)


def normal(whole: Whole) -> bool:
    return (abs(whole.mean) < 3 * whole.mean_se and abs(whole.square - 1) < 3 * whole.square_se
            and whole.p_first > 0.001)  # fmt: skip


def findings(scores: dict[str, list[float]]) -> list[Finding]:
    """Made-up comparisons; NaN is a comparison without randomness, which has no score."""
    return [Finding(name, f"q{i}", 0.0, z, 0.0 if math.isnan(z) else 1.0, z)
            for name, zs in scores.items() for i, z in enumerate(zs)]  # fmt: skip


def made_up(cases: int, quantities: int, scale: float = 1.0, shift: float = 0.0) -> Whole:
    luck = np.random.default_rng(1)
    own, shared = luck.standard_normal((cases, quantities)), luck.standard_normal((cases, 1))
    z = shift + scale * (0.6 * own + 0.8 * shared)
    return Whole.of(findings({f"case {i}": list(row) for i, row in enumerate(z)}))


def test_check_of_z_scores_accepts_correlated_ones_and_refuses_wrong_ones() -> None:
    assert normal(made_up(50, 3))
    assert not normal(made_up(50, 3, scale=2.0))  # standard errors half as large as they should be
    assert not normal(made_up(50, 3, scale=0.4))  # or far too large
    assert not normal(made_up(50, 3, shift=0.7))  # or a bias


def test_comparisons_of_several_engines_stand_side_by_side_in_the_order_of_the_records() -> None:
    found = [
        Finding("kn-01", "mttff", 29444.44444444, 29444.44444443, 0.0, 0.0, "exact"),
        Finding("kn-01", "mttff", 29444.44444444, 29500.0, 100.0, 0.56),
        Finding("kn-01", "unavailability", 0.0004184811708482, 0.00041, 0.00001, -0.85),
        Finding("su-01", "reliability", 0.904837418036, 0.91, 0.005, 1.03),
    ]
    text = page(found)
    assert page(list(reversed(found)) * 2) == text
    assert [row[:3] for row in read(text)] == [("su-01", "reliability", "kernel"), ("kn-01", "unavailability", "kernel"),
                                               ("kn-01", "mttff", "kernel"), ("kn-01", "mttff", "exact")]  # fmt: skip
    assert "| kn-01 | mttff | 29444.44444444 | 29500 | 29304 to 29696 | kernel | 0.56 |" in text
    assert "| kn-01 | mttff | 29444.44444444 | 29444.44444443 | exact | exact | 3e-13 |" in text
    assert "| kn-01 | unavailability | 0.0004184811708482 | 0.000410 | 0.000390 to 0.000430 | kernel | -0.85 |" in text
    assert "3 quantities of 2 cases" in text


def test_without_scores_the_page_says_so() -> None:
    assert "There are no scores." in page([Finding("dt-01", "uptime", 84.0, 84.0, 0.0, 0.0)])


@pytest.mark.slow
def test_command_writes_the_same_page_on_any_number_of_workers(tmp_path: Path) -> None:
    files = [str(HERE / f"test_{name}.py") for name in ("deterministic_trace", "performability")]
    pages = [tmp_path / f"{workers}.md" for workers in (0, 2)]
    for workers, path in zip((0, 2), pages, strict=True):
        command = [sys.executable, "-m", "pytest", *files, "-n", str(workers), "--verification-table", str(path)]
        done = subprocess.run(command, cwd=HERE.parents[1], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout
        assert f"comparisons in {path}" in done.stdout
    assert pages[0].read_text() == pages[1].read_text()
    assert "| pf-01 | served_fraction |" in pages[0].read_text()


def test_what_an_engine_resolves_is_no_longer_listed_as_missing() -> None:
    reliability = Finding("su-01", "reliability", 0.904837418036, 0.91, 0.005, 1.03)
    rare = Finding("re-02", "unavailability", 1.188862234801e-10, 1.188862234801e-10, 0.0, 0.0, "exact")
    assert ("re-02", "unavailability") in not_compared(page([reliability]))
    assert ("re-02", "unavailability") not in not_compared(page([reliability, rare]))
