"""The Bessel ratio ``A(kappa) = I1(kappa) / I0(kappa)`` and what the von Mises family is made of, to a few ulp.

``A`` is the mean resultant length of the von Mises distribution (Mardia and Jupp 2000, section 3.5.4), ``A'`` the
Fisher information of its concentration, and ``A' = 1 - A/kappa - A^2`` (Amos 1974; DLMF 10.29). Written like that
everything is lost to cancellation, so each function here is a fit of its own: rational in ``kappa^2`` below a boundary,
a polynomial in ``1/kappa`` above (``numerics.fit_bessel_ratio`` makes the coefficients).

Every public function works elementwise on an array ``kappa`` of any shape in float32 or float64 and keeps shape and
dtype; any other dtype raises TypeError. The domain is ``kappa >= 0``: infinity gives the limit, negative values and NaN
give NaN. Derivatives of every order exist, and up to ``A^(5)`` they are evaluated from fits too. "To 4 epsilons" means:
the relative error for ``1e-8 <= kappa <= 1e8`` is below 4 machine epsilons, tested against ball arithmetic on a CPU.
Results below the smallest normal number may be flushed to zero, as may ``1/kappa`` above a quarter of the largest one.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from numerics.generated.bessel_coefficients import BOUNDARY, COEFFICIENTS, POWERS, SCALE

_HIGHEST_FITTED = 5
_HALF_LOG_TWO_PI = 0.9189385332046727


def as_concentration(kappa: ArrayLike) -> Array:
    """Convert ``kappa`` to an array; TypeError unless that is float32 or float64."""
    array = jnp.asarray(kappa)
    if array.dtype not in (jnp.float32, jnp.float64):
        raise TypeError(f"kappa has dtype {array.dtype}; it must be float32 or float64")
    return array


def inside_domain(kappa: Array, value: Array) -> Array:
    """Keep ``value`` where ``kappa >= 0``; NaN elsewhere, so also where ``kappa`` is NaN."""
    return jnp.where(kappa >= 0, value, jnp.nan)


def _polynomial(coefficients: Sequence[float], point: Array) -> Array:
    """Evaluate by Horner's rule, constant term first."""
    total = jnp.full_like(point, coefficients[-1])
    for coefficient in coefficients[-2::-1]:
        total = total * point + coefficient
    return total


def _split_polynomial(coefficients: Sequence[float], point: Array) -> Array:
    """Evaluate even and odd powers apart: half the roundings where high powers dominate, and two shorter chains."""
    square = point * point
    return _polynomial(coefficients[1::2], square) * point + _polynomial(coefficients[::2], square)


def _multiply(start: Array, factors: Sequence[Array]) -> Array:
    for factor in factors:
        start = start * factor
    return start


def _near_variable(kappa: Array, is_near: Array, name: str) -> Array:
    """Map to the variable of the lower piece, kept inside its range: the inner half of the double-where trick."""
    near_kappa = jnp.where(is_near, kappa, 0)
    scaled = near_kappa * (1 / SCALE)
    return near_kappa if name == "complement" else scaled * scaled


def evaluate_fit(kappa: Array, name: str, power: int, boundary: float) -> Array:
    """Evaluate ``kappa^power`` times one fitted quantity, with a single division for both pieces.

    Above the boundary the power of ``kappa``, all told, must not be positive. Automatic differentiation of this
    survives every argument, though it is less accurate than a fit of the derivative.
    """
    numerator, denominator, tail = COEFFICIENTS[str(kappa.dtype)][name]
    near_power, far_power = POWERS[name][0] + power, POWERS[name][1] - power
    is_near = kappa < boundary
    variable = _near_variable(kappa, is_near, name)
    below = _multiply(_split_polynomial(denominator, variable), [kappa] * -near_power)
    inverse = 1 / jnp.where(is_near, below, kappa)
    near = _multiply(_split_polynomial(numerator, variable) * inverse, [kappa] * near_power)
    far = _multiply(_polynomial(tail, inverse), [inverse] * far_power)
    return inside_domain(kappa, jnp.where(is_near, near, far))


def _evaluate_product(kappa: Array, factors: Sequence[tuple[str, int]], power: int, boundary: float) -> Array:
    """Evaluate ``kappa^power`` times a product of integer powers of fitted quantities.

    The powers of ``kappa`` are added up before any is multiplied out, so the result is right wherever it is
    representable, even if a factor by itself under- or overflows.
    """
    is_near = kappa < boundary
    inverse = 1 / jnp.where(is_near, boundary, kappa)
    # Above and below the fraction bar.
    near: tuple[list[Array], list[Array]] = ([], [])
    far: tuple[list[Array], list[Array]] = ([], [])
    near_power = far_power = power
    for name, exponent in factors:
        numerator, denominator, tail = COEFFICIENTS[str(kappa.dtype)][name]
        variable = _near_variable(kappa, is_near, name)
        side = 0 if exponent > 0 else 1
        near[side].extend([_split_polynomial(numerator, variable)] * abs(exponent))
        near[1 - side].extend([_split_polynomial(denominator, variable)] * abs(exponent))
        far[side].extend([_polynomial(tail, inverse)] * abs(exponent))
        near_power += exponent * POWERS[name][0]
        far_power -= exponent * POWERS[name][1]
    near[near_power < 0].extend([kappa] * abs(near_power))
    far[far_power < 0].extend([kappa] * abs(far_power))
    one = jnp.ones_like(kappa)
    above, below = (jnp.where(is_near, _multiply(one, near[side]), _multiply(one, far[side])) for side in (0, 1))
    return inside_domain(kappa, above / below)


def differentiated_fit(kappa: Array, name: str, boundary: float) -> Array:
    """Differentiate a fit: where a chain of fitted derivatives ends."""
    _, slope = jax.jvp(lambda point: evaluate_fit(point, name, 0, boundary), (kappa,), (jnp.ones_like(kappa),))
    return inside_domain(kappa, slope)


def fitted_primitive(
    name: str, derivative: Callable[[Array], Array], boundaries: Mapping[str, float]
) -> Callable[[Array], Array]:
    """Build the function of ``kappa`` that evaluates one fit and has ``derivative`` as its derivative."""

    @jax.custom_jvp
    @jax.jit
    def value(kappa: Array) -> Array:
        return evaluate_fit(kappa, name, 0, boundaries[str(kappa.dtype)])

    @value.defjvp
    def _rule(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
        return value(*primals), derivative(*primals) * tangents[0]

    return value


def _fits_for(exponents: tuple[int, ...]) -> list[tuple[str, int]]:
    """Factor ``prod_k (A^(k))^e_k`` into fitted quantities, with the fitted quotients wherever they occur."""
    remaining = list(exponents)
    factors = []
    for above, below in ((2, 1), (1, 0)):
        if remaining[above] * remaining[below] < 0:
            size = min(abs(remaining[above]), abs(remaining[below]))
            count = size if remaining[above] > 0 else -size
            factors.append((f"quotient_{above}_{below}", count))
            remaining[above] -= count
            remaining[below] += count
    return factors + [(f"derivative_{order}", exponent) for order, exponent in enumerate(remaining) if exponent]


@partial(jax.custom_jvp, nondiff_argnums=(1, 2))
@partial(jax.jit, static_argnums=(1, 2))
def _monomial(kappa: Array, power: int, exponents: tuple[int, ...]) -> Array:
    """Evaluate ``kappa^power * prod_k (A^(k))^exponents[k]``: a family that differentiation does not leave."""
    factors, boundary = _fits_for(exponents), BOUNDARY[str(kappa.dtype)]
    if len(factors) == 1 and factors[0][1] == 1 and power <= POWERS[factors[0][0]][1]:
        return evaluate_fit(kappa, factors[0][0], power, boundary)
    return _evaluate_product(kappa, factors, power, boundary)


@_monomial.defjvp
def _monomial_rule(
    power: int, exponents: tuple[int, ...], primals: tuple[Array], tangents: tuple[Array]
) -> tuple[Array, Array]:
    (kappa,) = primals
    terms = [power * _monomial(kappa, power - 1, exponents)] if power else []
    for order, exponent in enumerate(exponents):
        if exponent == 0:
            continue
        changed = list(exponents)
        changed[order] -= 1
        if order < _HIGHEST_FITTED:
            changed[order + 1] += 1
            terms.append(exponent * _monomial(kappa, power, tuple(changed)))
        else:
            beyond = differentiated_fit(kappa, f"derivative_{order}", BOUNDARY[str(kappa.dtype)])
            terms.append(exponent * _monomial(kappa, power, tuple(changed)) * beyond)
    return _monomial(kappa, power, exponents), sum(terms, jnp.zeros_like(kappa)) * tangents[0]


def _exponents(*orders_and_exponents: tuple[int, int]) -> tuple[int, ...]:
    given = dict(orders_and_exponents)
    return tuple(given.get(order, 0) for order in range(_HIGHEST_FITTED + 1))


def _check_order(name: str, order: int) -> None:
    if isinstance(order, bool) or not isinstance(order, int) or not 0 <= order <= 4:
        raise ValueError(f"{name} = {order!r}; it must be an integer from 0 to 4")


def bessel_ratio(kappa: ArrayLike, order: int = 0) -> Array:
    """Evaluate the ``order``-th derivative of ``A = I1/I0``.

    Args:
        kappa: concentration, any shape, float32 or float64, ``>= 0``.
        order: 0 to 4.

    Returns:
        ``A^(order)``. Orders 0, 1 and 2 to 4 epsilons. Orders 3 and 4 are best effort: they cross zero (near 1.03 and
        1.78), and their error stays below 4 epsilons of ``|A^(n)| + kappa |A^(n+1)|``.

    Raises:
        TypeError: ``kappa`` is neither float32 nor float64.
        ValueError: ``order`` is not an integer from 0 to 4.

    """
    _check_order("order", order)
    return _monomial(as_concentration(kappa), 0, _exponents((order, 1)))


def bessel_ratio_quotient(kappa: ArrayLike, numerator: int, denominator: int) -> Array:
    """Evaluate ``A^(numerator) / A^(denominator)``, right wherever it is representable even if its parts underflow.

    Args:
        kappa: concentration, any shape, float32 or float64, ``>= 0``.
        numerator: order of the derivative above, 0 to 4.
        denominator: order of the derivative below, 0 to 4.

    Returns:
        The quotient. ``A''/A'``, ``A'/A`` (infinite at 0) and ``A/A'`` to 4 epsilons, others are best effort.

    Raises:
        TypeError: ``kappa`` is neither float32 nor float64.
        ValueError: an order is not an integer from 0 to 4.

    """
    _check_order("numerator", numerator)
    _check_order("denominator", denominator)
    array = as_concentration(kappa)
    if numerator == denominator:
        return inside_domain(array, jnp.ones_like(array))
    return _monomial(array, 0, _exponents((numerator, 1), (denominator, -1)))


def bessel_ratio_reciprocal_slope(kappa: ArrayLike) -> Array:
    """Evaluate ``1/A'``, the inverse Fisher information of the concentration; TypeError unless float32 or float64.

    To 4 epsilons wherever it is representable, for ``kappa >= 0`` of any shape; 2 at 0, ``~ 2 kappa^2`` at infinity.
    """
    return _monomial(as_concentration(kappa), 0, _exponents((1, -1)))


_complement = fitted_primitive("complement", lambda kappa: -_monomial(kappa, 0, _exponents((1, 1))), BOUNDARY)
_intercept = fitted_primitive("intercept", lambda kappa: -_monomial(kappa, 1, _exponents((2, 1))), BOUNDARY)


def bessel_ratio_complement(kappa: ArrayLike) -> Array:
    """Evaluate ``1 - A``, the circular variance; TypeError unless float32 or float64.

    To 4 epsilons, for ``kappa >= 0`` of any shape; 1 at 0, ``~ 1 / (2 kappa)`` at infinity.
    """
    return _complement(as_concentration(kappa))


def bessel_ratio_intercept(kappa: ArrayLike) -> Array:
    """Evaluate ``A - kappa A'``, where the tangent line of ``A`` meets the axis; TypeError unless float32 or float64.

    To 4 epsilons, for ``kappa >= 0`` of any shape; ``~ kappa^3 / 8`` at 0, 1 at infinity.
    """
    return _intercept(as_concentration(kappa))


@jax.custom_jvp
@jax.jit
def _ratio_mean_slope(kappa: Array) -> Array:
    return _monomial(kappa, -1, _exponents((0, 1)))


@_ratio_mean_slope.defjvp
def _ratio_mean_slope_rule(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    return _ratio_mean_slope(*primals), -_ratio_mean_slope_decrease(*primals) * tangents[0]


@jax.custom_jvp
@jax.jit
def _ratio_mean_slope_decrease(kappa: Array) -> Array:
    return evaluate_fit(kappa, "intercept", -2, BOUNDARY[str(kappa.dtype)])


@_ratio_mean_slope_decrease.defjvp
def _ratio_mean_slope_decrease_rule(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    (kappa,) = primals
    rest = evaluate_fit(kappa, "intercept", -3, BOUNDARY[str(kappa.dtype)])
    return _ratio_mean_slope_decrease(kappa), -(_monomial(kappa, -1, _exponents((2, 1))) + 2 * rest) * tangents[0]


def bessel_ratio_mean_slope(kappa: ArrayLike) -> Array:
    """Evaluate ``A / kappa``; TypeError unless float32 or float64.

    To 4 epsilons, for ``kappa >= 0`` of any shape; 1/2 at 0, ``~ 1 / kappa`` at infinity.
    """
    return _ratio_mean_slope(as_concentration(kappa))


def bessel_ratio_mean_slope_decrease(kappa: ArrayLike) -> Array:
    """Evaluate ``-(A / kappa)' = (A - kappa A') / kappa^2``; TypeError unless float32 or float64.

    To 4 epsilons, for ``kappa >= 0`` of any shape; ``~ kappa / 8`` at 0, ``~ 1 / kappa^2`` at infinity.
    """
    return _ratio_mean_slope_decrease(as_concentration(kappa))


@jax.custom_jvp
@jax.jit
def _log_bessel_i0(kappa: Array) -> Array:
    is_near = kappa < BOUNDARY[str(kappa.dtype)]
    rest = evaluate_fit(kappa, "log_bessel_i0", 0, BOUNDARY[str(kappa.dtype)])
    # At infinity the logarithm would be infinite too, and the difference NaN.
    usual = jnp.where(is_near | jnp.isinf(kappa), 1, kappa)
    return jnp.where(is_near, rest, kappa - (jnp.log(usual) / 2 + (_HALF_LOG_TWO_PI - rest)))


@_log_bessel_i0.defjvp
def _log_bessel_i0_rule(primals: tuple[Array], tangents: tuple[Array]) -> tuple[Array, Array]:
    return _log_bessel_i0(*primals), _monomial(primals[0], 0, _exponents((0, 1))) * tangents[0]


def log_bessel_i0(kappa: ArrayLike) -> Array:
    """Evaluate ``log I0``, the von Mises log-partition up to ``log(2 pi)``; TypeError unless float32 or float64.

    To 4 epsilons also near 0, for ``kappa >= 0`` of any shape; ``~ kappa^2 / 4`` there. The derivative is ``A``.
    """
    return _log_bessel_i0(as_concentration(kappa))
