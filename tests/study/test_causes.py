"""Causes of downtime: planted ones with exact shares, and what is left without them."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from scipy.linalg import expm

import outlast
from outlast.errors import UsageError
from outlast.report import figures
from outlast.run.replications import run_program
from outlast.run.variants import Luck
from outlast.study.causes import OTHER, Causes
from outlast.study.without import NOTHING_LEFT, Without, causes, relative

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"
DAY_S = 86_400.0
Z = 4.0

# db is down for 3 d by two failures of its own and 1.5 d + 2 d by its zone: the failure of day 70 falls into the second
# outage of the zone, which began first.  api, elsewhere, is down for 5 h.
PLANTED = """\
scenario: planted
horizon: 100 d
replications: 3
seed: 1
regions:
  north: {zones: {a: {outage: {every: {at: [50 d, 69 d 12 h]}, lasts: 1 d 12 h}}, b: null}}
components:
  db:
    kind: component
    at: north.a
    time_to_failure: {at: [10 d, 30 d, 70 d]}
    repair: {lasts: 1 d 12 h}
  api:
    kind: component
    at: north.b
    time_to_failure: {at: [5 d]}
    repair: {lasts: 5 h}
"""


def planted() -> Causes:
    return outlast.causes(outlast.loads(PLANTED))


def of(found: Causes, component: str) -> list[tuple[str, str, int, float, float]]:
    rows = found.causes[found.causes["component"] == component]
    return [(r.scope, r.source, r.outages / 3, r.downtime_s / DAY_S / 3, r.share) for r in rows.itertuples()]


def test_every_outage_belongs_to_what_began_it() -> None:
    """The failure of day 70 is within the outage of the zone that began on day 69.5 and makes it last until 71.5."""
    found = planted()
    assert of(found, "db") == [
        ("zone", "north.a", 2, pytest.approx(3.5), pytest.approx(3.5 / 6.5)),
        ("item", "db", 2, pytest.approx(3.0), pytest.approx(3.0 / 6.5)),
    ]
    assert of(found, "api") == [("item", "api", 1, pytest.approx(5 / 24), 1.0)]


def test_without_a_cause_its_downtime_goes_and_what_it_hid_shows() -> None:
    """Without the zone the failure of day 70 has an outage of its own: 4.5 d are left of 6.5 d, not 3 d."""
    rows = planted().without.set_index(["component", "without"])["change"]
    assert rows["db", "zone"] == pytest.approx(4.5 / 6.5 - 1)
    assert rows["db", "item"] == pytest.approx(3.0 / 6.5 - 1)
    assert rows["north.a", "zone"] == rows["api", "item"] == -1.0
    assert rows["api", "zone"] == rows["north.a", "item"] == 0.0


def test_without_its_only_cause_nothing_is_left_as_far_as_one_can_see() -> None:
    found = outlast.causes(outlast.loads(PLANTED), ["api", "item db", "north.a"])
    rows = found.without.set_index(["component", "without"])
    only = rows.loc[("api", "api")]
    assert (only["change"], only["downtime_without_s"], only["ci_low"], only["method"]) == (
        -1.0,
        0.0,
        -1.0,
        NOTHING_LEFT,
    )
    assert -1.0 < only["ci_high"] < 0.0  # three replications cannot exclude a rare cause
    for unrelated in ("item db", "north.a"):
        row = rows.loc[("api", unrelated)]
        assert (row["change"], row["ci_low"], row["ci_high"]) == (0.0, 0.0, 0.0)
    assert list(found.comparison.pairs) == ["base -> without api", "base -> without item db", "base -> without north.a"]


def test_nothing_is_rerun_where_nothing_is_asked_for() -> None:
    found = outlast.causes(outlast.loads(PLANTED), ())
    assert found.without.empty and found.comparison is None
    assert len(found.causes) == 4


def test_worst_outages_come_with_their_replication_and_parts() -> None:
    worst = planted().worst(4)
    assert list(worst["duration_s"] / DAY_S) == pytest.approx([2.0] * 3 + [1.5])
    assert list(worst["replication"]) == [0, 1, 2, 0]
    assert list(worst["start_s"] / DAY_S) == [69.5] * 3 + [10.0]


def test_scripted_shocks_and_crashes_are_filed_under_their_names() -> None:
    text = """\
scenario: scripted
horizon: 10 d
replications: 1
components:
  db: {kind: component, time_to_failure: {exponential: 100 y}, repair: {lasts: 1 h}}
  store: {kind: feature_store, time_to_failure: {at: [7 d]}}
shocks: {surge: {every: {at: [5 d]}, strikes: [db]}}
"""
    found = outlast.causes(outlast.loads(text))
    assert {(r.component, r.scope, r.source) for r in found.causes.itertuples()} == {
        ("db", "shock", "surge"),
        ("store", "node", "store"),
    }
    assert set(found.without.query("change == -1")["without"]) == {"shock", "node"}


def test_an_outage_from_the_start_or_by_a_profile_has_no_cause() -> None:
    text = """\
scenario: uncaused
horizon: 10 d
replications: 2
components:
  db: {kind: component, start: down, repair: {lasts: 1 d}, time_to_failure: 6 d}
"""
    found = outlast.causes(outlast.loads(text))
    assert {(r.scope, r.source): r.downtime_s for r in found.causes.itertuples()} == {
        ("", ""): pytest.approx(2 * DAY_S),
        ("item", "db"): pytest.approx(2 * DAY_S),
    }
    (row,) = found.without.itertuples()
    assert row.downtime_without_s == pytest.approx(2 * DAY_S)  # to be down at the start is no failure


# -- chance: structures whose shares a small Markov chain gives ------------------------------------------------------
UNITS = {"x": (10.0, 1.0), "y": (20.0, 3.0), "z": (40.0, 0.5)}  # mean time to failure, mean repair, days
HORIZON_D = 300.0


def downtime(names: tuple[str, ...], needed: int, immortal: str = "") -> dict[str, float]:
    """Expected days down within the horizon by cause, of a system of which `needed` units must be up.

    The chain remembers which units are up and, while the system is down, whose failure made it fall.
    """
    states = [
        (up, cause) for up in itertools.product((True, False), repeat=len(names)) for cause in (-1, *range(len(names)))
    ]
    place = {state: i for i, state in enumerate(states)}
    rates = np.zeros((len(states), len(states)))
    for up, cause in states:
        for i, name in enumerate(names):
            to = (*up[:i], not up[i], *up[i + 1 :])
            fell = sum(up) >= needed > sum(to)
            after = -1 if sum(to) >= needed else i if fell else cause
            rate = 1.0 / UNITS[name][0 if up[i] else 1]
            rates[place[up, cause], place[to, after]] += 0.0 if up[i] and name == immortal else rate
    rates -= np.diag(rates.sum(axis=1))
    n = len(states)
    moved = np.zeros((2 * n, 2 * n))  # integral of exp(Q t): Van Loan (1978), doi:10.1109/TAC.1978.1101743
    moved[:n, :n], moved[:n, n:] = rates, np.eye(n)
    spent = expm(moved * HORIZON_D)[place[(True,) * len(names), -1], n:]
    return {name: sum(spent[place[s]] for s in states if s[1] == i) for i, name in enumerate(names)}


def redundant(names: tuple[str, ...], needed: int) -> str:
    units = "\n".join(
        f"  {name}: {{kind: component, time_to_failure: {{exponential: {UNITS[name][0]} d}}, "
        f"repair: {{lasts: {{exponential: {UNITS[name][1]} d}}}}}}"
        for name in names
    )
    rule = f"at_least: {needed}, of: [{', '.join(names)}]"
    return f"scenario: redundant\nhorizon: {HORIZON_D} d\ncomponents:\n{units}\n  all: {{kind: system, {rule}}}\n"


@pytest.mark.parametrize(
    ("names", "needed"), [(("x", "y"), 2), (("x", "y"), 1), (("x", "y", "z"), 2), (("x", "y", "z"), 3)]
)
def test_shares_and_changes_are_those_of_the_markov_chain(names: tuple[str, ...], needed: int) -> None:
    """Two modes in series, a pair, two of three unequal ones, three in series."""
    found = causes(outlast.loads(redundant(names, needed)), Luck(800, 5, 1), names).narrowed("all")
    exact = downtime(names, needed)
    total = sum(exact.values())
    assert set(found.causes["source"]) == set(names)
    for row in found.causes.itertuples():
        error = (row.ci_high - row.ci_low) / 2 / 1.96
        assert abs(row.share - exact[row.source] / total) < Z * error
        assert error < 0.03
    for row in found.without.itertuples():
        right = sum(downtime(names, needed, immortal=row.without).values()) / total - 1.0
        if right == pytest.approx(-1.0):
            assert row.change == -1.0
        else:
            assert abs(row.change - right) < Z * (row.ci_high - row.ci_low) / 2 / 1.96


def test_the_chain_of_a_pair_has_the_shares_of_the_textbook() -> None:
    """In the long run x makes the pair fall at rate a_x u_y / m_x, a = m / (m + r), u = r / (m + r), with mean time to
    failure m and mean repair r: its share is (1 / r_x) / (1 / r_x + 1 / r_y), whatever the times to failure."""
    exact = downtime(("x", "y"), 1)
    assert exact["x"] / sum(exact.values()) == pytest.approx(0.75, abs=0.002)  # all are up at the start


# -- a whole platform ----------------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def platform() -> Causes:
    return outlast.causes(SCENARIOS / "two-region-platform.yaml", ["zone"], 12, 3)


def test_shares_add_up_to_one_in_every_frame(platform: Causes) -> None:
    for table, keys in ((platform.causes, ["component", "drill"]), (platform.cause_parts, ["component"])):
        sums = table.groupby(keys)[["share", "downtime_s"]].sum()
        assert sums["share"].to_numpy() == pytest.approx(1.0, abs=1e-12)
        assert ((table["share"] >= 0) & (table["share"] <= 1)).all()
    down = platform.result.outages.groupby("component")["duration_s"].sum()
    for table in (platform.causes, platform.cause_parts):
        assert table.groupby("component")["downtime_s"].sum().to_dict() == pytest.approx(down.to_dict())


def test_a_rerun_without_zone_outages_leaves_what_has_nothing_to_do_with_them(platform: Causes) -> None:
    rows = platform.without.set_index("component")
    assert rows.loc["interconnect", ["change", "ci_low", "ci_high"]].tolist() == [0.0, 0.0, 0.0]
    assert not (platform.comparison.result.outages.query("variant == 'without zone'")["scope"] == "zone").any()


def test_parts_are_those_of_the_recovery(platform: Causes) -> None:
    parts = platform.cause_parts[platform.cause_parts["component"] == "pretrain"]["part"]
    assert set(parts) == {"detect", "restart", "wait for hosts", OTHER}
    assert parts.iloc[-1] == OTHER


def test_both_engines_agree_on_a_program_without_a_cause() -> None:
    changed = Without(outlast.load(SCENARIOS / "quickstart.yaml").changed({"horizon": "30 d"}), "zone")
    kernel, reference = (run_program(changed.program(), 2, 4, 1, engine=name) for name in ("kernel", "reference"))
    for one, other in zip(kernel.outcomes, reference.outcomes, strict=True):
        assert one.log.tobytes() == other.log.tobytes()
        assert one.sums.tobytes() == other.sums.tobytes()


def test_a_kept_study_and_a_kept_result_say_the_same(platform: Causes, tmp_path: Path) -> None:
    platform.save(tmp_path / "study")
    again = Causes.load(tmp_path / "study")
    for name in ("causes", "cause_parts", "without"):
        assert getattr(again, name).equals(getattr(platform, name))
    from_result = outlast.causes(outlast.Result.load(tmp_path / "study"))
    assert from_result.causes.equals(platform.causes) and from_result.without.empty
    assert again.to_json() == platform.to_json()


def test_the_figure_stacks_every_component_to_one_hundred_percent(platform: Causes) -> None:
    (axes,) = figures.causes(platform).axes
    assert len(axes.get_yticks()) == platform.causes["component"].nunique()
    for place in axes.get_yticks():
        widths = [bar.get_width() for bar in axes.patches if abs(bar.get_y() + bar.get_height() / 2 - place) < 0.1]
        assert sum(widths) == pytest.approx(1.0)


def test_a_figure_needs_an_outage(platform: Causes) -> None:
    with pytest.raises(UsageError, match="no outage"):
        figures.causes(Causes(platform.result, platform.causes.head(0), platform.cause_parts, platform.without))


def test_a_cause_that_does_not_exist_is_refused_before_anything_runs() -> None:
    with pytest.raises(UsageError, match="nothing fails by itself under the name 'zonne'") as refused:
        outlast.causes(outlast.loads(PLANTED), ["zonne"], 10**6)
    assert refused.value.hint == "did you mean `zone`?"


def test_the_relative_change_is_paired() -> None:
    before = np.array([100.0, 0.0, 50.0, 10.0] * 10)
    found = relative(before, 0.75 * before)
    assert (found.mean, found.ci_low, found.ci_high) == pytest.approx((-0.25, -0.25, -0.25))
    assert found.p_better == 0.75
    assert relative(before, before * (1 + 1e-12)).mean == 0.0
