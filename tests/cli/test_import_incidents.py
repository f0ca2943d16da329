"""`outlast import incidents` from a file to a piece of a scenario."""

from __future__ import annotations

import json
from pathlib import Path

import outlast

HEADER = "number,opened_at,resolved_at,cmdb_ci,state\n"
TICKETS = HEADER + "".join(
    f"INC{i},2026-01-{2 + 3 * i:02} 10:00:00,2026-01-{2 + 3 * i:02} {11 + i}:{7 * i:02}:00,db-{i % 2},Closed\n" for i in range(7)
) + "INC8,2026-01-28 10:00:00,,db-0,New\n"  # fmt: skip
WATCHED = ("--component", "db", "--units", "2", "--from", "2026-01-01", "--until", "2026-01-31")
# 60 unit-days less 28 h + 147 min of repairs and 62 h of the one that is open, by hand
FRAGMENT = """\
# Fitted by outlast {version} to 8 incidents of tickets.csv, from 2026-01-01T00:00:00+00:00 until 2026-01-31T00:00:00+00:00
# Intervals are 95 %. A ticket is resolved when somebody says so: mind how far that is from the end of the outage.
components:
  db:
    kind: component
    count: 2  # all are needed unless `needs_up` says how many
    time_to_failure: {{exponential: {{failures: 8, in: 56.147917 unit-days}}}}
    repair: {{lasts: {{exponential: {{repairs: 7, in: 3.8520833 unit-days}}}}}}
"""


def test_the_piece_of_a_scenario_is_on_stdout_and_what_is_for_people_on_stderr(cli, folder: Path) -> None:
    (folder / "tickets.csv").write_text(TICKETS)
    done = cli(
        "import", "incidents", "tickets.csv", *WATCHED, "--failure-law", "exponential", "--repair-law", "exponential"
    )
    assert done.exit_code == 0
    lines = [
        line
        for line in done.stdout.splitlines()
        if not line.startswith("# warning: db: the exponential law does not fit")
    ]
    assert lines == FRAGMENT.format(version=outlast.__version__).splitlines()
    assert outlast.loads("scenario: pasted\nhorizon: 1 y\n" + done.stdout).uncertain
    for text in ("8 incidents of 1 component", "chosen laws", "laws tried", "do incidents come singly?",
                 "note: tickets.csv: columns of ServiceNow: key=number, start=opened_at"):  # fmt: skip
        assert text in done.stderr


def test_with_a_file_for_the_piece_the_tables_are_on_stdout_and_the_fit_is_drawn(cli, folder: Path) -> None:
    (folder / "tickets.csv").write_text(TICKETS)
    done = cli("import", "incidents", "tickets.csv", *WATCHED, "-o", "db.yaml", "--plot", "fit.svg", "-q")
    assert done.exit_code == 0 and "chosen laws" in done.stdout and "note:" not in done.stderr
    assert "components:" in (folder / "db.yaml").read_text()
    assert "<svg" in (folder / "fit.svg").read_text()[:1000]


def test_json_is_one_document(cli, folder: Path) -> None:
    (folder / "tickets.csv").write_text(TICKETS)
    done = cli("import", "incidents", "tickets.csv", "--component", "db", "--exposure", "1,200 host-days", "--until",
               "2026-01-31", "--json")  # fmt: skip
    document = json.loads(done.stdout)
    assert done.exit_code == 0 and document["incidents"] == 8
    assert document["parameters"][0]["ci_high"] > document["parameters"][0]["value"]


def test_units_and_exposure_can_be_told_by_component(cli, folder: Path) -> None:
    (folder / "tickets.csv").write_text(TICKETS)
    done = cli("import", "incidents", "tickets.csv", "--exposure", "db-0=30 d", "--exposure", "db-1=60 d", "--until",
               "2026-01-31", "-q")  # fmt: skip
    assert "failures: 5, in: 30 unit-days" in done.stdout and "failures: 3, in: 60 unit-days" in done.stdout
    mixed = cli("import", "incidents", "tickets.csv", "--units", "3", "--units", "db-1=2")
    assert mixed.exit_code == 2 and "--units is one value, or one value for each component" in mixed.stderr


def test_mistakes_in_the_file_are_said_at_once_with_their_lines(cli, folder: Path) -> None:
    (folder / "tickets.csv").write_text(HEADER + "A,2026-01-02,2026-01-01,db,New\nB,soon,,db,New\n")
    done = cli("import incidents tickets.csv --until 2026-02-01")
    assert done.exit_code == 2 and done.stdout == ""
    assert done.stderr == (
        "error: tickets.csv:3: start: not a time (got 'soon')\n"
        "  hint: write for example `2026-03-04 05:06:07`, or `04/Mar/26 5:06 AM`\n"
        "error: tickets.csv:2: end: ends before it starts (from 2026-01-02 to 2026-01-01)\n"
        "  hint: correct or remove the row\n"
        "2 problems\n"
    )


def test_what_is_asked_wrongly_is_answered_by_one_error_and_a_hint(cli, folder: Path) -> None:
    (folder / "tickets.csv").write_text(TICKETS)
    for words, message in (
        ((), "error: 1 incident still open, and nothing says when that was\n  hint: give the time of the export"),
        (("--until", "soon"), "error: --until: not a date (got 'soon')"),
        (("--until", "2026-02-01", "--units", "5"), "error: units are given without when they were watched"),
        (("--until", "2026-02-01", "--exposure", "1200"), "error: exposure: a duration needs a unit"),
        (("--until", "2026-02-01", "--level", "2"), "error: --level: a share is between 0 and 1 (got 2)"),
        (("--until", "2026-02-01", "--columns", "state"), "error: --columns is ROLE=NAME,... (got 'state')"),
        (("--until", "2026-02-01", "--plot", "fit.doc"), "error: fit.doc: unknown kind of figure"),
        (("--until", "2026-02-01", "-o", "no/such/folder.yaml"), "error: no/such/folder.yaml: cannot be written"),
    ):
        done = cli("import", "incidents", "tickets.csv", *words)
        assert done.exit_code == 2 and message in done.stderr, done.stderr


def test_names_cannot_drive_the_terminal_nor_the_yaml(cli, folder: Path) -> None:
    name = "db\x1b[31m: {x: 1} #"
    (folder / "tickets.csv").write_text(
        f'start,end,component\n2026-01-01,2026-01-02,"{name}"\n2026-01-03,2026-01-05,"{name}"\n'
    )
    done = cli("import incidents tickets.csv --exposure 90d")
    assert done.exit_code == 0 and "\x1b" not in done.stdout + done.stderr
    assert outlast.loads("scenario: pasted\nhorizon: 1 y\n" + done.stdout).uncertain
