"""How compiled functions become machine code: optimised once, as a whole, when Python's entry is compiled.

Numba makes a library of every function: it links all callees in, optimises the sum, emits machine code for it, and
does so again at every level of the call tree.  For a kernel of a hundred functions that is most of the compile time,
and LLVM never sees that a function has one caller.  Here the library of an inner function only keeps its code (`Part`);
the library of an entry (`Whole`) links the parts once, hides all but the entry, and optimises that.

Uses numba's compiler pipeline (`njit(pipeline_class=...)`) and its code libraries; like `engines/kernel/pointer.py`
a reason why numba is pinned to the minor release that is tested.
"""

from __future__ import annotations

import ctypes
from typing import Any

from llvmlite import binding
from numba import _dynfunc
from numba.core import compiler
from numba.core.codegen import JITCodeLibrary


class Part(JITCodeLibrary):
    """Code of an inner function, for linking only: not optimised, no machine code, so Python cannot call it."""

    def _optimize_functions(self, ll_module: Any) -> None:
        ll_module.data_layout = self._codegen._data_layout

    def finalize(self) -> None:
        self._finalized = True


class Whole(JITCodeLibrary):
    """Code of an entry with everything it calls."""

    def finalize(self) -> None:
        known = self._linking_libraries
        for library in known:  # grows while it is walked
            if isinstance(library, Part):
                known += [other for other in library._linking_libraries if other not in known]
        super().finalize()

    def _optimize_final_module(self) -> None:
        """LLVM's full set of passes once.  Callees become private first, so that those with one caller are inlined; not
        internal: the linker at run time would offer their names, with changed arguments, to code compiled later."""
        for function in self._final_module.functions:
            if function.linkage == binding.Linkage.linkonce_odr:
                function.linkage = binding.Linkage.private
        options = binding.create_pipeline_tuning_options(speed_level=3)
        options.loop_vectorization = False  # lists are short: vectors cost a seventh of the kernel's speed
        options.slp_vectorization = False
        builder = binding.create_pass_builder(self._codegen._tm, options)
        builder.getModulePassManager().run(self._final_module, builder)


_REFUSE = ctypes.cast(ctypes.pythonapi.PyErr_BadArgument, ctypes.c_void_p).value  # raises TypeError, returns NULL


def _not_for_python(part: Part, fndesc: Any, env: Any) -> Any:
    """What numba keeps as the Python side of a compiled function: here, one that refuses."""
    name = fndesc.qualname.split(".")[-1]
    return _dynfunc.make_function(fndesc.lookup_module(), name, "only for compiled code", _REFUSE, env, (part,))


class PartCompiler(compiler.Compiler):
    """Compiles an inner function."""

    def compile_extra(self, func: Any) -> Any:
        target = self.state.targetctx  # every compilation has its own copy
        target.get_executable = _not_for_python
        self.state.library = Part(target.codegen(), func.__qualname__)
        return super().compile_extra(func)


class WholeCompiler(compiler.Compiler):
    """Compiles an entry."""

    def compile_extra(self, func: Any) -> Any:
        self.state.library = Whole(self.state.targetctx.codegen(), func.__qualname__)
        self.state.library.enable_object_caching()
        return super().compile_extra(func)
