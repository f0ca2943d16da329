"""Names of Prometheus metrics that objectives are computed from: templates with `{component}`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from outlast.errors import UsageError, shown

ERRORS = 'http_requests_total{service="{component}",code=~"5.."}'
TOTAL = 'http_requests_total{service="{component}"}'
UP = 'probe_success{service="{component}"}'
_LABEL = r'\s*[a-zA-Z_]\w*\s*(=|!=|=~|!~)\s*"([^"\\\n]|\\.)*"\s*'
_SELECTOR = re.compile(rf"[a-zA-Z_:][a-zA-Z0-9_:]*(\{{({_LABEL},)*({_LABEL})?\}})?", re.ASCII)


@dataclass(frozen=True)
class Metrics:
    """errors, total: counters of requests; up: a gauge that is 1 while a component works, else 0."""

    errors: str = ERRORS
    total: str = TOTAL
    up: str = UP

    def __post_init__(self) -> None:
        for name in ("errors", "total", "up"):
            text = getattr(self, name)
            if "{component}" not in text:
                raise UsageError(f"--{name}-metric {shown(text)} does not say `{{component}}`",
                                 f"write for example {getattr(Metrics, name)!r}")  # fmt: skip
            if not _SELECTOR.fullmatch(text.replace("{component}", "x")):
                raise UsageError(f"--{name}-metric {shown(text)} is not a metric with labels",
                                 f"write for example {getattr(Metrics, name)!r}")  # fmt: skip

    def of(self, name: str, component: str) -> str:
        """The selector of one of the metrics for a component."""
        return str(getattr(self, name)).replace("{component}", component)
