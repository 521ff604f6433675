"""Near-minimax rational approximation in high precision.

``P(v) / Q(v)`` is the weighted least-squares fit of a smooth function over many Chebyshev nodes of ``[0, upper]``:
linear once the denominator of the previous round serves as weight (Sanathanan and Koerner 1963). Its error is within a
small factor of the best possible, and unlike interpolation it has no spurious poles between the nodes. Needs
python-flint.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flint import arb, arb_mat, ctx

FIT_PRECISION = 420
NODES = 96
REWEIGHTINGS = 3


@dataclass(frozen=True)
class RationalFit:
    """Coefficients of ``P`` and ``Q``, constant term first."""

    numerator: tuple[arb, ...]
    denominator: tuple[arb, ...]

    def __call__(self, point: arb) -> arb:
        """``P(point) / Q(point)`` in ball arithmetic."""
        return evaluate_polynomial(self.numerator, point) / evaluate_polynomial(self.denominator, point)


def evaluate_polynomial(coefficients: Sequence[arb], point: arb) -> arb:
    """Evaluate the polynomial with ``coefficients`` (constant term first) at ``point``, by Horner's rule."""
    total = arb(0)
    for coefficient in reversed(coefficients):
        total = total * point + coefficient
    return total


def chebyshev_nodes(count: int, upper: arb) -> list[arb]:
    """``count`` points of ``(0, upper)`` in increasing order, dense at both ends."""
    return [upper * (1 - ((2 * k + 1) * arb.pi() / (2 * count)).cos()) / 2 for k in range(count)]


def _sizes(points: Sequence[arb], values: Sequence[arb]) -> list[arb]:
    """``|f| + |v f'|``: what a relative error of 1 in the argument does to the result, nonzero where ``f`` vanishes."""
    sizes = []
    for k, (point, value) in enumerate(zip(points, values, strict=True)):
        before, after = max(k - 1, 0), min(k + 1, len(points) - 1)
        slope = (values[after] - values[before]) / (points[after] - points[before])
        sizes.append((abs(value) + abs(point * slope)).mid())
    return sizes


def fit_rational(
    function: Callable[[arb], arb], value_at_zero: arb, upper: arb, degrees: tuple[int, int]
) -> RationalFit:
    """Fit ``function`` on ``[0, upper]`` by ``P / Q`` with ``Q(0) = 1`` and ``P(0)`` the exact value at zero.

    Args:
        function: called at positive balls; smooth on the interval, with at least 300 good bits.
        value_at_zero: its limit at 0.
        upper: right end of the interval.
        degrees: of ``P`` and of ``Q``.

    Returns:
        The coefficients, without error bounds.

    Raises:
        ZeroDivisionError: when the least-squares problem is singular at these degrees.

    """
    with ctx.workprec(FIT_PRECISION):
        top, bottom = degrees
        nodes = chebyshev_nodes(NODES, upper)
        values = [function(node).mid() for node in nodes]
        weights = [1 / size for size in _sizes(nodes, values)]
        powers = [[(node / upper) ** k for k in range(1, max(top, bottom) + 1)] for node in nodes]
        solution: list[arb] = []
        for _ in range(REWEIGHTINGS if bottom else 1):
            rows, right = [], []
            for value, weight, power in zip(values, weights, powers, strict=True):
                below = 1 + sum((solution[top + k] * power[k] for k in range(bottom)), arb(0)) if solution else arb(1)
                factor = (weight / below).mid()
                rows.append([*(factor * p for p in power[:top]), *(-factor * value * p for p in power[:bottom])])
                right.append([factor * (value - value_at_zero)])
            matrix = arb_mat(rows)
            transposed = matrix.transpose()
            normal, target = (transposed * matrix).mid(), (transposed * arb_mat(right)).mid()
            solution = [entry.mid() for entry in normal.solve(target).entries()]
        numerator = [value_at_zero, *(solution[k] / upper ** (k + 1) for k in range(top))]
        denominator = [arb(1), *(solution[top + k] / upper ** (k + 1) for k in range(bottom))]
        return RationalFit(tuple(c.mid() for c in numerator), tuple(c.mid() for c in denominator))


def fit_quality(fit: RationalFit, function: Callable[[arb], arb], upper: arb, points: int) -> tuple[float, float]:
    """Error and conditioning of a fit over ``points`` points of ``(0, upper]``, denser towards 0.

    Both are relative to ``|f| + |v f'|``: for a function without zeros as good as its size, and fair where it has one.

    Returns:
        The largest error, and the largest of ``sum |p_k| v^k / |Q(v)|`` and ``sum |q_k| v^k / |Q(v)|``: by how much the
        roundings of an evaluation may be amplified.

    """
    with ctx.workprec(FIT_PRECISION):
        grid = [upper * arb(k) ** 2 / points**2 for k in range(1, points + 1)]
        values = [function(point).mid() for point in grid]
        error = condition = 0.0
        for point, value, size in zip(grid, values, _sizes(grid, values), strict=True):
            bottom = evaluate_polynomial(fit.denominator, point)
            error = max(error, float((abs(fit(point) - value) / size).mid()))
            sums = [evaluate_polynomial([abs(c) for c in p], point) for p in (fit.numerator, fit.denominator)]
            condition = max(
                condition, float((sums[0] / abs(bottom) / size).mid()), float((sums[1] / abs(bottom)).mid())
            )
        return error, condition
