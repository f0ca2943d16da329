"""`outlast report` and `--report`: where pages go, what they say, and what is no result."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

import outlast

CLOCKWORK = """\
scenario: clockwork
horizon: 95 d
components:
  db:
    kind: component
    time_to_failure: 9 d   # assumed
    repair: {lasts: 1 d}   # measured in 2025
objectives:
  - {of: db, measure: availability, at_least: 95 %}
  - {of: db, measure: mean_outage, at_most: 2 d}
"""
Cli = Callable[..., Result]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small result."""
    folder = tmp_path_factory.mktemp("original") / "kept"
    outlast.run(outlast.loads(CLOCKWORK), 3).save(folder)
    return folder


@pytest.fixture
def kept(cli: Cli, original: Path) -> str:
    """A copy of it in the working folder."""
    return str(shutil.copytree(original, "kept"))


def text(file: str) -> str:
    return Path(file).read_text(encoding="utf-8")


def test_the_page_of_a_folder_is_that_of_the_run(cli: Cli) -> None:
    ran = cli("run clockwork.yaml -n 3 --variant slow --out kept --report ran.html")
    assert ran.exit_code == 0, ran.stderr
    assert ran.stderr.endswith("kept in kept\nreport in ran.html\n")
    read = cli("report kept -o read.html")
    assert (read.exit_code, read.stdout, read.stderr) == (0, "", "report in read.html\n")
    assert text("read.html") == text("ran.html")


def test_the_answer_stands_first_and_the_command_last(cli: Cli, kept: str) -> None:
    assert cli(f"report {kept} -o page.html").exit_code == 0
    page = text("page.html")
    answer = "No: of 2 objectives 1 met, 1 not met: db.availability."  # 9 of 95 days down: 90.5 %
    assert page.index(answer) < page.index("Downtime by first cause")
    assert page.index("Downtime by first cause") < page.index("outlast run clockwork.yaml -n 3 --seed 1")
    assert "measured in 2025" in page


@pytest.mark.slow
def test_comparisons_have_pages_too(cli: Cli) -> None:
    result = cli("compare clockwork.yaml --variant slow -n 2 --report page.html")
    assert result.exit_code == 0, result.stderr
    assert "Paired differences" in text("page.html")


@pytest.mark.slow
def test_an_existing_page_is_replaced_whole(cli: Cli, kept: str) -> None:
    Path("page.html").write_text("x" * 10**6)
    assert cli(f"report {kept} -o page.html").exit_code == 0
    assert text("page.html").endswith("</html>\n")
    assert not list(Path().glob(".page*"))


@pytest.mark.parametrize(
    ("options", "error", "hint"),
    [
        ("-o no/where/page.html", "no/where/page.html: there is no folder no/where", "mkdir -p no/where"),
        ("-o page.pdf", "page.pdf: a report is a page of HTML", "ends in .html"),
        ("-o folder.html", "folder.html: this is a folder", "folder.html/report.html"),
        ("--set horizon=3d", "--set needs --scenario", "name the file"),
        ("--scenario random.yaml", "random.yaml: not the scenario of kept: its values differ", "--set"),
    ],
)
def test_a_page_that_cannot_be_written_is_refused(cli: Cli, kept: str, options: str, error: str, hint: str) -> None:
    Path("folder.html").mkdir()
    result = cli(f"report {kept} {options}")
    assert result.exit_code == 2
    assert result.stderr.startswith(f"error: {error}\n  hint: ")
    assert hint in result.stderr


def test_a_run_with_an_impossible_page_is_refused_before_it_runs(cli: Cli) -> None:
    result = cli("run clockwork.yaml --report no/page.html --out kept")
    assert (result.exit_code, result.stdout) == (2, "")
    assert not Path("kept").exists()


def test_what_is_no_result_is_named(cli: Cli, kept: str) -> None:
    Path("empty").mkdir()
    for folder, words in (("empty", "not a result of outlast: it has no manifest.json"), ("nowhere", "no such folder")):
        result = cli(f"report {folder}")
        assert result.exit_code == 2
        assert words in result.stderr
        assert result.stderr.count("error:") == 1


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda folder: (folder / "outages.parquet").unlink(), "the result is incomplete: outages.parquet missing"),
        (lambda folder: (folder / "outages.parquet").write_bytes(b"PAR1"), "the result could not be read"),
        (lambda folder: (folder / "manifest.json").write_text("{"), "damaged: not JSON"),
        (
            lambda folder: (folder / "manifest.json").write_text('{"format": 1}'),
            "format 1 of an older version of outlast",
        ),
    ],
)
def test_a_damaged_or_older_folder_is_one_message(
    cli: Cli, kept: str, damage: Callable[[Path], object], words: str
) -> None:
    damage(Path(kept))
    result = cli(f"report {kept} -o page.html")
    assert result.exit_code == 2
    assert words in result.stderr
    assert result.stderr.count("error:") == 1
    assert not Path("page.html").exists()


@pytest.mark.slow
def test_values_that_a_run_changed_need_the_scenario_and_the_changes(cli: Cli) -> None:
    cli("run clockwork.yaml -n 2 --set components.db.repair.lasts=2d --out kept -q")
    assert cli("report kept -o without.html").exit_code == 0
    assert "the run changed values of its text" in text("without.html")
    options = "--scenario clockwork.yaml --set components.db.repair.lasts=2d"
    assert cli(f"report kept -o with.html {options}").exit_code == 0
    assert "items over time" in text("with.html")


@pytest.mark.slow
def test_a_data_file_is_looked_for_where_the_scenario_was(cli: Cli, folder: Path) -> None:
    (folder / "there").mkdir()
    (folder / "there" / "rates.csv").write_text("rate\n50\n100\n")
    demand = "{csv: {file: rates.csv, column: rate, step: 12 h, unit: req/s}}"
    (folder / "there" / "web.yaml").write_text(
        "scenario: web\nhorizon: 10 d\nregions: {home: {}}\ncomponents:\n  web:\n    kind: serving_endpoint\n"
        f"    regions: {{home: active}}\n    demand: {demand}\n"
        "    replica: {count: 2, capacity: 100 req/s, time_to_failure: {exponential: 2 d}}\n"
    )
    assert cli("run there/web.yaml -n 2 --out kept -q").exit_code == 0
    assert cli("report kept -o page.html").exit_code == 0
    assert "web: requests over time" in text("page.html")
    (folder / "there" / "rates.csv").unlink()
    assert cli("report kept -o page.html").exit_code == 0
    assert "its text alone is not enough" in text("page.html")


@pytest.mark.slow
def test_an_exact_result_has_a_page(cli: Cli, folder: Path) -> None:
    (folder / "two.yaml").write_text(
        "scenario: two\nhorizon: 30 d\ncomponents:\n  db: {kind: component, count: 2, needs_up: 1, "
        "time_to_failure: {exponential: 3 d}, repair: {lasts: {exponential: 8 h}}}\n"
        "objectives: [{of: db, measure: availability, at_least: 95 %}]\n"
    )
    result = cli("run two.yaml --engine exact --report page.html -q")
    assert result.exit_code == 0, result.stderr
    assert "Yes: the objective is met." in text("page.html")
    assert "Markov chain" in text("page.html")


def test_a_description_and_remarks_with_html_are_text(cli: Cli, folder: Path) -> None:
    bad = "<script>alert(1)</script> & `code`"
    (folder / "bad.yaml").write_text(
        f'scenario: bad\ndescription: "{bad}"\nhorizon: 30 d\ncomponents:\n'
        "  db: {kind: component, time_to_failure: 9 d, repair: {lasts: 1 d}}  # <b>assumed</b>\n"
    )
    assert cli("run bad.yaml -n 2 --report page.html -q").exit_code == 0
    page = text("page.html")
    assert "<script" not in page and "<b>assumed" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; " in page


def test_the_manifest_keeps_what_a_report_needs(cli: Cli) -> None:
    assert cli("run clockwork.yaml -n 3 --variant slow --out kept -q").exit_code == 0
    manifest = json.loads(text("kept/manifest.json"))
    assert manifest["command"] == "outlast run clockwork.yaml -n 3 --seed 1 --variant slow"
    assert manifest["file"] == "clockwork.yaml"
    assert Path("kept/differences.parquet").is_file()
