"""Smooth activations in torch: any expression of z, and faster calls for those that torch computes itself."""

from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from torch import Tensor

from reluviz.core import smooth
from reluviz.core.activations import Activation, Curve
from reluviz.core.expression import Expression
from reluviz.core.smooth import Smooth
from reluviz.engine.activations import Call, Nonlinearity, nonlinearity

_aten = torch.ops.aten


def _above(a: Tensor, b: Tensor) -> Tensor:
    return (a > b).to(a.dtype)


def _not_below(a: Tensor, b: Tensor) -> Tensor:
    return (a >= b).to(a.dtype)


TORCH: dict[str, Callable[..., Tensor]] = {
    "add": torch.add,
    "subtract": torch.sub,
    "multiply": torch.mul,
    "divide": torch.div,
    "power": torch.pow,
    "maximum": torch.maximum,
    "minimum": torch.minimum,
    "abs": torch.abs,
    "sign": torch.sign,
    "above": _above,
    "not_below": _not_below,
    "exp": torch.exp,
    "expm1": torch.expm1,
    "log": torch.log,
    "sqrt": torch.sqrt,
    "sin": torch.sin,
    "cos": torch.cos,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
    # torch's default threshold replaces it by z beyond 20, off by 2e-9.
    "softplus": partial(torch.nn.functional.softplus, threshold=700),
    "erf": torch.erf,
}


class TorchExpression:
    """An expression ready to run on tensors of one type and device; its numbers are 0-dim tensors there."""

    def __init__(self, expression: Expression, like: Tensor) -> None:
        self._steps: list[tuple[Callable[..., Tensor] | None, tuple[int, ...], Tensor | None]] = []
        for operation, places, number in expression.tape.steps:
            constant = torch.tensor(number, dtype=like.dtype, device=like.device) if operation == "constant" else None
            self._steps.append((TORCH.get(operation), places, constant))

    def __call__(self, z: Tensor) -> Tensor:
        """Return the value at z; a constant expression has the shape of no dimension."""
        values: list[Tensor] = []
        for function, places, constant in self._steps:
            if function is not None:
                values.append(function(*[values[place] for place in places]))
            else:
                values.append(z if constant is None else constant)
        return values[-1]


def activation_nonlinearity(activation: Activation, parameter: float, h: Tensor, signal: Tensor) -> Nonlinearity:
    """Return the calls for any activation whose parameter is fixed."""
    unit = _of_curve(activation.curve(parameter), h, signal)
    if activation.backward is None:
        return unit
    return _straight_through(unit, activation.backward(parameter), h, signal)


def _of_curve(curve: Curve, h: Tensor, signal: Tensor) -> Nonlinearity:
    if isinstance(curve, Smooth):
        return smooth_nonlinearity(curve, h, signal)
    return nonlinearity(curve, h, signal)


def _straight_through(unit: Nonlinearity, backward: Curve, h: Tensor, signal: Tensor) -> Nonlinearity:
    """Go forward by `unit` and backward by the derivative of another curve at the same z."""
    z = torch.empty_like(h)
    other = _of_curve(backward, torch.empty_like(h), signal)
    return Nonlinearity(
        z,
        (partial(unit.z.copy_, z), *unit.forward),
        # Its derivative may rest on what its own forward pass leaves behind.
        (partial(other.z.copy_, z), *other.forward, *other.backward),
    )


def smooth_nonlinearity(curve: Smooth, h: Tensor, signal: Tensor) -> Nonlinearity:
    """Return the calls for a smooth activation: torch's own forward and backward where it is one of torch's."""
    make = _KNOWN.get(curve.expression)
    if make:
        return make(h, signal)
    alpha = _elu_alpha(curve.expression)
    if curve.expression == smooth.elu(alpha).expression:
        return _elu(alpha, h, signal)
    return generic_smooth(curve, h, signal)


def generic_smooth(curve: Smooth, h: Tensor, signal: Tensor) -> Nonlinearity:
    """Return the calls for any smooth activation, operation by operation."""
    value, derivative = TorchExpression(curve.expression, h), TorchExpression(curve.expression.derivative, h)
    z = torch.empty_like(h)

    def forward() -> None:
        h.copy_(value(z))

    def backward() -> None:
        signal.mul_(derivative(z))

    return Nonlinearity(z, (forward,), (backward,))


def _elu_alpha(expression: Expression) -> float:
    """Return the factor of exp in what may be an ELU, nan in what cannot."""
    if expression.operation != "add" or not expression.arguments[1].arguments:
        return float("nan")
    below = expression.arguments[1]
    return below.arguments[0].constant if below.operation == "multiply" else 1.0


def _elu(alpha: float, h: Tensor, signal: Tensor) -> Nonlinearity:
    z = torch.empty_like(h)
    forward = partial(_aten.elu.out, z, alpha, out=h)
    backward = partial(_aten.elu_backward.grad_input, signal, alpha, 1, 1, False, z, grad_input=signal)
    return Nonlinearity(z, (forward,), (backward,))


def _from_h(forward: Callable[..., Any], backward: Callable[..., Any]) -> Callable[[Tensor, Tensor], Nonlinearity]:
    """Functions whose derivative follows from their value: they work in place."""

    def make(h: Tensor, signal: Tensor) -> Nonlinearity:
        return Nonlinearity(h, (partial(forward, h, out=h),), (partial(backward, signal, h, grad_input=signal),))

    return make


def _from_z(
    forward: Callable[..., Any], backward: Callable[..., Any], *more: Any, **named: Any
) -> Callable[[Tensor, Tensor], Nonlinearity]:
    """Functions whose derivative needs z."""

    def make(h: Tensor, signal: Tensor) -> Nonlinearity:
        z = torch.empty_like(h)
        calls = partial(forward, z, *more, **named, out=h)
        return Nonlinearity(z, (calls,), (partial(backward, signal, z, *more, **named, grad_input=signal),))

    return make


def _sine(h: Tensor, signal: Tensor) -> Nonlinearity:
    z, cosine = torch.empty_like(h), torch.empty_like(h)
    backward: tuple[Call, ...] = (partial(torch.cos, z, out=cosine), partial(signal.mul_, cosine))
    return Nonlinearity(z, (partial(torch.sin, z, out=h),), backward)


_KNOWN: dict[Expression, Callable[[Tensor, Tensor], Nonlinearity]] = {
    smooth.sigmoid(0.0).expression: _from_h(torch.sigmoid, _aten.sigmoid_backward.grad_input),
    smooth.tanh(0.0).expression: _from_h(torch.tanh, _aten.tanh_backward.grad_input),
    smooth.gelu(0.0).expression: _from_z(torch._C._nn.gelu, _aten.gelu_backward.grad_input, approximate="none"),
    smooth.silu(0.0).expression: _from_z(_aten.silu.out, _aten.silu_backward.grad_input),
    smooth.softplus(0.0).expression: _from_z(torch._C._nn.softplus, _aten.softplus_backward.grad_input, 1, 700),
    smooth.sine(0.0).expression: _sine,
}
