"""`outlast schema` and `outlast init`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import Result

from outlast.cli.init import TEMPLATES, template

Cli = Callable[..., Result]

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"


def test_schema_is_a_valid_json_schema(cli: Cli) -> None:
    result = cli("schema")
    assert (result.exit_code, result.stderr) == (0, "")
    schema = json.loads(result.stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert "components" in schema["properties"]


def test_schema_into_a_file(cli: Cli, folder: Path) -> None:
    result = cli("schema -o outlast.schema.json")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "# yaml-language-server: $schema=outlast.schema.json" in result.stderr
    assert (folder / "outlast.schema.json").read_text() == cli("schema").stdout


def test_schema_into_a_place_that_is_none(cli: Cli) -> None:
    result = cli("schema -o random.yaml/x")
    assert (result.exit_code, result.stderr) == (2, "error: random.yaml/x: Not a directory\n")


def test_init_writes_a_scenario_and_tells_the_next_command(cli: Cli, folder: Path) -> None:
    result = cli("init")
    assert (result.exit_code, result.stdout) == (0, "")
    assert result.stderr == "wrote scenario.yaml\nnext: outlast run scenario.yaml\n"
    assert (folder / "scenario.yaml").read_text() == template("quickstart")


def test_init_does_not_overwrite(cli: Cli, folder: Path) -> None:
    refused = cli("init random.yaml")
    assert refused.exit_code == 2
    assert refused.stderr == (
        "error: random.yaml: exists; nothing was written\n  hint: name another file, or use --force\n"
    )
    assert "scenario: random" in (folder / "random.yaml").read_text()
    assert cli("init random.yaml --force").exit_code == 0
    assert (folder / "random.yaml").read_text() == template("quickstart")


def test_init_needs_the_folder(cli: Cli) -> None:
    result = cli("init nowhere/x.yaml")
    assert (result.exit_code, result.stderr) == (2, "error: nowhere/x.yaml: there is no folder nowhere\n")


@pytest.mark.parametrize("name", TEMPLATES)
def test_templates_are_valid_and_run(cli: Cli, name: Any) -> None:
    assert cli(f"init here.yaml --template {name}").exit_code == 0
    assert cli("validate here.yaml").stdout == "ok  here.yaml\n"
    result = cli("run", "here.yaml", "-n", "2", "--horizon", "20 d")
    assert (result.exit_code, result.stderr) == (0, "")


def test_the_quickstart_template_is_the_scenario_of_the_repository() -> None:
    path = SCENARIOS / "quickstart.yaml"
    assert template("quickstart") == path.read_text(encoding="utf-8")
