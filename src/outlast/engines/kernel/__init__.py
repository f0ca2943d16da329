"""The compiled engine: one fixed kernel, whatever the scenario (docs/semantics.md)."""

from outlast.engines.kernel.driver import Run, memory, run, run_many

__all__ = ["Run", "memory", "run", "run_many"]
