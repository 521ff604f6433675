r"""Orthogonalised steps with Fisher factors: which problem they solve, and how they change with the basis.

G is a gradient of shape (m, n), P and Q are symmetric positive definite metrics of its rows and columns.

Source: Xu, Yan & Zhang 2026.
"""

import sympy as sp

from derivations.derivation import Derivation


def steepest(outer: int = 1, share: sp.Expr = sp.Rational(1, 2)) -> Derivation:
    """``P^-1/2 polar(P^-1/2 G Q^-1/2) Q^-1/2`` is the best step of norm 1; here two or three rows and two columns.

    Args:
        outer: the claimed power of ``P^-1/2`` on the outside.
        share: the claimed share of each square in what another step lacks.
    """
    root, other, gradient, y = _symmetric("r", 2), _symmetric("t", 2), _matrix("g", 2, 2), _matrix("y", 2, 2)
    derivation = Derivation("The steepest step in whitened coordinates")
    derivation.given(
        "(P, Q, Y)", r"(R^2, T^2, P^{1/2} X Q^{1/2})", "symmetric roots; X is a step, Y the same step whitened"
    )
    inverse, inverse_other = root.adjugate() / root.det(), other.adjugate() / other.det()
    derivation.equal(
        r"\langle G, P^{-1/2} Y Q^{-1/2} \rangle - \langle P^{-1/2} G Q^{-1/2}, Y \rangle", sp.Integer(0),
        "what a step gains is what its whitened form gains on the whitened gradient",
        value=_inner(gradient, inverse**outer * y * inverse_other) - _inner(inverse * gradient * inverse_other, y),
    )  # fmt: skip
    m, n = 3, 2
    y = _matrix("y", m, n)
    left, right = ([_matrix(f"{name}{k}", size, 1) for k in (1, 2)] for name, size in (("u", m), ("v", n)))
    values = sp.symbols("s_1:3", positive=True)
    whitened = sum((s * u * v.T for s, u, v in zip(values, left, right, strict=True)), sp.zeros(m, n))
    derivation.given(r"P^{-1/2} G Q^{-1/2}", r"\sum_k s_k u_k v_k^T", "its singular values and vectors, of length 1")
    lacking = sum(
        s * (share * (u - y * v).dot(u - y * v) + sp.Rational(1, 2) * (u.dot(u) - (y * v).dot(y * v)))
        for s, u, v in zip(values, left, right, strict=True)
    )
    derivation.equal(
        r"\sum_k s_k |u_k|^2 - \langle P^{-1/2} G Q^{-1/2}, Y \rangle - \tfrac12 \sum_k s_k"
        r" \left(|u_k - Y v_k|^2 + |u_k|^2 - |Y v_k|^2\right)", sp.Integer(0), "for every Y",
        value=sum(s * u.dot(u) for s, u in zip(values, left, strict=True)) - _inner(whitened, y) - lacking,
    )  # fmt: skip
    derivation.stated(
        r"\langle G, X \rangle \le \sum_k s_k",
        "as |Y v| is at most 1 where the operator norm of Y is; equality means Y v = u wherever s > 0",
    )
    derivation.stated(
        r"X = P^{-1/2} \left(\sum_k u_k v_k^T\right) Q^{-1/2}",
        "so the polar factor reaches the bound, the nuclear norm, and at full rank nothing else does; P = Q = 1 is Muon",
    )
    return derivation


def change_of_basis(gradient_power: int = -1, factor_power: int = -1) -> Derivation:
    """Under ``W -> A W B`` the step becomes ``A X B``; here two rows and two columns.

    Args:
        gradient_power: the claimed power of ``A^T`` in the new gradient.
        factor_power: the claimed power of A in the new P.
    """
    a, b, x, g = (_matrix(name, 2, 2) for name in "abxg")
    rows, columns = _symmetric("p", 2), _symmetric("q", 2)
    back, back_columns = a.adjugate() / a.det(), b.adjugate() / b.det()
    new_gradient = (back if gradient_power == -1 else a**gradient_power).T * g * back_columns.T
    form = back if factor_power == -1 else a**factor_power
    derivation = Derivation("The step in another basis")
    derivation.given(
        r"(W, G, P, Q)'", r"(A W B,\; A^{-T} G B^{-T},\; A^{-T} P A^{-1},\; B^{-1} Q B^{-T})",
        "G is the gradient by W, and tr(X^T P X Q) the squared Fisher length of X",
    )  # fmt: skip
    derivation.equal(
        r"\langle G', A X B \rangle - \langle G, X \rangle", sp.Integer(0), "what a step gains does not change",
        value=_inner(new_gradient, a * x * b) - _inner(g, x),
    )  # fmt: skip
    new_rows, new_columns, moved = form.T * rows * form, back_columns * columns * back_columns.T, a * x * b
    derivation.equal(
        r"A^T P' (A X B) Q' (A X B)^T - P X Q X^T A^T", sp.zeros(2, 2),
        "P' X' Q' X'^T is similar to P X Q X^T, whose eigenvalues are the squared singular values of P^1/2 X Q^1/2: the "
        "constraint does not change",
        value=a.T * new_rows * moved * new_columns * moved.T - rows * x * columns * x.T * a.T,
    )  # fmt: skip
    derivation.stated(
        r"X(G', P', Q') = A\, X(G, P, Q)\, B",
        "one problem in two bases; at full rank it has one solution, and P'^1/2 A P^-1/2 is orthogonal, so that the partial "
        "isometry of a lower rank turns with it",
    )
    inverse, new_inverse = (q.adjugate() / q.det() for q in (columns, new_columns))
    derivation.equal(
        r"A^T G' Q'^{-1} G'^T A - G Q^{-1} G^T", sp.zeros(2, 2),
        "the factor that gradients give transforms as P does; a multiple of 1 that damps it does not",
        value=a.T * new_gradient * new_inverse * new_gradient.T * a - g * inverse * g.T,
    )  # fmt: skip
    return derivation


def turning(shear: int = 1) -> Derivation:
    """The whitened coordinates of symmetric roots turn with the basis, by an angle that depends on the factor.

    Args:
        shear: the entry above the diagonal of A; 0 leaves the basis as it is.
    """
    derivation = Derivation("Whitened coordinates in another basis")
    basis = sp.Matrix([[1, shear], [0, 1]])
    derivation.given("A", basis, "a change of basis of the rows")
    turns = []
    for name, factor in (("P_0", sp.diag(1, 4)), ("P_1", sp.eye(2))):
        root = factor.applyfunc(sp.sqrt)
        new = basis.inv().T * factor * basis.inv()
        # The root of a matrix of two rows, by Cayley and Hamilton.
        size = sp.sqrt(new.det())
        new_root = (new + size * sp.eye(2)) / sp.sqrt(new.trace() + 2 * size)
        derivation.equal(f"({name}'^{{1/2}})^2", new, f"for {name} = diag({factor[0]}, {factor[3]})",
                         value=new_root * new_root)  # fmt: skip
        turn = new_root * basis * root.inv()
        derivation.equal("O^T O", sp.eye(2), f"O = {name}'^1/2 A {name}^-1/2 takes old whitened coordinates to new ones",
                         value=turn.T * turn)  # fmt: skip
        turns.append(turn)
    derivation.differs(
        "O_0", turns[1], "the other turn: sums of gradients whitened by either do not turn as one", value=turns[0]
    )
    return derivation


def _inner(one: sp.Matrix, another: sp.Matrix) -> sp.Expr:
    return sum(x * y for x, y in zip(one, another, strict=True))


def _matrix(name: str, rows: int, columns: int) -> sp.Matrix:
    return sp.Matrix(rows, columns, lambda i, j: sp.Symbol(f"{name}_{i + 1}{j + 1}", real=True))


def _symmetric(name: str, size: int) -> sp.Matrix:
    return sp.Matrix(size, size, lambda i, j: sp.Symbol(f"{name}_{min(i, j) + 1}{max(i, j) + 1}", real=True))
