"""`outlast validate`: all problems of all files, as text and as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from click.testing import Result

Cli = Callable[..., Result]

SAID = """\
error: bad.yaml:2:10: horizon: a duration needs a unit (got 30)
    horizon: 30
             ^
  hint: write `30 min`, not `30`; units are ms, s, min, h, d, w, y
error: bad.yaml:4:23: regions.north.outtage: unknown field
      north: {zones: [a], outtage: {every: {exponential: 20 y}, lasts: 4 h}}
                          ^
  hint: did you mean `outage`?
error: bad.yaml:8:36: components.db.time_to_failure.exponential: a duration must not be negative (got '-10 d')
        time_to_failure: {exponential: -10 d}
                                       ^
  hint: write for example `5 min`
error: bad.yaml:9:21: components.db.repair.lasts: '8 GB' is an amount of bytes, but a duration is needed; \
units are ms, s, min, h, d, w, y
        repair: {lasts: 8 GB}
                        ^
  hint: write for example `5 min`
"""


def test_five_mistakes_are_shown_at_once(cli: Cli) -> None:
    result = cli("validate bad.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(SAID)
    assert result.stderr.count("error: ") == 5
    assert "error: bad.yaml:11:11: components.web.kind: unknown kind (got 'componnt')" in result.stderr
    assert result.stderr.endswith("5 problems in 1 file\n")


def test_run_shows_the_same_five_mistakes(cli: Cli) -> None:
    result = cli("run bad.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(SAID)
    assert result.stderr.count("error: ") == 5


def test_good_files_are_ok_beside_bad_ones(cli: Cli) -> None:
    result = cli("validate clockwork.yaml nowhere.yaml random.yaml")
    assert (result.exit_code, result.stdout) == (2, "ok  clockwork.yaml\nok  random.yaml\n")
    assert result.stderr == (
        "error: nowhere.yaml: no such file\n"
        "  hint: scenarios in that folder: bad.yaml, clockwork.yaml, random.yaml\n"
        "1 problem in 1 file\n"
    )


def test_all_good_exits_with_0(cli: Cli) -> None:
    result = cli("validate clockwork.yaml random.yaml")
    assert (result.exit_code, result.stderr) == (0, "")
    assert cli("validate clockwork.yaml -q").stdout == ""


def test_a_broken_variant_is_a_problem(cli: Cli, folder: Path) -> None:
    text = (folder / "clockwork.yaml").read_text().replace("lasts: 3 d", "last: 3 d")
    (folder / "clockwork.yaml").write_text(text)
    result = cli("validate clockwork.yaml")
    assert result.exit_code == 2
    assert "clockwork.yaml:13:" in result.stderr


def test_json_is_one_document(cli: Cli) -> None:
    result = cli("validate --json clockwork.yaml bad.yaml")
    assert (result.exit_code, result.stderr) == (2, "")
    document = json.loads(result.stdout)
    assert document["ok"] is False
    assert [file["ok"] for file in document["files"]] == [True, False]
    problems = document["files"][1]["problems"]
    assert [problem["line"] for problem in problems] == [2, 4, 8, 9, 11]
    assert problems[1]["path"] == "regions.north.outtage"


def test_a_file_cannot_drive_the_terminal(cli: Cli, folder: Path) -> None:
    (folder / "evil.yaml").write_text('scenario: "a\\e[31mb"\nhorizon: 1 d\n"\\e[2J": 3\n')
    assert "\x1b" not in cli("validate evil.yaml").stderr
