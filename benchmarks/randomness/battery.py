"""Evidence for the draws (R15): batteries over keyed streams; results go to docs/randomness.md.

    python benchmarks/randomness/battery.py                                  a quarter of an hour of an idle processor
    python benchmarks/randomness/battery.py --only units counts              some streams; other results are kept
    python benchmarks/randomness/battery.py --tools dieharder-slow           some twenty minutes more
    python benchmarks/randomness/battery.py --tools crush --only counts      TestU01's Crush: an hour or more a stream

Every weak p-value is computed again with four other seeds.  Ends with code 1 if a stream failed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import direct
import tools
from page import RESULTS, failed, weak, write_page
from streams import BAD, STREAMS, Stream

SEED, OTHER_SEEDS = 1, (2, 3, 4, 5)
DIRECT_WORDS = 1 << 24
# all tests but those that dieharder itself calls suspect (5, 6, 7) or not to be used (14)
DIEHARDER = {
    "dieharder": (0, 3, 4, 8, 9, 10, 11, 12, 13, 15, 16, 100, 101, 202, 204, 206),
    "dieharder-slow": (1, 2, 17, 102, 200, 201, 203, 205, 207, 208, 209),
}
FOR_DIEHARDER = ("counts", "units")
TOOLS = ("small", "dieharder", "direct")
GENERAL = {"neighbours": direct.of_neighbours, "sums": direct.of_sums, "avalanche": direct.of_avalanche}


@dataclass(frozen=True)
class Job:
    """One program run over one stream; run(seed) gives its p-values and how many words it took."""

    tool: str
    stream: str
    part: str
    run: Callable[[int], tools.Measured]

    @property
    def name(self) -> str:
        return f"{self.tool}/{self.stream}/{self.part}"


def jobs(chosen: tuple[str, ...], only: list[str] | None) -> Iterator[Job]:
    """What is to be run, in order."""
    streams = [s for s in STREAMS.values() if only is None or s.name in only]
    for stream in streams if "direct" in chosen else ():
        yield Job("direct", stream.name, "top 52 bits", partial(_direct, stream))
    for name, test in GENERAL.items() if "direct" in chosen and only is None else ():
        part = "all 64 bits" if name == "avalanche" else "top 52 bits"
        yield Job("direct", name, part, partial(_general, test))
    for battery in [t for t in ("small", "crush") if t in chosen]:
        for stream in [*streams, *([BAD] if only is None else [])]:
            for half in ("high", "low"):
                yield Job(battery, stream.name, half, partial(_testu01, stream, half, battery))
    for stream in [s for s in streams if only is not None or s.name in FOR_DIEHARDER]:
        for test in [test for tool, tests in DIEHARDER.items() if tool in chosen for test in tests]:
            yield Job("dieharder", stream.name, f"both, -d {test}", partial(_dieharder, stream, test))


def _direct(stream: Stream, seed: int) -> tools.Measured:
    return dict(direct.of_stream(stream, seed, DIRECT_WORDS)), DIRECT_WORDS


def _general(test: Callable[[int], direct.Found], seed: int) -> tools.Measured:
    return dict(test(seed)), direct.WORDS[test.__name__]


def _testu01(stream: Stream, half: str, battery: str, seed: int) -> tools.Measured:
    return tools.testu01(stream, half, seed, battery)


def _dieharder(stream: Stream, test: int, seed: int) -> tools.Measured:
    return tools.dieharder(stream, "both", 1000 * seed + test, test)  # every test reads other words


def measured(job: Job) -> dict[str, Any]:
    """The p-values of a job, and of the weak ones those with other seeds too."""
    found, words = job.run(SEED)
    again: dict[str, list[float]] = {name: [] for name, p in found.items() if weak(p) and job.stream != BAD.name}
    for seed in OTHER_SEEDS if again else ():
        other, _ = job.run(seed)
        for name in again:
            again[name].append(other[name])
    return {"tool": job.tool, "stream": job.stream, "part": job.part, "words": words, "p": found, "again": again}


def fingerprint() -> str:
    """Hash of some words: results are of one mixer."""
    return hashlib.blake2b(STREAMS["units"].words(SEED, 0, 1000).tobytes(), digest_size=8).hexdigest()


def kept() -> dict[str, Any]:
    """Results so far, if they are of this mixer."""
    found = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else {}
    return found if found.get("fingerprint") == fingerprint() else {"fingerprint": fingerprint(), "jobs": {}}


def main() -> None:
    parser = argparse.ArgumentParser(description="Statistical batteries over keyed streams of draws.")
    parser.add_argument("--only", nargs="+", choices=list(STREAMS), metavar="STREAM", help=", ".join(STREAMS))
    parser.add_argument("--tools", nargs="+", choices=[*TOOLS, "dieharder-slow", "crush"], default=TOOLS,
                        help=f"default: {' '.join(TOOLS)}")  # fmt: skip
    options = parser.parse_args()
    results = kept()
    for job in jobs(tuple(options.tools), options.only):
        start = time.monotonic()
        results["jobs"][job.name] = found = measured(job)
        results["versions"] = {**tools.versions(), "seed": SEED, "other_seeds": OTHER_SEEDS}
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
        print(f"{job.name:<48} {found['words']:>13,} words  {len(found['p']):>3} p-values  {len(found['again'])} weak  "
              f"{time.monotonic() - start:6.1f} s", flush=True)  # fmt: skip
    write_page(results)
    raise SystemExit(1 if any(failed(job) for job in results["jobs"].values()) else 0)


if __name__ == "__main__":
    os.nice(5)
    main()
