"""One-line changes to one function, found mechanically in its syntax tree.

Each operator of OPERATORS looks at one node and yields edits: (line, first column, last column, new text), columns in
bytes.  An edit is kept by `mutants` only if its text lies in one line, parses, and gives another syntax tree.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from outlast.program import tables as T

Edit = tuple[int, int, int, str]
Operator = Callable[["Context", ast.AST], Iterator[Edit]]

COMPARED = {"<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"), "==": ("!=",), "!=": ("==",)}
COMPUTED = {"+": "-", "-": "+", "*": "/", "/": "*", "//": "*", "%": "//", ">>": "<<", "&": "|", "|": "&", "^": "|"}
SIGNS: dict[type[ast.AST], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.Add: "+",
    ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.RShift: ">>", ast.BitAnd: "&",
    ast.BitOr: "|", ast.BitXor: "^",
}  # fmt: skip
CHANGED_BY_ONE = {"int": "{} + 1", "float": "{} + 1.0", "bool": "not ({})", "np.uint64": "{} + np.uint64(1)"}


@dataclass
class Context:
    """What an operator may know besides the node: the lines, the function, who calls with which types."""

    lines: list[bytes]
    function: ast.FunctionDef
    signatures: dict[str, list[str]]  # function of the kernel -> annotation of every argument
    siblings: dict[str, int]  # constant of the tables -> value of the next one of its enumeration
    tables: dict[str, tuple[str, str]] = field(default_factory=dict)  # local name -> (P or W, table)
    indices: set[int] = field(default_factory=set)  # id of every node that is a whole index

    def __post_init__(self) -> None:
        for node in ast.walk(self.function):
            if isinstance(node, ast.Assign) and len(node.targets) == 1:
                self._learn(node.targets[0], node.value)
            if isinstance(node, ast.Subscript):
                self.indices.add(id(node.slice))

    def _learn(self, target: ast.expr, value: ast.expr) -> None:
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            for one, other in zip(target.elts, value.elts, strict=True):
                self._learn(one, other)
        elif isinstance(target, ast.Name) and (table := self.table(value)):
            self.tables[target.id] = table

    def table(self, node: ast.expr) -> tuple[str, str] | None:
        """The table that an expression is, or is a row of."""
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("P", "W"):
            return node.value.id, node.attr
        if isinstance(node, ast.Subscript) and not _is_text(node.slice):
            return self.table(node.value)
        return self.tables.get(node.id) if isinstance(node, ast.Name) else None

    def text(self, node: ast.expr | ast.stmt) -> str:
        return self.lines[node.lineno - 1][node.col_offset : node.end_col_offset].decode()


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _whole(node: ast.expr | ast.stmt, text: str) -> Iterator[Edit]:
    """Replace the whole node, if it lies in one line."""
    if node.lineno == node.end_lineno and node.end_col_offset is not None:
        yield node.lineno, node.col_offset, node.end_col_offset, text


def _between(c: Context, left: ast.expr, right: ast.expr, old: str, new: str) -> Iterator[Edit]:
    """Replace the sign between two expressions."""
    if left.end_lineno == right.lineno and left.end_col_offset is not None:
        gap = c.lines[right.lineno - 1][left.end_col_offset : right.col_offset].decode()
        if (at := gap.find(old)) >= 0:
            first = left.end_col_offset + at
            yield right.lineno, first, first + len(old), new


def comparison(c: Context, node: ast.AST) -> Iterator[Edit]:
    """`<` to `<=` and `>=`, `==` to `!=`, and so on."""
    if isinstance(node, ast.Compare):
        for left, op, right in zip([node.left, *node.comparators], node.ops, node.comparators, strict=False):
            for new in COMPARED.get(SIGNS.get(type(op), ""), ()):
                yield from _between(c, left, right, SIGNS[type(op)], new)


def arithmetic(c: Context, node: ast.AST) -> Iterator[Edit]:
    """`+` to `-`, `*` to `/`, `&` to `|`, also in `+=`."""
    if isinstance(node, ast.BinOp) and (old := SIGNS.get(type(node.op))):
        yield from _between(c, node.left, node.right, old, COMPUTED[old])
    if isinstance(node, ast.AugAssign) and (old := SIGNS.get(type(node.op))):
        yield from _between(c, node.target, node.value, f"{old}=", f"{COMPUTED[old]}=")


def constant(c: Context, node: ast.AST) -> Iterator[Edit]:
    """0 to 1, 1 to 0 and 2, -1 to 0 and -2, others by one; infinity to 0; True to False.  The index in `[0]` stays."""
    if isinstance(node, ast.Attribute) and node.attr == "inf":
        yield from _whole(node, "0.0")
    elif isinstance(node, ast.Constant) and id(node) not in c.indices:
        if isinstance(node.value, bool):
            yield from _whole(node, repr(not node.value))
        elif isinstance(node.value, int | float):
            for other in (node.value + 1, node.value - 1):
                yield from _whole(node, repr(max(other, 0 * other)))


def enumeration(c: Context, node: ast.AST) -> Iterator[Edit]:
    """A named constant of the tables to the next of its enumeration, as a number: `QUEUED` to 2, which is HELD."""
    if isinstance(node, ast.Name) and node.id in c.siblings:
        yield from _whole(node, str(c.siblings[node.id]))


def connective(c: Context, node: ast.AST) -> Iterator[Edit]:
    """`and` to `or` and back; `not x` to `x`."""
    if isinstance(node, ast.BoolOp):
        old, new = ("and", "or") if isinstance(node.op, ast.And) else ("or", "and")
        for left, right in zip(node.values, node.values[1:], strict=False):
            yield from _between(c, left, right, old, new)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield from _whole(node, c.text(node.operand))


def condition(c: Context, node: ast.AST) -> Iterator[Edit]:
    """A condition negated, where that is not the change of one comparison."""
    if isinstance(node, ast.If | ast.While | ast.IfExp) and not isinstance(node.test, ast.Compare):
        yield from _whole(node.test, f"not ({c.text(node.test)})")


def deletion(c: Context, node: ast.AST) -> Iterator[Edit]:
    """A statement deleted; an assignment to a name only if the name has a value before it."""
    needless = isinstance(node, ast.Expr | ast.AugAssign | ast.Continue | ast.Break)
    if isinstance(node, ast.Assign):
        needless = all(_known_before(c, name) for name in _names(node.targets[0], node))
    if isinstance(node, ast.Return):
        needless = node.value is None
    if needless and isinstance(node, ast.stmt):
        yield from _whole(node, "pass")


def _names(target: ast.expr, at: ast.Assign) -> Iterator[tuple[str, int]]:
    if isinstance(target, ast.Tuple):
        for one in target.elts:
            yield from _names(one, at)
    elif isinstance(target, ast.Name):
        yield target.id, at.lineno


def _known_before(c: Context, name: tuple[str, int]) -> bool:
    stores = (n for n in ast.walk(c.function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    arguments = (a.arg for a in c.function.args.args)
    return name[0] in arguments or any(n.id == name[0] and n.lineno < name[1] for n in stores)


def extreme(c: Context, node: ast.AST) -> Iterator[Edit]:
    """`min` to `max` and back."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("min", "max"):
        yield from _whole(node.func, "max" if node.func.id == "min" else "min")


def column(c: Context, node: ast.AST) -> Iterator[Edit]:
    """A column to its neighbours of the same type in the same table."""
    if isinstance(node, ast.Subscript) and _is_text(node.slice) and (table := c.table(node.value)):
        dtype = (T.PROGRAM if table[0] == "P" else T.WORLD)[table[1]]
        name = ast.literal_eval(node.slice)
        alike = [n for n in dtype.names or () if dtype[n] == dtype[name]]
        at = alike.index(name)
        for other in dict.fromkeys((alike[(at + 1) % len(alike)], alike[at - 1])):
            yield from _whole(node.slice, f'"{other}"')


def order(c: Context, node: ast.AST) -> Iterator[Edit]:
    """Two neighbouring arguments of the same type change places."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in c.signatures:
        types = c.signatures[node.func.id]
        for i, (a, b) in enumerate(zip(node.args, node.args[1:], strict=False)):
            if types[i] == types[i + 1] and a.lineno == b.end_lineno and b.end_col_offset is not None:
                yield a.lineno, a.col_offset, b.end_col_offset, f"{c.text(b)}, {c.text(a)}"


def index(c: Context, node: ast.AST) -> Iterator[Edit]:
    """An index, or an end of a range, off by one."""
    if isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Constant):
        for by in ("+ 1", "- 1"):
            yield from _whole(node.slice, f"{c.text(node.slice)} {by}")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range":
        first, last = node.args[0], node.args[-1]
        yield from _whole(first, f"{c.text(first)} + 1" if len(node.args) > 1 else f"1, {c.text(first)}")
        yield from _whole(last, f"{c.text(last)} - 1")


def returned(c: Context, node: ast.AST) -> Iterator[Edit]:
    """A returned number one more, a returned truth negated."""
    kind = ast.unparse(c.function.returns) if c.function.returns else ""
    if isinstance(node, ast.Return) and node.value is not None and kind in CHANGED_BY_ONE:
        text = c.text(node.value)
        plain = re.fullmatch(r"[\w.]+(\[.*\])?|\w+\(.*\)", text) or kind == "bool"
        yield from _whole(node.value, CHANGED_BY_ONE[kind].format(text if plain else f"({text})"))


def jump(c: Context, node: ast.AST) -> Iterator[Edit]:
    """`continue` to `break` and back."""
    if isinstance(node, ast.Continue | ast.Break):
        yield from _whole(node, "break" if isinstance(node, ast.Continue) else "continue")


OPERATORS: tuple[Operator, ...] = (
    comparison, arithmetic, constant, enumeration, connective, condition, deletion, extreme, column, order, index,
    returned, jump,
)  # fmt: skip
