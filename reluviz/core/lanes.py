"""Several float64 at a time in kernels: vectors as wide as the processor's registers.

LLVM makes vectors of plain loops only where it can show, at run time, that no two arrays overlap; in the short loops of
the geometry the showing took longer than the work. Here a value of type `Lanes` holds LANES numbers. `load` and `store`
move them from and to float64 arrays, `load_bytes` and `store_bytes` from and to int8 ones; `fill` repeats one number.
+, -, * work on all at once (a * b + c may round once). > and != give a `Mask` (of nan: false and true), joined by |;
`choose` selects by it, `bits` makes an integer of it, lane 0 the lowest bit, and `total` the sum. `peek` and `poke`
read and write one number.

No index is checked, and all count numbers from the array's beginning, whatever its shape; arrays are padded to whole
BLOCKs. (The usual care for negative indices was a tenth of the geometry's time.)
"""

import operator
from collections.abc import Callable
from typing import Any

import numba.extending
import numpy as np
from llvmlite import binding, ir  # type: ignore[import-untyped]
from numba.core import types
from numba.core.typing import templates
from numpy.typing import NDArray

LANES = 8 if binding.get_host_cpu_features().get("avx512f") else 4
BLOCK = 2 * LANES
"""What arrays are padded to: sums over two vectors at a time keep a processor busy that would wait for one."""


_numba: Any = numba.extending  # Its annotations are partial.
_templates: Any = templates


class _Lanes(types.Type):
    pass


class _Mask(types.Type):
    pass


_lanes: Any = _Lanes("Lanes")
_mask: Any = _Mask("Mask")
_doubles = ir.VectorType(ir.DoubleType(), LANES)
_truths = ir.VectorType(ir.IntType(1), LANES)
_bytes = ir.VectorType(ir.IntType(8), LANES)
_words = ir.VectorType(ir.IntType(64), LANES)


def _register(kind: type, content: ir.Type) -> None:
    def describe(model: Any, manager: Any, instance: Any) -> None:
        _numba.models.PrimitiveModel.__init__(model, manager, instance, content)

    _numba.register_model(kind)(type("Content", (_numba.models.PrimitiveModel,), {"__init__": describe}))


_register(_Lanes, _doubles)
_register(_Mask, _truths)


def _define_operator(function: Callable[..., Any], emit: Callable[..., Any], operand: Any, result: Any) -> None:
    cases = (_templates.signature(result, operand, operand),)
    template = type("Template", (_templates.ConcreteTemplate,), {"key": function, "cases": cases})

    def lower(context: Any, builder: ir.IRBuilder, _: Any, arguments: Any) -> Any:
        return emit(builder, *arguments)

    _templates.infer_global(function)(template)
    _numba.lower_builtin(function, operand, operand)(lower)


_contract = ("contract",)
_define_operator(operator.add, lambda builder, a, b: builder.fadd(a, b, flags=_contract), _lanes, _lanes)
_define_operator(operator.sub, lambda builder, a, b: builder.fsub(a, b, flags=_contract), _lanes, _lanes)
_define_operator(operator.mul, lambda builder, a, b: builder.fmul(a, b, flags=_contract), _lanes, _lanes)
_define_operator(operator.gt, lambda builder, a, b: builder.fcmp_ordered(">", a, b), _lanes, _mask)
_define_operator(operator.ne, lambda builder, a, b: builder.fcmp_unordered("!=", a, b), _lanes, _mask)
_define_operator(operator.or_, lambda builder, a, b: builder.or_(a, b), _mask, _mask)


def _at(context: Any, builder: ir.IRBuilder, kind: Any, content: ir.Type, array: Any, index: Any) -> Any:
    """Return the address of array[index] as that of a vector."""
    data = context.make_array(kind)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), content.as_pointer())


def _load(typingctx: Any, array: Any, index: Any) -> Any:
    """Return the LANES numbers of a float64 array from `index` on."""

    def emit(context: Any, builder: ir.IRBuilder, sig: Any, values: Any) -> Any:
        return builder.load(_at(context, builder, sig.args[0], _doubles, *values), align=8)

    return _lanes(array, types.intp), emit


def _store(typingctx: Any, array: Any, index: Any, lanes: Any) -> Any:
    """Write `lanes` to a float64 array from `index` on."""

    def emit(context: Any, builder: ir.IRBuilder, sig: Any, values: Any) -> Any:
        builder.store(values[2], _at(context, builder, sig.args[0], _doubles, *values[:2]), align=8)
        return context.get_dummy_value()

    return types.void(array, types.intp, _lanes), emit


def _load_bytes(typingctx: Any, array: Any, index: Any) -> Any:
    """Return the LANES numbers of an int8 array from `index` on."""

    def emit(context: Any, builder: ir.IRBuilder, sig: Any, values: Any) -> Any:
        whole = builder.load(_at(context, builder, sig.args[0], _bytes, *values), align=1)
        return builder.sitofp(whole, _doubles)

    return _lanes(array, types.intp), emit


def _store_bytes(typingctx: Any, array: Any, index: Any, lanes: Any) -> Any:
    """Write `lanes`, whole numbers below 128, to an int8 array from `index` on."""

    def emit(context: Any, builder: ir.IRBuilder, sig: Any, values: Any) -> Any:
        whole = builder.fptosi(values[2], _bytes)
        builder.store(whole, _at(context, builder, sig.args[0], _bytes, *values[:2]), align=1)
        return context.get_dummy_value()

    return types.void(array, types.intp, _lanes), emit


def _fill(typingctx: Any, number: Any) -> Any:
    """Return a vector of one number."""

    def emit(context: Any, builder: ir.IRBuilder, sig: Any, values: Any) -> Any:
        first = builder.insert_element(ir.Constant(_doubles, ir.Undefined), values[0], ir.IntType(32)(0))
        return builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES))

    return _lanes(types.float64), emit


def _magnitude(typingctx: Any, lanes: Any) -> Any:
    """Return the absolute values."""

    def emit(context: Any, builder: ir.IRBuilder, sig: Any, values: Any) -> Any:
        words = builder.and_(builder.bitcast(values[0], _words), ir.Constant(_words, [2**63 - 1] * LANES))
        return builder.bitcast(words, _doubles)

    return _lanes(_lanes), emit


def _larger(typingctx: Any, lanes: Any, others: Any) -> Any:
    """Return the larger of each two numbers."""

    def emit(context: Any, builder: ir.IRBuilder, sig: Any, values: Any) -> Any:
        return builder.select(builder.fcmp_ordered(">", *values), *values)

    return _lanes(_lanes, _lanes), emit


def _choose(typingctx: Any, mask: Any, lanes: Any, others: Any) -> Any:
    """Return `lanes` where the mask is true, `others` elsewhere."""

    def emit(context: Any, builder: ir.IRBuilder, sig: Any, values: Any) -> Any:
        return builder.select(*values)

    return _lanes(_mask, _lanes, _lanes), emit


def _total(typingctx: Any, lanes: Any) -> Any:
    """Return the sum of all numbers: of the two halves' sums, and so on."""

    def emit(context: Any, builder: ir.IRBuilder, sig: Any, values: Any) -> Any:
        whole, count = values[0], LANES
        while count > 1:
            count //= 2
            places = ir.VectorType(ir.IntType(32), count)
            lower = builder.shuffle_vector(whole, whole, ir.Constant(places, list(range(count))))
            upper = builder.shuffle_vector(whole, whole, ir.Constant(places, list(range(count, 2 * count))))
            whole = builder.fadd(lower, upper)
        return builder.extract_element(whole, ir.IntType(32)(0))

    return types.float64(_lanes), emit


def _bits(typingctx: Any, mask: Any) -> Any:
    """Return the mask as an integer."""

    def emit(context: Any, builder: ir.IRBuilder, sig: Any, values: Any) -> Any:
        return builder.zext(builder.bitcast(values[0], ir.IntType(LANES)), ir.IntType(64))

    return types.int64(_mask), emit


def _peek(typingctx: Any, array: Any, index: Any) -> Any:
    """Return array[index]."""

    def emit(context: Any, builder: ir.IRBuilder, sig: Any, values: Any) -> Any:
        data = context.make_array(sig.args[0])(context, builder, values[0]).data
        return builder.load(builder.gep(data, [values[1]]))

    return array.dtype(array, types.intp), emit


def _poke(typingctx: Any, array: Any, index: Any, number: Any) -> Any:
    """Do array[index] = number."""

    def emit(context: Any, builder: ir.IRBuilder, sig: Any, values: Any) -> Any:
        data = context.make_array(sig.args[0])(context, builder, values[0]).data
        builder.store(values[2], builder.gep(data, [values[1]]))
        return context.get_dummy_value()

    return types.void(array, types.intp, array.dtype), emit


def _lowest(typingctx: Any, word: Any) -> Any:
    """Return the place of the lowest bit set in an integer that is not 0."""

    def emit(context: Any, builder: ir.IRBuilder, sig: Any, values: Any) -> Any:
        return builder.cttz(values[0], ir.IntType(1)(True))

    return types.int64(types.int64), emit


Array = NDArray[Any]
load: Callable[[Array, int], Any] = _numba.intrinsic(_load)
store: Callable[[Array, int, Any], None] = _numba.intrinsic(_store)
load_bytes: Callable[[Array, int], Any] = _numba.intrinsic(_load_bytes)
store_bytes: Callable[[Array, int, Any], None] = _numba.intrinsic(_store_bytes)
fill: Callable[[float], Any] = _numba.intrinsic(_fill)
magnitude: Callable[[Any], Any] = _numba.intrinsic(_magnitude)
larger: Callable[[Any, Any], Any] = _numba.intrinsic(_larger)
choose: Callable[[Any, Any, Any], Any] = _numba.intrinsic(_choose)
total: Callable[[Any], float] = _numba.intrinsic(_total)
bits: Callable[[Any], int] = _numba.intrinsic(_bits)
lowest: Callable[[int], int] = _numba.intrinsic(_lowest)
peek: Callable[[Array, int], Any] = _numba.intrinsic(_peek)
poke: Callable[[Array, int, Any], None] = _numba.intrinsic(_poke)


def padded(count: int) -> int:
    """Return the next multiple of BLOCK."""
    return -(-count // BLOCK) * BLOCK


def aligned_zeros(count: int) -> NDArray[np.float64]:
    """Return zeros (count,) that begin on a cache line: a vector across two lines is two reads."""
    memory = np.zeros(count + 8)
    skip = (-memory.ctypes.data % 64) // 8
    return memory[skip : skip + count]
