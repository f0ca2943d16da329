"""How long one waits: for `outlast --help`, for the first output of a run, for the engine to compile.

    python benchmarks/startup.py             two minutes; writes benchmarks/results/startup.json
    python benchmarks/startup.py --quick     some seconds, nothing is compiled; writes nothing unless --out is given

Wall-clock medians over several processes of the installed command line, with byte code and compiled code in their
caches after a first call that is not counted. An empty interpreter (`python -c pass`) takes turns with them. Their
processor time is given too: on a busy machine it says more. The answers are checked: the help lists the commands, the
runs print the same bytes each time. Cold: a process that finds an empty cache of compiled code, once.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict

from measuring import SCENARIOS, Found, main, require

from outlast.run import first_call
from outlast.run.cost import Timing

TARGETS_S = {"--help": 0.3, "run, first output": 1.5, "cold": 20.0}
EMPTY, HELP, RUN = "python -c pass", "--help", "run, first output"
OUTLAST = [sys.executable, "-m", "outlast"]
COMMANDS: dict[str, Sequence[str]] = {
    EMPTY: [sys.executable, "-c", "pass"],
    HELP: [*OUTLAST, "--help"],
    "validate": [*OUTLAST, "validate", str(SCENARIOS / "quickstart.yaml")],
    RUN: [*OUTLAST, "run", str(SCENARIOS / "quickstart.yaml"), "-n", "2", "--json", "-q"],
}
WHAT = "wall-clock seconds until a command answers, and of the compilation"


def called(command: Sequence[str]) -> tuple[float, float, bytes]:
    """Seconds until the first byte of output (or the end, without any), processor seconds until the end, the output."""
    before = os.times()
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        first = process.stdout.read(1)
        seconds = time.perf_counter() - start
        output = first + process.stdout.read()
    require(process.returncode == 0, f"{' '.join(command)}: {output.decode()}")
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, used, output


def measure(quick: bool) -> Found:
    expected = {name: called(command)[2] for name, command in COMMANDS.items()}  # also fills the caches
    require(b"Commands:" in expected[HELP] and b'"estimates"' in expected[RUN], "these are not the right answers")
    spent: dict[str, list[float]] = {name: [] for name in COMMANDS}
    used: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(2 if quick else 15):
        for name, command in COMMANDS.items():
            seconds, processor, output = called(command)
            require(output == expected[name], f"{name}: the output is another one")
            spent[name].append(seconds)
            used[name].append(processor)
    return {
        "seconds": {name: asdict(Timing.of(seconds)) for name, seconds in spent.items()},
        "processor_seconds": {name: asdict(Timing.of(seconds)) for name, seconds in used.items()},
        "warm": first_call.warm(),
        "cold": {} if quick else first_call.cold(),
        "targets_s": TARGETS_S,
    }


def report(found: Found) -> str:
    targets = found["targets_s"]
    lines = []
    for name, t in found["seconds"].items():
        target = f", target {targets[name]} s" if name in targets else ""
        spread = f"{t['least']:.3f} to {t['most']:.3f} over {t['rounds']} processes"
        used = found["processor_seconds"][name]["median"]
        lines.append(f"{name:<20} {t['median']:6.3f} s ({spread}), processor {used:.3f} s{target}")
    for name in ("warm", "cold"):
        if found[name]:
            seconds, target = found[name], f", target {targets[name]} s" if name in targets else ""
            lines.append(f"first replication, {name}: {seconds['first_s']:.2f} s after {seconds['import_s']:.2f} s of "
                         f"imports{target}")  # fmt: skip
    return "\n".join(lines)


if __name__ == "__main__":
    main("startup", WHAT, measure, report)
