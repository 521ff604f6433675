r"""The squared distance of two von Mises laws and its derivatives, by quadrature along a chord.

In the coordinate rho of :mod:`numerics.von_mises_stretch` the metric is ``2 (q^2 d rho^2 + sinh(rho)^2 d mu^2)``: circles as
in a hyperbolic plane, radii longer by q. Clairaut's integral is the same in both, so that a geodesic passes the
same rho as one of the hyperbolic plane; its length and the angle that it turns through are the integrals of q over those of the
other. In Klein's disc, where radii are ``tanh rho``, the other is a straight chord. With t the angle between its ends, L its
hyperbolic length, s from 0 to 1 along it and C as in that module,

``angle = t + 4 tanh(rho) tanh(rho') sin(t) int w C ds`` and
``d / sqrt 2 = L + 4 sinh(L) int w (1 - C) ds / (cosh(rho) cosh(rho'))``.

The first is solved for t by Newton's method. Nothing cancels where the laws are close, and the gradient is that of the first
variation of length.

Source: Clairaut's theorem (do Carmo 2016, Differential Geometry of Curves and Surfaces, section 4-4).
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from numerics.arrays import Point, Scalar
from numerics.bessel_ratio import bessel_ratio, bessel_ratio_complement, bessel_ratio_mean_slope
from numerics.squared_angles import squared_arccosh, squared_arccosh_slope
from numerics.von_mises_stretch import von_mises_stretch

# Nodes, and how many steps of Newton's method with few and with all of them.
_NODES = {"float32": 32, "float64": 72}
_FEW_NODES, _FIRST_STEPS, _LAST_STEPS = 16, 3, 2
_SLOPE_NODES = 12


def squared_distance(theta: Point, other: Point) -> Scalar:
    """The squared Fisher-Rao distance; mu counts modulo 2 pi.

    Values are within 20 epsilons, gradients within 20 epsilons of ``2 d sqrt(g_ii)``.

    Args:
        theta: mu and kappa, shape (2,).
        other: mu and kappa, shape (2,), which count as constants in derivatives.

    Returns:
        The square, a scalar; NaN with NaN derivatives outside the domain.
    """
    other = jax.lax.stop_gradient(other)
    angle = theta[0] - other[0]
    angle = angle - 2.0 * jnp.pi * jnp.round(angle / (2.0 * jnp.pi))
    return _squared_distance(jnp.stack([angle, theta[1]]), other[1])


@jax.custom_jvp
def _squared_distance(theta: Point, other: Scalar) -> Scalar:
    """Of the laws (angle, kappa) and (0, kappa')."""
    return _value_and_gradient(theta, other)[0]


@_squared_distance.defjvp
def _rule(primals: tuple[Array, Array], tangents: tuple[Array, Array]) -> tuple[Array, Array]:
    value, gradient = _value_and_gradient(*primals)
    return value, jnp.vdot(gradient, tangents[0], precision="highest")


def _value_and_gradient(theta: Point, other: Scalar) -> tuple[Scalar, Point]:
    angle, kappa = theta[0], theta[1]
    sinh, other_sinh = _sinh(kappa), _sinh(other)
    cosh, other_cosh = (jnp.sqrt(1.0 + s * s) for s in (sinh, other_sinh))
    turn = _turn(angle, sinh, other_sinh)
    half_chord = jnp.sin(0.5 * turn) ** 2
    sinh_of_sum = sinh * other_cosh + cosh * other_sinh
    is_apart = sinh_of_sum > 0
    rise = jnp.where(is_apart, _mean_rise(kappa, other) / jnp.where(is_apart, sinh_of_sum, 1.0), 0.5)
    radial = (kappa - other) * rise
    # cosh L - 1, from the law of cosines, with sinh(rho - rho') = radial.
    excess = radial * radial / (1.0 + jnp.sqrt(1.0 + radial * radial)) + 2.0 * sinh * other_sinh * half_chord
    longer = 4.0 * _chord_means(_NODES[str(angle.dtype)], turn, sinh, other_sinh)[1] / (cosh * other_cosh)
    ratio = 0.5 * squared_arccosh_slope(excess) + longer  # d / sqrt 2 over sinh L
    stretched = 1.0 + 2.0 * longer / squared_arccosh_slope(excess)  # d / sqrt 2 over L
    value = 2.0 * squared_arccosh(excess) * stretched * stretched
    by_angle = 4.0 * ratio * sinh * other_sinh * jnp.sin(turn)
    outward = radial + 2.0 * other_sinh * cosh * half_chord
    by_kappa = 4.0 * ratio * jnp.sqrt(0.5 * bessel_ratio(kappa, 1)) * outward
    return value, jnp.stack([by_angle, by_kappa])


def _sinh(kappa: Scalar) -> Scalar:
    """``sinh(rho) = sqrt(kappa A / 2)``; NaN outside the domain."""
    return kappa * jnp.sqrt(0.5 * bessel_ratio_mean_slope(kappa))


def _mean_rise(kappa: Scalar, other: Scalar) -> Scalar:
    """``sinh(rho)^2 - sinh(rho')^2 = (kappa A - kappa' A') / 2`` over ``kappa - kappa'``, without cancellation."""
    step = kappa - other
    is_near = jnp.abs(step) <= 0.5 * (1.0 + jnp.minimum(kappa, other))
    nodes, weights = _rule_of(_SLOPE_NODES, kappa.dtype)
    near = jnp.sum(weights * bessel_ratio(jnp.where(is_near, other + nodes * step, other), 1))
    far = (bessel_ratio_complement(other) - bessel_ratio_complement(kappa)) / jnp.where(is_near, 1.0, step)
    return 0.5 * (bessel_ratio(kappa) + other * jnp.where(is_near, near, far))


def _turn(angle: Scalar, sinh: Scalar, other_sinh: Scalar) -> Scalar:
    """The angle t of the hyperbolic triangle, of the sign of the angle and at most as large."""

    @jax.custom_jvp
    def solve(angle: Scalar, sinh: Scalar, other_sinh: Scalar) -> Scalar:
        def improve(nodes: int, turn: Scalar) -> Scalar:
            value, slope = jax.jvp(lambda t: _angle_excess(nodes, t, sinh, other_sinh), (turn,), (jnp.ones_like(turn),))
            return jnp.clip(turn - (turn - angle + value) / (1.0 + slope), -jnp.pi, jnp.pi)

        first = jax.lax.fori_loop(0, _FIRST_STEPS, lambda _, t: improve(_FEW_NODES, t), angle)
        return jax.lax.fori_loop(0, _LAST_STEPS, lambda _, t: improve(_NODES[str(angle.dtype)], t), first)

    @solve.defjvp
    def _(primals: tuple[Array, ...], tangents: tuple[Array, ...]) -> tuple[Array, Array]:
        # Implicit function theorem on turn + excess = angle.
        turn, nodes, (_, *radii) = solve(*primals), _NODES[str(angle.dtype)], primals
        slope = jax.jvp(lambda t: _angle_excess(nodes, t, *radii), (turn,), (jnp.ones_like(turn),))[1]
        by_radii = jax.jvp(lambda *r: _angle_excess(nodes, turn, *r), radii, list(tangents[1:]))[1]
        return turn, (tangents[0] - by_radii) / (1.0 + slope)

    return solve(angle, sinh, other_sinh)


def _angle_excess(nodes: int, turn: Scalar, sinh: Scalar, other_sinh: Scalar) -> Scalar:
    """By how much the geodesic turns further than the chord."""
    product = _tanh(sinh) * _tanh(other_sinh)
    return 4.0 * product * jnp.sin(turn) * _chord_means(nodes, turn, sinh, other_sinh)[0]


def _chord_means(nodes: int, turn: Scalar, sinh: Scalar, other_sinh: Scalar) -> tuple[Scalar, Scalar]:
    """``int w C dl`` and ``int w (1 - C) dl``, by Gauss-Legendre quadrature."""
    part, weights = _rule_of(nodes, turn.dtype)
    product = _tanh(sinh) * _tanh(other_sinh)
    start, end = 1.0 / (1.0 + other_sinh * other_sinh), 1.0 / (1.0 + sinh * sinh)
    # 1 - tanh tanh' cos t, as a sum of positive terms.
    across = (start + end - start * end) / (1.0 + product) + 2.0 * product * jnp.sin(0.5 * turn) ** 2
    complement = (1.0 - part) ** 2 * start + part * part * end + 2.0 * part * (1.0 - part) * across
    density = weights * von_mises_stretch(complement)
    return jnp.sum(density * complement), jnp.sum(density * (1.0 - complement))


def _tanh(sinh: Scalar) -> Scalar:
    return sinh / jnp.sqrt(1.0 + sinh * sinh)


def _rule_of(nodes: int, dtype: jnp.dtype) -> tuple[Array, Array]:
    """Nodes and weights of Gauss and Legendre for means over the interval from 0 to 1."""
    abscissae, masses = np.polynomial.legendre.leggauss(nodes)
    return jnp.asarray((1.0 + abscissae) / 2.0, dtype), jnp.asarray(masses / 2.0, dtype)
