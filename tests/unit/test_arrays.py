"""What is a point: lists, arrays and traced numbers are, everything else is refused by the name of the argument."""

import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import thermogeometry as tg


@pytest.mark.parametrize(
    "value", [[0.5, 2.0], (0.5, 2), np.array([0.5, 2.0]), [np.float64(0.5), np.float64(2)]], ids=str
)
def test_lists_tuples_and_numpy_arrays_are_points(value):
    np.testing.assert_array_equal(tg.geometry("gaussian").metric(value), np.diag([0.25, 0.5]))


@pytest.mark.parametrize(
    "value",
    ["ab", 1j, {"mu": 0}, None, [True, 1.0], [np.True_, 1.0], [[0.0], [1.0, 2.0]], [0.0, [1.0]], ["0", "1"],
     [None, 1.0], np.ones(2, np.longdouble), [np.longdouble(1), 1.0], np.array([None, 1.0]), [jnp.ones(()), True],
     [jnp.ones(2), 1.0]],
    ids=str,
)  # fmt: skip
def test_what_is_no_array_of_numbers_is_refused_by_name(value):
    with pytest.raises((TypeError, ValueError), match=r"^theta"):
        tg.geometry("gaussian").metric(value)


def test_lists_of_traced_numbers_are_points():
    metric = tg.geometry("gaussian").metric
    expected = metric([0.0, 2.0])
    for function in (lambda s: metric([0.0, s]), lambda s: metric((0 * s, s)), lambda s: metric([0 * s, 2])):
        np.testing.assert_array_equal(jax.jit(function)(2.0), expected)
    assert metric([jnp.zeros((), "float32"), 2.0]).dtype == "float32"
    np.testing.assert_allclose(jax.grad(lambda s: metric([0.0, s])[0, 0])(2.0), -0.25)
    with pytest.raises(TypeError, match=r"theta\[0\] has dtype float32 and theta\[1\] float64"):
        metric([jnp.zeros((), "float32"), jnp.ones((), "float64")])


OVERFLOWING = """
import warnings; warnings.simplefilter("error")
import numpy as np, thermogeometry as tg
print(tg.geometry("gaussian").metric([0.0, 1e300]))
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    tg.geometry("gaussian").metric(np.array([0.0, 1e300]))
print([w.category.__name__ for w in seen])
"""


def test_numbers_beyond_float32_are_outside_the_domain():
    done = subprocess.run([sys.executable, "-c", OVERFLOWING], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[[nan", "nan]", "[nan", "nan]]", "['UserWarning']"]
