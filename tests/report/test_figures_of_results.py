"""Figures of results in Python: which there are, and that they show what the frames say."""

from __future__ import annotations

import contextlib
import copy
import io
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from report_samples import FULL

import outlast
from outlast.errors import UsageError
from outlast.kinds.reports import Whole
from outlast.report import figures, progress, verdicts
from outlast.report.course import courses, replayed
from outlast.report.goodput_figure import wholes
from outlast.report.html.blocks import Table, Text
from outlast.report.html.material import Material
from outlast.report.html.sections import verdict
from outlast.report.recovery_figure import disruptions, thinned
from outlast.report.style import DurationLocator, decades, short
from outlast.report.window_figure import attained
from outlast.run.objectives import MORE
from outlast.units import format_duration

TINY = """\
scenario: tiny
horizon: 30 d
components:
  db:
    kind: component
    time_to_failure: {exponential: 9 d}
    repair: {lasts: {exponential: 1 d}}
    cost: {item: 1 USD/h}
objectives: [{of: db, measure: availability, at_least: 95 %}]
variants:
  quick: {components.db.repair.lasts: 1 h}
"""


def test_a_result_offers_its_figures_by_name(full: Material) -> None:
    found = figures.of(full.result, full.scenario)
    assert {"objectives", "availability", "windows", "recovery of store", "causes", "costs", "time of train",
            "course of api"} <= set(found)  # fmt: skip
    for name, figure in found.items():
        assert any(axes.get_xlabel() for axes in figure.axes), name
        assert not any("$" in text.get_text() and text.get_parse_math() for text in figure.texts), name


@pytest.mark.slow
def test_every_kind_of_result_has_figures() -> None:
    scenario = outlast.loads(TINY)
    compared = figures.of(outlast.compare(scenario, variants=["quick"], replications=4))
    assert "difference of availability" in compared
    assert "causes" in figures.of(outlast.causes(scenario, replications=4, without=()))
    assert figures.of(outlast.pareto(scenario, variants=["quick"], replications=4)).keys() == {"topologies"}
    gate = outlast.gate(scenario, {"db.availability": "mean > 50 %"}, replications=4)
    assert "checks" in figures.of(gate)
    assert "<td>db</td>" in gate._repr_html_()
    swept = outlast.sweep(scenario, {"components.db.count": [1, 2]}, replications=2)
    assert "db.availability" in figures.of(swept)


def test_figures_keep_their_colours_when_they_are_saved_in_another_style(full: Material) -> None:
    """`C0` would be looked up in the style at the time of saving: matplotlib's blue beside a legend in ours."""
    for name, figure in {**figures.of(full.result), "outages": figures.outages(full.result)}.items():
        written = io.StringIO()
        figure.savefig(written, format="svg")
        assert not re.search("#1f77b4|#ff7f0e|#2ca02c|#d62728", written.getvalue()), name


@pytest.mark.parametrize(("low_s", "high_s"), [(290.0, 660.0), (4000.0, 7300.0), (1.0, 86_400.0), (36.0, 37.0)])
def test_ticks_of_durations_are_few_and_round(low_s: float, high_s: float) -> None:
    axes = Figure().subplots()
    axes.plot([low_s, high_s], [0.0, 1.0])
    figures.of_durations(axes)
    labels = [format_duration(value) for value in axes.get_xticks()]
    assert 2 <= len(labels) <= figures.MOST_TICKS
    assert not [label for label in labels if label.count(" ") > 1], labels  # `9 min 11 s`


@pytest.mark.parametrize("most_s", [90.0, 1300.0, 30_000.0, 400_000.0])
def test_linear_ticks_of_durations_are_whole_minutes_hours_or_days(most_s: float) -> None:
    ticks = DurationLocator(5).tick_values(0.0, most_s)
    assert 3 <= len(ticks) <= 8
    assert not [tick for tick in ticks if most_s > 120.0 and format_duration(tick).count(" ") > 1]


def test_outages_are_drawn_of_one_variant(full: Material) -> None:
    drawn, after = figures.outages(full.result).axes
    assert drawn.get_title("left") == "replication 0 of base"
    ended = full.result.outages.query("variant == 'base' and component == 'api' and not censored")
    assert f"api (n={len(ended)})" in [line.get_label() for line in after.get_lines()]


def test_a_short_axis_of_shares_has_more_ticks_than_powers_of_ten() -> None:
    axes = Figure().subplots()
    axes.plot([6e-5, 4e-4], [0.0, 1.0])
    axes.set_xlim(6e-5, 4e-4)
    decades(axes)
    assert [tick for tick in axes.get_xticks() if 6e-5 <= tick <= 4e-4] == pytest.approx([1e-4, 2e-4])
    assert len(axes.get_xticks(minor=True)) == 0


def test_what_is_no_result_has_no_figures() -> None:
    with pytest.raises(UsageError, match="there are no figures of a str"):
        figures.of("result")  # type: ignore[arg-type]


def test_the_parts_of_a_whole_add_up_to_it(full: Material) -> None:
    assert full.scenario is not None
    ((component, whole),) = wholes(full.scenario)
    assert isinstance(whole, Whole)
    table = full.result.replications
    parts = table[table["component"].eq(component) & table["measure"].isin([name for name, _ in whole.parts])]
    totals = parts.groupby(["variant", "replication"])["value"].sum()
    np.testing.assert_allclose(totals, 1.0, atol=1e-9)


def test_the_course_of_a_replication_is_that_of_the_result(full: Material) -> None:
    """The mean over short windows of equal length is the value of the replication."""
    assert full.scenario is not None
    table = full.result.replications
    for one in replayed(full.result, full.scenario, courses(full.scenario)):
        mine = table[table["component"].eq(one.component) & table["replication"].eq(one.replication)]
        value = mine[mine["variant"].eq("base")].set_index("measure")["value"]
        measured = {"requests": ("demand", 0), "hosts": ("hosts_up", 1)}[one.course.title]
        assert one.values[measured[1]].mean() == pytest.approx(value[measured[0]], rel=1e-9)
        assert one.judged == value[one.course.judged_by]
    worst = min(table.query("variant == 'base' and component == 'api' and measure == 'request_availability'")["value"])
    found = {
        (one.component, one.which): one.judged for one in replayed(full.result, full.scenario, courses(full.scenario))
    }
    assert found["api", "worst"] == worst


def test_what_windows_keep_is_counted(full: Material) -> None:
    (mine,) = [one for one in attained(full.result, "base") if one.name == "api.availability at least 99.9 %"]
    windows = full.result.windows.query("variant == 'base' and component == 'api' and measure == 'availability'")
    kept = windows.assign(kept=windows["value"] >= 0.999).groupby("window")["kept"].mean()
    pd.testing.assert_series_equal(mine.table.set_index("window")["kept"], kept, check_names=False)
    assert (mine.table["low"] <= mine.table["kept"]).all()
    assert (mine.table["kept"] <= mine.table["high"]).all()


def test_losses_of_data_are_those_of_the_recovery_frame(full: Material) -> None:
    rows = disruptions(full.result, "store", "base")
    events = full.result.recovery.query("variant == 'base' and component == 'store' and what == 'rpo' and scope == ''")
    assert np.isfinite(rows["rpo_s"]).sum() == events["events"].iloc[0]


def test_a_long_distribution_is_thinned_to_its_shape() -> None:
    values = np.sort(np.random.default_rng(1).exponential(size=100_000))
    at, share = thinned(values)
    assert len(at) <= 160
    assert (at[0], at[-1], share[0], share[-1]) == (values[0], values[-1], 0.0, 1.0)
    assert abs(share - (1.0 - np.exp(-at))).max() < 0.01


@pytest.mark.parametrize(
    ("row", "share"),
    [
        (
            {"op": ">=", "value": 0.999, "unit": "share", "mean": 0.9995, "ci_low": 0.999, "ci_high": 1.0},
            (0.5, 0.0, 1.0),
        ),
        ({"op": "<=", "value": 10.0, "unit": "s", "mean": 5.0, "ci_low": 1.0, "ci_high": None}, (0.5, 0.1, np.inf)),
        ({"op": ">=", "value": 8.0, "unit": "1", "mean": 16.0, "ci_low": 8.0, "ci_high": 32.0}, (0.5, 0.25, 1.0)),
    ],
)
def test_the_used_share_of_an_objective_is_one_at_its_bound(row: dict[str, Any], share: tuple[float, ...]) -> None:
    assert verdicts.used(row) == pytest.approx(share)


def test_advice_stands_once_below_the_objectives_and_remarks_beside_them(full: Material) -> None:
    close = copy.copy(full.result)
    close.thresholds = [{**row, "verdict": "uncertain", "note": MORE} for row in close.thresholds]
    page = list(verdict.blocks(Material(close, full.studies, full.scenario)))
    told = [block.text for block in page if isinstance(block, Text) and "run more replications" in block.text]
    assert told == [f"Uncertain, because {MORE}."]
    tables = [block for block in page if isinstance(block, Table)]
    assert "run more replications" not in repr(tables)
    assert verdicts.remark({"note": "no event was seen"}) == "no event was seen"


def test_long_names_are_cut_in_their_middle() -> None:
    assert short("a" * 30 + "b" * 30, 11) == "aaaaa…bbbbb"
    assert short("short") == "short"


def test_true_shows_a_bar_and_takes_it_away(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    def display(html: str, display_id: bool) -> Any:
        shown.append(html)
        return SimpleNamespace(update=shown.append)

    monkeypatch.setattr(progress, "notebook", lambda: True)
    monkeypatch.setattr(progress, "import_module", lambda _: SimpleNamespace(display=display, HTML=str))
    monkeypatch.setattr(progress, "INTERVAL_S", 0.0)
    outlast.run(outlast.loads(FULL), 3, 1, progress=True)
    assert "<progress>" in shown[0]
    assert any('value="3" max="3"' in html for html in shown)
    assert shown[-1] == ""


def test_callbacks_and_silence_stay_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextlib.contextmanager
    def never() -> Iterator[None]:
        raise AssertionError("no bar was asked for")
        yield

    monkeypatch.setattr(progress, "bar", never)
    told: list[tuple[int, int]] = []
    outlast.run(outlast.loads(FULL), 3, 1, progress=lambda done, total: told.append((done, total)))
    outlast.run(outlast.loads(FULL), 2, 1)
    assert told[-1] == (3, 3)
