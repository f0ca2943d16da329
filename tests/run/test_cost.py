"""What a run costs: counts are exact; times are only looked at for their signs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import outlast
from outlast.engines import kernel
from outlast.errors import UsageError
from outlast.program import Builder, Program, tables
from outlast.run import cost as costs
from outlast.run.cost import COLUMNS, Cost, cost
from outlast.stats.distributions import deterministic

SCENARIO = Path(__file__).parents[2] / "scenarios" / "quickstart.yaml"
UNITS = 4


@pytest.fixture(scope="module", autouse=True)
def brief() -> Iterator[None]:
    """As few rounds and compared replications as there may be."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(costs, "ENOUGH_S", 0.0)
        patch.setattr(costs, "COMPARED_S", 0.0)
        yield


@pytest.fixture(scope="module")
def clockwork() -> Program:
    """Four units tick every 2 s of 100 s, a profile steps every 5 s, windows of 25 s: 49 x 4 + 19 + 3 events."""
    b = Builder(100.0, window=25.0)
    b.profile("site pace", 10.0, [(0.0, 1.0), (5.0, 2.0)])
    b.cohort("site", b.lifecycle("unit").state("on").after(deterministic(2.0), "on", "on"), UNITS, component="site")
    return b.build()


@pytest.fixture(scope="module")
def found(clockwork: Program) -> Cost:
    return cost(clockwork, 3, seed=1, threads=2, scenario="clockwork")


def test_events_are_filed_under_their_source(found: Cost) -> None:
    rows = {(row.component, row.source): row.events for row in found.events.itertuples()}
    assert rows == {("site", "unit"): 49.0 * UNITS, ("site", "profile"): 19.0, ("", "window"): 3.0}
    assert tuple(found.events.columns) == COLUMNS
    assert found.events_per_replication == 49.0 * UNITS + 22.0
    assert found.events["share"].sum() == pytest.approx(1.0, rel=1e-12)


def test_rates_are_per_simulated_year(found: Cost) -> None:
    a_year = 365 * 86_400.0 / 100.0
    assert found.events_per_year == pytest.approx((49.0 * UNITS + 22.0) * a_year, rel=1e-12)
    assert found.profile_steps_per_year == pytest.approx(19.0 * a_year, rel=1e-12)


def test_memory_is_that_of_the_tables(found: Cost, clockwork: Program) -> None:
    world = kernel.Run(clockwork, 1, 0).world
    assert found.memory.world == world.buffer.nbytes
    assert found.memory.log == world.log.nbytes
    assert found.memory.units == UNITS
    assert found.memory.per_unit == (found.memory.world - found.memory.log) / UNITS


def test_a_log_that_grew_is_counted_as_it_ended() -> None:
    b = Builder(5000.0)
    b.cohort("u", b.lifecycle("u").state("on", part="on").after(deterministic(1.0), "on", "on"), 1)
    big = cost(b.build(), 1, seed=1, threads=1)
    assert big.log_rows["stay"] == 5000.0
    assert big.memory.log >= 5000 * tables.LOG.itemsize


def test_times_are_positive_and_in_order(found: Cost) -> None:
    for timing in (found.ns_per_event, found.start_ms):
        assert 0.0 < timing.least <= timing.median <= timing.most
        assert timing.rounds >= 3
    assert found.threads is not None and found.threads.threads == 2
    assert found.threads.speed_up > 0.0 and found.threads.processor_time > 0.0
    assert set(found.warm) == {"import_s", "first_s"} and min(found.warm.values()) > 0.0
    assert found.cold is None and found.evaluations == 0


def test_the_document_is_plain_json(found: Cost) -> None:
    document = json.loads(json.dumps(found.document(), allow_nan=False))
    assert sum(row["events"] for row in document["events"]) == document["events_per_replication"]
    assert document["threads"]["speed_up"] == found.threads.speed_up


def test_a_program_in_which_nothing_happens_has_a_cost_too() -> None:
    b = Builder(10.0)
    b.meter("nothing", ("group", b.group("nobody")))
    found = cost(b.build(), 1, seed=1, threads=1)
    assert (found.events_per_replication, len(found.events), found.threads) == (0.0, 0, None)
    assert found.document()["memory_bytes"]["per_unit"] is None


def test_from_python_by_the_path_of_a_scenario() -> None:
    found = outlast.bench(SCENARIO, 2, seed=3, threads=1)
    assert (found.scenario, found.seed, found.replications) == ("quickstart", 3, 2)
    events = [kernel.run(outlast.load(SCENARIO).program(), 3, r).events for r in range(2)]
    assert found.events_per_replication == sum(events) / 2
    assert found.events["events"].sum() == pytest.approx(sum(events) / 2, rel=1e-12)


@pytest.mark.parametrize("wrong", [{"replications": 0}, {"threads": 0}, {"seed": -1}])
def test_impossible_arguments_are_refused(clockwork: Program, wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError, match="impossible number"):
        cost(clockwork, **{"replications": 1, "seed": 1, **wrong})
