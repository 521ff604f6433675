"""What a function made by lambdify takes: symbols of any name, arrays of one dtype, numbers beside them, nothing else."""

import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

from numerics.lambdify import lambdify

x, y = sp.symbols("x y")


def test_list_of_matrices_and_lists_that_are_no_arrays():
    assert lambdify([sp.eye(2), sp.Matrix([[x, 1], [2, 3]])], (x,))(np.ones(3)).shape == (3, 2, 2, 2)
    for bad in ([], [[x], []], [x, [x]], [[x, 1], [x]], sp.zeros(0, 0), sp.zeros(2, 0), "x + 1", None):
        with pytest.raises(ValueError, match=r"expressions|SympifyError"):
            lambdify(bad, (x,))


def test_python_numbers_take_the_dtype_of_the_arrays():
    function, single = lambdify(x * y, (x, y)), np.ones(2, "float32")
    for value in (2, 2.0, [2.0, 3.0], jnp.asarray(2.0)):
        assert function(single, value).dtype == function(value, single).dtype == "float32"
    assert jax.jit(function)(single, 2.0).dtype == jax.jit(function)(2.0, single).dtype == "float32"
    assert jax.grad(lambda v: function(v, single).sum())(2.0) == 2.0
    assert function(2, 3.0).dtype == "float64"
    assert function(2.0, 1e300).dtype == "float64"
    assert np.isinf(function(single, 1e300)).all()


@pytest.mark.parametrize("wrap", [lambda f: f, jax.jit])
def test_mixed_dtypes_raise(wrap):
    with pytest.raises(TypeError, match=r"x has dtype float32 and y float64; they must agree"):
        wrap(lambdify(x * y, (x, y)))(np.ones(2, "float32"), np.ones(2))


NAMES = (
    "lambda", "x'", "lambda'", "sigma_1", "mu_{12}", "jnp", "special", "jax", "theta", "σ", "evaluate", "is",
    "class", "del", "if", "not", "None", "from", "_x0", "_tensor", "Array", "a b", "1", "", "erf", "x_", "ϕ",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_awkward_names(name):
    symbol = sp.Symbol(name)
    np.testing.assert_allclose(lambdify(sp.exp(symbol) + symbol**2 + sp.erf(x), (symbol, x))(1.0, 0.0), np.e + 1)


def test_names_of_temporaries_are_free():
    first, _ = lambdify([sp.sin(x + y) ** 2 + (t := sp.Symbol("_x0")), sp.sin(x + y)], (x, y, t))(0.5, 0.5, 100.0)
    np.testing.assert_allclose(first, np.sin(1) ** 2 + 100)


ALIKE = {
    "prime": sp.symbols("x' xprime"), "Dummies": (sp.Dummy("x"), sp.Dummy("x")), "braces": sp.symbols("a_{1} a_1"),
    "assumptions": (x, sp.Symbol("x", positive=True)), "reserved": sp.symbols("lambda lambda_"),
    "normal form": sp.symbols("ϕ φ"), "Dummy and symbol": (sp.Dummy("x"), sp.Symbol("_x")),
}  # fmt: skip


@pytest.mark.parametrize(("first", "second"), ALIKE.values(), ids=ALIKE)
def test_symbols_of_like_names_are_kept_apart(first, second):
    assert lambdify(first - 2 * second + sp.sin(first - second), (first, second))(5.0, 2.0) == 1 + np.sin(3.0)


BAD_CALLS = [
    ((1.0,), "1 arguments given, 2 needed: x, y"), ((1.0, 2.0, 3.0), "3 arguments given"),
    ((1.0, np.arange(3)), "y has dtype int"), ((True, 1.0), "x has dtype bool"), ((1j, 1.0), "x has dtype complex"),
    ((1.0, "1"), "y has dtype"), ((1.0, np.float16(1)), "y has dtype float16"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "message"), BAD_CALLS, ids=str)
def test_wrong_calls_raise(arguments, message):
    with pytest.raises(TypeError, match=message):
        lambdify(x * y, (x, y))(*arguments)


UNUSABLE = {
    "missing": (x * y, (x,), r"no arguments.*'y'"), "twice": (x, (y, x, x), "repeated: x"),
    "none": (x, (), "at least one"), "one symbol": (x, x, "at least one"),
    "name": (x, ["x"], "at least one"), "matrix": (x, [sp.MatrixSymbol("M", 2, 2)], "at least one"),
    "sum": (x, [x + y], "at least one SymPy symbol"),
}  # fmt: skip


@pytest.mark.parametrize(("expression", "symbols", "message"), UNUSABLE.values(), ids=UNUSABLE)
def test_unusable_symbols_are_refused(expression, symbols, message):
    with pytest.raises(ValueError, match=message):
        lambdify(expression, symbols)


def test_float64_without_x64_warns():
    code = """
import numpy as np, sympy as sp, warnings; from numerics.lambdify import lambdify
x = sp.Symbol("x"); f = lambdify(x, (x,))
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    print(f(np.ones(2)).dtype, f(np.ones(2, "float32")).dtype, f(1.0).dtype)
print([str(w.message)[:12] for w in seen])"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["float32 float32 float32", "['x is float64']"]
