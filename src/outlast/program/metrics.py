"""What a program's numbers mean: published measures, each a formula over meters, outages or records."""

from __future__ import annotations

from dataclasses import dataclass

#: Ends the name of a second measured condition of a component: the level at which its recovery clock stops.
RECOVERED = " recovered"

Terms = tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Metric:
    """One published measure of one component.

    kind:
        share          over / measured time, in [0, 1]
        time_mean      the same, any size
        rate           over per year of measured time
        amount         over per replication
        ratio          pooled over / under
        outages        per year; mean_outage, longest_outage: of the component's outages
        records        pooled mean of the values recorded under `label`
    over, under: sums of (coefficient, meter).  The value is scale * over / under; complement: 1 - that.
    constant: of a rate, what `over` grows by in every second of measured time, whatever happens.
    weighting: "time", "request" or "event".
    better: "higher", "lower", or "" where neither is better: which way a change is an improvement.
    """

    component: str
    measure: str
    unit: str
    words: str
    kind: str
    over: Terms = ()
    under: Terms = ()
    complement: bool = False
    scale: float = 1.0
    label: str = ""
    weighting: str = "time"
    better: str = ""
    constant: float = 0.0
