"""Sensitivity of a series system whose answer is analytic: availability is the product of mttf / (mttf + mttr)."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats

import outlast
from outlast.errors import UsageError
from outlast.report import sensitivity as report
from outlast.scenario.scenario import Scenario
from outlast.study.sensitivity import Sensitivity

DAY = 86_400.0
MEASURE = "both.availability"
TTF, REPAIR = "components.db.time_to_failure.exponential", "components.db.repair.lasts.exponential"
WEB = "components.web.time_to_failure.exponential"


def exponential(life: Any, repair: Any) -> dict[str, Any]:
    return {"kind": "component", "time_to_failure": {"exponential": life}, "repair": {"lasts": {"exponential": repair}}}


@pytest.fixture(scope="module")
def series() -> Scenario:
    """A warm-up makes the mean availability of the horizon that of the long run (to 1e-9)."""
    db = exponential({"failures": 20, "in": "200 host-days"}, {"between": ["6 h", "2 d"]})
    web = exponential({"value": "9 d", "between": ["5 d", "20 d"], "spread": "uniform"}, "8 h")
    return outlast.from_dict({"scenario": "series", "horizon": "200 d", "warm_up": "60 d",
                              "components": {"db": db, "web": web, "both": {"kind": "system", "all_of": ["db", "web"]}}})  # fmt: skip


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    """Mean, standard deviation, 90 % interval and Sobol indices, integrated on the quantiles of each parameter."""
    p = (np.arange(120) + 0.5) / 120
    life = 1 / scipy.stats.gamma(20.5, scale=1 / (200 * DAY)).isf(p)
    repair, web = 6 * 3600 * 8**p, (5 + 15 * p) * DAY
    f = (life[:, None] / (life[:, None] + repair))[:, :, None] * (web / (web + 8 * 3600))
    given = [f.mean(axis=tuple(others)) for others in ((1, 2), (0, 2), (0, 1))]
    left = [f.mean(axis=place) for place in range(3)]
    return {"mean": f.mean(), "std": f.std(), "low": np.quantile(f, 0.05), "high": np.quantile(f, 0.95),
            "first": [g.var() / f.var() for g in given], "total": [1 - rest.var() / f.var() for rest in left]}  # fmt: skip


@pytest.fixture(scope="module")
def simulated(series: Scenario) -> Sensitivity:
    return outlast.sensitivity(series, 40, 5, of=[MEASURE], draws=150, sobol=64, threads=1)


def test_the_uncertainty_of_parameters_is_that_of_numerical_integration(
    simulated: Sensitivity, truth: dict[str, Any]
) -> None:
    (row,) = simulated.uncertainty.itertuples()
    error = np.hypot(row.simulation_half_width, row.draw_half_width) / 1.96
    assert abs(row.mean - truth["mean"]) <= 4 * error < 0.03
    half = (row.parameter_std_high - row.parameter_std_low) / 2 / 1.96
    assert abs(row.parameter_std - truth["std"]) <= 4 * half < truth["std"]
    assert abs(row.low - truth["low"]) < 0.6 * truth["std"] and abs(row.high - truth["high"]) < 0.6 * truth["std"]
    assert (row.draws, row.n, row.predicted) == (150, 40, 0.9)


def test_sobol_indices_are_those_of_numerical_integration(simulated: Sensitivity, truth: dict[str, Any]) -> None:
    assert list(simulated.sobol["path"]) == [TTF, REPAIR, WEB]
    for kind in ("first", "total"):
        error = (simulated.sobol[f"{kind}_high"] - simulated.sobol[f"{kind}_low"]) / 2 / 1.96
        assert (np.abs(simulated.sobol[kind] - truth[kind]) <= 4 * error).all()
        assert (error < 0.35).all()
    assert simulated.sobol["total"].idxmax() == 1


def test_the_tornado_has_paired_differences_sorted_by_size(simulated: Sensitivity) -> None:
    """Each end against the closed form, within 4 standard errors of the paired difference."""

    def availability(life: float, repair: float, web: float) -> float:
        return life / (life + repair) * web / (web + 8 * 3600)

    ends = {one: (float(low), float(high)) for one, low, high in [
        (TTF, *(1 / scipy.stats.gamma(20.5, scale=1 / (200 * DAY)).isf([0.05, 0.95]))),
        (REPAIR, 6 * 3600, 2 * DAY), (WEB, 5 * DAY, 20 * DAY)]}  # fmt: skip
    base = {TTF: 10 * DAY, REPAIR: 6 * 3600 * 8**0.5, WEB: 9 * DAY}
    assert simulated.tornado["path"].iloc[0] == REPAIR
    sizes = simulated.tornado["swing_difference"].abs().tolist()
    assert sizes == sorted(sizes, reverse=True)
    for row in simulated.tornado.itertuples():
        for end, value in zip(("low", "high"), ends[row.path], strict=True):
            expected = availability(*(base | {row.path: value}).values()) - availability(*base.values())
            half = getattr(row, f"{end}_ci_high") - getattr(row, f"{end}_difference")
            assert abs(getattr(row, f"{end}_difference") - expected) <= 4 / 1.96 * half


def test_the_exact_engine_leaves_no_noise_of_the_simulation(series: Scenario, truth: dict[str, Any]) -> None:
    exact = outlast.sensitivity(series, seed=5, of=[MEASURE], draws=16, engine="exact")
    (row,) = exact.uncertainty.itertuples()
    assert (row.simulation_half_width, row.luck_std, row.n) == (0.0, 0.0, 1)
    assert abs(row.mean - truth["mean"]) <= 4 * row.draw_half_width / 1.96
    assert set(exact.tornado["method"]) == {"exact"} and set(exact.tornado["level"]) == {1.0}
    assert exact.tornado["base_mean"].iloc[0] == pytest.approx(
        10 / (10 + 8**0.5 / 4) * 9 / (9 + 1 / 3), rel=1e-6
    )  # the point estimates


def test_what_is_drawn_belongs_to_the_path_and_the_same_seed_gives_the_same_bytes(series: Scenario) -> None:
    one, two = (outlast.sensitivity(series, 3, of=[MEASURE], draws=3, threads=t).to_json() for t in (1, 2))
    assert one == two
    fewer = series.changed({WEB: "9 d"})
    full, part = (outlast.study.parameters.drawn(s.uncertain, 4, 1) for s in (series, fewer))
    assert [{**b, WEB: a[WEB]} for a, b in zip(full, part, strict=True)] == full


def test_without_beliefs_every_duration_is_varied_and_nothing_is_drawn() -> None:
    scenario = outlast.from_dict({"scenario": "x", "horizon": "10 d", "components": {"db": exponential("5 d", "1 d")}})
    found = outlast.sensitivity(scenario, 3, draws=10)
    assert list(found.parameters["path"]) == [TTF, REPAIR]
    assert list(found.parameters["low"]) == ["4 d", "19 h 12 min"]
    assert found.uncertainty.empty and found.sobol.empty
    with pytest.raises(UsageError, match="no parameter is uncertain"):
        outlast.sensitivity(scenario, 3, sobol=8)


def test_a_parameter_that_does_not_matter_differs_by_exactly_nothing() -> None:
    apart = outlast.from_dict({"scenario": "x", "horizon": "100 d", "components": {
        "db": exponential("5 d", "1 d"), "web": exponential("5 d", "1 d")}})  # fmt: skip
    found = outlast.sensitivity(apart, 10, of=["db.availability"], vary=[WEB, REPAIR], draws=0)
    still = found.tornado.set_index("path").loc[WEB]
    assert (still.low_difference, still.swing_ci_low, still.swing_ci_high) == (0.0, 0.0, 0.0)
    assert list(found.tornado["path"]) == [REPAIR, WEB]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"vary": ["components.db.cuont.x"]}, "nothing is called 'cuont'"),
        ({"vary": ["horizon"]}, "no parameter of the platform"),
        ({"vary": [f"{WEB}=1 d"]}, "a range is needed"),
        ({"vary": [f"{WEB}=2 d..1 d"]}, "first end must be less"),
        ({"vary": ["components.db.count"]}, "the scenario holds nothing there"),
        ({"vary": ["components.db.kind"]}, "which is no quantity"),
        ({"vary": [WEB, WEB]}, "varied twice"),
        ({"vary": ["components.db.count=0..2"]}, "not possible: components.db.count=0"),
        ({"of": ["both.availabilty"]}, "nothing is measured as"),
        ({"of": ["db.outages[zone]"]}, "nothing has the scope"),
        ({"by": 1.5}, "less than 100 %"),
        ({"draws": 2}, "at least 3 draws"),
        ({"replications": 2}, "at least 3 replications"),
        ({"sobol": 90_000}, "points; at most"),
        ({"engine": "exact", "of": ["db.longest_outage"]}, "has no exact value"),
    ],
)
def test_what_cannot_be_studied_is_refused(series: Scenario, options: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        outlast.sensitivity(series, **{"of": [MEASURE], **options})


def test_a_saved_study_comes_back_and_is_drawn(simulated: Sensitivity, tmp_path: Path) -> None:
    simulated.save(tmp_path / "kept")
    again = Sensitivity.load(tmp_path / "kept")
    for name, table in simulated.tables.items():
        pd.testing.assert_frame_equal(again.tables[name], table)
    for draw, bars in itertools.product((report.tornado, report.sobol), [3]):
        (axes,) = draw(again, "both", "availability").axes
        assert len(axes.get_yticklabels()) == bars
    with pytest.raises(UsageError, match="no tornado of"):
        report.tornado(again, "db", "availability")


def test_an_interrupted_study_keeps_what_is_complete(series: Scenario) -> None:
    def stop(done: int, total: int) -> None:
        if done > 60:
            raise KeyboardInterrupt

    found = outlast.sensitivity(series, 10, of=[MEASURE], draws=20, threads=1, progress=stop)
    assert found.interrupted and 2 <= len(found.tornado) <= 3
    assert found.uncertainty.empty
