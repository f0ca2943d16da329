"""Topologies: the front of numbers made by hand, and of scenarios of which every number is known."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import outlast
from outlast.errors import UsageError
from outlast.report.topologies import markdown
from outlast.report.topology_figure import front, topologies
from outlast.scenario import from_dict
from outlast.study.topology import beats, dominates

YEAR_H = 8760.0


def test_dominance_needs_one_gain_and_no_loss():
    assert dominates([1.0, 2.0], [1.0, 3.0])
    assert not dominates([1.0, 2.0], [1.0, 2.0])
    assert not dominates([1.0, 2.0], [0.5, 3.0])
    assert dominates([1.0, math.nan], [2.0, 3.0])  # what is not known does not decide


def test_dominance_is_shown_only_where_every_criterion_is_settled():
    assert beats(["better", "exactly equal"])
    assert beats(["better", "better"])
    assert not beats(["exactly equal", "exactly equal"])
    assert not beats(["better", "no difference shown"])
    assert not beats(["better", "worse"])


def test_line_of_the_figure_joins_those_that_none_beats():
    points = [(1e-3, 50.0), (1e-4, 80.0), (2e-4, 90.0), (1e-2, 50.0), (1e-5, 200.0)]
    assert front(points) == [(1e-5, 200.0), (1e-4, 80.0), (1e-3, 50.0)]


def clockwork(**variants):
    """Up for 9 d, down for 1 d, ten times; everything costs 1 USD/h, and an hour of downtime 10 USD."""
    db = {
        "kind": "component",
        "time_to_failure": "9 d",
        "repair": {"lasts": "1 d"},
        "cost": {"item": "1 USD/h", "downtime": "10 USD/h"},
    }
    net = {"kind": "component", "time_to_failure": "9 y"}
    return from_dict({"scenario": "clockwork", "horizon": "100 d", "replications": 3, "components": {"db": db, "net": net},
                      "objectives": [{"of": "db", "measure": "availability", "at_least": "95 %"}], "variants": variants})  # fmt: skip


# with repair in 1 h 12 min: 217.2 h a cycle, 11 outages in 2400 h, so 13.2 h down instead of 240
QUICK = {"components.db.repair.lasts": "1 h 12 min", "components.db.cost.item": "3 USD/h"}
DEAR = {"components.db.cost.item": "2 USD/h"}


def test_clockwork_platform_has_a_front_worked_out_by_hand():
    found = outlast.pareto(clockwork(quick=QUICK, dear=DEAR))
    rows = found.table.set_index("variant")
    assert list(rows.index) == ["base", "quick", "dear"]
    assert list(rows["cost"]) == pytest.approx([2 * YEAR_H, (3 + 10 * 13.2 / 2400) * YEAR_H, 3 * YEAR_H])
    assert list(rows["losses"]) == pytest.approx([YEAR_H, 10 * 13.2 / 2400 * YEAR_H, YEAR_H])
    assert list(rows["availability"]) == pytest.approx([0.9, 1 - 13.2 / 2400, 0.9])
    assert list(rows["rto_p95"]) == pytest.approx([86_400, 4320, 86_400])
    assert list(rows["p_met"]) == [0.0, 1.0, 0.0]
    assert list(rows["verdict"]) == ["efficient", "efficient", "dominated"]
    assert list(rows["dominated_by"]) == ["", "", "base"]
    assert found.front == ["base", "quick"]
    assert found.by == ("cost", "availability", "rto_p95", "p_met")


def test_next_nine_is_priced_by_what_is_spent_for_each_hour():
    found = outlast.pareto(clockwork(quick=QUICK, dear=DEAR))
    quick = found.table.set_index("variant").loc["quick"]
    avoided = (240 - 13.2) / 2400 * YEAR_H
    assert (found.next_nine, quick["next_nine"]) == ("quick", "shown")
    assert quick["avoided_h"] == pytest.approx(avoided)
    assert [quick[f"per_avoided_h{end}"] for end in ("", "_low", "_high")] == pytest.approx([2 * YEAR_H / avoided] * 3)
    assert quick["extra_cost"] == pytest.approx(2 * YEAR_H - 10 * avoided)


def test_cheapest_of_several_next_nines_is_named():
    cheaper = {**QUICK, "components.db.cost.item": "2.50 USD/h"}
    found = outlast.pareto(clockwork(quick=QUICK, cheaper=cheaper))
    assert found.next_nine == "cheaper"
    assert found.table.set_index("variant").loc["quick", "dominated_by"] == "cheaper"


def test_less_than_a_nine_is_none():
    found = outlast.pareto(clockwork(half={"components.db.repair.lasts": "12 h"}))
    assert found.next_nine == ""
    assert "none of these has a tenth of the downtime of base" in "\n".join(markdown(found))


def test_criteria_can_be_chosen():
    found = outlast.pareto(clockwork(quick=QUICK, dear=DEAR), by=["cost"])
    assert found.front == ["base"]
    assert found.by == ("cost",)


def noisy(**variants):
    db = {
        "kind": "component",
        "time_to_failure": {"exponential": "20 d"},
        "repair": {"lasts": {"exponential": "4 h"}},
        "cost": {"item": "1 USD/h"},
    }
    return from_dict({"scenario": "noisy", "horizon": "200 d", "components": {"db": db}, "variants": variants})


def test_noise_dominates_nothing():
    """Repairs of the same mean by another law: the estimates differ, and nothing is shown."""
    other = {"components.db.repair.lasts": {"lognormal": {"mean": "4 h", "cv": 1}}}
    found = outlast.pareto(noisy(other=other), replications=12, by=["cost", "availability"])
    assert sorted(found.table["verdict"]) == ["efficient", "perhaps dominated"]
    assert sorted(found.front) == ["base", "other"]


def test_no_outage_seen_is_no_proof_of_a_nine():
    never = {"components.db.time_to_failure": {"exponential": "9000 y"}, "components.db.cost.item": "3 USD/h"}
    found = outlast.pareto(noisy(never=never), replications=12)
    row = found.table.set_index("variant").loc["never"]
    assert (row["availability"], row["next_nine"]) == (1.0, "estimated")
    assert math.isnan(row["rto_p95"])
    assert "rto_p95" not in found.by  # not all have one
    assert "(estimated, not shown: run more replications)" in "\n".join(markdown(found))


def test_price_of_an_hour_is_estimated_with_an_interval_that_covers():
    """Repair in a quarter of the time for 1 USD/h more: 3/4 of 4 h in every 484 h (about; fixed seed)."""
    found = outlast.pareto(
        noisy(fast={"components.db.repair.lasts": {"exponential": "1 h"}, "components.db.cost.item": "2 USD/h"}),
        replications=400,
    )
    row = found.table.set_index("variant").loc["fast"]
    expected = 1.0 / (4 / 484 - 1 / 481)
    assert row["per_avoided_h_low"] < expected < row["per_avoided_h_high"]
    assert row["per_avoided_h"] == pytest.approx(expected, rel=0.1)


def test_same_seed_gives_the_same_document_on_any_number_of_threads():
    scenario = noisy(fast={"components.db.repair.lasts": {"exponential": "1 h"}})
    one, two = (outlast.pareto(scenario, replications=20, threads=threads).to_json() for threads in (1, 2))
    assert one == two
    assert json.loads(one)["topologies"][0]["variant"] == "base"


def test_objective_about_windows_must_hold_in_every_window():
    """Down on days 9 to 10 of the first 12 days only: one window of ten misses."""
    db = {
        "kind": "component",
        "time_to_failure": {"at": ["9 d"]},
        "repair": {"lasts": "1 d"},
        "cost": {"item": "1 USD/h"},
    }
    data = {
        "scenario": "w",
        "horizon": "100 d",
        "components": {"db": db},
        "variants": {"same": {"components.db.cost.item": "2 USD/h"}},
    }
    for window, met in (({}, 1.0), ({"window": "10 d"}, 0.0)):
        bound = [{"of": "db", "measure": "availability", "at_least": "95 %", **window}]
        found = outlast.pareto(from_dict({**data, "objectives": bound}), replications=2)
        assert list(found.table["p_met"]) == [met, met]


@pytest.mark.parametrize(
    ("options", "message"),
    [({"of": "nett"}, "'nett' has no availability"), ({"by": ["costs"]}, "there is no criterion 'costs'")],
)
def test_unknown_names_are_refused(options, message):
    with pytest.raises(UsageError, match=message):
        outlast.pareto(clockwork(quick=QUICK), **options)


def test_without_prices_there_is_nothing_to_weigh():
    scenario = clockwork(quick={"components.db.repair.lasts": "2 h"}).changed({"components.db.cost": None})
    with pytest.raises(UsageError, match="no prices: nothing is charged"):
        outlast.pareto(scenario)


def test_costs_in_two_currencies_are_not_weighed():
    with pytest.raises(UsageError, match="costs of base are in USD/y, those of priced in EUR/y"):
        outlast.pareto(
            clockwork(), clockwork().changed({"scenario": "priced", "components.db.cost": {"item": "1 EUR/h"}})
        )


def test_one_replication_is_weighed_without_intervals():
    found = outlast.pareto(noisy(fast={"components.db.repair.lasts": {"exponential": "1 h"}}), replications=1)
    assert "dominated" not in set(found.table["verdict"])
    assert found.table["per_avoided_h"].isna().all()


def test_without_objectives_the_component_must_be_named():
    with pytest.raises(UsageError, match="which component matters"):
        outlast.pareto(clockwork(quick=QUICK).changed({"objectives": None}))


def test_figure_has_a_point_for_each_and_a_line():
    figure = topologies(outlast.pareto(clockwork(quick=QUICK, dear=DEAR)))
    (axes,) = figure.axes
    drawn = {
        (round(line.get_xdata()[0], 6), round(line.get_ydata()[0])) for line in axes.lines if line.get_marker() == "o"
    }
    assert drawn == {(0.1, 17520), (0.0055, 26762), (0.1, 26280)}
    steps = next(line for line in axes.lines if line.get_marker() != "o")
    assert np.allclose(steps.get_ydata(), [26761.8, 17520.0])
    assert [text.get_text() for text in axes.texts] == ["quick", "base", "dear"]
