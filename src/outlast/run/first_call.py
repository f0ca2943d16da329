"""A fresh process up to its first replication: `python -m outlast.run.first_call` prints the seconds as JSON.

Two numbers: import_s until everything is imported, first_s for the first call of the kernel, which compiles it or
loads it from the cache.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

PACKAGES = Path(__file__).resolve().parents[2]


def warm() -> dict[str, float]:
    """Seconds of a process that finds the kernel of this one in the cache."""
    from outlast.compiled import cache_directory  # imported here: it brings numba, which is what is timed below

    return _measured(cache_directory().parents[1])  # it is outlast/outlast-HASH below the folder that was given


def cold() -> dict[str, float]:
    """Seconds of a process that finds an empty cache and compiles everything: about a minute."""
    with TemporaryDirectory(prefix="outlast-cold-") as folder:
        return _measured(Path(folder))


def _measured(cache: Path) -> dict[str, float]:
    search = os.pathsep.join([str(PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])])
    env = {**os.environ, "OUTLAST_CACHE_DIR": str(cache), "PYTHONPATH": search}
    env.pop("NUMBA_CACHE_DIR", None)  # it would win
    done = subprocess.run([sys.executable, "-m", __name__], env=env, check=True, stdout=subprocess.PIPE, text=True)
    return {name: float(seconds) for name, seconds in json.loads(done.stdout).items()}


def main() -> None:
    start = time.perf_counter()
    from outlast.engines import kernel
    from outlast.program import Builder
    from outlast.stats.distributions import exponential

    b = Builder(100.0)
    life = b.lifecycle("unit").state("on").after(exponential(1.0), "on", "on")
    b.cohort("unit", life, 1)
    program = b.build()
    imported = time.perf_counter()
    kernel.run(program, 1, 0)
    print(json.dumps({"import_s": imported - start, "first_s": time.perf_counter() - imported}))


if __name__ == "__main__":
    main()
