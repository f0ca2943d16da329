"""The files of a gate, read by parsers that others wrote."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from click.testing import Result
from junitparser import Failure, JUnitXml, Skipped
from markdown_it import MarkdownIt

CLOCKWORK = """\
scenario: clockwork
horizon: 95 d
components:
  db: {kind: component, time_to_failure: 9 d, repair: {lasts: 1 d}}
objectives:
  - {of: db, measure: availability, at_least: 95 %}
  - {of: db, measure: mean_outage, at_most: 2 d}
thresholds: {db.mean_outage: mean < 3 d, db.availability: p(5) > 50 %}
"""


def test_a_junit_parser_reads_the_checks_of_a_gate(cli: Callable[..., Result]) -> None:
    Path("clockwork.yaml").write_text(CLOCKWORK)
    assert cli("gate", "clockwork.yaml", "-n", "2", "--junit", "gate.xml").exit_code == 1
    xml = JUnitXml.fromfile("gate.xml")
    cases = {case.name: [type(each) for each in case.result] for suite in xml for case in suite}
    assert cases == {
        "db.availability mean >= 95 %": [Failure],
        "db.mean_outage mean <= 2 d": [],
        "db.mean_outage mean < 3 d": [],
        "db.availability p(5) > 50 %": [Skipped],
    }
    (suite,) = xml
    assert (xml.tests, xml.failures, suite.tests, suite.failures, suite.skipped) == (4, 1, 4, 1, 1)


def test_a_markdown_parser_reads_a_table_with_a_row_for_each_check(cli: Callable[..., Result]) -> None:
    Path("clockwork.yaml").write_text(CLOCKWORK)
    cli("gate", "clockwork.yaml", "-n", "2", "--markdown", "gate.md")
    tokens = MarkdownIt("commonmark").enable("table").parse(Path("gate.md").read_text())
    assert not [token for token in tokens if token.type.startswith("html")]
    cells = [tokens[i + 1] for i, token in enumerate(tokens) if token.type in ("th_open", "td_open")]
    words = ["".join(child.content for child in cell.children or [] if child.type.startswith("text")) for cell in cells]
    assert words[0::3] == ["verdict", "failed", "passed", "passed", "inconclusive"]
    assert words[1::3][3] == "db.mean_outage mean < 3 d"
