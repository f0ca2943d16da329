"""PRISM models: read back by a parser of the part of the language that is written, and solved without our engine."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from scipy.linalg import expm

from outlast.engines.exact import solve
from outlast.errors import RunError
from outlast.exchange import prism
from outlast.scenario import loads

# Hours as the unit of the numbers below: rates of failure and repair 1/480, 1/12; 1/216, 1/8; zone 1/1440, 1/5.
SCENARIO = """\
scenario: exponential
horizon: 30 d
regions:
  north: {zones: [a, b], zone_outage: {every: {exponential: 60 d}, lasts: {exponential: 5 h}}}
teams: {crew: {people: 1}}
components:
  db:
    kind: component
    count: 2
    needs_up: 1
    at: north.*
    time_to_failure: {exponential: 20 d}
    repair: {lasts: {exponential: 12 h}, team: crew}
  3rd cache: {kind: component, at: north.b, time_to_failure: {exponential: 9 d}, repair: {lasts: {exponential: 8 h}}}
  both: {kind: system, all_of: [db, 3rd-cache]}
""".replace("3rd cache", "3rd-cache")

REPAIRABLE = """\
scenario: one
horizon: 10 d
components:
  db: {kind: component, time_to_failure: {exponential: 90 h}, repair: {lasts: {exponential: 10 h}}}
"""


class Read:
    """A model of one module with one variable: generator matrix, initial state, labels, rewards."""

    def __init__(self, text: str) -> None:
        lines = [line for line in text.splitlines() if line and not line.startswith("//")]
        assert lines[0] == "ctmc" and lines.count("endmodule") == 1
        found = re.search(r"^  s : \[0\.\.(\d+)\] init (\d+);$", text, re.MULTILINE)
        assert found is not None
        size, self.start = int(found[1]) + 1, int(found[2])
        self.q = np.zeros((size, size))
        for state, updates in re.findall(r"^  \[\] s=(\d+) -> (.*);$", text, re.MULTILINE):
            for update in updates.split(" + "):
                rate, to = re.fullmatch(r"(\S+):\(s'=(\d+)\)", update).groups()  # type: ignore[union-attr]
                self.q[int(state), int(to)] += float(rate)
        self.q -= np.diag(self.q.sum(axis=1))
        self.labels = {name: self._states(text, size) for name, text in
                       re.findall(r'^label "([A-Za-z_]\w*)" = (.*);$', text, re.MULTILINE)}  # fmt: skip
        self.rewards = {}
        for name, body in re.findall(r'^rewards "([A-Za-z_]\w*)"\n(.*?)^endrewards$', text, re.MULTILINE | re.DOTALL):
            values = np.full(size, 1.0 if "true : 1;" in body else 0.0)
            for state, value in re.findall(r"^  s=(\d+) : (\S+);$", body, re.MULTILINE):
                values[int(state)] = float(value)
            self.rewards[name] = values

    @staticmethod
    def _states(text: str, size: int) -> np.ndarray:
        held = np.zeros(size, dtype=bool)
        for a, low, high in re.findall(r"(?:s=(\d+))|\(s>=(\d+)&s<=(\d+)\)", text):
            held[slice(int(a), int(a) + 1) if a else slice(int(low), int(high) + 1)] = True
        return held

    def steady(self, reward: str) -> float:
        """R=? [ S ]."""
        system = np.vstack([self.q.T / np.abs(self.q).max(), np.ones(len(self.q))])
        answer = np.linalg.lstsq(system, np.append(np.zeros(len(self.q)), 1.0), rcond=None)[0]
        return float(answer @ self.rewards[reward])

    def reaches(self, label: str, time: float) -> float:
        """P=? [ F<=time label ]."""
        q = np.where(self.labels[label][:, None], 0.0, self.q)
        return float(expm(q * time)[self.start] @ self.labels[label])

    def time_to(self, label: str) -> float:
        """R{"time"}=? [ F label ]."""
        others = np.flatnonzero(~self.labels[label])
        times = np.linalg.solve(self.q[np.ix_(others, others)], -self.rewards["time"][others])
        return float(times[list(others).index(self.start)])

    def check(self, text: str) -> float:
        """The value of a property."""
        if found := re.fullmatch(r'R\{"(\w+)"\}=\? \[ S \]', text):
            return self.steady(found[1])
        if found := re.fullmatch(r'P=\? \[ F<=(\S+) "(\w+)" \]', text):
            return self.reaches(found[2], float(found[1]))
        found = re.fullmatch(r'R\{"time"\}=\? \[ F "(\w+)" \]', text)
        assert found is not None, text
        return self.time_to(found[1])


@pytest.fixture(scope="module")
def chain() -> prism.Model:
    return prism.Model(solve(loads(SCENARIO).program()), "exponential")


def stated(text: str) -> list[tuple[str, float]]:
    """(property, our value) of a file of properties."""
    lines = text.splitlines()
    return [
        (prop, float(said.removeprefix("// outlast: "))) for said, prop in zip(lines[::2], lines[1::2], strict=True)
    ]


def test_the_written_model_solved_by_others_means_gives_our_values(chain: prism.Model) -> None:
    read = Read(prism.model(chain))
    checks = stated(prism.properties(chain))
    assert len(checks) > 20
    for text, value in checks:
        assert read.check(text) == pytest.approx(value, rel=1e-8), text


def test_one_repairable_item_has_its_closed_forms() -> None:
    read = Read(prism.model(prism.Model(solve(loads(REPAIRABLE).program()), "one")))
    assert read.steady("db_availability") == pytest.approx(0.9, rel=1e-12)
    assert read.steady("db_outages") == pytest.approx(365 * 24 / 100, rel=1e-12)
    assert read.reaches("db_down", 240 * 3600.0) == pytest.approx(1 - np.exp(-240 / 90), rel=1e-9)
    assert read.time_to("db_down") == pytest.approx(90 * 3600.0, rel=1e-12)


def test_names_become_identifiers_of_their_own(chain: prism.Model) -> None:
    assert {"db_down", "both_down", "_3rd_cache_down", "north_a_down"} <= set(chain.labels)
    assert list(prism._identifiers(["a.b", "a-b", "a b"]).values()) == ["a_b", "a_b_2", "a_b_3"]


def test_a_start_by_chance_is_refused(chain: prism.Model) -> None:
    text = REPAIRABLE.replace("{exponential: 90 h}", "{mixture: [{share: 50 %, law: {exponential: 1 h}}, "
                              "{share: 50 %, law: {exponential: 9 h}}]}")  # fmt: skip
    with pytest.raises(RunError, match="2 states by chance"):
        prism.model(prism.Model(solve(loads(text).program()), "mixed"))


def test_storm_computes_what_we_state(chain: prism.Model, tmp_path: Path) -> None:
    """An independent model checker, where it is installed: `pip install stormpy`."""
    stormpy = pytest.importorskip("stormpy", reason="stormpy is not installed")
    file = tmp_path / "model.prism"
    file.write_text(prism.model(chain), encoding="utf-8")
    program = stormpy.parse_prism_program(str(file), prism_compatibility=True)
    for text, value in stated(prism.properties(chain)):
        checked = stormpy.parse_properties(text, program)
        model = stormpy.build_model(program, checked)
        interval = stormpy.model_checking(model, checked[0])[int(next(iter(model.initial_states)))]
        assert float(str(interval).partition(" ")[0]) == pytest.approx(value, rel=1e-5), text
