"""The public batteries, fed through a pipe: dieharder and TestU01 (Debian's `dieharder`, `libtestu01-0-dev`)."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from functools import cache
from pathlib import Path

from streams import Stream, halves

BLOCK = 1 << 18  # words computed and written at a time
DRIVER = Path(__file__).with_name("testu01.c")
LIBRARIES = ("-ltestu01", "-ltestu01probdist", "-ltestu01mylib", "-lm")
Measured = tuple[dict[str, float], int]  # statistic -> p-value; words computed, up to a block more than were read


class MissingTool(SystemExit):
    """Says which package is needed."""

    def __init__(self, what: str, package: str) -> None:
        super().__init__(f"error: {what} is not installed\nhint: apt-get install {package}")


def feed(process: subprocess.Popen[bytes], stream: Stream, part: str, seed: int) -> int:
    """Write words until the reader has had enough; returns how many were computed."""
    assert process.stdin is not None
    start = 0
    try:
        while process.poll() is None:
            process.stdin.write(halves(stream.words(seed, start, BLOCK), part).data)
            start += BLOCK
    except BrokenPipeError:
        pass
    return start


def dieharder(stream: Stream, part: str, seed: int, test: int) -> Measured:
    """One test of dieharder with its standard options, over all its sizes of tuples."""
    if shutil.which("dieharder") is None:
        raise MissingTool("dieharder", "dieharder")
    columns = [c for name in ("test_name", "ntuple", "pvalues") for c in ("-D", name)]
    sizes = {200: range(1, 9), 201: range(2, 6), 202: range(2, 6), 203: range(0, 32, 8)}.get(test, [None])
    found: dict[str, float] = {}
    words = 0
    for size in sizes:
        command = ["dieharder", "-g", "200", "-d", str(test), "-c", "|", *columns]
        lines, read = run([*command, *([] if size is None else ["-n", str(size)])], stream, part, seed)
        words += read
        for line in lines:
            name, of, p = (cell.strip() for cell in line.split("|")[:3])
            found[unused(f"{name} {of}", found)] = float(p)
    return found, words


def run(command: list[str], stream: Stream, part: str, seed: int) -> tuple[list[str], int]:
    """Lines that a command prints about the words it is fed."""
    with tempfile.TemporaryFile() as out, subprocess.Popen(command, stdin=subprocess.PIPE, stdout=out, bufsize=0) as at:
        words = feed(at, stream, part, seed)
        if at.wait() != 0:
            raise SystemExit(f"error: {' '.join(command)} ended with code {at.returncode}")
        out.seek(0)
        return out.read().decode().splitlines(), words


def testu01(stream: Stream, part: str, seed: int, battery: str) -> Measured:
    """SmallCrush (`small`) or Crush (`crush`) of TestU01."""
    lines, words = run([str(driver()), battery], stream, part, seed)
    found: dict[str, float] = {}
    for line in lines:
        if line.startswith("p-value\t"):
            name, p = line.split("\t")[1:]
            found[unused(name, found)] = float(p)
    return found, words


def unused(name: str, found: dict[str, float]) -> str:
    """The name, numbered if it was seen before."""
    same = sum(1 for other in found if other.partition(" #")[0] == name)
    return f"{name} #{same + 1}" if same else name


@cache
def driver() -> Path:
    """The TestU01 driver, compiled into a temporary folder."""
    compiler = os.environ.get("CC", "cc")
    if shutil.which(compiler) is None:
        raise MissingTool(f"the C compiler {compiler}", "gcc")
    folder = Path(tempfile.mkdtemp(prefix="outlast-testu01-"))
    command = [compiler, "-O2", "-I/usr/include/testu01", str(DRIVER), "-o", str(folder / "testu01")]
    done = subprocess.run([*command, *LIBRARIES], capture_output=True, text=True)
    if done.returncode != 0:
        raise MissingTool(f"TestU01 (the compiler says: {done.stderr.strip()[:300]})", "libtestu01-0-dev")
    return folder / "testu01"


def versions() -> dict[str, str]:
    """Versions of the batteries as Debian packaged them; "" where a package is not installed."""
    found = {}
    for package in ("dieharder", "libtestu01-0-dev"):
        query = ["dpkg-query", "-W", "-f", "${Version}", package]
        known = shutil.which("dpkg-query") is not None
        done = subprocess.run(query, capture_output=True, text=True) if known else None
        found[package] = done.stdout.strip() if done and done.returncode == 0 else ""
    return found
