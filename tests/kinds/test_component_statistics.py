"""`component`: closed forms of its random features; Z standard errors, fixed seeds."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

DAY, YEAR_S = 86_400.0, 365 * 86_400.0


def failures(run, component="a"):
    """Number of failures of every replication."""
    return np.round(run.values(component, "failures") * run.scenario.spec.horizon / YEAR_S)


def near_poisson(counts, mean):
    """Mean and variance of a Poisson law, each within 4 standard errors."""
    n = len(counts)
    assert abs(counts.mean() - mean) < 4 * math.sqrt(mean / n)
    assert abs(counts.var(ddof=1) - mean) < 4 * math.sqrt((mean + 2 * mean**2) / n)


def weibull(effect, shape=2.0, **more):
    law = {"weibull": {"scale": "10 d", "shape": shape}}
    return {"kind": "component", "time_to_failure": law, "repair": {"lasts": "0 s", "effect": effect}, **more}


@pytest.mark.parametrize("shape", [0.7, 2.0])
def test_failures_under_minimal_repair_are_poisson(sample, shape):
    # a power-law process: N(t) ~ Poisson((t / scale)^shape). Source: Rigdon & Basu (2000), ch. 2
    run = sample({"a": weibull("as_old", shape)}, "25 d", n=3000)
    near_poisson(failures(run), 2.5**shape)


def test_minimal_repair_of_an_aged_item_continues_its_hazard(sample):
    # age a: N(t) ~ Poisson(((a + t)/scale)^shape - (a/scale)^shape)
    run = sample({"a": weibull("as_old", age="15 d")}, "10 d", n=3000)
    near_poisson(failures(run), 2.5**2 - 1.5**2)


def test_repair_as_new_is_a_renewal_process(sample, close):
    # the mean number of failures is the renewal function: its integral equation on a grid
    law = stats.weibull_min(2.0, scale=10.0)
    grid = np.linspace(0, 25, 2001)
    F = law.cdf(grid)
    dF, m = np.diff(F), np.zeros(len(grid))
    for i in range(
        1, len(grid)
    ):  # m(t) = F(t) + int m(t - x) dF(x), by trapezoids; m[i] is implicit with weight dF[0]/2
        known = 0.5 * (np.append(0.0, m[i - 1 : 0 : -1]) + m[i - 1 :: -1])
        m[i] = (F[i] + float(dF[:i] @ known)) / (1 - 0.5 * dF[0])
    run = sample({"a": weibull("as_new")}, "25 d", n=3000)
    close(failures(run), float(m[-1]))


def test_imperfect_repair_lies_between_and_meets_both_ends(play, sample):
    full, new = weibull({"keeps": "100 %"}), weibull({"keeps": "0 %"})
    old = weibull("as_old")
    assert play({"a": full}, "50 d").outages("a") == play({"a": old}, "50 d").outages("a")
    means = [failures(sample({"a": weibull(effect)}, "50 d", n=500)).mean()
             for effect in ("as_new", {"keeps": "50 %"}, "as_old")]  # fmt: skip
    assert means[0] + 1 < means[1] < means[2] - 1
    fresh = failures(sample({"a": new}, "50 d", n=1500))
    renewed = failures(sample({"a": weibull("as_new")}, "50 d", n=1500, seed=2))
    error = math.sqrt(fresh.var(ddof=1) / len(fresh) + renewed.var(ddof=1) / len(renewed))
    assert abs(fresh.mean() - renewed.mean()) < 4 * error


def test_imperfect_repair_of_kijima_type_two(sample, close):
    # E[second failure] for keeps q: the virtual age after the first failure at X is q X
    law = stats.weibull_min(2.0, scale=10.0)

    def second(x):
        # residual life at age q x: int_{qx}^inf S(u) du / S(qx)
        age = 0.3 * x
        left = integrate.quad(law.sf, age, 80)[0] / law.sf(age)
        return (x + left) * law.pdf(x)

    expected = integrate.quad(second, 0, 60)[0]
    run = sample({"a": {**weibull({"keeps": "30 %"}), "repair": {"lasts": "1 s", "effect": {"keeps": "30 %"}}}}, "200 d",
                 n=2000)  # fmt: skip
    outages = run.result.outages
    times = outages.groupby("replication")["start_s"].nth(1).to_numpy() / DAY
    assert len(times) == 2000
    close(times, expected)


def test_first_life_of_an_aged_item_is_the_residual_life(sample):
    # F(t | a) = 1 - S(a + t) / S(a): compared as a whole by Kolmogorov and Smirnov
    item = {"kind": "component", "time_to_failure": {"weibull": {"scale": "10 d", "shape": 0.6}}, "age": "20 d"}
    run = sample({"a": item}, "10 y", n=2000)
    times = run.result.outages.groupby("replication")["start_s"].first().to_numpy() / DAY
    law = stats.weibull_min(0.6, scale=10.0)
    assert stats.kstest(times, lambda t: 1 - law.sf(20 + t) / law.sf(20)).pvalue > 1e-4


def test_every_item_draws_its_own_age(sample, close):
    # ages uniform on 0 to 20 d, lives of exactly 20 d: first failures uniform on 0 to 20 d
    item = {"kind": "component", "count": 50, "needs_up": 1, "time_to_failure": "20 d",
            "age": {"uniform": {"low": "0 s", "high": "20 d"}}}  # fmt: skip
    run = sample({"a": item}, "5 d", n=400)
    close(failures(run), 50 * 0.25)


def test_fleet_with_lemons_fails_at_the_mixed_rate(sample):
    # 20 items, 4 of them lemons of factor 5: rate (16 + 4 * 5) / mean
    item = {"kind": "component", "count": 20, "needs_up": 1, "time_to_failure": {"exponential": "10 d"},
            "repair": {"lasts": "0 s"}, "lemons": {"share": "20 %", "factor": 5}}  # fmt: skip
    run = sample({"a": item}, "10 d", n=1500)
    near_poisson(failures(run), 36.0)


@pytest.mark.parametrize("law", [
    {"lognormal": {"median": "10 d", "sigma": 1.0}}, {"gamma": {"mean": "10 d", "shape": 2.0}},
    {"uniform": {"low": "5 d", "high": "15 d"}}, {"triangular": {"low": "5 d", "mode": "10 d", "high": "20 d"}},
    {"mixture": [{"share": 0.5, "law": "10 d"}, {"share": 0.5, "law": {"exponential": "20 d"}}]},
    {"hyperexponential": [{"share": 0.9, "mean": "5 d"}, {"share": 0.1, "mean": "50 d"}]},
    {"weibull": {"scale": "10 d", "shape": 1.5}}, "10 d",
])  # fmt: skip
def test_lemons_live_exactly_so_much_shorter(play, law):
    # the same luck: item 0 of a pure fleet of lemons is that of a fleet with other names, so compare the laws
    from outlast.kinds.laws import read_delay
    from outlast.kinds.life import sooner

    plain, short = read_delay(law), sooner(read_delay(law), 4.0)
    for u in (0.01, 0.3, 0.5, 0.77, 0.999):
        assert short.quantile(u) == pytest.approx(plain.quantile(u) / 4.0, rel=1e-12)
    assert short.mean() == pytest.approx(plain.mean() / 4.0)
    item = {"kind": "component", "count": 2, "needs_up": 1, "time_to_failure": law, "repair": {"lasts": "1 h"},
            "lemons": {"share": "100 %", "factor": 4}}  # fmt: skip
    play({"a": item}, "100 d")


def test_downtime_with_imperfect_coverage_is_the_mixture(sample, close):
    # outages last 30 s with probability 0.8 and 300 s otherwise; the repair is immediate
    pair = {"kind": "component", "count": 2, "needs_up": 1, "time_to_failure": {"exponential": "1 h"},
            "repair": {"lasts": "0 s"}, "failover": {"takes": "30 s", "coverage": "80 %", "uncovered": "300 s"}}  # fmt: skip
    run = sample({"a": pair}, "20 h", n=400)
    close(run.result.outages["duration_s"][~run.result.outages["censored"]].to_numpy(), 0.8 * 30 + 0.2 * 300)


def test_warm_standby_has_the_mean_time_to_failure_of_the_book(sample, close):
    # active rate f, standby rate d f, no repair in time: 1/(f + d f) + 1/f. Source: Trivedi (2001), ch. 3
    pair = {"kind": "component", "count": 2, "needs_up": 1, "time_to_failure": {"exponential": "10 d"},
            "repair": {"lasts": "900 y"}, "standby": {"dormancy": "25 %"}}  # fmt: skip
    run = sample({"a": pair}, "20 y", n=2000)
    times = run.result.outages.groupby("replication")["start_s"].first().to_numpy() / DAY
    assert len(times) == 2000
    close(times, 10 / 1.25 + 10)


def test_surge_hits_each_item_with_its_probability(sample, close):
    hitter = {"kind": "component", "time_to_failure": {"at": ["1 h"]}, "failure_strikes": {"b": "30 %"}}
    fleet = {"kind": "component", "count": 10, "needs_up": 1, "time_to_failure": "9 y"}
    run = sample({"a": hitter, "b": fleet}, "2 h", n=1500)
    close(failures(run, "b"), 3.0)


def test_detection_adds_its_mean_to_every_outage(sample, close):
    item = {"kind": "component", "time_to_failure": {"exponential": "1 d"}, "repair": {"lasts": {"exponential": "1 h"}},
            "detection": {"uniform": {"low": "0 s", "high": "20 min"}}}  # fmt: skip
    run = sample({"a": item}, "50 d", n=200)
    outages = run.result.outages
    close(outages["duration_s"][~outages["censored"]].to_numpy(), 3600 + 600)
