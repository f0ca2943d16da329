"""The program: tables, the builder that makes them, the checks that refuse them, and their description."""

from outlast.program.builder import Builder
from outlast.program.metrics import Metric
from outlast.program.model import (
    Case,
    Each,
    Lifecycle,
    Site,
    Term,
)
from outlast.program.program import Program
from outlast.program.source import Source, count_of, free_in, level_of, queued_at, rate_of, use_of, value_of
from outlast.program.verbs import (
    commit,
    emit,
    forget,
    record,
    release,
    request,
    resize,
    rollback,
    route,
    scatter,
    set_level,
    stage,
    taint,
)

__all__ = [
    "Builder", "Case", "Each", "Lifecycle", "Metric", "Program", "Site", "Source", "Term", "commit", "count_of", "emit",
    "forget", "free_in", "level_of", "queued_at", "rate_of", "record", "release", "request", "resize", "rollback",
    "route", "scatter", "set_level", "stage", "taint", "use_of", "value_of",
]  # fmt: skip
