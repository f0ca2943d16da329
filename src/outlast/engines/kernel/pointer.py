"""A Block as numba sees it: one pointer; attributes resolve to arrays through the header.

Arrays handed over one by one cost reference counts and seconds of compile time; one pointer costs neither.
This is the only file that uses numba's low-level extension API (see docs/decisions/0003).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models, register_default
from numba.core.typing.templates import AttributeTemplate
from numba.extending import NativeValue, infer_getattr, lower_getattr_generic, typeof_impl, unbox
from numba.np import numpy_support
from numba.np.arrayobj import make_array, populate_array

from outlast.program.block import Block
from outlast.program.tables import PROGRAM, WORLD


class ProgramBlock(Block):
    """The tables of a program, read-only while it runs."""

    dtypes: Mapping[str, np.dtype] = PROGRAM


class WorldBlock(Block):
    """All mutable state of one replication."""

    dtypes: Mapping[str, np.dtype] = WORLD


class BlockType(types.Type):
    """Numba type of a block: which tables, in which order, of which record type."""

    def __init__(self, name: str, dtypes: Mapping[str, np.dtype]) -> None:
        self.names = tuple(dtypes)
        self.arrays = tuple(
            types.Array(numpy_support.from_dtype(dtype), 1, "C", aligned=True) for dtype in dtypes.values()
        )
        super().__init__(name=f"Block({name})")


register_default(BlockType)(models.OpaqueModel)
TYPES = {ProgramBlock: BlockType("program", PROGRAM), WorldBlock: BlockType("world", WORLD)}


@typeof_impl.register(Block)
def _typeof(value: Block, _context: Any) -> BlockType:
    return TYPES[type(value)]


@unbox(BlockType)
def _unbox(_typ: BlockType, value: Any, c: Any) -> NativeValue:
    number = c.pyapi.object_getattr_string(value, "address")
    address = c.pyapi.long_as_ulonglong(number)
    c.pyapi.decref(number)
    return NativeValue(
        c.builder.inttoptr(address, cgutils.voidptr_t), is_error=cgutils.is_not_null(c.builder, c.pyapi.err_occurred())
    )


@infer_getattr
class _Tables(AttributeTemplate):
    key = BlockType

    def generic_resolve(self, typ: BlockType, attr: str) -> Any:
        return typ.arrays[typ.names.index(attr)] if attr in typ.names else None


@lower_getattr_generic(BlockType)
def _table(context: Any, builder: Any, typ: BlockType, value: Any, attr: str) -> Any:
    index = typ.names.index(attr)
    array_type = typ.arrays[index]
    word = ir.IntType(64)
    header = builder.bitcast(value, word.as_pointer())
    offset, rows = (_constant(builder, cgutils.gep_inbounds(builder, header, 2 * index + k)) for k in (0, 1))
    array = make_array(array_type)(context, builder)
    data = builder.inttoptr(builder.add(builder.ptrtoint(value, word), offset), array.data.type)
    size = context.get_constant(types.intp, array_type.dtype.size)
    populate_array(array, data=data, shape=[rows], strides=[size], itemsize=size, meminfo=None)
    return array._getvalue()


def _constant(builder: Any, place: Any) -> Any:
    """Load a word of the header: it never changes, so LLVM may load it once (it cannot see that by itself)."""
    word = builder.load(place)
    word.set_metadata("invariant.load", builder.module.add_metadata([]))
    return word
