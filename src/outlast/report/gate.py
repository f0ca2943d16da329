"""What a gate found, for every reader: lines for people, JUnit XML, annotations of GitHub, Markdown."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from outlast.errors import printable
from outlast.report.differences import signed
from outlast.report.markdown import table
from outlast.report.readable import readable

if TYPE_CHECKING:
    from outlast.study.gate import Gate

PASSED, FAILED, INCONCLUSIVE = "passed", "failed", "inconclusive"
Row = Mapping[str, Any]


def name(row: Row) -> str:
    """`ranker.availability p(5) >= 99.5 %`, `ranker.availability no worse than by 0.01 pp`."""
    subject = f"{row['component']}.{row['measure']}" + (f"[{row['scope']}]" if row["scope"] else "")
    if row["kind"] == "threshold":
        return f"{subject} {row['aggregate']} {row['op']} {readable(row['value'], row['unit'])}"
    if row["value"] is None:
        return f"{subject} not worse than in the baseline"
    return f"{subject} not worse than in the baseline by {signed(row['value'], row['unit']).lstrip('+')}"


def finding(row: Row) -> str:
    """`99.87 % [99.85 %, 99.89 %], n=200`; of a regression the values and by how much it is worse."""
    unit = row["unit"]
    regression = row["kind"] == "regression"
    if row["ci_low"] is None:
        text = "no event was seen"
    elif regression:
        low, high = (signed(row[end], unit) for end in ("ci_low", "ci_high"))
        text = f"worse by {signed(row['change'], unit)} [{low}, {high}]"
        text += f", baseline {readable(row['base_mean'], unit)}"
    else:
        width = row["ci_high"] - row["ci_low"]
        mean, low, high = (readable(row[key], unit, width) for key in ("mean", "ci_low", "ci_high"))
        text = f"{mean} [{low}, {high}]"
    over = "" if row["aggregate"] == "mean" else f" over {row['over']}"
    text += f"{over}, n={row['n']:,}, level {100 * row['level']:.4g} %"
    if row["verdict"] == INCONCLUSIVE:
        text += "; " + remedy(row)
    return text


def remedy(row: Row) -> str:
    """What would decide an inconclusive check."""
    if row["further"] is None:
        return "how many more replications would decide cannot be told"
    return f"about {_rounded(row['further']):,} more replications would decide"


def lines(gate: Gate) -> Iterator[str]:
    """What people read, without colour; passed regressions only as a number."""
    for row in gate.rows:
        if row["kind"] == "threshold" or row["verdict"] != PASSED:
            yield printable(f"{row['verdict']:<12}  {name(row)}: {finding(row)}")
    quiet = sum(row["kind"] == "regression" and row["verdict"] == PASSED for row in gate.rows)
    if quiet:
        yield f"{PASSED:<12}  {quiet} measures are not worse than in the baseline"
    for side, word in (("new", "new since the baseline"), ("vanished", "vanished since the baseline")):
        names = [f"{row['component']}.{row['measure']}" for row in gate.unmatched if row["side"] == side]
        if names:
            yield printable(f"{word}: {', '.join(names)}")
    yield from (f"note: {note}" for note in gate.notes)


def verdict_line(gate: Gate) -> str:
    """`inconclusive: 3 passed, 0 failed, 1 inconclusive`."""
    counts = ", ".join(f"{gate.count(word)} {word}" for word in (PASSED, FAILED, INCONCLUSIVE))
    return f"{gate.verdict}: {counts}"


def junit(gate: Gate) -> str:
    """JUnit XML: a test case per check; an inconclusive one is skipped, with the reason."""
    suite = ET.Element("testsuite", name=_xml(gate.scenario.name), tests=str(len(gate.rows)), errors="0",
                       failures=str(gate.count(FAILED)), skipped=str(gate.count(INCONCLUSIVE)), time="0")  # fmt: skip
    for row in gate.rows:
        case = ET.SubElement(suite, "testcase", classname=_xml(f"{gate.scenario.name}.{row['component']}"),
                             name=_xml(name(row)), time="0")  # fmt: skip
        if row["verdict"] == FAILED:
            ET.SubElement(case, "failure", message=_xml(finding(row)), type=row["kind"])
        elif row["verdict"] == INCONCLUSIVE:
            ET.SubElement(case, "skipped", message=_xml(f"inconclusive: {finding(row)}"))
    suites = ET.Element("testsuites", name="outlast", tests=str(len(gate.rows)), failures=str(gate.count(FAILED)),
                        errors="0", time="0")  # fmt: skip
    suites.append(suite)
    ET.indent(suites)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def github(gate: Gate, file: str) -> Iterator[str]:
    """Workflow commands: an error per failed check, a warning per inconclusive one, at its line of the scenario."""
    for row, path in zip(gate.rows, gate.paths, strict=True):
        if row["verdict"] == PASSED:
            continue
        word = "error" if row["verdict"] == FAILED else "warning"
        line = gate.scenario.document.locate(path).line if path else 0
        place = f"file={_property(file)}" + (f",line={line}" if line else "")
        yield f"::{word} {place},title={_property(name(row))}::{_message(finding(row))}"


def markdown(gate: Gate) -> str:
    """A summary for a pull request."""
    result = gate.result
    out = [f"### outlast gate: {printable(gate.scenario.name)} {gate.verdict}", "",
           f"{result.n} replications, seed {result.seed}. {verdict_line(gate)}.", ""]  # fmt: skip
    shown = [row for row in gate.rows if row["kind"] == "threshold" or row["verdict"] != PASSED]
    if shown:
        out += [*table(("verdict", "check", "found"), ((row["verdict"], name(row), finding(row)) for row in shown)), ""]
    changed = gate.differences[~gate.differences["verdict"].isin(["exactly equal", "no event seen"])]
    changed = changed[(changed["scope"] == "") & (changed["mean"] != 0.0)]
    if len(changed):
        titles = ("component", "measure", "baseline", "now", "difference", "interval", "verdict")
        out += [
            "Differences from the baseline under the same luck:",
            "",
            *table(titles, map(_changed, _rows(changed))),
            "",
        ]
    tail = list(lines(gate))
    out += [f"- {line}" for line in tail if line.startswith(("new since", "vanished since", "note:"))]
    return "\n".join(out).rstrip() + "\n"


def _rows(frame: Any) -> list[Any]:
    return list(frame.itertuples(index=False))


def _changed(row: Any) -> tuple[str, ...]:
    low, high = signed(row.ci_low, row.unit), signed(row.ci_high, row.unit)
    width = row.ci_high - row.ci_low
    values = (readable(row.base_mean, row.unit, width), readable(row.other_mean, row.unit, width))
    return (row.component, row.measure, *values, signed(row.mean, row.unit), f"[{low}, {high}]", row.verdict)


def _rounded(count: int) -> int:
    """Up to two significant digits."""
    step = int(10 ** max(len(str(count)) - 2, 0))
    return -(-count // step) * step


def _xml(text: str) -> str:
    """Without the control characters that XML cannot hold."""
    return printable(text)


def _message(text: str) -> str:
    return printable(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _message(text).replace(":", "%3A").replace(",", "%2C")
