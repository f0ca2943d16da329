"""The readable engine: SimPy drives time, plain Python objects hold state; the oracle of the kernel."""

from outlast.engines.reference.loop import run

__all__ = ["run"]
