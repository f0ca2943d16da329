"""Replications until a precision is reached: the rule, the targets, and that only their number differs."""

from __future__ import annotations

import math

import pytest

import outlast
from outlast.errors import UsageError
from outlast.program import Metric
from outlast.run.batch import Batch
from outlast.run.precision import Look, Rule, Target, sizes, split, targets
from outlast.run.results import Result
from outlast.run.rounds import Rounds

DB = """
scenario: db
horizon: 30 d
components:
  db:
    kind: component
    time_to_failure: {exponential: 3 d}
    repair: {lasts: {exponential: 8 h}}
variants:
  slow: {components.db.repair.lasts: {exponential: 16 h}}
"""
SHARE = Metric("db", "availability", "share", "", "share")


def rounds(half_widths: list[float], least: int = 100, most: int = 10_000) -> list[int]:
    """Sizes of the batches of a run that finds these half-widths, 1 being wanted."""
    target, found, taken = Target(SHARE, 1.0, False), list[Look](), []
    for n, half in zip(Rule([target], least, most).rounds(lambda: found), half_widths, strict=False):
        taken.append(n)
        found[:] = [Look(target, "base", half, n)]
    return taken


def test_looks_come_after_a_hundred_and_then_half_as_many_more() -> None:
    assert list(sizes(100, 600)) == [100, 150, 225, 338, 507, 600]
    assert list(sizes(100, 20)) == [20]


def test_two_looks_in_a_row_end_a_run() -> None:
    assert rounds([0.5, 0.5, 0.5]) == [100, 150]
    assert rounds([2.0, 0.9, 1.1, 0.9, 0.9, 0.9]) == [100, 150, 225, 338, 507]
    assert rounds([2.0] * 20, most=300) == [100, 150, 225, 300]
    assert rounds([0.5] * 3, least=1000) == [1000, 1500]
    assert rounds([0.5] * 3, least=5) == [100, 150]


def test_the_expected_number_grows_with_the_square() -> None:
    target = Target(SHARE, 1.0, False)
    rule = Rule([target], most=5000)
    assert rule.expected([Look(target, "base", 3.0, 100)]) == 1713  # 900 are needed: 1,142, and one more look
    assert rule.expected([Look(target, "base", math.inf, 100)]) == 5000
    assert rule.expected([]) == 150


def test_widths_are_read_in_the_unit_of_their_measure() -> None:
    program = outlast.loads(DB).program()
    found = targets({"db.availability": "0.1 %", "db.mean_outage": "30 min", "db.outages": "2.5 1/y",
                     "db.downtime": "rel 5 %", "db.failures": 3}, program)  # fmt: skip
    assert [(t.width, t.relative) for t in found] == [
        (0.001, False),
        (1800.0, False),
        (2.5, False),
        (0.05, True),
        (3.0, False),
    ]
    assert split(["a.b: 1e-5; c.d: rel 1 %, g.h: 1", "e.f: 2 h"]) == {
        "a.b": "1e-5",
        "c.d": "rel 1 %",
        "g.h": "1",
        "e.f": "2 h",
    }


@pytest.mark.parametrize(
    ("widths", "words"),
    [
        ({"db.availabilty": "1"}, r"nothing is measured as 'db.availabilty'"),
        ({"db.availability": "5 min"}, r"precision: db.availability: "),
        ({"db.mean_outage": "5"}, r"precision: db.mean_outage: a duration needs a unit"),
        ({"db.outages": "many"}, r"not a number of 1/y \(got 'many'\)"),
        ({"db.outages": "-1"}, r"a half-width above zero is needed \(got '-1'\)"),
        ({"db.outages": "nan"}, r"a half-width above zero is needed"),
        ({"db.outages": 0}, r"a half-width above zero is needed"),
        ({"db.outages": "rel x"}, r"precision: db.outages: "),
    ],
)
def test_impossible_widths_are_refused(widths: dict[str, str | float], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        targets(widths, outlast.loads(DB).program())


@pytest.mark.parametrize("text", ["db.availability", "db.availability:", ": 3", "a: 1; b", ""])
def test_what_is_no_list_of_widths_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="not a measure and a half-width"):
        split([text])


def test_a_measure_given_twice_or_no_measure_is_refused() -> None:
    with pytest.raises(UsageError, match="is given twice"):
        split(["a.b: 1", "a.b: 2"])
    with pytest.raises(UsageError, match="no measure is named"):
        outlast.run(outlast.loads(DB), precision={})
    with pytest.raises(UsageError, match="most: impossible number"):
        outlast.run(outlast.loads(DB), precision={"db.outages": 1}, most=0)


def test_the_result_is_that_of_as_many_replications(tmp_path) -> None:
    scenario = outlast.loads(DB)
    told: list[int] = []
    wanted = {"db.availability": 0.01, "db.outages": "rel 4 %"}
    result = outlast.run(
        scenario, seed=3, variants=["slow"], precision=wanted, watch=lambda looks: told.append(looks[0].n)
    )
    plain = outlast.run(scenario, result.n, seed=3, variants=["slow"])
    assert told[-1] == result.n > told[-2] >= 100
    assert result.replications.equals(plain.replications)
    assert result.outages.equals(plain.outages)
    assert result.estimates.equals(plain.estimates)
    assert [(row["variant"], row["measure"], row["reached"]) for row in result.precision] == [
        (variant, measure, True) for variant in ("base", "slow") for measure in ("availability", "outages")
    ]
    first = plain.estimates.iloc[0]
    assert result.precision[0]["half_width"] == max(first.ci_high - first["mean"], first["mean"] - first.ci_low) <= 0.01
    result.save(tmp_path / "kept")
    assert Result.load(tmp_path / "kept").precision == result.precision


def test_the_cap_is_kept_and_said() -> None:
    result = outlast.run(outlast.loads(DB), precision={"db.availability": 1e-6}, most=120)
    (row,) = result.precision
    assert (result.n, row["n"], row["reached"]) == (120, 120, False)
    assert row["needed"] == math.ceil(120 * (row["half_width"] / 1e-6) ** 2)


def test_replications_are_the_least_number() -> None:
    assert outlast.run(outlast.loads(DB), 400, precision={"db.availability": 0.5}).n == 600


def test_an_interruption_keeps_what_all_variants_have() -> None:
    def interrupt(looks: object) -> None:
        nonlocal seen
        seen += 1

    def progress(done: int, total: int) -> None:
        assert done <= total
        if seen == 2:
            raise KeyboardInterrupt

    seen = 0
    scenario = outlast.loads(DB)
    result = outlast.run(scenario, variants=["slow"], precision={"db.availability": 1e-6}, progress=progress,
                         watch=interrupt, threads=1)  # fmt: skip
    assert result.interrupted
    assert 150 <= result.n < 225
    assert result.precision[0]["n"] == result.n
    plain = outlast.run(scenario, result.n, variants=["slow"])
    assert result.estimates.equals(plain.estimates)


def test_an_interruption_when_a_batch_has_just_ended_ends_the_run() -> None:
    def progress(done: int, total: int) -> None:
        if done == 100:
            raise KeyboardInterrupt

    result = outlast.run(outlast.loads(DB), precision={"db.availability": 1e-6}, progress=progress, threads=1)
    assert (result.n, result.interrupted) == (100, True)


def test_an_interrupted_look_says_what_was_reached_by_the_replications_that_are_kept() -> None:
    looked: list[int] = []

    def improve(batch: Batch) -> None:
        looked.append(len(batch))
        if len(looked) == 2:
            raise KeyboardInterrupt

    scenario = outlast.loads(DB)
    runs = Rounds({"base": scenario}, seed=1, improve=improve)
    runs.until(Rule(targets({"db.availability": 1e-9}, scenario.program())))
    kept = runs.paired()["base"]
    assert looked == [100, 150]
    assert kept.interrupted and len(kept.outcomes) == runs.looks[0].n == 150
