r"""Distances between normal laws: where they are known, and what bounds them.

Sources: Skovgaard 1984; Calvo & Oller 1990; Kobayashi 2023. Notation of :mod:`derivations.multivariate_normal`.
"""

import sympy as sp

from derivations.derivation import Derivation
from derivations.normal_tensors import traces

HALF = sp.Rational(1, 2)


def fixed_mean(factor: sp.Expr = HALF, bend: sp.Expr = sp.Integer(1)) -> Derivation:
    """``d^2 = sum ln^2 lambda_i / 2`` among laws of one mean, for every p.

    Args:
        factor: of the sum.
        bend: of ``B P B`` in the geodesic equation ``Sigma'' = B P B``.
    """
    derivation = Derivation("The distance of normal laws of one mean, any p")
    derivation.given(
        r"g(B, B)", r"\tfrac12 \operatorname{tr} P B P B", "the Fisher metric on changes of the covariance"
    )
    b, c, d = (sp.Symbol(name, commutative=False) for name in "BCD")
    # At P = 1, which a change of coordinates reaches. dP = -P C P; Gamma(B, C) = -bend (B C + C B)/2.
    slope = -HALF * (traces(c * b * d) + traces(b * c * d))

    def symbols(x: sp.Expr, y: sp.Expr) -> sp.Expr:
        return -bend * HALF * (x * y + y * x)

    kept = HALF * (traces(symbols(c, b) * d) + traces(b * symbols(c, d)))
    derivation.equal(
        r"D_C\, g(B, D) - g(\Gamma(C, B), D) - g(B, \Gamma(C, D))",
        sp.Integer(0),
        f"with Gamma(B, C) = -{bend} (B P C + C P B)/2, symmetric: it is the Levi-Civita connection; P = 1",
        value=slope - kept,
    )
    t = sp.Symbol("t", real=True)
    size = 3
    rates = sp.symbols("b_1:4", real=True)
    curve = sp.diag(*[sp.exp(b * t) for b in rates])
    velocity, inverse = curve.diff(t), sp.diag(*[sp.exp(-b * t) for b in rates])
    derivation.given(
        r"\Sigma(t)", r"L \operatorname{diag}(\lambda_i^t) L^T", "any two matrices are L L^T and L diag(lambda) L^T"
    )
    derivation.equal(
        r"\ddot\Sigma - \dot\Sigma P \dot\Sigma",
        sp.Integer(0),
        "the geodesic equation, with b_i = ln lambda_i; entry by entry, here three, and the frame L drops out",
        value=curve.diff(t, 2) - bend * velocity * inverse * velocity,
    )
    speed = (inverse * velocity * inverse * velocity).trace() / 2
    derivation.equal(
        "g(\\dot\\Sigma, \\dot\\Sigma)",
        factor * sum(rates[i] ** 2 for i in range(size)),
        "the speed is constant, so it is the length",
        value=speed,
    )
    _commutators(derivation)
    derivation.given("d", r"\text{the length of that geodesic}", "complete, simply connected, K <= 0 (Hadamard)")
    return derivation


def _commutators(derivation: Derivation) -> None:
    """``R(B, C, B, C) = tr [B, C]^2 / 8 <= 0`` from third cumulants ``tr B C D``."""
    b, c = (sp.Symbol(name, commutative=False) for name in "BC")
    # sum_F tr(X F) tr(Y F) = 2 tr(sym X sym Y), for a basis with tr F F'/2 = delta.
    product, square = (b * c + c * b) / 2, [b * b, c * c]
    curvature = (2 * traces(product * product) - 2 * traces(square[0] * square[1])) / 4
    commutator = b * c - c * b
    derivation.equal(
        r"R(B, C, B, C)",
        traces(commutator * commutator) / 8,
        "(sum (tr B C F)^2 - sum tr B B F tr C C F)/4 with completeness; [B, C] is antisymmetric, so this is <= 0",
        value=curvature,
    )


def fixed_covariance(size: int = 3, factor: sp.Expr = sp.Integer(1)) -> Derivation:
    """Laws of one covariance are flat, with the Mahalanobis distance.

    Args:
        size: p.
        factor: of the squared Mahalanobis distance.
    """
    means = sp.symbols(f"mu_1:{size + 1}", real=True)
    others = sp.symbols(f"nu_1:{size + 1}", real=True)
    precision = sp.Matrix(size, size, lambda i, j: sp.Symbol(f"P_{max(i, j) + 1}{min(i, j) + 1}", real=True))
    derivation = Derivation(f"Normal laws of one covariance, p = {size}")
    mean = sp.Matrix(means)
    psi = (mean.T * precision * mean)[0] / 2
    derivation.given(r"\psi", psi, "log-partition in mu; the natural parameters are P mu")
    # In mu the metric is J^T (Hess psi in eta) J = Hess psi in mu, since J = P is constant.
    metric = sp.hessian(psi, means)
    derivation.equal("g", precision, "the Hessian, which is constant: flat, and geodesics are straight", value=metric)
    step = sp.Matrix(others) - mean
    derivation.equal(
        "d^2",
        (factor * (step.T * precision * step)[0]),
        "the length of the straight line",
        value=(step.T * metric * step)[0],
    )
    return derivation


def embedding(scale: sp.Expr = HALF, corner: sp.Expr = sp.Integer(1)) -> Derivation:
    """The lower bound: the laws lie isometrically among positive definite matrices of one more row.

    Args:
        scale: of the metric ``tr (S^-1 dS)^2`` there.
        corner: the factor of mu in the last row of S.
    """
    derivation = Derivation("The embedding of Calvo and Oller")
    derivation.given(
        "S",
        r"\begin{pmatrix} \Sigma + \mu \mu^T & \mu \\ \mu^T & 1 \end{pmatrix}",
        "a positive definite matrix of p + 1 rows",
    )
    derivation.stated(
        r"S(L\mu + c, L \Sigma L^T) = A S A^T, \quad A = \begin{pmatrix} L & c \\ 0 & 1 \end{pmatrix}",
        "affine maps act on both sides by isometries, so (0, 1) is enough",
    )
    size = 3
    a = sp.Matrix(sp.symbols("a_1:4", real=True))
    change = sp.Matrix(size, size, lambda i, j: sp.Symbol(f"B_{max(i, j) + 1}{min(i, j) + 1}", real=True))
    tangent = sp.Matrix(sp.BlockMatrix([[change, corner * a], [corner * a.T, sp.zeros(1)]]))
    derivation.equal(
        r"\tfrac12 \operatorname{tr} (dS)^2",
        (a.T * a)[0] + (change * change).trace() / 2,
        "the Fisher metric at (0, 1); each entry of a occurs twice, here for p = 3",
        value=scale * (tangent * tangent).trace(),
    )
    derivation.given(
        "d", r"\geq \text{distance of the matrices } S", "a curve of laws is a curve of matrices as long as it"
    )
    return derivation


def lift(scale: sp.Expr = sp.Rational(1, 4), sign: sp.Expr = sp.Integer(-1)) -> Derivation:
    """The upper bound: the laws lie under a symmetric space, and the projection makes no curve longer.

    Args:
        scale: of the metric ``tr (E^-1 dE)^2`` there.
        sign: of the second a in the tangent vectors.
    """
    derivation = Derivation("The symmetric space over the normal laws")
    size = 3
    unit, zero = sp.eye(size), sp.zeros(size)
    a = sp.Matrix(sp.symbols("a_1:4", real=True))
    change = sp.Matrix(size, size, lambda i, j: sp.Symbol(f"B_{max(i, j) + 1}{min(i, j) + 1}", real=True))
    twist = sp.Matrix(
        size, size, lambda i, j: sp.sign(i - j) * sp.Symbol(f"C_{max(i, j) + 1}{min(i, j) + 1}", real=True)
    )
    none = sp.zeros(size, 1)
    exchange = sp.Matrix(sp.BlockMatrix([[zero, none, unit], [none.T, sp.eye(1), none.T], [unit, none, zero]]))
    tangent = sp.Matrix(
        sp.BlockMatrix([[-change, a, twist], [a.T, sp.zeros(1), sign * a.T], [-twist, sign * a, change]])
    )
    derivation.given(
        r"\{E : E = E^T > 0,\ J E J = E^{-1}\}",
        r"\exp \begin{pmatrix} -B & a & C \\ a^T & 0 & -a^T \\ -C & -a & B \end{pmatrix}",
        "J exchanges the first and the last p; B symmetric, C antisymmetric",
    )
    derivation.equal(
        "J A + A J", sp.Integer(0), "the tangent vectors A at 1", value=exchange * tangent + tangent * exchange
    )
    low = twist - a * a.T / 2
    frame = sp.Matrix(sp.BlockMatrix([[unit, none, zero], [a.T, sp.eye(1), none.T], [low, sign * a, unit]]))
    derivation.equal(
        "N^T J N",
        exchange,
        "N = [[1, 0, 0], [mu^T, 1, 0], [C - mu mu^T/2, -mu, 1]]: with diag(P, 1, Sigma) it makes all E = N diag N^T",
        value=frame.T * exchange * frame,
    )
    derivation.stated(
        r"\pi(E) = (\mu, \Sigma), \quad E_{11} = P,\ E_{12} = P \mu",
        "the group of N and of diag(L^-T, 1, L) acts on E by isometries and on the laws by affine maps; pi goes with both",
    )
    hidden = (twist * twist.T).trace() / 2
    derivation.equal(
        r"\tfrac14 \operatorname{tr} A^2",
        (a.T * a)[0] + (change * change).trace() / 2 + hidden,
        "the Fisher metric of (a, B) and |C|^2/2 >= 0: pi makes no curve longer, and none with C = 0 shorter (here p = 3)",
        value=scale * (tangent * tangent).trace(),
    )
    derivation.given("d", r"\leq \tfrac12 |\ln E|", "the projected geodesic from 1 to any E over the law")
    return derivation
