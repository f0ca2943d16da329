"""Everything about compilation in one place: the `@kernel` decorator and the compile cache.

Numba keys its disk cache on the file that holds a function, so an edit in a *callee's* file would silently
return the old machine code.  We therefore give the cache a directory named after a hash of every source
that is compiled, and fall back to a temporary directory where neither the user's cache folder nor the
package folder can be written (a read-only install, a container without HOME).
"""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar

import numba

from outlast.linking import PartCompiler, WholeCompiler

Function = TypeVar("Function", bound=Callable[..., Any])

PACKAGE = Path(__file__).resolve().parent
COMPILED = (
    "compiled.py",
    "linking.py",
    "stats/draws.py",
    "stats/scaling.py",
    "stats/distributions",
    "program/tables.py",
    "program/block.py",
    "engines/kernel",
    "engines/reference/leaves.py",
)
NOT_COMPILED = (
    "driver.py",
    "biasing.py",
    "splitting.py",
    "constructors.py",
    "law.py",
)  # plain Python beside compiled code


def source_hash() -> str:
    """Hash (16 hex digits) of every source file that ends up in machine code, and of what compiles it."""
    digest = hashlib.blake2b(f"{numba.__version__} {sys.version_info[:2]}".encode(), digest_size=8)
    for entry in COMPILED:
        path = PACKAGE / entry
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            if file.name not in NOT_COMPILED:
                digest.update(file.read_bytes())
    return digest.hexdigest()


def cache_directory() -> Path:
    """First writable of: $NUMBA_CACHE_DIR, $OUTLAST_CACHE_DIR, the user cache folder, the temporary directory."""
    name = f"outlast-{source_hash()}"
    candidates = [Path(tempfile.gettempdir())]
    if home := os.environ.get("XDG_CACHE_HOME") or os.environ.get("HOME"):
        candidates.insert(0, Path(home) if "XDG_CACHE_HOME" in os.environ else Path(home) / ".cache")
    if chosen := os.environ.get("OUTLAST_CACHE_DIR"):
        candidates.insert(0, Path(chosen))
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        candidates.insert(0, Path(chosen))
    for parent in candidates:
        directory = parent / "outlast" / name
        try:
            directory.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=directory):
                return directory
        except OSError:
            continue
    return Path(tempfile.mkdtemp(prefix="outlast-"))


numba.config.CACHE_DIR = str(cache_directory())


def kernel(function: Function) -> Function:
    """Compile a leaf function: a pure number, called by the kernel and from Python.

    nogil         replications run on threads.
    error_model   "numpy": divisions are guarded in the source, so the exception path is dead weight.
    no fastmath   it reorders sums and would break the bitwise agreement of the engines.
    """
    compiled: Function = numba.njit(nogil=True, error_model="numpy")(function)
    return compiled


INNER: dict[str, Any] = {"nogil": True, "error_model": "numpy", "no_cpython_wrapper": True, "no_cfunc_wrapper": True,
                         "_nrt": False, "pipeline_class": PartCompiler}  # fmt: skip


def inner(function: Function) -> Function:
    """Compile a function that only compiled code calls: no wrapper for Python, and nothing in it may allocate
    (without numba's runtime an allocation is a compile error).  Saves a seventh of the compile time."""
    compiled: Function = numba.njit(**INNER)(function)
    return compiled


def inlined(function: Function) -> Function:
    """The same for a few lines on the hot path: always inlined, so that what callers know is not looked up again."""
    compiled: Function = numba.njit(**INNER, forceinline=True)(function)
    return compiled


def entry(function: Function) -> Function:
    """Compile a function that Python calls; only these need the disk cache, their callees are inside."""
    compiled: Function = numba.njit(nogil=True, error_model="numpy", cache=True, pipeline_class=WholeCompiler)(function)
    return compiled


def interpreted(function: Callable[..., Any], seen: dict[int, Any] | None = None) -> Callable[..., Any]:
    """The same source as plain Python: compiled callees are replaced, recursively, by their own source.

    For debugging, line coverage and the test that compiled and interpreted runs give the same bits.
    """
    seen = {} if seen is None else seen
    source: Any = getattr(function, "py_func", function)
    if id(source) in seen:
        return seen[id(source)]
    scope = dict(source.__globals__)
    plain = FunctionType(source.__code__, scope, source.__name__, source.__defaults__, source.__closure__)
    seen[id(source)] = plain
    for name in source.__code__.co_names:
        if hasattr(scope.get(name), "py_func"):
            scope[name] = interpreted(scope[name], seen)
    return plain
