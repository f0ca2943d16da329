"""Component kinds: what a scenario of one of them does, worked out by hand, on both engines.

`play` runs a scenario on the kernel and on the reference, demands bitwise equal logs and sums, and returns the
result.  Times of a test are deterministic or scripted, so that every number can be checked with a pencil.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from outlast.engines import kernel, reference
from outlast.run.replications import Replications, run_program
from outlast.run.results import Result
from outlast.scenario import from_dict
from outlast.scenario.scenario import Scenario

Z = 4.0  # standard errors that a statistical test allows (fixed seeds, so a test that passes always passes)
YEAR_S = 365 * 86_400.0


@dataclass
class Played:
    """A result with the questions that tests ask."""

    result: Result
    scenario: Scenario

    def outages(self, component: str, replication: int = 0) -> list[tuple[float, float]]:
        """(start_s, duration_s) of every outage of a component."""
        frame = self.result.outages
        mine = frame[(frame["component"] == component) & (frame["replication"] == replication)]
        return list(zip(mine["start_s"], mine["duration_s"], strict=True))

    def column(self, component: str, column: str) -> list[Any]:
        """One column of the outages of a component."""
        frame = self.result.outages
        return list(frame[frame["component"] == component][column])

    def parts(self, component: str, outage: int = 0) -> dict[str, float]:
        """Part -> seconds within the n-th outage of a component."""
        outages, parts = self.result.outages, self.result.outage_parts
        number = outages[outages["component"] == component]["outage_id"].iloc[outage]
        mine = parts[parts["outage_id"] == number]
        return dict(zip(mine["part"], mine["duration_s"], strict=True))

    def records(self, component: str, label: str = "rpo") -> list[tuple[float, float]]:
        """(time_s, value) of what a component recorded."""
        frame = self.result.records
        mine = frame[(frame["component"] == component) & (frame["label"] == label)]
        return list(zip(mine["time_s"], mine["value"], strict=True))

    def values(self, component: str, measure: str) -> np.ndarray:
        """A measure per replication."""
        frame = self.result.replications
        mine = frame[(frame["component"] == component) & (frame["measure"] == measure)]
        assert len(mine), f"{component} publishes no {measure}"
        return mine["value"].to_numpy()

    def value(self, component: str, measure: str) -> float:
        """A measure of the only replication."""
        values = self.values(component, measure)
        assert len(values) == 1
        return float(values[0])

    def count(self, component: str, measure: str) -> int:
        """A yearly rate of the only replication as a number of events."""
        events = self.value(component, measure) * self.scenario.spec.horizon / YEAR_S
        assert abs(events - round(events)) < 1e-9
        return round(events)

    def window(self, component: str, measure: str) -> list[float]:
        """A measure per window of the first replication."""
        frame = self.result.windows
        mine = frame[(frame["component"] == component) & (frame["measure"] == measure) & (frame["replication"] == 0)]
        return [float(v) for v in mine["value"]]


def scenario_of(components: dict[str, Any], horizon: str, sections: dict[str, Any]) -> Scenario:
    folder = sections.pop("folder", None)
    return from_dict({"scenario": "test", "horizon": horizon, "components": components, **sections}, folder)


def both(scenario: Scenario, seed: int, replication: int) -> Any:
    """The outcome of one traced replication, the same on both engines to the last bit."""
    program = scenario.program()
    fast = kernel.run(program, seed, replication, trace=True)
    slow = reference.run(program, seed, replication, trace=True)
    assert len(fast.log) == len(slow.log)
    assert fast.log.tobytes() == slow.log.tobytes()
    assert fast.sums.tobytes() == slow.sums.tobytes()
    return fast


@pytest.fixture
def play() -> Callable[..., Played]:
    """play(components, horizon, n=1, seed=1, regions={...}, ...): n replications, each on both engines."""

    def run(components: dict[str, Any], horizon: str, n: int = 1, seed: int = 1, **sections: Any) -> Played:
        scenario = scenario_of(components, horizon, sections)
        outcomes = [both(scenario, seed, replication) for replication in range(n)]
        return Played(Result.of(scenario.program(), Replications(outcomes, n), seed=seed), scenario)

    return run


@pytest.fixture
def sample() -> Callable[..., Played]:
    """sample(components, horizon, n, seed=1, ...): many replications on the kernel, the first two on both engines."""

    def run(components: dict[str, Any], horizon: str, n: int, seed: int = 1, **sections: Any) -> Played:
        scenario = scenario_of(components, horizon, sections)
        for replication in range(2):
            both(scenario, seed, replication)
        done = run_program(scenario.program(), n, seed, threads=1)
        return Played(Result.of(scenario.program(), done, seed=seed), scenario)

    return run


@pytest.fixture
def close() -> Callable[[np.ndarray, float], None]:
    """close(values, expected): their mean lies within Z standard errors, estimated from the values themselves."""

    def check(values: np.ndarray, expected: float) -> None:
        error = float(np.std(values, ddof=1)) / np.sqrt(len(values))
        assert error > 0
        assert abs(float(np.mean(values)) - expected) <= Z * error, (float(np.mean(values)), expected, error)

    return check


@pytest.fixture(scope="session", autouse=True)
def _compiled() -> Iterator[None]:
    """Compile before the first test, so that no single test seems slow."""
    both(scenario_of({"x": {"kind": "component", "time_to_failure": "1 h"}}, "2 h", {}), 1, 0)
    yield


@pytest.fixture
def refused() -> Callable[..., str]:
    """refused(components, **sections): the message of the one problem of this scenario."""
    from outlast.errors import ScenarioError

    def message(components: dict[str, Any], **sections: Any) -> str:
        with pytest.raises(ScenarioError) as caught:
            scenario_of(components, "10 d", sections)
        problems = caught.value.problems
        assert len(problems) == 1, str(caught.value)
        return str(problems[0])

    return message
