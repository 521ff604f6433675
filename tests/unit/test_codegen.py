"""Generated source: it never drifts, stands alone where asked, and says its domain."""

import dataclasses
import subprocess
import sys

import jax
import numpy as np
import pytest
import sympy as sp

from derivations import families
from derivations.family import Family
from numerics.codegen import domain_text, generated_path, module_source, standalone
from numerics.geometry import geometry
from numerics.lambdify import UnsupportedFunction

pytestmark = pytest.mark.slow

a, b = sp.symbols("a b", positive=True)
angle = sp.Symbol("phi", real=True)
DTYPES = ("float32", "float64")
FUNCTIONS = ("metric", "inverse_metric", "christoffel", "skewness", "riemann", "ricci", "scalar_curvature", "kl")
POINTS = {
    "beta": [[0.3, 0.7], [2.0, 31.0], [1e4, 0.02]], "exponential": [[0.3], [4.0], [1e3]],
    "gamma": [[0.3, 0.7], [31.0, 2.0], [0.02, 1e3]], "gaussian": [[0.3, 0.7], [-2.0, 31.0], [5.0, 0.02]],
    "inverse_gaussian": [[0.3, 0.7], [31.0, 2.0], [0.02, 1e3]], "laplace": [[0.3], [4.0], [1e3]],
    "pareto": [[0.3], [4.0], [1e3]], "von_mises": [[0.3, 0.7], [-2.0, 31.0], [1.0, 0.02]],
}  # fmt: skip


def exponential(**changes):
    parts = {"name": "law", "coordinates": (a,), "log_partition": sp.log(a), "natural": (-1 / a,)}
    return Family(**{**parts, "domain": {a: (0, sp.oo)}, **changes})


@pytest.mark.parametrize("name", families.names())
def test_committed_modules_are_what_the_generator_writes(name):
    assert generated_path(name).read_bytes() == module_source(families.load(name)).encode()


RUNNER = """
import sys, importlib.util
sys.path = [p for p in sys.path if p != {project!r}]
class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {banned!r}:
            raise ImportError("this module should not need " + name)
sys.meta_path.insert(0, Refuse())
import jax, numpy as np
spec = importlib.util.spec_from_file_location("alone", {path!r})
alone = importlib.util.module_from_spec(spec)
spec.loader.exec_module(alone)
def everything(x, y):
    return {{name: getattr(alone, name)(*((x, y) if name == "kl" else (x,))) for name in {functions!r}}}
for dtype in {dtypes!r}:
    jax.config.update("jax_enable_x64", dtype == "float64")
    points = np.array({points!r}, dtype)
    np.savez(dtype + ".npz", **jax.jit(jax.vmap(everything))(points, points[::-1].copy()))
print(sorted({{m.split(".")[0] for m in sys.modules}} & set({banned!r})))
"""
BANNED = ("numerics", "derivations", "properties", "reports", "thermogeometry", "sympy", "flint", "diffrax", "equinox")


@pytest.mark.parametrize("name", families.names())
def test_the_standalone_module_needs_jax_only_and_gives_the_same_numbers(name, tmp_path):
    path = tmp_path / "alone.py"
    path.write_text(standalone(families.load(name)), encoding="utf-8")
    code = RUNNER.format(
        project=str(generated_path(name).parents[2]), banned=BANNED, path=str(path), functions=FUNCTIONS,
        points=POINTS[name], dtypes=DTYPES,
    )  # fmt: skip
    done = subprocess.run([sys.executable, "-I", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[]"
    shown = geometry(name)

    def everything(x, y):
        return {function: getattr(shown, function)(*((x, y) if function == "kl" else (x,))) for function in FUNCTIONS}

    compiled = jax.jit(jax.vmap(everything))
    for dtype in DTYPES:
        points = np.array(POINTS[name], dtype)
        ours = compiled(points, points[::-1].copy())
        with np.load(tmp_path / f"{dtype}.npz") as alone:
            for function in FUNCTIONS:
                assert alone[function].dtype == dtype
                np.testing.assert_allclose(
                    alone[function], ours[function], rtol=8 * np.finfo(dtype).eps, err_msg=function
                )


@pytest.mark.parametrize("name", families.names())
def test_the_standalone_module_names_no_module_of_ours(name):
    source = standalone(families.load(name))
    imports = [line for line in source.splitlines() if line.startswith(("import ", "from "))]
    assert not [line for line in imports if "numerics" in line or "derivations" in line]
    assert len(imports) == len(set(imports))
    definitions = [line for line in source.splitlines() if line.startswith(("def ", "class "))]
    assert len(definitions) == len({line.partition("(")[0] for line in definitions}), "one definition hides another"
    compile(source, "alone.py", "exec")


def test_a_family_without_special_functions_stands_alone_as_it_is():
    source = standalone(exponential(title="Exponential law", source="a book"))
    assert source.startswith('"""Exponential law: ')
    assert "Source: a book." in source
    namespace = {}
    exec(compile(source, "alone.py", "exec"), namespace)
    np.testing.assert_allclose(namespace["metric"](jax.numpy.asarray([2.0])), [[0.25]])


@pytest.mark.parametrize(
    ("bounds", "closed", "text"),
    [
        (None, (), "-inf < a < inf"),
        ((0, sp.oo), (), "0 < a < inf"),
        ((0, sp.oo), (a,), "0 <= a < inf"),
        ((-sp.oo, 2), (a,), "-inf < a <= 2"),
        ((0, 1), (), "0 < a < 1"),
        ((-1, 1), (a,), "-1 <= a <= 1"),
    ],
)
def test_domain_text(bounds, closed, text):
    domain = {} if bounds is None else {a: bounds}
    assert domain_text(exponential(domain=domain, closed=frozenset(closed)), a) == text


IRRATIONAL = [(-sp.pi, sp.pi, 3.0, 3.2), (0, sp.Rational(1, 3), 0.3, 0.4), (0, sp.sqrt(2), 1.4, 1.5)]


@pytest.mark.parametrize(("lower", "upper", "good", "bad"), IRRATIONAL, ids=str)
def test_bounds_that_are_no_decimal_fractions(lower, upper, good, bad):
    of = Family(name="arc", coordinates=(angle,), log_partition=angle**2 / 2, domain={angle: (lower, upper)})
    assert np.isfinite(geometry(of).metric([good])).all()
    assert np.isnan(geometry(of).metric([bad])).all()


@pytest.mark.parametrize(("lower", "upper", "good", "bad"), IRRATIONAL, ids=str)
def test_validate_names_bounds_that_are_no_decimal_fractions(lower, upper, good, bad):
    of = Family(name="arc", coordinates=(angle,), log_partition=angle**2 / 2, domain={angle: (lower, upper)})
    with pytest.raises(ValueError, match=f"phi = {bad}.*its domain is"):
        geometry(of).validate([bad])


@pytest.mark.parametrize(("closed", "at_the_bound"), [((), False), ((a,), True)])
def test_closed_bounds_belong_to_the_domain(closed, at_the_bound):
    of = exponential(natural=(), log_partition=a**2, domain={a: (0, 1)}, closed=frozenset(closed))
    for value in (0.0, 1.0):
        assert np.isfinite(geometry(of).metric([value])).all() == at_the_bound
    assert np.isfinite(geometry(of).metric([0.5])).all()
    assert np.isnan(geometry(of).metric([1.5])).all()


def test_awkward_coordinate_names():
    rate, primed = sp.Symbol("lambda", positive=True), sp.Symbol("c'", positive=True)
    of = exponential(
        coordinates=(rate, primed), natural=(-1 / rate, -1 / primed), log_partition=sp.log(rate * primed),
        domain={rate: (0, sp.oo), primed: (0, sp.oo)},
    )  # fmt: skip
    assert geometry(of).coordinates == ("lambda", "c'")
    assert geometry(of).domain == ("0 < lambda < inf", "0 < c' < inf")
    np.testing.assert_allclose(np.diag(geometry(of).metric([2.0, 4.0])), [1 / 4, 1 / 16])


@pytest.mark.parametrize(
    "name",
    ["theta", "other", "inside", "_tensor", "_x0", "_coordinates", "jnp", "Array", "metric", "kl", "dtype", "tuple",
     "class", "a b", "entries", "theta_", "COORDINATES", 'quoted"""', "back\\slash", "special", "bessel_ratio"],
)  # fmt: skip
def test_no_coordinate_name_breaks_the_code(name):
    c, d = sp.Symbol(name, positive=True), sp.Symbol("theta", positive=True)
    of = exponential(
        coordinates=(c, d) if name != "theta" else (c,), natural=(-1 / c, -1 / d) if name != "theta" else (-1 / c,),
        log_partition=sp.log(c) + (sp.log(d) if name != "theta" else 0), domain={c: (0, sp.oo), d: (0, sp.oo)},
    )  # fmt: skip
    shown, points = geometry(of), ([2.0, 4.0][: of.dimension], [3.0, 4.0][: of.dimension])
    assert shown.coordinates == tuple(symbol.name for symbol in of.coordinates)
    np.testing.assert_allclose(np.diag(shown.metric(points[0])), [1 / 4, 1 / 16][: of.dimension])
    np.testing.assert_allclose(shown.scalar_curvature(points[0]), 0, atol=1e-12)
    np.testing.assert_allclose(shown.kl(*points), 2 / 3 - 1 - np.log(2 / 3), rtol=1e-14)
    with pytest.raises(ValueError, match=r"= -1\.0; its domain is 0 < "):
        shown.validate([-1.0, 1.0][: of.dimension])


def test_a_form_goes_into_the_source():
    form = sp.Matrix([[1 / sp.sqrt(sp.Mul(a, a**3, evaluate=False), evaluate=False)]])
    assert "jnp.sqrt(" in module_source(exponential(forms={"metric": form})).partition("def inverse_metric")[0]


def test_a_function_without_counterpart_is_refused_by_name():
    with pytest.raises(UnsupportedFunction, match=r"zeta|Derivative"):
        module_source(exponential(natural=(), log_partition=sp.zeta(a)))


@pytest.mark.parametrize("title", ['A "quoted" law', "{braces} % and #", "Рэлей"])
def test_titles_cannot_break_the_source(title):
    source = module_source(dataclasses.replace(exponential(), title=title))
    compile(source, "titled.py", "exec")
    assert title in source


@pytest.mark.parametrize("title", [r"R\'enyi", r"\alpha \sigma", '"""', '"', '""', 'a""""', "two\nlines", "ends\\"])
def test_titles_are_escaped(title):
    namespace = {}
    of = dataclasses.replace(exponential(), title=title, source=title)
    for source in (module_source(of), standalone(of)):
        exec(compile(source, "titled.py", "exec"), namespace)
        assert namespace["__doc__"].startswith(f"{title}: ")
        assert f"Source: {title}." in namespace["__doc__"]
