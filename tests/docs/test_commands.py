"""Every command in the documentation does what it says: run in order, page by page, with few replications."""

from __future__ import annotations

import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from outlast.cli.main import main

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FEWER = {"-n": "3", "--most": "8", "--sobol": "2", "--draws": "2", "--time-limit": "5 s"}
REPLICATED = ("run", "compare", "sweep", "gate", "topologies", "causes", "sensitivity", "bench")
VERDICTS = (0, 1, 4)  # of so few replications, any


def blocks(page: Path) -> Iterator[tuple[str, str, str]]:
    """(last line of prose before, language, text) of every code block."""
    before, inside, language, text = "", False, "", ""
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            if inside:
                yield before, language, text
            inside, language, text = not inside, line[3:], ""
        elif inside:
            text += line + "\n"
        elif line:
            before = line


def commands(page: Path) -> list[list[str]]:
    """Arguments of every `outlast` in blocks of shell."""
    lines = [line for _, language, text in blocks(page) if language in ("bash", "sh")
             for line in text.replace("\\\n", " ").splitlines()]  # fmt: skip
    words = [shlex.split(part, comments=True) for line in lines for part in line.split(" && ")]
    return [list(one[1:]) for one in words if one and one[0].removeprefix(".venv/bin/") == "outlast"]


def with_few_replications(arguments: list[str]) -> list[str]:
    short = [FEWER.get(before, word) for before, word in zip(["", *arguments], arguments, strict=False)]
    return short if short[0] not in REPLICATED or {"-n", "--precision"} & set(short) else [*short, "-n", FEWER["-n"]]


def in_the_folder_of_the_reader(page: Path, folder: Path) -> None:
    """`scenarios` as in the repository, and `platform.yaml`: what the page writes into it, else the big one."""
    (folder / "scenarios").symlink_to(ROOT / "scenarios")
    shutil.copytree(ROOT / "scenarios" / "data", folder / "data")
    shutil.copy(ROOT / "scenarios" / "two-region-platform.yaml", folder / "platform.yaml")
    for before, language, text in blocks(page):
        named = re.search(r"Write this into `([\w.-]+)`:$", before)
        if language == "yaml" and named:
            (folder / named.group(1)).write_text(text, encoding="utf-8")


@pytest.mark.slow
@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)], ids=lambda page: page.stem)
def test_the_commands_of_a_page_work(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    in_the_folder_of_the_reader(page, tmp_path)
    monkeypatch.chdir(tmp_path)
    for arguments in commands(page):
        with pytest.raises(SystemExit) as ended:
            main.main(with_few_replications(arguments))
        assert ended.value.code in (VERDICTS if arguments[0] == "gate" else (0,)), arguments


def test_commands_are_found_in_the_pages_that_have_them() -> None:
    found = {page.relative_to(ROOT).as_posix(): len(commands(page)) for page in PAGES}
    assert found["docs/tutorial.md"] >= 6 and found["README.md"] >= 1 and found["docs/ci.md"] >= 3


def test_pages_that_are_linked_exist() -> None:
    pages = [*PAGES, ROOT / "CONTRIBUTING.md", ROOT / "benchmarks" / "README.md"]
    missing = [(page.name, link) for page in pages
               for link in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
               if not (page.parent / link).exists()]  # fmt: skip
    assert missing == []
