"""When rare outages are estimated by a method of their own, and which estimate is shown."""

from __future__ import annotations

import re
import sys
from dataclasses import replace

import pytest
from click.testing import CliRunner

import outlast
from outlast.cli.main import main
from outlast.errors import UsageError
from outlast.run.rare_estimates import Question, Rare
from outlast.run.results import Result

PAIR = """
scenario: pair
horizon: {horizon}
replications: 20
components:
  pair:
    kind: component
    count: 2
    needs_up: 1
    time_to_failure: {{exponential: {life}}}
    repair: {{lasts: {{exponential: {repair}}}}}
objectives:
  - {{of: pair, measure: availability, at_least: 99.99999 %}}
"""
RARE = PAIR.format(horizon="10 y", life="5000 h", repair="0.16 h")
OFTEN = PAIR.format(horizon="10 y", life="50 h", repair="5 h")
EXACT = (0.16 / 5000.16) ** 2


def rows(result: Result) -> dict[str, dict[str, float]]:
    """Estimates of the pair by measure."""
    table = result.estimates[result.estimates["scope"] == ""]
    return table.set_index("measure").to_dict("index")


@pytest.fixture
def methods(monkeypatch):
    """The methods in the order in which they are tried, to be replaced."""
    module = sys.modules["outlast.run.rare"]  # `outlast.run` is the function
    found = dict(module.METHODS)
    monkeypatch.setattr(module, "METHODS", found)
    return found


def test_a_system_without_a_seen_outage_gets_an_estimate_without_being_asked() -> None:
    result = outlast.run(outlast.loads(RARE), 20, 1)
    found = rows(result)
    assert found["outages"]["method"].startswith("failure biasing")
    one = found["unavailability"]
    assert abs(one["mean"] - EXACT) <= 4 * one["std"] / one["n"] ** 0.5
    assert result.thresholds[0]["verdict"] == "met"
    assert rows(outlast.run(outlast.loads(RARE), 20, 1, rare="never"))["outages"]["method"] == "no event seen: bound"


def test_where_outages_are_seen_often_the_replications_alone_are_shown(methods) -> None:
    methods.clear()  # nothing is tried
    assert "unavailability" not in rows(outlast.run(outlast.loads(OFTEN), 20, 1))


def test_the_level_that_stops_the_recovery_clock_is_no_component_of_its_own() -> None:
    result = outlast.run(
        outlast.loads(
            RARE.replace("count: 2", "count: 3\n    recovered_with: 1").replace("needs_up: 1", "needs_up: 2")
        ),
        20,
        1,
    )
    assert rows(result)["outages"]["method"].startswith("failure biasing")
    assert set(result.estimates["component"]) == {"pair"}


def test_a_few_replications_with_an_outage_each_do_not_make_it_rare(methods) -> None:
    methods.clear()
    seldom = outlast.loads(PAIR.format(horizon="1 y", life="100 h", repair="1 h"))
    result = outlast.run(seldom, 2, 1)
    assert 0 < len(result.outages) < 30
    assert "unavailability" not in rows(result)


def test_the_first_method_that_applies_is_taken_and_the_reasons_of_all_are_told_where_none_does(methods) -> None:
    good = methods["failure biasing"]
    methods.clear()
    methods["dowsing"] = lambda ask: Rare(ask.component, {}, "no water")
    methods["failure biasing"] = good
    assert rows(outlast.run(outlast.loads(RARE), 5, 1))["availability"]["method"].startswith("failure biasing")
    methods["failure biasing"] = lambda ask: Rare(ask.component, {}, "no luck")
    row = rows(outlast.run(outlast.loads(RARE), 5, 1))["availability"]
    reasons = "dowsing does not apply: no water; failure biasing does not apply: no luck"
    assert row["method"] == f"no event seen: bound; {reasons}"


def test_an_estimate_that_the_replications_contradict_is_not_shown(methods) -> None:
    good = methods["failure biasing"]

    def wrong(ask: Question) -> Rare:
        found = good(ask)
        share = replace(found.estimates["unreliability"], mean=0.9, ci_low=0.85, ci_high=0.95)
        return replace(found, estimates={**found.estimates, "unreliability": share})

    methods["failure biasing"] = wrong
    row = rows(outlast.run(outlast.loads(RARE), 20, 1))["availability"]
    assert row["method"].startswith("no event seen: bound; not shown: failure biasing"), row["method"]
    assert row["ci_low"] < 0.999  # the bound, not the estimate


def test_seen_outages_agree_with_the_estimate_they_are_replaced_by() -> None:
    """About 12 outages are expected in 30 simulated decades; the check lets the estimate pass and it is near."""
    scenario = outlast.loads(PAIR.format(horizon="10 y", life="5000 h", repair="6 h"))
    found, plain = (rows(outlast.run(scenario, 60, 3, rare=choice)) for choice in ("auto", "never"))
    assert found["outages"]["method"].startswith("failure biasing")
    assert plain["outages"]["mean"] > 0.0
    assert plain["outages"]["ci_low"] <= found["outages"]["mean"] <= plain["outages"]["ci_high"]


def test_the_number_of_threads_changes_no_byte() -> None:
    one, three = (outlast.run(outlast.loads(RARE), 6, 4, threads=n).to_json() for n in (1, 3))
    assert one == three


def test_a_result_is_kept_with_its_rare_estimates(tmp_path) -> None:
    result = outlast.run(outlast.loads(RARE), 5, 1)
    result.save(tmp_path / "kept")
    assert Result.load(tmp_path / "kept").estimates.equals(result.estimates)


def test_the_width_of_a_rare_estimate_counts_as_precision() -> None:
    result = outlast.run(outlast.loads(RARE), precision={"pair.availability": 1e-9}, most=150, seed=1)
    assert result.precision[0]["reached"]
    assert result.precision[0]["half_width"] < 1e-9


def test_more_replications_are_not_said_to_narrow_a_rare_estimate(tmp_path) -> None:
    file = tmp_path / "pair.yaml"
    file.write_text(RARE)
    shown = CliRunner().invoke(main, ["run", str(file), "--precision", "pair.availability: 1e-15", "--most", "100"])
    assert shown.exit_code == 0, shown.output
    assert "replications do not narrow an estimate of rare outages" in shown.stdout
    assert "replications are needed" not in shown.stdout


def test_ctrl_c_in_the_middle_leaves_the_estimates_of_the_replications() -> None:
    def impatient(component: str, done: int, total: int) -> None:
        assert component == "pair" and 0 <= done <= total
        raise KeyboardInterrupt

    result = outlast.run(outlast.loads(RARE), 20, 1, watch_rare=impatient)
    assert (result.interrupted, result.n) == (True, 20)
    assert result.estimates.equals(outlast.run(outlast.loads(RARE), 20, 1, rare="never").estimates)


def test_the_command_ends_with_130_then_and_says_how_to_repeat_what_it_shows(methods, tmp_path) -> None:
    def interrupted(ask: Question) -> Rare:
        raise KeyboardInterrupt

    methods["failure biasing"] = interrupted
    file = tmp_path / "pair.yaml"
    file.write_text(RARE)
    run = CliRunner().invoke(main, ["run", str(file), "-n", "20"])
    assert run.exit_code == 130
    assert "no event seen: bound" in run.stdout
    assert "--rare never" in run.stdout
    assert "interrupted: the result is that of all 20 replications alone" in run.stderr


def test_what_a_long_outage_loses_at_the_end_of_the_horizon_is_said() -> None:
    """Repairs of a month, a horizon of a year.  What is said is an approximation of what the Markov chain says."""
    scenario = outlast.loads(PAIR.format(horizon="1 y", life="1 y", repair="30 d").replace("count: 2", "count: 4"))
    method = rows(outlast.run(scenario, 20, 1, rare="always"))["unavailability"]["method"]
    said = re.search(r"in the long run: over the horizon about (\d+) % less", method)
    exact = outlast.run(scenario, engine="exact")
    long_run = exact.long_run.set_index("measure")["value"]["availability"]
    less = 1.0 - (1.0 - rows(exact)["availability"]["mean"]) / (1.0 - long_run)
    assert said is not None, method
    assert abs(int(said[1]) / 100 - less) < 0.3 * less


def test_an_unknown_choice_is_refused() -> None:
    with pytest.raises(UsageError, match="auto, always, never"):
        outlast.run(outlast.loads(RARE), 5, 1, rare="sometimes")
