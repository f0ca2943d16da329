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
from numba.extending import NativeValue, infer_getattr, lower_builtin, lower_getattr_generic, typeof_impl, unbox
from numba.np import numpy_support
from numba.np.arrayobj import make_array, populate_array

from outlast.program.block import Block
from outlast.program.tables import BIAS, PROGRAM, WORLD

ZERO, ONE = (ir.Constant(ir.IntType(64), n) for n in (0, 1))


class ProgramBlock(Block):
    """The tables of a program, read-only while it runs."""

    dtypes: Mapping[str, np.dtype] = PROGRAM


class WorldBlock(Block):
    """All mutable state of one replication."""

    dtypes: Mapping[str, np.dtype] = WORLD


class BiasBlock(Block):
    """What failure biasing knows and finds (`biased.py`)."""

    dtypes: Mapping[str, np.dtype] = BIAS


class Row(types.Record):
    """Numba type of a row of one table.  A type of its own, so that LLVM can be told what cannot overlap."""

    def __init__(self, table: str, constant: bool, dtype: np.dtype) -> None:
        plain = numpy_support.from_dtype(dtype)
        fields = [(name, {"type": field.type, "offset": field.offset}) for name, field in plain.fields.items()]
        super().__init__(fields, plain.size, plain.aligned)
        self.name = f"Row({table})"
        self.table, self.constant = table, constant


class BlockType(types.Type):
    """Numba type of a block: which tables, in which order, of which row type."""

    def __init__(self, name: str, dtypes: Mapping[str, np.dtype], constant: bool) -> None:
        self.names = tuple(dtypes)
        self.arrays = tuple(
            types.Array(_row_type(f"{name}.{table}", constant, dtype), 1, "C", aligned=True)
            for table, dtype in dtypes.items()
        )
        super().__init__(name=f"Block({name})")


def _row_type(table: str, constant: bool, dtype: np.dtype) -> types.Record:
    """Rows of `points` also go to functions that Python calls with any array: they keep numba's type."""
    return numpy_support.from_dtype(dtype) if table == "program.points" else Row(table, constant, dtype)


register_default(BlockType)(models.OpaqueModel)
register_default(Row)(models.RecordModel)
TYPES = {
    ProgramBlock: BlockType("program", PROGRAM, True),
    WorldBlock: BlockType("world", WORLD, False),
    BiasBlock: BlockType("bias", BIAS, False),
}


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


@lower_builtin("static_getitem", Row, types.StringLiteral)
def _load(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    loaded = builder.load(_field(context, builder, sig.args[0], *args))
    loaded.set_metadata("tbaa", _apart(builder.module, sig.args[0], args[1]))
    return loaded


@lower_builtin("static_setitem", Row, types.StringLiteral, types.Any)
def _store(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    row, _, given = sig.args
    value = context.cast(builder, args[2], given, row.typeof(args[1]))
    stored = builder.store(value, _field(context, builder, row, args[0], args[1]))
    stored.set_metadata("tbaa", _apart(builder.module, row, args[1]))
    return context.get_dummy_value()


def _field(context: Any, builder: Any, row: Row, value: Any, name: str) -> Any:
    return cgutils.get_record_member(builder, value, row.offset(name), context.get_data_type(row.typeof(name)))


def _apart(module: Any, row: Row, name: str) -> Any:
    """Type-based alias tag: a field of a table overlaps no other one, and a program does not change."""
    root = module.add_metadata(["outlast"])
    field = module.add_metadata([f"{row.table}.{name}", root, ZERO])
    return module.add_metadata([field, field, ZERO, ONE] if row.constant else [field, field, ZERO])
