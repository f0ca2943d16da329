"""Verification cases: the fixture `case`, a table of all comparisons at the end of `pytest -v`, and the page of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import verification
from verification import Case, Finding, as_json, rows


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("verification cases")
    group.addoption("--verification-table", metavar="FILE", help="write every comparison into FILE (Markdown)")
    group.addoption("--verification-seed", metavar="N", type=int, default=0, help="other luck for all cases")


def pytest_configure(config: pytest.Config) -> None:
    verification.SEED = config.getoption("verification_seed", 0)
    if not hasattr(config, "workerinput"):  # findings come to the main process with the reports
        config.pluginmanager.register(Comparisons(config.getoption("verification_table", None)), "comparisons")


@pytest.fixture
def case(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Case]]:
    """case(id): the record to compare with. Comparisons become properties of the test (`finding`, JSON).  A module
    whose values come from another engine than the kernel says so: `ENGINE = "exact"`."""
    cases: list[Case] = []

    def find(name: str) -> Case:
        cases.append(Case(name, getattr(request.module, "ENGINE", "kernel")))
        return cases[-1]

    yield find
    found = [finding for one in cases for finding in one.findings]
    request.node.user_properties += [("finding", as_json(finding)) for finding in found]


class Comparisons:
    """Collects the findings of all tests, on any number of workers."""

    def __init__(self, table: str | None) -> None:
        self.table, self.found = table, list[Finding]()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":
            texts = [str(value) for name, value in report.user_properties if name == "finding"]
            self.found += [Finding(**json.loads(text)) for text in texts]

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter, exitstatus: int, config: pytest.Config
    ) -> None:
        if self.found and config.option.verbose > 0:
            terminalreporter.section("verification cases")
            terminalreporter.write_line(rows(self.found))
        if self.table is not None:
            terminalreporter.write_line(self._write(Path(self.table), exitstatus))

    def _write(self, path: Path, exitstatus: int) -> str:
        if exitstatus != pytest.ExitCode.OK or not self.found:
            return f"{path} is not written: {'a test failed' if self.found else 'nothing was compared'}"
        from verification_table import page  # scipy.stats takes a second

        path.write_text(page(self.found), encoding="utf-8")
        return f"{len(self.found)} comparisons in {path}"
