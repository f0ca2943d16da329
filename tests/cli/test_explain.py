"""`outlast explain`: lifecycles, measures, comments, Mermaid."""

from __future__ import annotations

from collections.abc import Callable

from click.testing import Result

Cli = Callable[..., Result]


def test_the_sections_of_an_explanation(cli: Cli) -> None:
    result = cli("explain clockwork.yaml")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("clockwork: 95 d simulated\nNothing is drawn, so every number is known.\n\n")
    assert "\ncohort db: 1 x, starts up\n" in result.stdout
    assert "  component  measure         unit   weighted by  better  what it is\n" in result.stdout
    assert "  db         availability    share  time         higher  1 - time down / time\n" in result.stdout
    assert result.stdout.endswith(
        "comments on values\n"
        "  components.db.time_to_failure  assumed\n"
        "  components.db.repair           measured in 2025\n"
    )


def test_one_component_only(cli: Cli) -> None:
    whole, part = cli("explain random.yaml").stdout, cli("explain random.yaml db").stdout
    assert "cohort db:" in part
    assert len(part) < len(whole)
    assert "condition" not in part


def test_an_unknown_component_has_a_nearest_name(cli: Cli) -> None:
    result = cli("explain random.yaml dbb")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "error: there is no component 'dbb'\n  hint: did you mean `db`?\n"


def test_mermaid_is_a_state_diagram_and_nothing_else(cli: Cli) -> None:
    result = cli("explain clockwork.yaml --mermaid")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.startswith("stateDiagram-v2\n")
    assert ' state "db" as ' in result.stdout


def test_variants_and_changes_apply(cli: Cli) -> None:
    base, slow = cli("explain clockwork.yaml").stdout, cli("explain clockwork.yaml --variant slow").stdout
    assert base != slow
    changed = cli("explain", "clockwork.yaml", "--set", "components.db.repair.lasts=3 d").stdout
    assert changed.partition("comments on values")[0] == slow.partition("comments on values")[0]


def test_warm_up_and_windows_are_told(cli: Cli) -> None:
    result = cli("explain", "clockwork.yaml", "--set", "warm_up=5 d", "--set", "window=30 d")
    assert result.stdout.startswith("clockwork: 100 d simulated, of which 5 d warm-up, 4 windows of 30 d\n")
