"""The compile cache: named after the compiled sources, in a folder that can be written, used by the next process."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from outlast import compiled

VARIABLES = ("HOME", "XDG_CACHE_HOME", "OUTLAST_CACHE_DIR", "TMPDIR", "NUMBA_CACHE_DIR")
TINY = """
from outlast.compiled import entry
@entry
def double(x): return 2.0 * x
assert double(2.0) == 4.0
"""
RUN = """
from outlast.engines import kernel
from outlast.program import Builder, Lifecycle
b = Builder(1.0)
b.cohort("rock", Lifecycle("rock").state("on"))
assert kernel.run(b.build(), 1, 0).events == 0
"""


def python(code: str, **variables: str) -> str:
    """Standard output of a fresh interpreter with only these of the variables that steer the cache."""
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    environment["PYTHONPATH"] = str(compiled.PACKAGE.parent)
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], env=environment | variables, text=True,
                          capture_output=True, check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def chosen(**variables: str) -> Path:
    """The cache folder a fresh process takes."""
    return Path(python("import numba, outlast.compiled; print(numba.config.CACHE_DIR)", **variables))


@pytest.fixture
def blocked(tmp_path: Path) -> Path:
    """A folder nobody can create, not even root: it lies below a regular file."""
    (tmp_path / "file").write_text("in the way")
    return tmp_path / "file" / "below"


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    (tmp_path / "tmp").mkdir()
    return tmp_path / "tmp"


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the package that `source_hash` looks at instead."""
    copy = tmp_path / "outlast"
    shutil.copytree(compiled.PACKAGE, copy, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    monkeypatch.setattr(compiled, "PACKAGE", copy)
    return copy


def test_a_copy_of_the_sources_has_the_same_hash(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    before = compiled.source_hash()
    request.getfixturevalue("sources")
    assert compiled.source_hash() == before


@pytest.mark.parametrize(
    "file",
    ["compiled.py", "stats/draws.py", "stats/distributions/weibull.py", "program/tables.py", "program/block.py",
     "engines/kernel/pool.py"],
)  # fmt: skip
def test_an_edit_of_any_compiled_source_changes_the_hash(sources: Path, file: str) -> None:
    before = compiled.source_hash()
    with (sources / file).open("a") as text:
        text.write("# edited\n")
    assert compiled.source_hash() != before


def test_every_compiled_callee_is_part_of_the_hash() -> None:
    """Numba itself notices an edit of the file of an entry point, but not of the files of what it calls."""
    for file in compiled.PACKAGE.rglob("*.py"):
        place = file.relative_to(compiled.PACKAGE).as_posix()
        if "\n@kernel\n" in (text := file.read_text()) or "\n@inner\n" in text:
            assert any(place == entry or place.startswith(entry + "/") for entry in compiled.COMPILED), place


@pytest.mark.parametrize("file", ["program/builder.py", "engines/reference/pool.py"])
def test_an_edit_elsewhere_keeps_the_hash(sources: Path, file: str) -> None:
    before = compiled.source_hash()
    with (sources / file).open("a") as text:
        text.write("# edited\n")
    assert compiled.source_hash() == before


def test_the_folder_is_named_after_the_hash(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("OUTLAST_CACHE_DIR", str(tmp_path))
    assert compiled.cache_directory() == tmp_path / "outlast" / f"outlast-{compiled.source_hash()}"


def test_the_first_writable_folder_is_taken(tmp_path: Path, temporary: Path, blocked: Path) -> None:
    own, cache, home = (tmp_path / name for name in ("own", "cache", "home"))
    variables = {"OUTLAST_CACHE_DIR": str(own), "XDG_CACHE_HOME": str(cache), "HOME": str(home),
                 "TMPDIR": str(temporary)}  # fmt: skip
    expected = [own, cache, temporary]
    for name, folder in zip(["", "OUTLAST_CACHE_DIR", "XDG_CACHE_HOME"], expected, strict=True):
        if name:
            variables[name] = str(blocked)
        assert chosen(**variables).parent == folder / "outlast"
    del variables["XDG_CACHE_HOME"], variables["OUTLAST_CACHE_DIR"]
    assert chosen(**variables).parent == home / ".cache" / "outlast"


def test_without_home_the_temporary_folder_is_used(temporary: Path) -> None:
    assert chosen(TMPDIR=str(temporary)).parent == temporary / "outlast"


def test_a_home_that_cannot_be_written_falls_back_to_the_temporary_folder(temporary: Path, blocked: Path) -> None:
    assert chosen(HOME=str(blocked), TMPDIR=str(temporary)).parent == temporary / "outlast"


def test_a_taken_name_in_the_temporary_folder_is_got_round(temporary: Path, blocked: Path) -> None:
    """Somebody else's file is called `outlast`: a folder of our own, made for this process."""
    (temporary / "outlast").write_text("in the way")
    folder = chosen(HOME=str(blocked), TMPDIR=str(temporary))
    assert folder.parent == temporary
    assert folder.is_dir()


def test_the_choice_of_numba_is_respected_but_still_keyed_by_the_sources(tmp_path: Path) -> None:
    folder = chosen(NUMBA_CACHE_DIR=str(tmp_path), HOME=str(tmp_path / "home"))
    assert folder.parent.parent == tmp_path
    assert folder.name.startswith("outlast-")
    assert not (tmp_path / "home").exists()


def written(folder: Path) -> dict[str, int]:
    """Every file of the cache and when it was last written."""
    return {str(file.relative_to(folder)): file.stat().st_mtime_ns for file in folder.rglob("*.nb*")}


def test_a_second_process_uses_what_the_first_compiled(tmp_path: Path) -> None:
    module = tmp_path / "tiny.py"
    module.write_text(TINY)
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import tiny"
    python(code, OUTLAST_CACHE_DIR=str(tmp_path / "cache"))
    before = written(tmp_path / "cache")
    assert len(before) == 2  # an index and one machine code
    python(code, OUTLAST_CACHE_DIR=str(tmp_path / "cache"))
    assert written(tmp_path / "cache") == before


def test_the_kernel_is_compiled_once_for_all_processes() -> None:
    """In the folder this test process uses itself, so that a warm cache stays warm."""
    own = os.environ.get("NUMBA_CACHE_DIR")
    folder = Path(own) if own else compiled.cache_directory()
    variables = {"NUMBA_CACHE_DIR": own} if own else {"OUTLAST_CACHE_DIR": str(folder.parent.parent)}
    python(RUN, **variables)
    before = written(folder)
    assert any("simulate" in name for name in before)
    python(RUN, **variables)
    assert written(folder) == before
