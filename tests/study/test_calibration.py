"""Incidents to samples by hand, what is chosen and said, and the piece of a scenario that comes of it."""

from __future__ import annotations

import json
import math

import numpy as np
import pandas as pd
import pytest

import outlast
from outlast.errors import ScenarioError, UsageError
from outlast.report.calibration import figure
from outlast.stats.lifetimes import FIRST, OPEN, QUIET, SEEN, SHORT
from outlast.study.calibration import Calibration, calibrated
from outlast.study.renewals import Observed, history, lives, repairs, time_up

START = pd.Timestamp("2026-01-01", tz="UTC")
DAY_S = 86_400.0


def day(number: float) -> pd.Timestamp:
    return START + pd.Timedelta(days=number)


def tickets(*rows: tuple[str, float, float | None], component: str = "gpu") -> pd.DataFrame:
    """(unit, start, end or None), in days."""
    return pd.DataFrame({
        "component": component,
        "unit": [unit for unit, _, _ in rows],
        "start": pd.to_datetime([day(start) for _, start, _ in rows], utc=True),
        "end": pd.to_datetime([None if end is None else day(end) for _, _, end in rows], utc=True),
    })  # fmt: skip


def watched(units: int | dict[str, int] | None = None, days: float = 100, age: str = "mixed") -> Observed:
    return Observed(day(0), day(days), units, age=age)


def regular(units: int = 6, each: int = 12, seed: int = 5) -> pd.DataFrame:
    """Weibull lives of mean 8 d, lognormal repairs around 5 h."""
    random, rows = np.random.default_rng(seed), []
    for unit in range(units):
        time = random.uniform(0, 8)
        for _ in range(each):
            down = random.lognormal(math.log(5 / 24), 0.8)
            rows.append((f"h{unit}", time, time + down))
            time += down + 9 * random.weibull(2.5)
    return tickets(*[row for row in rows if row[1] < 100])


@pytest.fixture(scope="module")
def fleet() -> Calibration:
    """The calibration of `regular`, by the laws it was drawn from."""
    return calibrated(regular(), watched({"gpu": 6, "store": 4}), failure_law="weibull", repair_law="lognormal")


# From tickets to samples


def test_lives_of_units_run_from_restoration_to_failure_and_the_ends_are_told_apart() -> None:
    found = history("gpu", tickets(("a", 10, 12), ("a", 30, 31), ("b", 99, None)), watched())
    sample = lives(found, 3, "mixed")
    assert list(zip(sample.seconds / DAY_S, sample.kind, strict=True)) == [
        (10, FIRST), (18, SEEN), (69, OPEN), (99, FIRST), (100, QUIET),
    ]  # fmt: skip
    assert list(sample.limit / DAY_S) == [100, 88, 69, 100, 100]
    assert time_up(found, 3) == sample.total == pytest.approx(296 * DAY_S)


def test_units_that_were_new_have_lives_seen_from_their_beginning() -> None:
    found = history("gpu", tickets(("a", 10, 12)), watched())
    assert list(lives(found, 2, "new").kind) == [SEEN, OPEN, OPEN]
    assert list(lives(found, 2, "unknown").seconds / DAY_S) == [88]


def test_a_unit_that_is_down_at_the_beginning_starts_its_life_when_it_is_restored() -> None:
    found = history("gpu", tickets(("a", -1, 4), ("a", 20, 21)), watched())
    sample = lives(found, 1, "mixed")
    assert list(zip(sample.seconds / DAY_S, sample.kind, strict=True)) == [(16, SEEN), (79, OPEN)]
    assert [one.start for one in found.outages] == [day(20).timestamp()]
    assert found.notes == ["1 of 2 incidents began before the start of observation: no failure, no repair"]
    assert time_up(found, 1) == pytest.approx(95 * DAY_S)


def test_a_ticket_opened_while_the_unit_is_down_belongs_to_that_outage() -> None:
    found = history("gpu", tickets(("a", 10, 14), ("a", 12, 13), ("b", 12, 13)), watched())
    assert [(one.end - one.start) / DAY_S for one in found.outages] == [4, 1]
    assert found.notes == ["1 of 3 incidents began while the unit was down: part of that outage"]


def test_open_repairs_are_cut_off_at_the_end_of_observation() -> None:
    found = history("gpu", tickets(("a", 10, 12), ("b", 90, None), ("c", 95, 105), ("d", 100, 101)), watched())
    sample = repairs(found)
    assert sample is not None
    assert list(zip(sample.seconds / DAY_S, sample.kind, strict=True)) == [(2, SEEN), (10, OPEN), (5, OPEN)]
    assert "1 of 4 incidents began after the end of observation: left out" in found.notes


def test_a_repair_of_no_time_is_shorter_than_the_shortest_other_one() -> None:
    found = history("gpu", tickets(("a", 10, 10), ("b", 20, 22), ("c", 30, 31)), watched())
    sample = repairs(found)
    assert sample is not None
    assert list(zip(sample.seconds / DAY_S, sample.kind, strict=True)) == [(1, SHORT), (2, SEEN), (1, SEEN)]


# What is fitted


def test_failures_by_count_have_the_exact_interval_where_units_are_not_named() -> None:
    """Of 10 events: Garwood, 4.795 to 18.39."""
    rows = tickets(*[("", 5.0 * i, 5.0 * i + 0.1) for i in range(10)])
    found = calibrated(rows, watched(50))
    law = found.law("gpu", "time_to_failure")
    assert law is not None and law.family == "exponential" and law.events == 10
    assert law.total_s == pytest.approx((5000 - 1) * DAY_S)
    assert law.intervals["mean"] == pytest.approx((law.total_s / 18.39, law.total_s / 4.795), rel=1e-3)
    assert any("do not name their units" in note for note in found.notes)


def test_exposure_alone_gives_an_exponential_law() -> None:
    rows = tickets(*[("", 5.0 * i, 5.0 * i + 0.1) for i in range(10)])
    found = outlast.calibrate(rows, exposure="1,200 host-days")
    assert "time_to_failure: {exponential: {failures: 10, in: 1200 unit-days}}" in found.fragment()
    found = outlast.calibrate(rows, exposure="1,200 host-days", failure_law="weibull")
    assert found.warnings[0] == ("gpu: no weibull law of time to failure (that needs failures of named units between two "
                                 "dates); another one is taken")  # fmt: skip


def test_without_exposure_only_durations_are_fitted_and_it_says_so() -> None:
    found = calibrated(tickets(("a", 1, 2), ("b", 4, 6)), Observed())
    assert set(found.parameters["of"]) == {"repair"}
    assert found.notes[0].startswith("no exposure is known, so durations only are fitted")
    assert "# time_to_failure: how many units were watched, and for how long, is not known" in found.fragment()


def test_a_named_component_without_incidents_has_no_failures_in_its_exposure(fleet: Calibration) -> None:
    assert "time_to_failure: {exponential: {failures: 0, in: 400 unit-days}}" in fleet.fragment()
    law = fleet.law("store", "time_to_failure")
    assert law is not None and law.intervals["mean"] == (pytest.approx(400 * DAY_S / 3.689, rel=1e-4), math.inf)
    assert "store: no incident names it" in fleet.notes


def test_regular_failures_are_told_from_exponential_ones(fleet: Calibration) -> None:
    laws = fleet.laws[(fleet.laws["of"] == "time_to_failure") & (fleet.laws["component"] == "gpu")].set_index("law")
    assert laws.loc["exponential", "p"] < 0.01 < laws.loc["weibull", "p"]
    assert laws["aic"].idxmin() in ("weibull", "gamma") and list(laws.index[laws["chosen"]]) == ["weibull"]


def test_the_law_can_be_told() -> None:
    rows = tickets(*[("", i, i + 0.1 * i) for i in range(1, 9)])
    found = calibrated(rows, Observed(), repair_law="exponential")
    assert list(found.parameters["law"]) == ["exponential"]
    (said,) = calibrated(tickets(("a", 1, 2), ("b", 4, 6)), Observed(), repair_law="weibull").warnings
    assert said == "gpu: no weibull law of repair (2 events seen, 5 are needed for a shape); another one is taken"


def test_a_law_that_no_scenario_can_have_is_not_chosen() -> None:
    """Repairs that differ by less than a thousandth have a shape far above what is allowed, but a small sigma is possible."""
    rows = tickets(*[("", i, i + 0.1 + 2e-5 * (i % 5)) for i in range(20)])
    found = calibrated(rows, Observed(exposure=100 * DAY_S), repair_law="weibull")
    assert found.parameters["law"].iloc[-1] == "lognormal"
    assert "no weibull law of repair (weibull: shape must be between 0.05 and 1000" in found.warnings[0]
    outlast.loads("scenario: pasted\nhorizon: 1 y\n" + found.fragment())


def test_a_simpler_law_is_kept_where_a_shape_explains_little_more() -> None:
    random = np.random.default_rng(8)
    rows = tickets(*[("", i, i + random.exponential(0.2)) for i in range(60)])
    found = calibrated(rows, Observed())
    law, laws = found.law("gpu", "repair"), found.laws.set_index("law")
    assert law is not None and law.family == "exponential"
    assert laws.loc["exponential", "aic"] <= laws["aic"].min() + 2


# What is said


def test_common_causes_trends_and_weak_units_are_warned_of() -> None:
    times = [(u, 100 * math.sqrt(i / 8) + u / 1000) for i in range(1, 8) for u in range(3)]
    found = calibrated(tickets(*[(f"h{u}", time, time + 0.2) for u, time in times]), watched(40))
    said = "\n".join(found.warnings)
    assert "14 incidents begin within an hour of another" in said
    assert "some units fail more often than others" in said
    assert "become more frequent" in said


def test_regular_failures_of_like_units_raise_no_alarm(fleet: Calibration) -> None:
    assert not fleet.checks["alarm"].any() and set(fleet.checks["check"]) >= {"trend", "units", "concurrent"}


def test_incidents_of_several_components_at_once_are_warned_of_together() -> None:
    times = np.sort(np.random.default_rng(3).uniform(0, 99, 12))
    rows = pd.concat([tickets(*[("", t, t + 0.1) for t in times + i / 100], component=name)
                      for i, name in enumerate(("api", "db"))])  # fmt: skip
    found = calibrated(rows, Observed(day(0), day(100)))
    alarms = found.checks[found.checks["alarm"]]
    assert list(alarms["component"]) == [""] and alarms["statistic"].iloc[0] >= 12


def test_the_document_holds_every_table_and_the_fragment(fleet: Calibration) -> None:
    document = json.loads(fleet.to_json())
    assert [row["parameter"] for row in document["parameters"]] == list(fleet.parameters["parameter"])
    assert document["fragment"] == fleet.fragment() and len(document["laws"]) == 9
    assert "<table" in fleet._repr_html_()


def test_the_figure_has_a_probability_plot_of_each_law_and_the_incidents_over_time(fleet: Calibration) -> None:
    failure, repair, time = figure(fleet).axes
    assert [axes.get_title(loc="left") for axes in (failure, repair, time)] == [
        "gpu: time to failure", "gpu: repair", "gpu: incidents",
    ]  # fmt: skip
    dots, *curves = repair.get_lines()
    assert len(dots.get_xdata()) == len(fleet.incidents) and len(curves) == 4
    assert curves[0].get_label() == "lognormal, chosen" and time.get_lines()[0].get_ydata()[-1] == len(fleet.incidents)
    with pytest.raises(UsageError, match="there is no component 'cpu'"):
        figure(fleet, ["cpu"])


# The piece of a scenario


def test_the_fragment_loads_with_its_intervals_as_uncertain_parameters(fleet: Calibration) -> None:
    scenario = outlast.loads("scenario: pasted\nhorizon: 1 y\n" + fleet.fragment())
    known = {one.name: one for one in scenario.uncertain}
    names = {"mean": "time_to_failure.weibull.mean", "shape": "time_to_failure.weibull.shape",
             "median": "repair.lasts.lognormal.median", "sigma": "repair.lasts.lognormal.sigma"}  # fmt: skip
    for row in fleet.parameters[fleet.parameters["component"] == "gpu"].itertuples():
        one = known[f"components.gpu.{names[row.parameter]}"]
        assert (one.low, one.high) == pytest.approx((row.ci_low, row.ci_high), rel=1e-4)
    assert scenario.spec.components["gpu"].count == 6


def test_a_fragment_without_times_to_failure_loads_once_they_are_filled_in() -> None:
    fragment = calibrated(tickets(("a", 1, 2), ("b", 4, 6)), Observed()).fragment()
    with pytest.raises(ScenarioError, match="time_to_failure"):
        outlast.loads("scenario: pasted\nhorizon: 1 y\n" + fragment)
    filled = fragment.replace("# time_to_failure: how", "time_to_failure: {exponential: 9 d}  # how")
    assert len(outlast.loads("scenario: pasted\nhorizon: 1 y\n" + filled).uncertain) >= 1


@pytest.mark.parametrize("name", ["GPU host / rack 7", "on", "123", "<b>&", "x" * 90, "platform", "- {a: b}\n#", "é"])
def test_any_name_of_a_component_becomes_one_that_loads(name: str) -> None:
    rows = pd.concat([tickets(("", 1, 2), ("", 3, 5), component=name), tickets(("", 1, 2), component=name + "!")])
    found = calibrated(rows, Observed(exposure=100 * DAY_S))
    scenario = outlast.loads("scenario: pasted\nhorizon: 1 y\n" + found.fragment())
    assert len(scenario.spec.components) == 2


# What cannot be meant


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"since": day(5), "until": day(5)}, "ends before it begins"),
        ({"units": 3}, "without when they were watched"),
        ({"units": 3, "exposure": 9.0, "since": day(0), "until": day(9)}, "both units and exposure"),
        ({"units": 0, "since": day(0), "until": day(9)}, "units must be 1 to 1,000,000"),
        ({"age": "old"}, "unknown age of units"),
    ],
)
def test_an_observation_that_makes_no_sense_is_refused(asked: dict[str, object], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        Observed(**asked)  # type: ignore[arg-type]


def test_open_incidents_need_to_know_until_when() -> None:
    with pytest.raises(UsageError, match="1 incident still open"):
        calibrated(tickets(("a", 1, None), ("b", 1, 2)), Observed())


def test_more_units_with_incidents_than_units_are_refused() -> None:
    with pytest.raises(UsageError, match=r"incidents name 6 units \(h\d, h\d, h\d, \.\.\.\), but there are 5"):
        calibrated(regular(), watched(5))


def test_a_frame_needs_its_columns_and_possible_times() -> None:
    rows = tickets(("a", 1, 2), ("b", 4, 6))
    naive = pd.DataFrame({"component": "gpu", "start": ["2026-01-02", "2026-01-05"], "end": ["2026-01-03", None]})
    assert calibrated(naive, watched()).laws["events"].iloc[0] == 1
    for wrong, message in (
        (rows.drop(columns="start"), "incidents have no column start\n  hint: there are component, unit, end"),
        (rows.assign(start="soon"), "incidents have times that are none"),
        (rows.assign(end=rows["start"] - pd.Timedelta(days=1)), "incident 0 has no start, or ends before it starts"),
        (rows.iloc[:0], "there is no incident"),
    ):
        with pytest.raises(UsageError, match=message):
            calibrated(wrong, watched())


def test_an_unknown_law_or_level_is_refused() -> None:
    with pytest.raises(UsageError, match="unknown law"):
        calibrated(regular(), watched(6), failure_law="weibul")
    with pytest.raises(UsageError, match="level of intervals"):
        calibrated(regular(), watched(6), level=1.5)


def test_incidents_that_all_end_as_soon_as_they_begin_are_refused() -> None:
    with pytest.raises(UsageError, match="every incident ends when it begins"):
        calibrated(tickets(("a", 1, 1), ("b", 4, 4)), Observed())
