"""Nonlinearities in torch, written out: for one layer, the calls that make h from z and dL/dz from dL/dh.

Everything follows from an activation's `Pieces`. `_generic` is right for any Pieces; the recognisers before it know
shapes that torch computes in one or two calls. All buffers are (width, batch): one column per point.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from reluviz.core.activations import Pieces

Call = Callable[[], object]
_threshold_backward = torch.ops.aten.threshold_backward.grad_input
_leaky_relu_backward = torch.ops.aten.leaky_relu_backward.grad_input
_hardtanh_backward = torch.ops.aten.hardtanh_backward.grad_input


@dataclass(frozen=True)
class Nonlinearity:
    """One layer's activation on fixed buffers.

    The layer writes its pre-activations into `z` (which may be the buffer of h itself), then `forward` fills h. With
    dL/dh in the signal buffer, `backward` turns it into dL/dz in place, and into the parameter's gradient if learned.
    Whoever makes one may give the buffer z, and then finds z in it afterwards.
    """

    z: Tensor
    forward: tuple[Call, ...] = ()
    backward: tuple[Call, ...] = ()


def nonlinearity(pieces: Pieces, h: Tensor, signal: Tensor, z: Tensor | None = None) -> Nonlinearity:
    """Return the calls for fixed `pieces`, the fewest that are known to be right."""
    for recognise in (_identity, _floor, _leaky, _absolute, _clamp, _switch):
        found = recognise(pieces, h, signal, z)
        if found:
            return found
    return generic(pieces, h, signal, z)


def apart(h: Tensor, z: Tensor | None) -> Tensor:
    """Return the buffer for pre-activations that the backward pass needs: the one given, else a new one."""
    return torch.empty_like(h) if z is None else z


def _scalar(value: float, like: Tensor) -> Tensor:
    # A 0-dim tensor: handing torch a Python number costs 1 us more in each call.
    return torch.tensor(value, dtype=like.dtype, device=like.device)


def _identity(pieces: Pieces, h: Tensor, signal: Tensor, z: Tensor | None) -> Nonlinearity | None:
    if pieces.slopes == (1.0,) and pieces.intercepts == (0.0,):
        return Nonlinearity(h) if z is None else Nonlinearity(z, (partial(h.copy_, z),))
    return None


def _floor(pieces: Pieces, h: Tensor, signal: Tensor, z: Tensor | None) -> Nonlinearity | None:
    """max(c, z) with derivative 0 at c: works in place, as h > c exactly where z > c."""
    if (pieces.slopes, pieces.tie_slopes) != ((0.0, 1.0), (0.0,)) or pieces.intercepts != (pieces.breakpoints[0], 0.0):
        return None
    (floor,) = pieces.breakpoints
    before = h if z is None else z
    forward: Call = partial(torch.maximum, before, _scalar(floor, h), out=h)
    if floor == 0.0 and z is None:
        is_on = torch.empty_like(h)
        return Nonlinearity(h, (h.relu_,), (partial(torch.sign, h, out=is_on), partial(signal.mul_, is_on)))
    return Nonlinearity(before, (forward,), (partial(_threshold_backward, signal, before, floor, grad_input=signal),))


def _leaky(pieces: Pieces, h: Tensor, signal: Tensor, z: Tensor | None) -> Nonlinearity | None:
    """The slope a up to 0 and 1 beyond."""
    if pieces.breakpoints != (0.0,) or pieces.slopes[1] != 1.0 or pieces.intercepts != (0.0, 0.0):
        return None
    slope = pieces.slopes[0]
    if pieces.tie_slopes != (slope,):
        return None
    z = apart(h, z)
    forward = partial(torch._C._nn.leaky_relu, z, slope, out=h)
    return Nonlinearity(z, (forward,), (partial(_leaky_relu_backward, signal, z, slope, False, grad_input=signal),))


def _absolute(pieces: Pieces, h: Tensor, signal: Tensor, z: Tensor | None) -> Nonlinearity | None:
    if pieces != Pieces((0.0,), (-1.0, 1.0), (0.0, 0.0), (0.0,)):
        return None
    z, sign = apart(h, z), torch.empty_like(h)
    backward = (partial(torch.sign, z, out=sign), partial(signal.mul_, sign))
    return Nonlinearity(z, (partial(torch.abs, z, out=h),), backward)


def _clamp(pieces: Pieces, h: Tensor, signal: Tensor, z: Tensor | None) -> Nonlinearity | None:
    """min(high, max(low, s z + i)) with s > 0, at both ends with the derivative 0 (hard tanh, ReLU6...) or s."""
    if len(pieces.slopes) != 3 or pieces.slopes[::2] != (0.0, 0.0) or pieces.slopes[1] <= 0.0:
        return None
    (low, middle, high), slope, ends = pieces.intercepts, pieces.slopes[1], pieces.breakpoints
    if pieces.tie_slopes not in ((0.0, 0.0), (slope, slope)):
        return None
    gaps = (slope * ends[0] + middle - low, slope * ends[1] + middle - high)
    if max(map(abs, gaps)) > 1e-15 * max(1.0, abs(low), abs(high)):
        return None  # It jumps.
    z = apart(h, z)
    shut = ends if pieces.tie_slopes == (0.0, 0.0) else _just_outside(ends, h)
    gate = partial(_hardtanh_backward, signal, z, *shut, grad_input=signal)
    if (slope, middle) == (1.0, 0.0):
        return Nonlinearity(z, (partial(torch._C._nn.hardtanh, z, low, high, out=h),), (gate,))
    line = partial(torch.add, _scalar(middle, h), z, alpha=slope, out=h)
    clamp = partial(torch._C._nn.hardtanh_, h, low, high)
    return Nonlinearity(z, (line, clamp), (gate, partial(signal.mul_, _scalar(slope, h))))


def _just_outside(ends: tuple[float, ...], like: Tensor) -> tuple[float, ...]:
    """Return the next numbers of the type of `like` below and above."""
    low, high = torch.tensor(ends, dtype=like.dtype)
    beyond = torch.tensor(float("inf"), dtype=like.dtype)
    return torch.nextafter(low, -beyond).item(), torch.nextafter(high, beyond).item()


def _switch(pieces: Pieces, h: Tensor, signal: Tensor, z: Tensor | None) -> Nonlinearity | None:
    """0 up to 0 and 1 beyond; no gradient passes."""
    if pieces != Pieces((0.0,), (0.0, 0.0), (0.0, 1.0), (0.0,)):
        return None
    before = h if z is None else z
    return Nonlinearity(before, (partial(torch.gt, before, _scalar(0.0, h), out=h),), (signal.zero_,))


def generic(pieces: Pieces, h: Tensor, signal: Tensor, z: Tensor | None = None) -> Nonlinearity:
    """Return the calls for any Pieces: look up each z's piece, then its slope and intercept."""
    table = _Table(pieces, h)
    z, slope = apart(h, z), torch.empty_like(h)

    def forward() -> None:
        piece = table.find(z)
        torch.take(table.slopes, piece, out=slope)
        torch.addcmul(torch.take(table.intercepts, piece), slope, table.bounded(z), out=h)

    def backward() -> None:
        signal.mul_(table.derivative(z, slope))

    return Nonlinearity(z, (forward,), (backward,))


class _Table:
    """`Pieces` as tensors on the device and of the type of `like`."""

    def __init__(self, pieces: Pieces, like: Tensor) -> None:
        def tensor(values: tuple[float, ...]) -> Tensor:
            return torch.tensor(values, dtype=like.dtype, device=like.device)

        self.breakpoints, self.slopes, self.intercepts = map(
            tensor, (pieces.breakpoints, pieces.slopes, pieces.intercepts)
        )
        self.ties = tensor(pieces.tie_slopes)
        self._has_flat_piece = 0.0 in pieces.slopes
        self._largest = torch.finfo(like.dtype).max

    def find(self, z: Tensor) -> Tensor:
        """Return the piece of each z: the number of breakpoints strictly below it."""
        return torch.bucketize(z, self.breakpoints)

    def bounded(self, z: Tensor) -> Tensor:
        """Return z, without infinities where a slope of 0 would make nan of them."""
        return z.clamp(-self._largest, self._largest) if self._has_flat_piece else z

    def derivative(self, z: Tensor, slope: Tensor) -> Tensor:
        """Return `slope`, each z's slope, with the tie slopes at breakpoints."""
        for breakpoint_, tie in zip(self.breakpoints, self.ties, strict=True):
            slope = torch.where(z == breakpoint_, tie, slope)
        return slope


def learned_nonlinearity(
    pieces: Callable[[float], Pieces],
    value: Tensor,
    gradient: Tensor,
    h: Tensor,
    signal: Tensor,
    z: Tensor | None = None,
) -> Nonlinearity:
    """Return the calls for an activation whose parameter `value` (1,) is learned; `gradient` (1,) gets dL/dvalue.

    The parameter must move slopes and intercepts in proportion, not breakpoints: phi(z; a) = base(z) + a change(z).
    """
    base, moved = pieces(0.0), pieces(1.0)
    if base.breakpoints != moved.breakpoints:
        raise ValueError("a learned parameter cannot move breakpoints")
    change = Pieces(
        base.breakpoints,
        _difference(moved.slopes, base.slopes),
        _difference(moved.intercepts, base.intercepts),
        _difference(moved.tie_slopes, base.tie_slopes),
    )
    if base == Pieces((0.0,), (0.0, 1.0), (0.0, 0.0), (0.0,)) and change == Pieces(
        (0.0,), (1.0, 0.0), (0.0, 0.0), (1.0,)
    ):
        return _prelu(value, gradient, h, signal, z)
    return learned_generic(base, change, value, gradient, h, signal, z)


def _difference(left: tuple[float, ...], right: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(a - b for a, b in zip(left, right, strict=True))


def _prelu(value: Tensor, gradient: Tensor, h: Tensor, signal: Tensor, z: Tensor | None) -> Nonlinearity:
    """Slope 1 beyond 0, else a."""
    z, below, scaled = apart(h, z), torch.empty_like(h), torch.empty_like(h)
    zero = _scalar(0.0, h)
    forward = (
        partial(torch.minimum, z, zero, out=below),
        partial(torch.sub, z, below, out=h),
        partial(h.addcmul_, below, value),
    )
    backward = (
        partial(torch.dot, signal.view(-1), below.view(-1), out=gradient.view(())),
        # The part beyond 0 apart: five times faster than a comparison and torch.where.
        partial(_threshold_backward, signal, z, 0.0, grad_input=scaled),
        partial(signal.sub_, scaled),
        partial(torch.addcmul, scaled, signal, value, out=signal),
    )
    return Nonlinearity(z, forward, backward)


def learned_generic(
    base: Pieces,
    change: Pieces,
    value: Tensor,
    gradient: Tensor,
    h: Tensor,
    signal: Tensor,
    z: Tensor | None = None,
) -> Nonlinearity:
    """Return the calls for phi(z; a) = base(z) + a change(z) with any Pieces of equal breakpoints."""
    fixed, moving = _Table(base, h), _Table(change, h)
    z, slope, effect = apart(h, z), torch.empty_like(h), torch.empty_like(h)

    def forward() -> None:
        piece = fixed.find(z)
        torch.addcmul(fixed.slopes[piece], moving.slopes[piece], value, out=slope)
        torch.addcmul(moving.intercepts[piece], moving.slopes[piece], moving.bounded(z), out=effect)
        torch.addcmul(fixed.intercepts[piece], fixed.slopes[piece], fixed.bounded(z), out=h)
        h.addcmul_(effect, value)

    def backward() -> None:
        gradient.copy_((signal * effect).sum())
        derivative = slope
        ties = torch.addcmul(fixed.ties, moving.ties, value)
        for breakpoint_, tie in zip(fixed.breakpoints, ties, strict=True):
            derivative = torch.where(z == breakpoint_, tie, derivative)
        signal.mul_(derivative)

    return Nonlinearity(z, (forward,), (backward,))
