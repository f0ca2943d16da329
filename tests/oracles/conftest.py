"""Verification cases: the fixture `case`, and a table of all comparisons at the end of `pytest -v`."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from verification import Case, Finding, as_json, rows

FINDINGS = pytest.StashKey[list[Finding]]()


@pytest.fixture
def case(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Case]]:
    """case(id): the record to compare with. Comparisons become properties of the test (`finding`, JSON)."""
    cases: list[Case] = []

    def find(name: str) -> Case:
        cases.append(Case(name))
        return cases[-1]

    yield find
    found = [finding for one in cases for finding in one.findings]
    request.node.user_properties += [("finding", as_json(finding)) for finding in found]
    request.config.stash.setdefault(FINDINGS, []).extend(found)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    found = config.stash.get(FINDINGS, [])
    if found and config.option.verbose > 0:
        terminalreporter.section("verification cases")
        terminalreporter.write_line(rows(found))
