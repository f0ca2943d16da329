"""Recovery as a distribution: quantiles by scope, parts and their shares, objectives on quantiles."""

from __future__ import annotations

import math

import numpy as np
import pytest

import outlast
from outlast.errors import ScenarioError
from outlast.run.batch import Batch
from outlast.run.recovery import Events, events, quantile
from outlast.run.results import Result
from outlast.stats import clustered

STORE = """
scenario: store
horizon: 2 y
regions:
  west: {zones: [a, b], zone_outage: {every: {exponential: 200 d}, lasts: {lognormal: {median: 2 h, sigma: 1}}}}
components:
  features:
    kind: feature_store
    primary: west.a
    replicas: [west.b]
    time_to_failure: {exponential: 60 d}
    rebuild: {exponential: 4 h}
    replication: {lag: {exponential: 2 s}}
    failover: {detect: 30 s, decide: {exponential: 5 min}, promote: 20 s}
objectives:
  - {of: features, measure: rto, at_most: 30 min, quantile: 95 %}
  - {of: features, measure: rto, at_most: 30 min}
  - {of: features, measure: rpo, scope: zone, at_most: 1 min, quantile: 90 %}
"""


@pytest.fixture(scope="module")
def result() -> Result:
    return outlast.run(outlast.loads(STORE), 60, seed=2, engine="reference")


def test_rto_and_rpo_have_quantiles_of_all_outages_and_losses(result: Result) -> None:
    for scope in ("", "zone", "node"):
        outages = result.outages[(result.outages.component == "features") & ~result.outages.censored]
        lost = result.records[(result.records.component == "features") & (result.records.label == "rpo")]
        assert not result.outages.censored.any()
        if scope:
            outages = outages[outages.scope == scope]
            lost = lost[lost.cause.str.startswith("west") == (scope == "zone")]
        for what, values in (("rto", outages.rto_s), ("rpo", lost.value)):
            found = result.recovery.query(f"component == 'features' and scope == '{scope}' and what == '{what}'")
            assert list(found["quantile"]) == [0.5, 0.9, 0.95, 0.99]
            assert np.allclose(found["value"], np.quantile(values, [0.5, 0.9, 0.95, 0.99]))
            assert (found["events"] == len(values)).all() and len(values) > 20
            assert (found["ci_low"] <= found["value"]).all() and (found["value"] <= found["ci_high"]).all()


def test_parts_have_quantiles_and_shares_that_add_up(result: Result) -> None:
    zone = result.recovery.query("component == 'features' and scope == 'zone'")
    parts = set(zone["what"]) - {"rto", "rpo"}
    assert {"detect", "decide", "promote"} <= parts
    outages = result.outages.query("component == 'features' and scope == 'zone'")
    spent = result.outage_parts.merge(outages, on=["variant", "replication", "outage_id"])
    for part in parts:
        share = zone[(zone["what"] == part) & zone["quantile"].isna()].iloc[0]
        mine = spent[spent["part"] == part]["duration_s_x"]
        assert share["value"] == pytest.approx(mine.sum() / outages["duration_s"].sum(), rel=1e-9)
        assert share["unit"] == "share"
        seconds = np.concatenate([mine, np.zeros(len(outages) - len(mine))])
        median = zone[(zone["what"] == part) & (zone["quantile"] == 0.5)].iloc[0]
        assert median["value"] == pytest.approx(np.quantile(seconds, 0.5))


def test_objectives_on_quantiles_are_judged_by_their_interval(result: Result) -> None:
    p95, mean, lost = result.thresholds
    row = result.recovery.query("component == 'features' and scope == '' and what == 'rto' and quantile == 0.95").iloc[
        0
    ]
    assert (p95["mean"], p95["ci_low"], p95["ci_high"]) == (row["value"], row["ci_low"], row["ci_high"])
    assert p95["verdict"] == (
        "met" if row["ci_high"] <= 1800.0 else "uncertain" if row["ci_low"] <= 1800.0 else "not met"
    )
    estimate = result.estimates.query("component == 'features' and measure == 'mean_outage' and scope == ''").iloc[0]
    assert (mean["measure"], mean["mean"], mean["aggregate"]) == ("rto", estimate["mean"], "mean")
    outages = result.outages.query("component == 'features'")
    assert p95["p_met"] == mean["p_met"] == pytest.approx((outages["duration_s"] <= 1800.0).mean())
    assert (lost["aggregate"], lost["scope"], lost["verdict"]) == ("p(90)", "zone", "met")


def test_an_outage_cut_off_by_the_horizon_is_longer_than_any(batch: Batch) -> None:
    """The batch of conftest: 100 s in replication 0, 200 s and open at the end in replication 1."""
    found = events(batch, "store", "rto")
    assert list(found.seconds) == [100.0, math.inf]
    assert list(found.row) == [0, 1]
    assert list(events(batch, "store", "rto", "replica").seconds) == []
    assert list(events(batch, "store", "rpo").seconds) == [3.0, 5.0]
    many = Events(np.append(np.arange(99.0), math.inf), np.arange(100))
    assert quantile(many, 0.5).mean == np.quantile(np.append(np.arange(99.0), 1e9), 0.5, method="inverted_cdf")
    assert quantile(many, 0.999).mean == math.inf


def test_limits_of_times_are_never_negative() -> None:
    few = clustered.quantile([1.0, 2.0], [0, 1], 0.5, least=0.0)
    assert (few.ci_low, few.ci_high) == (0.0, math.inf)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{of: features, measure: availability, at_least: 99 %, quantile: 5 %}", "quantiles strictly between 0 and 1"),
        ("{of: features, measure: rto, at_most: 1 h, quantile: 100 %}", "quantiles strictly between 0 and 1"),
        ("{of: features, measure: rto, at_most: 99 %}", "duration"),
        ("{of: features, measure: rot, at_most: 1 h}", "does not publish 'rot'"),
    ],
)
def test_impossible_objectives_are_refused(line: str, words: str) -> None:
    with pytest.raises(ScenarioError, match=words):
        outlast.loads(STORE.partition("objectives:")[0] + f"objectives:\n  - {line}\n")


LEVELS = """
scenario: levels
horizon: 1 d
regions:
  north: {}
components:
  helpful: {kind: component, time_to_failure: {at: [1000 s, 9000 s]}, repair: {lasts: 350 s}}
  needed: {kind: component, time_to_failure: {at: [1050 s]}, repair: {lasts: 50 s}}
  api:
    kind: serving_endpoint
    regions: {north: active}
    demand: {constant: 10 req/s}
    replica: {count: 2, capacity: 10 req/s}
    needs: [needed]
    degraded_by: {helpful: 50 %}
    available_above: 90 %
    recovered_above: 40 %
objectives:
  - {of: api, measure: rto, at_most: 2 min, quantile: 50 %}
"""


def test_the_clock_stops_at_the_stated_level() -> None:
    """Half of the requests fail from 1000 to 1350 s and from 9000 to 9350 s, all of them from 1050 to 1100 s."""
    result = outlast.run(outlast.loads(LEVELS), 1, engine="reference")
    outages = result.outages.query("component == 'api'")
    assert list(outages["start_s"]) == [1000.0, 9000.0]
    assert list(outages["duration_s"]) == [350.0, 350.0]
    assert list(outages["rto_s"]) == [100.0, 0.0]
    assert result.thresholds[0]["mean"] == 50.0
    assert set(result.outages["component"]) == {"api", "helpful", "needed"}
    plain = outlast.run(outlast.loads(LEVELS, {"components.api.recovered_above": None}), 1, engine="reference")
    assert list(plain.outages.query("component == 'api'")["rto_s"]) == [350.0, 350.0]
    assert plain.estimates.equals(result.estimates)


def test_the_level_of_recovery_is_not_above_that_of_availability() -> None:
    for level in ("95 %", "0 %"):
        with pytest.raises(ScenarioError, match="must be above 0 and not above `available_above`"):
            outlast.loads(LEVELS, {"components.api.recovered_above": level})
