"""The notebooks run from top to bottom, and are stored without outputs."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient

import outlast

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
SECONDS = 600  # a cold compilation of the simulation kernel included


def name_of(file: Path) -> str:
    return file.stem


def test_there_is_a_notebook_to_begin_with() -> None:
    assert "first-steps" in [file.stem for file in NOTEBOOKS]


@pytest.mark.parametrize("file", NOTEBOOKS, ids=name_of)
def test_notebook_is_stored_without_outputs(file: Path) -> None:
    for cell in nbformat.read(file, as_version=4).cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None, cell.source


@pytest.mark.parametrize("file", NOTEBOOKS, ids=name_of)
@pytest.mark.filterwarnings("default")  # those of Jupyter's own machinery are not ours
def test_notebook_runs(file: Path) -> None:
    notebook = nbformat.read(file, as_version=4)
    client = NotebookClient(notebook, timeout=SECONDS, kernel_manager_class=ThisPython,
                            resources={"metadata": {"path": str(FOLDER)}})  # fmt: skip
    tested = os.pathsep.join([str(Path(outlast.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    client.execute(env={**os.environ, "PYTHONPATH": tested, "PYTHONWARNINGS": "default"})
    figures = [o for cell in notebook.cells for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
    assert len(figures) >= 2


class ThisPython(AsyncKernelManager):
    """Kernel `python3` is this interpreter, whatever kernels the user has installed."""

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        return [sys.executable, *super().format_kernel_cmd(extra_arguments)[1:]]
