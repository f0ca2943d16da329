"""The tidy frames of a result: long, named columns, one unit per column, shares in [0, 1], times in seconds.

    replications   variant, replication, component, measure, value, unit
    windows        variant, replication, window, component, measure, value, unit
    outages        variant, replication, outage_id, component, cause, scope, source, start_s, duration_s, rto_s,
                   rpo_s, drill, censored
    outage_parts   variant, replication, outage_id, part, duration_s
    records        variant, replication, time_s, component, label, value, unit, cause
    estimates      variant, component, measure, scope, mean, std, ci_low, ci_high, level, n, method, unit
    sla, sla_estimates   see `outlast.run.sla_frames`
    recovery       see `outlast.run.recovery`

Studies of several variants add (`STUDIES`):

    differences    pair, component, measure, scope, base_mean, other_mean, mean, ci_low, ci_high, level, p_better,
                   n_pairs, method, verdict, unit
    cells          cell, path, value
    topologies     variant, of, cost, service_credits and claims (parts of it), availability, rto_p95 (s), sla_met
                   (P(contract window met)), p_met (share of the replications that meet every objective), per_avoided_h
                   (spent more than by the first variant for an hour of downtime less), each with its _low and _high;
                   losses (part of the cost), extra_cost, avoided_h (per year), next_nine
                   (shown, estimated, no), verdict, dominated_by, level, n, unit
    causes         variant, component, drill, scope, source, outages, downtime_s, share, ci_low, ci_high, level, n,
                   method
    cause_parts    variant, component, part, downtime_s, share, ci_low, ci_high, level, n, method
    without        variant, component, without, downtime_s, downtime_without_s, change, ci_low, ci_high, level,
                   p_better, n_pairs, method
    parameters     path, point, known, belief, low, high
    tornado        component, measure, path, low, high, base_mean, low_mean, high_mean, and low_, high_, swing_ with
                   difference, ci_low, ci_high; level, n_pairs, method, unit
    uncertainty    component, measure, mean, simulation_half_width, draw_half_width, low, high, predicted,
                   parameter_std, parameter_std_low, parameter_std_high, luck_std, draws, n, level, method, unit
    sobol          component, measure, path, first, first_low, first_high, total, total_low, total_high, rows, n,
                   level, method

A difference is other - base over the replications both have; p_better is the share of them in which the other is
better. `cells` says which value each varied path has in each cell of a sweep; a cell is a variant.

A study of sensitivity (docs/sensitivity.md): `tornado` has the paired differences of each parameter at its low and at
its high value to the base, and of high to low (swing). `uncertainty` has the mean over the parameters with what the
simulation and the finite number of draws leave open, the interval [low, high] that holds the share `predicted` of the
parameters' belief, the standard deviation due to the parameters with its interval, and that of one replication's luck.

Times count from the start of the simulation, warm-up included; what happened in the warm-up is left out.
"""

from __future__ import annotations

from outlast.run import recovery, sla_frames

#: dtype of every column of every frame.
COLUMNS: dict[str, dict[str, str]] = {
    "replications": {
        "variant": "str",
        "replication": "int64",
        "component": "str",
        "measure": "str",
        "value": "float64",
        "unit": "str",
    },
    "windows": {
        "variant": "str",
        "replication": "int64",
        "window": "int64",
        "component": "str",
        "measure": "str",
        "value": "float64",
        "unit": "str",
    },
    "outages": {
        "variant": "str",
        "replication": "int64",
        "outage_id": "int64",
        "component": "str",
        "cause": "str",
        "scope": "str",
        "source": "str",
        "start_s": "float64",
        "duration_s": "float64",
        "rto_s": "float64",
        "rpo_s": "float64",
        "drill": "bool",
        "censored": "bool",
    },
    "outage_parts": {
        "variant": "str",
        "replication": "int64",
        "outage_id": "int64",
        "part": "str",
        "duration_s": "float64",
    },
    "records": {
        "variant": "str",
        "replication": "int64",
        "time_s": "float64",
        "component": "str",
        "label": "str",
        "value": "float64",
        "unit": "str",
        "cause": "str",
    },
    "estimates": {
        "variant": "str",
        "component": "str",
        "measure": "str",
        "scope": "str",
        "mean": "float64",
        "std": "float64",
        "ci_low": "float64",
        "ci_high": "float64",
        "level": "float64",
        "n": "int64",
        "method": "str",
        "unit": "str",
    },
    "sla": sla_frames.SLA,
    "sla_estimates": sla_frames.SLA_ESTIMATES,
    "recovery": recovery.COLUMNS,
}

_PAIRED = ("difference", "ci_low", "ci_high")
#: frames that studies of several variants add.
STUDIES: dict[str, dict[str, str]] = {
    "differences": {
        "pair": "str",
        "component": "str",
        "measure": "str",
        "scope": "str",
        "base_mean": "float64",
        "other_mean": "float64",
        "mean": "float64",
        "ci_low": "float64",
        "ci_high": "float64",
        "level": "float64",
        "p_better": "float64",
        "n_pairs": "int64",
        "method": "str",
        "verdict": "str",
        "unit": "str",
    },
    "cells": {"cell": "str", "path": "str", "value": "str"},
    "topologies": {
        "variant": "str",
        "of": "str",
        **{
            name + end: "float64"
            for name in (
                "cost",
                "service_credits",
                "claims",
                "availability",
                "rto_p95",
                "sla_met",
                "p_met",
                "per_avoided_h",
            )
            for end in ("", "_low", "_high")
        },
        "losses": "float64",
        "extra_cost": "float64",
        "avoided_h": "float64",
        "next_nine": "str",
        "verdict": "str",
        "dominated_by": "str",
        "level": "float64",
        "n": "int64",
        "unit": "str",
    },
    "causes": {
        "variant": "str",
        "component": "str",
        "drill": "bool",
        "scope": "str",
        "source": "str",
        "outages": "int64",
        "downtime_s": "float64",
        "share": "float64",
        "ci_low": "float64",
        "ci_high": "float64",
        "level": "float64",
        "n": "int64",
        "method": "str",
    },
    "cause_parts": {
        "variant": "str",
        "component": "str",
        "part": "str",
        "downtime_s": "float64",
        "share": "float64",
        "ci_low": "float64",
        "ci_high": "float64",
        "level": "float64",
        "n": "int64",
        "method": "str",
    },
    "without": {
        "variant": "str",
        "component": "str",
        "without": "str",
        "downtime_s": "float64",
        "downtime_without_s": "float64",
        "change": "float64",
        "ci_low": "float64",
        "ci_high": "float64",
        "level": "float64",
        "p_better": "float64",
        "n_pairs": "int64",
        "method": "str",
    },
    "parameters": dict.fromkeys(("path", "point", "known", "belief", "low", "high"), "str"),
    "tornado": {
        **dict.fromkeys(("component", "measure", "path", "low", "high"), "str"),
        **dict.fromkeys(("base_mean", "low_mean", "high_mean"), "float64"),
        **{f"{end}_{part}": "float64" for end in ("low", "high", "swing") for part in _PAIRED},
        "level": "float64",
        "n_pairs": "int64",
        "method": "str",
        "unit": "str",
    },
    "uncertainty": {
        **dict.fromkeys(("component", "measure"), "str"),
        **dict.fromkeys(("mean", "simulation_half_width", "draw_half_width", "low", "high", "predicted"), "float64"),
        **dict.fromkeys(("parameter_std", "parameter_std_low", "parameter_std_high", "luck_std"), "float64"),
        "draws": "int64",
        "n": "int64",
        "level": "float64",
        "method": "str",
        "unit": "str",
    },
    "sobol": {
        **dict.fromkeys(("component", "measure", "path"), "str"),
        **dict.fromkeys(("first", "first_low", "first_high", "total", "total_low", "total_high"), "float64"),
        "rows": "int64",
        "n": "int64",
        "level": "float64",
        "method": "str",
    },
}
