"""Small results for reports: one with everything, one in which nothing happens, one whose texts are hostile."""

from __future__ import annotations

import outlast
from outlast.report.html.material import Material
from outlast.run.results import Result
from outlast.study.together import studies

FULL = """\
scenario: full
description: One region, two zones.
horizon: 60 d
window: 30 d
regions:
  home: {zones: [a, b], zone_outage: {every: {exponential: 20 d}, lasts: {exponential: 2 h}}}
components:
  store:
    kind: feature_store
    primary: home.a
    replicas: [home.b]
    time_to_failure: {exponential: 10 d}     # assumed
    replication: {lag: {exponential: 2 s}}   # measured
    failover: {detect: 30 s, decide: 1 min, promote: 30 s}
    cost: {node: 2 USD/h}
  api:
    kind: serving_endpoint
    regions: {home: active}
    demand: {diurnal: {low: 100 req/s, high: 400 req/s, peak_at: 14 h}}
    needs: [store]
    replica: {count: 8, capacity: 100 req/s, time_to_failure: {exponential: 5 d}, detection: 10 s, restart: 5 min}
    cost: {replica: 1 USD/h, downtime: 100 USD/h}
  train:
    kind: training_cluster
    at: home.b
    hosts: {count: 8, needs: 7, time_to_failure: {exponential: 20 d}}
    repair: {lasts: {exponential: 6 h}}
    checkpoint: {every: 1 h, cost: 1 min, restart: 5 min}
objectives:
  - {of: api, measure: availability, at_least: 99.9 %}
  - {of: store, measure: rpo, at_most: 10 s}
  - {of: store, measure: rto, at_most: 10 min, quantile: 90 %}
agreements:
  to-customers: {of: api, at_least: 99.5 %, window: 30 d}
variants:
  quick: {components.store.failover.decide: 0 s}
"""

QUIET = """\
scenario: quiet
horizon: 10 d
components:
  db: {kind: component, time_to_failure: {exponential: 100000 y}, repair: {lasts: 1 h}}
"""

HOSTILE = "<script>alert(1)</script><img src=http://x.invalid/i.png onerror=alert(2)>&\"'$\\frac{1}{2}$"


def made(text: str, n: int, variants: tuple[str, ...] = ()) -> Material:
    scenario = outlast.loads(text)
    result = outlast.run(scenario, n, 1, variants=variants)
    return Material(result, studies(result, scenario), scenario)


def spoilt(full: Material) -> Material:
    """Every name, text and file of the result is hostile, as a folder from elsewhere may be."""
    result = full.result
    frames = {}
    for name in ("replications", "windows", "outages", "outage_parts", "records", "estimates", "sla", "sla_estimates",
                 "recovery"):  # fmt: skip
        table = getattr(result, name).copy()
        for column in set(table.columns) & {"component", "cause", "scope", "source", "part", "agreement", "method"}:
            table[column] = [text + HOSTILE if text else text for text in table[column]]
        frames[name] = table
    thresholds = [{**row, "component": row["component"] + HOSTILE, "note": HOSTILE} for row in result.thresholds]
    origin = type(result.origin)(**{**result.origin.__dict__, "scenario_name": HOSTILE, "scenario_text": HOSTILE})
    return Material(Result(origin, stored=frames, thresholds=thresholds), absent=HOSTILE)
