"""What people look at: the table of estimates and the figures."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from typing import Any

import pytest
from matplotlib.figure import Figure

from outlast.errors import UsageError
from outlast.program import Program
from outlast.report import figures
from outlast.report.readable import estimated, readable, span
from outlast.report.terminal import print_estimates
from outlast.run.batch import Batch
from outlast.run.replications import Replications
from outlast.run.results import Result


@pytest.mark.parametrize(
    ("value", "unit", "width", "text"),
    [
        (0.99953, "share", 0.00008, "99.953 %"),
        (0.9999996, "share", 0.001, "99.99996 %"),  # never 100 % for less than all
        (0.000004, "share", 0.01, "0.0004 %"),
        (1.0, "share", 0.01, "100 %"),
        (0.0, "share", 0.0, "0 %"),
        (5400.0, "s", 0.0, "1 h 30 min"),
        (1.5e9, "B", 0.0, "1.5 GB"),
        (3.25, "1/y", 0.0, "3.25 1/y"),
        (7.0, "", 0.0, "7"),
        (math.nan, "s", math.nan, "-"),
        (math.inf, "s", math.inf, "unbounded"),
    ],
)
def test_numbers_are_readable(value: float, unit: str, width: float, text: str) -> None:
    assert readable(value, unit, width) == text


@pytest.mark.parametrize(
    ("estimate", "text"),
    [
        ((1.0, 0.94, 1.0, "share"), "at least 94 %"),
        ((0.0, 0.0, 0.05991, "1/y"), "at most 0.05991 1/y"),
        ((0.0, 0.0, math.inf, "s/y"), "none seen"),
        ((1.0, 1.0, 1.0, "share"), "100 %"),
        ((0.0, -2.0, 3.0, "s"), "0 s"),
        ((0.5, 0.4, 0.6, "share"), "50 %"),
    ],
)
def test_where_nothing_was_seen_the_bound_stands_for_the_estimate(estimate: Any, text: str) -> None:
    assert estimated(*estimate) == text


def test_a_number_stands_with_its_interval() -> None:
    assert span(0.99953, 0.99949, 0.99957, "share") == "99.953 % [99.949 %, 99.957 %]"


def test_the_table_is_plain_where_nobody_looks_at_a_screen(result: Result) -> None:
    out = io.StringIO()
    print_estimates(result, out)
    lines = out.getvalue().splitlines()
    assert lines[0] == "by-hand: 2 replications, seed 1, engine kernel"
    assert lines[1].split() == ["component", "measure", "scope", "estimate", "95%", "interval", "n", "method"]
    assert lines[2].split() == [
        "store",
        "availability",
        "all",
        "85",
        "%",
        "[21",
        "%,",
        "100",
        "%]",
        "2",
        "[1]",
    ]
    assert not any(line.startswith("store") for line in lines[3:])  # named once
    assert "\x1b" not in out.getvalue()
    assert any(line == "[1] t interval" for line in lines)


def test_an_interrupted_run_without_a_replication_says_so(program: Program) -> None:
    out = io.StringIO()
    print_estimates(Result.of(program, Replications([], 5, True), seed=1, scenario_name="x"), out)
    assert "0 of 5 (interrupted) replications" in out.getvalue()
    assert "no finished replication" in out.getvalue()


def test_names_cannot_drive_the_terminal(program: Program) -> None:
    out = io.StringIO()
    print_estimates(Result.of(program, Replications([], 5, True), seed=1, scenario_name="a\x1b[31m[b]"), out)
    assert "\x1b" not in out.getvalue()
    assert "[b]" in out.getvalue()


@pytest.mark.parametrize("draw", [figures.availability, figures.outages])
def test_figures_of_a_result_can_be_saved(result: Result, draw: Callable[[Result], Figure]) -> None:
    assert saved(draw(result)).startswith("<?xml")


@pytest.mark.parametrize("measure", ["availability", "rpo", "mean_outage", "falls"])
def test_a_measure_is_drawn_over_replications(result: Result, measure: str) -> None:
    assert saved(figures.measure(result, "store", measure)).startswith("<?xml")


def test_figures_of_variants_have_a_legend(program: Program, result: Result, batch: Batch) -> None:
    joined = Result.joined([result, Result.of(program, Replications(batch.outcomes, 2), seed=1, variant="b")])
    (legend,) = figures.availability(joined).legends
    assert [text.get_text() for text in legend.get_texts()] == ["base", "b"]
    assert saved(figures.outages(joined, replication=1, variant="b")).startswith("<?xml")


def test_figures_of_no_outage_are_empty_not_broken(program: Program, batch: Batch) -> None:
    quiet = [o.__class__(o.seed, o.replication, o.sums, o.log[:0], 0) for o in batch.outcomes]
    result = Result.of(program, Replications(quiet, 2), seed=1)
    assert saved(figures.outages(result)).startswith("<?xml")


def test_a_mistyped_name_gets_the_nearest_one(result: Result) -> None:
    with pytest.raises(UsageError, match="did you mean 'availability'"):
        figures.measure(result, "store", "availabilty")
    with pytest.raises(UsageError, match="unknown component"):
        figures.measure(result, "shop", "availability")


def saved(figure: Figure) -> str:
    out = io.StringIO()
    figure.savefig(out, format="svg")
    return out.getvalue()
