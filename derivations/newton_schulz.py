r"""Newton-Schulz iterations, which orthogonalise a matrix by products of matrices: what they converge to.

Source: Higham 2008, Functions of Matrices, section 8.3, for the cubic iteration; Jordan et al. 2024 for Muon's quintic one.
"""

import sympy as sp

from derivations.derivation import Derivation

MUON = (sp.Rational(34445, 10000), -sp.Rational(47750, 10000), sp.Rational(20315, 10000))
_S = sp.Symbol("s", positive=True)


def cubic(first: sp.Expr = sp.Rational(3, 2)) -> Derivation:
    """``X -> (3 X - X X^T X)/2`` keeps singular vectors and takes every singular value in (0, 1] to 1, quadratically.

    Args:
        first: the claimed coefficient of X.
    """
    derivation = Derivation("The cubic Newton-Schulz iteration")
    angle, other = sp.symbols("alpha beta", real=True)
    s, t = sp.symbols("s t", positive=True)
    u, v = (sp.Matrix([[sp.cos(w), -sp.sin(w)], [sp.sin(w), sp.cos(w)]]) for w in (angle, other))
    x = u * sp.diag(s, t) * v.T
    derivation.given("f(s)", first * _S - _S**3 / 2, "the iteration on a single number")
    derivation.equal(
        r"\tfrac32 X - \tfrac12 X X^T X - U f(S) V^T", sp.Matrix.zeros(2, 2), "on a matrix U S V^T of two rows",
        value=first * x - x * x.T * x / 2 - u * sp.diag(first * s - s**3 / 2, first * t - t**3 / 2) * v.T,
    )  # fmt: skip
    f = first * _S - _S**3 / 2
    derivation.equal("1 - f(s)", (1 - _S) ** 2 * (2 + _S) / 2, "so f is at most 1, and errors are squared", value=1 - f)
    below = sp.Symbol("k", positive=True)
    derivation.positive("f(s) - s", f - _S, "for 0 < s < 1: values grow towards 1", positive={_S: 1 / (1 + below)})
    derivation.stated(
        r"f^k(s) \to 1", "a bounded sequence that grows has a limit, and 1 is the only fixed point in (0, 1]"
    )
    return derivation


def quintic(sign: int = -1, at_one: sp.Expr = sp.Rational(701, 1000)) -> Derivation:
    """Muon's iteration ``p(x) = a x + b x^3 + c x^5`` on a singular value: its turning points and fixed points.

    Args:
        sign: the claimed sign of the root in the fixed point.
        at_one: the claimed ``p(1)``.
    """
    a, b, c = MUON
    p = a * _S + b * _S**3 + c * _S**5
    derivation = Derivation("Muon's quintic iteration")
    derivation.given("p(s)", p, "the iteration on a singular value")
    derivation.equal("p(1)", at_one, "1 is not a fixed point", value=p.subs(_S, 1))
    turning = [sp.sqrt((-3 * b + way * sp.sqrt(9 * b**2 - 20 * a * c)) / (10 * c)) for way in (-1, 1)]
    for name, point in zip(("x_1", "x_2"), turning, strict=True):
        derivation.equal(f"p'({name})", sp.Integer(0), f"at {name} = {sp.N(point, 6)}: a turning point",
                         value=sp.diff(p, _S).subs(_S, point))  # fmt: skip
    fixed = sp.sqrt((-b + sign * sp.sqrt(b**2 - 4 * c * (a - 1))) / (2 * c))
    derivation.equal("p(x) - x", sp.Integer(0), f"at x = {sp.N(fixed, 6)}", value=p.subs(_S, fixed) - fixed)
    slope = sp.diff(p, _S).subs(_S, fixed)
    derivation.equal("p'(x)", 5 - 4 * a - 2 * b * fixed**2, "there", value=slope)
    derivation.holds(
        "|p'(x)| > 1, \\quad x < p(x_1)", lambda: bool(sp.Abs(slope) > 1) and bool(fixed < p.subs(_S, turning[0])),
        "the fixed point repels; the other one lies above everything that the iteration reaches",
        "compared to certain digits",
    )  # fmt: skip
    return derivation
