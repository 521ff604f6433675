"""Claims about gradient descent with momentum and its effective mobility."""

from fractions import Fraction

import hypothesis.strategies as st
import numpy as np
import sympy as sp

from derivations import heavy_ball
from properties.checks import agree, decided, derived, fact, table
from properties.claims import claim


@claim(
    "heavy-ball-mobility",
    evidence="exact",
    power=1,
    falsifiers={"mobility of plain descent": {"power": 0}, "its square": {"power": 2}},
)
def test_bound_fails(power):
    derived(heavy_ball.fails(power))


@claim(
    "heavy-ball-mobility",
    evidence="exact",
    mobility=1,
    falsifiers={"momentum forgotten": {"mobility": 0}, "its square": {"mobility": 2}},
)
def test_slow_root(mobility):
    derived(heavy_ball.slow_root(mobility))


def positions(step, decay, number, start=1):
    """After 0, 1, ..., number steps on ``Phi = x^2/2``, in the arithmetic of the arguments."""
    x, p = start, 0 * start
    passed = [x]
    for _ in range(number):
        p = decay * p + step * x
        x = x - p
        passed.append(x)
    return passed


@claim(
    "heavy-ball-mobility",
    evidence="counterexample",
    step=Fraction(1),
    decay=Fraction(9, 10),
    falsifiers={"short steps": {"step": Fraction(1, 100)}, "without momentum": {"decay": Fraction(0)}},
)
def test_two_steps(step, decay):
    """From 1 to 0 to -9/10: a drop of 19/200 against a bound of 361/2000, in rational numbers."""
    end = positions(step, decay, 2)[-1]
    drop, bound = (1 - end**2) / 2, (1 - end) ** 2 * (1 - decay) / (2 * step)
    fact("drop of the objective, bound", f"{drop}, {bound}")
    decided(drop < bound, "the drop is below the bound")


@claim(
    "heavy-ball-mobility",
    evidence="counterexample",
    decay=Fraction(99, 100),
    falsifiers={"more friction": {"decay": Fraction(9, 10)}, "without momentum": {"decay": Fraction(0)}},
)
def test_rise_with_short_steps(decay):
    """``eta a = 3/10``, five steps, in rational numbers; plain descent keeps to its own limit at every step size below 2."""
    step = Fraction(3, 10)
    decided(step < 2 * (1 + decay), "the step size is stable")
    end = positions(step, decay, 5)[-1]
    fact("position after five steps, from 1", f"{float(end):.6f}")
    decided(end**2 > 1, "the objective has risen")


@claim(
    "heavy-ball-mobility",
    evidence="property",
    given={"decay": st.floats(0.1, 0.9), "clock": st.floats(0.2, 4.0)},
    mobility=1.0,
    order=1.0,
    falsifiers={"momentum forgotten": {"mobility": 0.0}, "second order": {"order": 2.0}},
)
def test_order_of_the_gradient_flow(decay, clock, mobility, order):
    """Positions at the time ``s (1 - beta)``, after 2^14 and 2^15 steps, against ``exp(-s)``, in units of the step size."""
    errors, predicted = [], np.exp(-clock) * (2 * decay - (1 + decay) * clock) / (2 * (1 - decay) ** 2)
    for number in (2**14, 2**15):
        step = clock * (1 - decay) / number
        end = positions(step, decay, number, 1.0)[-1]
        errors.append((end - np.exp(-clock * (1 - decay) ** (1 - mobility))) / step**order)
    # The worst of 1000: 6e-8.
    size = (1 + clock) ** 2 / (1 - decay) ** 2
    agree(2 * errors[1] - errors[0], predicted, tolerance=1e-6, scale=size)


@claim(
    "heavy-ball-mobility",
    evidence="property",
    decay=0.9,
    order=1.0,
    falsifiers={"second order": {"order": 2.0}, "half order": {"order": 0.5}},
)
def test_errors_halve_with_the_step_size(decay, order):
    """Against the gradient flow of mobility 10 at the time 1/10."""
    numbers = [2**k for k in range(10, 15)]
    errors = [abs(positions(0.1 / n, decay, n, 1.0)[-1] - np.exp(-1.0)) for n in numbers]
    measured = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    rows = [[n, f"{e:.3e}", f"{m:.4f}"] for n, e, m in zip(numbers[1:], errors[1:], measured, strict=True)]
    table("The heavy ball against the gradient flow", ["steps", "error", "order"], rows)
    agree(measured[-1], order, tolerance=0.01, scale=1.0)


def test_positions_of_the_derivation():
    """Both floors take the same steps."""
    exact = heavy_ball.positions(sp.Rational(1, 10), sp.Rational(9, 10), 5)
    assert [sp.Rational(x) for x in positions(Fraction(1, 10), Fraction(9, 10), 5)] == exact
