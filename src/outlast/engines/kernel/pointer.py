"""A Block as numba sees it: one pointer; attributes resolve to tables through the header.

Arrays handed over one by one cost reference counts and seconds of compile time; one pointer costs neither.  A table is
less than numba's array: rows by index, from 0 and never from the end, and how many there are.
This is the only file that uses numba's low-level extension API (see docs/decisions/0003).
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.core.datamodel import models, register_default
from numba.core.typing.templates import AbstractTemplate, AttributeTemplate, infer_global, signature
from numba.extending import NativeValue, infer_getattr, lower_builtin, lower_getattr_generic, typeof_impl, unbox
from numba.np import numpy_support
from numba.np.arrayobj import make_array, populate_array

from outlast.program.block import Block
from outlast.program.tables import BIAS, PROGRAM, SPLIT, WORLD

ZERO, ONE, EIGHT = (ir.Constant(ir.IntType(64), n) for n in (0, 1, 8))


class ProgramBlock(Block):
    """The tables of a program, read-only while it runs."""

    dtypes: Mapping[str, np.dtype] = PROGRAM


class WorldBlock(Block):
    """All mutable state of one replication."""

    dtypes: Mapping[str, np.dtype] = WORLD


class BiasBlock(Block):
    """What failure biasing knows and finds (`biased.py`)."""

    dtypes: Mapping[str, np.dtype] = BIAS


class SplitBlock(Block):
    """What splitting knows, keeps and finds (`split.py`)."""

    dtypes: Mapping[str, np.dtype] = SPLIT


BODY = 16 * len(WORLD)  # where the tables of a world begin, bytes


def save(S: SplitBlock, at: int, W: WorldBlock, words: int) -> None:
    """Copy so many words of a world, from its first table on, to row `at` of the saved ones."""
    S.saved["word"][at : at + words] = W.buffer[BODY : BODY + 8 * words].view("u8")


def load(S: SplitBlock, at: int, W: WorldBlock, words: int) -> None:
    """The way back."""
    W.buffer[BODY : BODY + 8 * words].view("u8")[:] = S.saved["word"][at : at + words]


class Row(types.Record):
    """Numba type of a row of one table.  A type of its own, so that LLVM can be told what cannot overlap."""

    def __init__(self, table: str, constant: bool, dtype: np.dtype) -> None:
        plain = numpy_support.from_dtype(dtype)
        fields = [(name, {"type": field.type, "offset": field.offset}) for name, field in plain.fields.items()]
        super().__init__(fields, plain.size, plain.aligned)
        self.name = f"Row({table})"
        self.table, self.constant = table, constant


class Table(types.Type):
    """Numba type of one table."""

    def __init__(self, row: Row) -> None:
        self.row = row
        super().__init__(name=f"Table({row.table})")


class BlockType(types.Type):
    """Numba type of a block: which tables, in which order, of which type."""

    def __init__(self, name: str, dtypes: Mapping[str, np.dtype], constant: bool) -> None:
        self.names = tuple(dtypes)
        self.tables = tuple(_table_type(f"{name}.{table}", constant, dtype) for table, dtype in dtypes.items())
        super().__init__(name=f"Block({name})")


def _table_type(name: str, constant: bool, dtype: np.dtype) -> types.Type:
    """`points` also goes to functions that Python calls with any array: it is one of numba's arrays."""
    if name == "program.points":
        return types.Array(numpy_support.from_dtype(dtype), 1, "C", aligned=True)
    return Table(Row(name, constant, dtype))


@register_default(Table)
class _TableModel(models.StructModel):
    def __init__(self, manager: Any, typ: Table) -> None:
        super().__init__(manager, typ, [("data", types.voidptr), ("rows", types.intp)])


register_default(BlockType)(models.OpaqueModel)
register_default(Row)(models.RecordModel)
TYPES = {
    ProgramBlock: BlockType("program", PROGRAM, True),
    WorldBlock: BlockType("world", WORLD, False),
    BiasBlock: BlockType("bias", BIAS, False),
    SplitBlock: BlockType("split", SPLIT, False),
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
        return typ.tables[typ.names.index(attr)] if attr in typ.names else None


@lower_getattr_generic(BlockType)
def _table(context: Any, builder: Any, typ: BlockType, value: Any, attr: str) -> Any:
    index = typ.names.index(attr)
    table = typ.tables[index]
    header = builder.bitcast(value, ir.IntType(64).as_pointer())
    offset, rows = (_constant(builder, cgutils.gep_inbounds(builder, header, 2 * index + k)) for k in (0, 1))
    data = builder.gep(value, [offset])
    if isinstance(table, Table):
        made = cgutils.create_struct_proxy(table)(context, builder)
        made.data, made.rows = data, rows
        return made._getvalue()
    array = make_array(table)(context, builder)
    size = context.get_constant(types.intp, table.dtype.size)
    data = builder.bitcast(data, array.data.type)
    populate_array(array, data=data, shape=[rows], strides=[size], itemsize=size, meminfo=None)
    return array._getvalue()


def _constant(builder: Any, place: Any) -> Any:
    """Load a word of the header: it never changes, so LLVM may load it once (it cannot see that by itself)."""
    word = builder.load(place)
    word.set_metadata("invariant.load", builder.module.add_metadata([]))
    return word


@infer_global(operator.getitem)
class _Item(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        table, index = args
        if isinstance(table, Table) and isinstance(index, types.Integer):
            return signature(table.row, table, types.intp)
        return None


@lower_builtin(operator.getitem, Table, types.Integer)
def _item(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    table = cgutils.create_struct_proxy(sig.args[0])(context, builder, value=args[0])
    row = sig.return_type
    start = builder.mul(args[1], context.get_constant(types.intp, row.size), flags=["nsw"])
    return builder.bitcast(builder.gep(table.data, [start]), context.get_value_type(row))


@infer_global(len)
class _Length(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        return signature(types.intp, *args) if isinstance(args[0], Table) else None


@lower_builtin(len, Table)
def _rows(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return cgutils.create_struct_proxy(sig.args[0])(context, builder, value=args[0]).rows


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
    """Type-based alias tag: what is stored at a place of a row overlaps no other one, and a program does not change."""
    root = module.add_metadata(["outlast"])
    field = module.add_metadata([f"{row.table}+{row.offset(name)}", root, ZERO])
    return module.add_metadata([field, field, ZERO, ONE] if row.constant else [field, field, ZERO])


class _Copy(AbstractTemplate):
    def generic(self, args: Any, kws: Any) -> Any:
        return signature(types.void, args[0], types.intp, args[2], types.intp)


infer_global(save)(type("_Save", (_Copy,), {}))
infer_global(load)(type("_Load", (_Copy,), {}))


def _copied(context: Any, builder: Any, sig: Any, args: Any, out: bool) -> Any:
    """One copy of memory; without alias tags, so that no load or store moves across it."""
    header = builder.bitcast(args[0], ir.IntType(64).as_pointer())
    index = ir.Constant(ir.IntType(64), 2 * sig.args[0].names.index("saved"))
    offset = builder.add(_constant(builder, builder.gep(header, [index])), builder.mul(args[1], EIGHT))
    saved = builder.gep(args[0], [offset])
    body = builder.gep(args[2], [ir.Constant(ir.IntType(64), BODY)])
    target, source = (saved, body) if out else (body, saved)
    cgutils.raw_memcpy(builder, target, source, args[3], EIGHT)
    return context.get_dummy_value()


@lower_builtin(save, BlockType, types.Integer, BlockType, types.Integer)
def _save(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return _copied(context, builder, sig, args, True)


@lower_builtin(load, BlockType, types.Integer, BlockType, types.Integer)
def _load_world(context: Any, builder: Any, sig: Any, args: Any) -> Any:
    return _copied(context, builder, sig, args, False)
