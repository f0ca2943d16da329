"""The mutation check: does the test suite notice when one line of the kernel is wrong?

    python tests/mutation/check.py                     240 mutants; continues where it was stopped
    python tests/mutation/check.py --count 100 --match pool.py
    python tests/mutation/check.py --again             once more those that survived (after tests were added)
    python tests/mutation/check.py --page              also write docs/mutation.md

Every mutant is one changed line of one function.  The tests of the rules (tests/rules) and generated programs
(suite_twins.py) run against it until one fails, with the kernel as plain Python, which needs no compiling.  A test that
does not end counts as failed.  The unchanged kernel must pass first.  No file of the project is changed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from mutants import Mutant, functions, kernel_files, sample
from mutation_page import Checked, summary, write_page

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PYTEST = (sys.executable, "-m", "pytest", "-q", "-s", "-n", "0", "-p", "forks", "-p", "no:cacheprovider")
TESTS = ("tests/rules", "tests/engines/test_room.py", "tests/mutation/suite_twins.py")


def kernel_hash() -> str:
    """Results are of use only for the kernel they were found with."""
    digest = hashlib.blake2b(digest_size=8)
    for file in kernel_files(ROOT):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def known(results: Path) -> dict[str, Checked]:
    """What was found out about this kernel before, by name of the mutant."""
    if not results.exists():
        return {}
    rows = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    checked = [Checked(Mutant(**row["mutant"]), row["caught_by"], row["seconds"])
               for row in rows if row["kernel"] == kernel_hash()]  # fmt: skip
    return {c.mutant.name: c for c in checked}


def check(mutants: list[Mutant], results: Path, jobs: int, programs: int) -> None:
    """Check these mutants in some processes; each result is a line of `results` as soon as it is known."""
    results.parent.mkdir(parents=True, exist_ok=True)
    path = os.pathsep.join(map(str, (ROOT / "src", HERE, ROOT / "tests" / "engines")))
    with tempfile.TemporaryDirectory(prefix="outlast-mutation-") as folder:
        running = []
        for job in range(jobs):
            given = Path(folder) / f"{job}.json"
            part = [asdict(mutant) for mutant in mutants[job::jobs]]
            given.write_text(json.dumps({"kernel": kernel_hash(), "results": str(results.resolve()), "mutants": part}))
            environment = os.environ | {
                "PYTHONPATH": path, "NUMBA_DISABLE_JIT": "1", "OUTLAST_MUTATION": str(given),
                "OUTLAST_MUTATION_PROGRAMS": str(programs),
            }  # fmt: skip
            running.append(subprocess.Popen([*PYTEST, *TESTS], cwd=ROOT, env=environment))
        if any([process.wait() for process in running]):
            sys.exit("error: the check did not finish")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=240, help="mutants (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the sample (%(default)s)")
    parser.add_argument("--programs", type=int, default=60, help="generated programs (%(default)s)")
    parser.add_argument("--jobs", type=int, default=1, help="processes (%(default)s)")
    parser.add_argument("--match", default="", help="only mutants whose file, function or change contains this")
    parser.add_argument("--again", action="store_true", help="check the survivors again")
    parser.add_argument("--page", action="store_true", help="write docs/mutation.md")
    parser.add_argument("--results", type=Path, default=ROOT / "build" / "mutation.jsonl", help="%(default)s")
    given = parser.parse_args()
    if given.page and given.match:
        parser.error("the page is about the whole sample: leave out --match")

    found = functions(ROOT)
    chosen = [mutant for mutant in sample(found, given.count, given.seed) if given.match in mutant.name]
    before = known(given.results)
    todo = [m for m in chosen if m.name not in before or (given.again and not before[m.name].caught_by)]
    random.Random(given.seed).shuffle(todo)  # so that the first minutes speak for the rest
    if todo:
        check(todo, given.results, given.jobs, given.programs)
    results = known(given.results)
    checked = [results[mutant.name] for mutant in chosen]
    print(summary(checked))
    if given.page:
        write_page(ROOT, checked, found, given.seed, given.programs)


if __name__ == "__main__":
    main()
