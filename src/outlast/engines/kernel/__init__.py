"""The compiled engine: one fixed kernel, whatever the scenario (docs/semantics.md)."""

from outlast.engines.kernel.driver import Run, finished, run, run_many

__all__ = ["Run", "finished", "run", "run_many"]
