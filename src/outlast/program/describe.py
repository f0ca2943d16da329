"""A program as text, and a lifecycle as a Mermaid state diagram."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from outlast.program import tables as T
from outlast.program.program import Program


def describe(program: Program, component: str = "") -> str:
    """What the program became: every cohort with its states and rows, as prose; `component` narrows it."""
    t, names = program.tables, program.names
    lines = []
    if not component:
        tables = {"states": "states", "transitions": "rows", "effects": "effects", "nodes": "flow nodes"}
        sizes = ", ".join(f"{len(t[table])} {text}" for table, text in tables.items())
        lines.append(f"{program.units} units in {len(names.cohorts)} cohorts, {sizes}")
        lines += [f"pool {n}: capacity {row['capacity']}" for n, row in zip(names.pools, t["pools"], strict=True)]
        lines += list(_conditions(program))
    for i, name in enumerate(names.cohorts):
        if component in ("", names.components[i]):
            lines += _cohort(program, i, name)
    lines += list(_controllers(program, component))
    return "\n".join(lines)


def _conditions(program: Program) -> Iterator[str]:
    for name, row in zip(program.names.conditions, program.tables["conditions"], strict=True):
        measured = " (measured)" if row["measured"] >= 0 else ""
        yield f"condition {name}: {T.SOURCES[row['kind']]} {_item(program, row)} >= {row['level']:g}{measured}"


def _controllers(program: Program, component: str) -> Iterator[str]:
    for name, row in zip(program.names.controllers, program.tables["controllers"], strict=True):
        roster = program.tables["rosters"][program.tables["groups"][row["group"]]["r0"]]
        if component not in ("", program.names.components[roster["cohort"]]):
            continue
        group, what = program.names.groups[row["group"]], "total" if row["total"] else "mean"
        metric = f"{what} of {T.SOURCES[row['kind']]} {_item(program, row)} / {row['target']:g}"
        bounds = f"{row['least']} to {row['most']} in group {group}"
        yield f"controller {name}: every {row['period']:g} s, {bounds} by {metric}"


def _item(program: Program, row: np.void) -> str:
    kind, item = int(row["kind"]), int(row["object"])
    names = program.names
    homes = {T.GROUP: names.groups, T.PROFILE: names.profiles, T.POOL_FREE: names.pools,
             T.POOL_QUEUED: names.pools, T.SERVICE_FIELD: names.services}  # fmt: skip
    return homes[kind][item] if kind in homes else str(item)


def _cohort(program: Program, i: int, name: str) -> list[str]:
    row = program.tables["cohorts"][i]
    lines = [f"cohort {name}: {row['count']} x, starts {_short(program, int(row['initial']))}"]
    for s in range(row["state0"], row["state1"]):
        state = program.tables["states"][s]
        tags = [tag for k, tag in enumerate(program.names.tags) if int(state["tags"]) >> k & 1]
        lines.append(f"  {_short(program, s)}" + (f" [{', '.join(tags)}]" if tags else ""))
        rows = [*range(state["t0"], state["t1"]), *range(state["s0"], state["s1"])]
        lines += [f"    {_row(program, t)}" for t in rows]
    return lines


def _short(program: Program, state: int) -> str:
    return program.names.states[state].rpartition(".")[2]


def _trigger(program: Program, t: int) -> str:
    row = program.tables["transitions"][t]
    if row["signal"] >= 0:
        return f"on {program.names.signals[row['signal']]}"
    policy = T.POLICIES[row["policy"]]
    return f"after {law_text(program, int(row['dist']))}" + ("" if policy == "resample" else f", {policy}")


def law_text(program: Program, dist: int) -> str:
    """A delay of the tables as a person writes it."""
    return program.names.laws[dist]


def _targets(program: Program, t: int) -> Iterator[tuple[str, float, str]]:
    """(target, probability, verbs) of every case; target "" = stay."""
    row, reached = program.tables["transitions"][t], 0.0
    for c in range(row["c0"], row["c1"]):
        case = program.tables["cases"][c]
        verbs = [T.VERBS[program.tables["effects"][e]["op"]] for e in range(case["e0"], case["e1"])]
        target = _short(program, int(case["target"])) if case["target"] >= 0 else ""
        yield target, float(case["p"]) - reached, ", ".join(verbs)
        reached = float(case["p"])


def _row(program: Program, t: int) -> str:
    cases = []
    several = len(list(_targets(program, t))) > 1
    for target, p, verbs in _targets(program, t):
        text = f"-> {target}" if target else "stay"
        cases.append((f"{p:.4g} " if several else "") + text + (f" ({verbs})" if verbs else ""))
    return f"{_trigger(program, t)}: " + "; ".join(cases)


def mermaid(program: Program, component: str = "") -> str:
    """Mermaid state diagrams, one block for each lifecycle of the component (all if none is named)."""
    seen, lines = set(), ["stateDiagram-v2"]
    for i, name in enumerate(program.names.cohorts):
        row = program.tables["cohorts"][i]
        if component not in ("", program.names.components[i]) or int(row["state0"]) in seen:
            continue
        seen.add(int(row["state0"]))
        lines.append(f'    state "{_plain(name)}" as c{i} {{')
        lines.append(f"        [*] --> s{row['initial']}")
        for s in range(row["state0"], row["state1"]):
            lines.append(f'        state "{_plain(_short(program, s))}" as s{s}')
            state = program.tables["states"][s]
            for t in [*range(state["t0"], state["t1"]), *range(state["s0"], state["s1"])]:
                lines += _arrows(program, s, t)
        lines.append("    }")
    return "\n".join(lines)


def _arrows(program: Program, s: int, t: int) -> Iterator[str]:
    row = program.tables["transitions"][t]
    several = int(row["c1"] - row["c0"]) > 1
    for c, (_, p, _verbs) in zip(range(row["c0"], row["c1"]), _targets(program, t), strict=True):
        target = int(program.tables["cases"][c]["target"])
        label = _trigger(program, t) + (f" ({p:.4g})" if several else "")
        yield f"        s{s} --> s{target if target >= 0 else s} : {_plain(label)}"


def _plain(text: str) -> str:
    """Mermaid has no escape for these in labels."""
    return text.replace('"', "'").replace(";", ",").replace(":", " ").replace("\n", " ")
