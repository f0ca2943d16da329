"""The mutation check: does the test suite notice when one line of the kernel is wrong?

    python tests/mutation/check.py                     240 mutants; continues where it was stopped
    python tests/mutation/check.py --count 20 --match pool.py
    python tests/mutation/check.py --again             once more those that survived (after tests were added)
    python tests/mutation/check.py --page              also write docs/mutation.md

Every mutant is one changed line in a temporary copy of the package.  The tests of the rules (tests/rules) and generated
programs (suite_twins.py) run against it until one fails, with the kernel as plain Python, which needs no compiling.  A
test that does not end counts as failed.  The unchanged copy must pass first.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import queue
import random
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from mutants import KERNEL, Mutant, functions, kernel_files, sample
from page import Checked, summary, write_page

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
TESTS = ("tests/rules", "tests/engines/test_room.py", "tests/mutation/suite_twins.py")
OPTIONS = ("-x", "-q", "--tb=no", "-rfE", "-n", "0", "-p", "watch", "-p", "no:cacheprovider")
PATIENCE = 10  # times what the unchanged kernel takes, before a mutant is given up


@dataclass(frozen=True)
class Ending:
    """How the tests ended: which one failed first (none: ""), and after how many seconds."""

    caught_by: str
    seconds: float


class Copy:
    """A temporary copy of the package in which one line at a time is changed."""

    def __init__(self, folder: Path, programs: int) -> None:
        self.folder, self.writes = folder, 0
        shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__"))
        path = os.pathsep.join(map(str, (folder / "src", HERE, ROOT / "tests" / "engines")))
        self.environment = os.environ | {
            "PYTHONPATH": path, "PYTHONPYCACHEPREFIX": str(folder / "bytes"), "NUMBA_DISABLE_JIT": "1",
            "OUTLAST_CACHE_DIR": str(folder / "cache"), "OUTLAST_MUTATION_PROGRAMS": str(programs),
        }  # fmt: skip

    def check(self, mutant: Mutant, limit: float) -> Ending:
        file = self.folder / KERNEL / mutant.file
        original = file.read_text(encoding="utf-8")
        self._write(file, mutant.applied(original))
        try:
            return self.run(limit)
        finally:
            self._write(file, original)

    def _write(self, file: Path, text: str) -> None:
        """With a new time: Python finds its bytecode again by a file's size and whole seconds."""
        file.write_text(text, encoding="utf-8")
        self.writes += 1
        os.utime(file, (self.writes, self.writes))

    def run(self, limit: float | None = None) -> Ending:
        """Run the tests until the first failure."""
        begun = time.monotonic()
        try:
            done = subprocess.run([sys.executable, "-m", "pytest", *OPTIONS, *TESTS], cwd=ROOT, env=self.environment, timeout=limit,
                                  capture_output=True, text=True)  # fmt: skip
        except subprocess.TimeoutExpired:
            return Ending("time limit", time.monotonic() - begun)
        return Ending(_first_failure(done), time.monotonic() - begun)


def _first_failure(done: subprocess.CompletedProcess[str]) -> str:
    if done.returncode == 0:
        return ""
    found = re.search(r"^(?:FAILED|ERROR) (\S+)(.*)$", done.stdout, re.MULTILINE)
    if found is None:
        return "the package cannot be imported" if "ImportError while loading" in done.stderr else "pytest itself"
    return found[1] + (" (does not end)" if "HangError" in found[2] else "")


@contextmanager
def copies(number: int, programs: int) -> Iterator[queue.Queue[Copy]]:
    """Several copies of the package, to be taken and put back."""
    with tempfile.TemporaryDirectory(prefix="outlast-mutation-") as folder:
        free: queue.Queue[Copy] = queue.Queue()
        for i in range(number):
            free.put(Copy(Path(folder) / str(i), programs))
        yield free


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
    return {row["name"]: Checked(Mutant(**row["mutant"]), row["caught_by"], row["seconds"])
            for row in rows if row["kernel"] == kernel_hash()}  # fmt: skip


def check(mutants: list[Mutant], results: Path, jobs: int, programs: int) -> None:
    """Check these mutants; a line of results is written for each as soon as it is known."""
    results.parent.mkdir(parents=True, exist_ok=True)
    with copies(jobs, programs) as free, ThreadPoolExecutor(jobs) as pool:
        copy = free.get()
        unchanged = copy.run()
        free.put(copy)
        if unchanged.caught_by:
            sys.exit(f"error: the unchanged kernel fails: {unchanged.caught_by}\nhint: first make it pass")
        print(f"unchanged kernel passes in {unchanged.seconds:.0f} s; {len(mutants)} mutants to check", flush=True)

        def one(mutant: Mutant) -> Checked:
            mine = free.get()
            try:
                ending = mine.check(mutant, PATIENCE * unchanged.seconds)
            finally:
                free.put(mine)
            return Checked(mutant, ending.caught_by, round(ending.seconds, 1))

        for number, done in enumerate(pool.map(one, mutants), 1):
            row = {"kernel": kernel_hash(), "name": done.mutant.name, **asdict(done)}
            with results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            print(f"{number}/{len(mutants)} {done.seconds:5.1f} s  {done.caught_by or 'SURVIVED'}  "
                  f"{done.mutant.line} {done.mutant.name}", flush=True)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=240, help="mutants (%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of the sample (%(default)s)")
    parser.add_argument("--programs", type=int, default=60, help="generated programs (%(default)s)")
    parser.add_argument("--jobs", type=int, default=1, help="mutants at the same time (%(default)s)")
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
    if todo:
        random.Random(given.seed).shuffle(todo)  # so that the first hour speaks for the rest
        check(todo, given.results, given.jobs, given.programs)
    results = known(given.results)
    checked = [results[mutant.name] for mutant in chosen]
    print(summary(checked))
    if given.page:
        write_page(ROOT, checked, found, given.seed, given.programs)


if __name__ == "__main__":
    main()
