"""The family object: what it refuses, what follows from one log-partition, and loading it from a file."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
import sympy as sp

from derivations import families
from derivations.derivation import StepFailed
from derivations.family import Family, load_family, prime
from numerics.geometry import geometry

a = sp.Symbol("a", positive=True)
b = sp.Symbol("b", positive=True)
x = sp.Symbol("x", real=True)
natural = sp.Symbol("eta", negative=True)

GOOD = {
    "name": "good",
    "coordinates": (a,),
    "log_partition": sp.log(a),
    "natural": (-1 / a,),
    "domain": {a: (0, sp.oo)},
}


def family(**changes):
    return Family(**{**GOOD, **changes})


# Laws of one parameter: coordinates, natural parameter, log-partition, then expectation, metric, skewness and KL.
LAWS = {
    "exponential by its mean": (
        family(),
        (a, 1 / a**2, 2 / a**3, a / prime(a) - 1 - sp.log(a / prime(a))),
    ),
    "exponential by its natural parameter": (
        family(coordinates=(natural,), natural=(), log_partition=-sp.log(-natural), domain={natural: (-sp.oo, 0)}),
        (-1 / natural, natural**-2, -2 / natural**3, prime(natural) / natural - 1 - sp.log(prime(natural) / natural)),
    ),
    "Poisson by its mean": (
        family(natural=(sp.log(a),), log_partition=a),
        (a, 1 / a, 1 / a**2, a * sp.log(a / prime(a)) - a + prime(a)),
    ),
    "Poisson by its natural parameter": (
        family(coordinates=(x,), natural=(), log_partition=sp.exp(x), domain={}),
        (sp.exp(x), sp.exp(x), sp.exp(x), sp.exp(x) * (x - prime(x)) - sp.exp(x) + sp.exp(prime(x))),
    ),
    "Bernoulli by its probability": (
        family(natural=(sp.log(a) - sp.log(1 - a),), log_partition=-sp.log(1 - a), domain={a: (0, 1)}),
        (
            a,
            1 / (a * (1 - a)),
            (1 - 2 * a) / (a * (1 - a)) ** 2,
            a * sp.log(a) - a * sp.log(prime(a)) + (1 - a) * (sp.log(1 - a) - sp.log(1 - prime(a))),
        ),
    ),
}  # fmt: skip


@pytest.fixture(params=LAWS)
def law(request):
    return LAWS[request.param]


def test_geometry_of_one_parameter_follows_from_the_log_partition(law):
    of, (expectation, metric, skewness, kl) = law
    assert of.field.is_zero(of.expectation[0] - expectation)
    assert of.field.is_zero(of.metric[0, 0] - metric)
    assert of.field.is_zero(of.skewness[0, 0, 0] - skewness)
    assert of.field.is_zero(sp.expand_log(of.kl - kl, force=True))
    assert of.geometry.scalar_curvature == 0


def test_divergence_vanishes_at_equal_points_only(law):
    of, _ = law
    assert of.kl.xreplace(dict(zip(of.others, of.coordinates, strict=True))).equals(0)
    assert not of.field.is_zero(of.kl)


def test_numbers_of_one_parameter_families_agree_with_their_expressions(law):
    of, (_, metric, skewness, kl) = law
    # Points of every domain above: -1/3 for the natural parameter of the exponential law, 1/3 for the others.
    here, there = (sp.Rational(sign, n) for n in (3, 5) for sign in [-1 if of.coordinates[0].is_negative else 1])
    at = {of.coordinates[0]: here, of.others[0]: there}
    shown = geometry(of)
    theta, other = np.array([float(here)]), np.array([float(there)])
    for computed, expected, shape in (
        (shown.metric(theta), metric, (1, 1)),
        (shown.skewness(theta), skewness, (1, 1, 1)),
        (shown.kl(theta, other), kl, ()),
    ):
        assert computed.shape == shape
        np.testing.assert_allclose(np.ravel(computed)[0], float(expected.subs(at)), rtol=1e-14)


def test_coordinates_are_natural_unless_told_otherwise():
    assert family(natural=()).natural == (a,)
    assert family().natural == (-1 / a,)


def test_prime_keeps_the_assumptions():
    assert prime(a).name == "aprime"
    assert prime(a).is_positive
    assert prime(x).is_real
    assert prime(x).is_positive is None


def test_bounds_are_infinite_where_none_is_stated():
    assert family(domain={}).bounds(a) == (-sp.oo, sp.oo)
    assert family().bounds(a) == (0, sp.oo)


def test_the_second_point_stands_in_primed_coordinates():
    assert family().at_other(a**2 + x) == prime(a) ** 2 + x


def test_two_coordinates_pull_back_through_the_natural_jacobian():
    """A linear change of the natural parameters of two independent Poisson laws."""
    of = family(
        coordinates=(a, b), natural=(sp.log(a) + sp.log(b), sp.log(a) - sp.log(b)), log_partition=a**2 + b**2, domain={}
    )  # eta = (s + t, s - t) with s = log a, t = log b and psi = e^{2s} + e^{2t}
    assert of.metric == sp.diag(4, 4)
    assert of.expectation.applyfunc(sp.expand) == sp.Matrix([a**2 + b**2, a**2 - b**2])


BAD = {
    "name": ({"name": "not a name"}, "not a name"),
    "no coordinates": ({"coordinates": ()}, "coordinates is empty"),
    "natural parameters": ({"natural": (a, a)}, "2 natural parameters, 1 needed"),
    "stray symbol in psi": ({"log_partition": a * b}, r"no coordinates.*\bb\b"),
    "stray symbol in eta": ({"natural": (b,)}, r"no coordinates.*\bb\b"),
    "stray domain": ({"domain": {b: (0, 1)}}, r"domain bounds.*\bb\b"),
    "statistics without variable": ({"statistics": (x,)}, r"statistics.* need variable and support"),
    "statistics without support": ({"statistics": (x,), "variable": x}, r"statistics.* need variable and support"),
    "keyword as name": ({"name": "class"}, "identifier, not 'class'"),
    "coordinate that is no symbol": ({"coordinates": (a**2,)}, r"must be symbols, not a\*\*2"),
    "repeated coordinates": ({"coordinates": (a, a), "natural": (a, a)}, "coordinates repeat: a, a"),
    "repeated names": ({"coordinates": (a, sp.Symbol("a")), "natural": (a, a)}, "coordinates repeat: a, a"),
    "coordinate and its prime": ({"coordinates": (a, prime(a)), "natural": (a, prime(a))}, "second point: aprime"),
    "closed that is no coordinate": ({"closed": frozenset({b})}, "closed has b"),
    "empty domain": ({"domain": {a: (1, 0)}}, "domain of a is empty: 1 is not below 0"),
    "domain of one point": ({"domain": {a: (1, 1)}}, "domain of a is empty"),
    "bound that depends on a symbol": ({"domain": {a: (b, sp.oo)}}, r"domain of a.*no real numbers: b, oo"),
    "bound that depends on a coordinate": ({"domain": {a: (0, a)}}, "domain of a.*no real numbers"),
    "imaginary bound": ({"domain": {a: (0, sp.I)}}, "domain of a.*no real numbers"),
    "undefined bound": ({"domain": {a: (sp.nan, 1)}}, "domain of a.*no real numbers"),
    "one bound": ({"domain": {a: (0,)}}, "domain of a needs a lower and an upper bound"),
    "empty support": ({"support": (1, 0)}, "support is empty"),
    "variable that is a coordinate": ({"variable": a, "support": (0, 1)}, "variable is the coordinate a"),
    "too many statistics": ({"variable": x, "support": (0, 1), "statistics": (x, x**2)}, "2 statistics for 1 natural"),
    "statistics of another variable": (
        {"variable": x, "support": (0, 1), "statistics": (b,)}, "statistics has symbols other than variable: b"
    ),
    "base measure of another variable": (
        {"variable": x, "support": (0, 1), "statistics": (x,), "log_base_measure": x * a},
        "log_base_measure has symbols other than variable: a",
    ),
    "form of no function": ({"forms": {"metrik": sp.Matrix([[1 / a**2]])}}, "forms has no 'metrik'; there are metric"),
    "form of another shape": ({"forms": {"riemann": sp.Integer(0)}}, r"riemann has the shape \(\), \(1, 1, 1, 1\)"),
    "matrix for a scalar": ({"forms": {"kl": sp.Matrix([[a]])}}, r"kl has the shape \(1, 1\), \(\) needed"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "message"), BAD.values(), ids=BAD)
def test_a_family_that_does_not_fit_together_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        family(**changes)


def test_bounds_may_be_any_real_numbers():
    assert family(domain={a: (-sp.pi, sp.sqrt(2))}, closed={a}).bounds(a) == (-sp.pi, sp.sqrt(2))


def test_dependent_natural_parameters_are_refused():
    with pytest.raises(ValueError, match="do not determine the coordinates"):
        _ = family(coordinates=(a, b), natural=(a * b, (a * b) ** 2)).metric


@pytest.mark.slow
@pytest.mark.parametrize("name", families.names())
def test_the_shipped_forms_equal_what_they_stand_for(name):
    shipped = families.load(name)
    ways = [shipped.from_natural, shipped.from_expectation, *(2 * [shipped.isometry])]
    assert len(shipped.forms_agree().steps) == len(shipped.forms) + sum(way is not None for way in ways) > 0


@pytest.mark.slow
@pytest.mark.parametrize("name", families.names())
def test_a_form_that_is_off_by_one_in_a_billion_is_caught(name):
    of, factor = families.load(name), 1 + sp.Rational(1, 10**9)
    for what, form in of.forms.items():
        wrong = form.applyfunc(lambda entry: factor * entry) if hasattr(form, "applyfunc") else factor * form
        with pytest.raises(StepFailed, match=what.replace("_", " ")):
            dataclasses.replace(of, forms={what: wrong}).forms_agree()


def test_a_form_replaces_what_it_stands_for_and_nothing_else():
    form = sp.Matrix([[a ** (-2)]])
    of = family(forms={"metric": form})
    assert of.form("metric") is form
    assert of.form("skewness") == of.skewness


def test_a_wrong_form_gives_no_geometry():
    with pytest.raises((StepFailed, ValueError)):
        geometry(family(forms={"metric": sp.Matrix([[5]])})).metric(jnp.ones(1))


@pytest.mark.parametrize("name", ["theta", "other", "inside", "_tensor"])
def test_coordinates_may_have_any_name(name):
    c = sp.Symbol(name, positive=True)
    of = family(coordinates=(c,), natural=(-1 / c,), log_partition=sp.log(c), domain={c: (0, sp.oo)})
    np.testing.assert_allclose(geometry(of).metric([2.0]), [[0.25]])
    np.testing.assert_allclose(geometry(of).kl([2.0], [3.0]), 2 / 3 - 1 - np.log(2 / 3), rtol=1e-14)


FILE = """
import sympy as sp
from thermogeometry import Family
a = sp.Symbol("a", positive=True)
{name} = Family(name="mine", coordinates=(a,), log_partition=sp.log(a), natural=(-1 / a,), domain={{a: (0, sp.oo)}})
"""
ONE = FILE.format(name="family")


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "mine.py"
        path.write_text(text, encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize("text", [ONE, FILE.format(name="any_name"), ONE + "\nalias = family\n"])
def test_a_file_with_one_family_loads(written, text):
    of = load_family(written(text))
    assert of.name == "mine"
    assert of.metric == sp.Matrix([[1 / of.coordinates[0] ** 2]])
    assert load_family(str(written(text))).name == "mine"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("import sympy\n", "mine.py defines 0 families"),
        (ONE + FILE.format(name="second"), "mine.py defines 2 families"),
        ("1 / 0\n", "mine.py: ZeroDivisionError"),
        ("def broken(:\n", "mine.py: SyntaxError"),
        ("import no_such_module_anywhere\n", "mine.py: ModuleNotFoundError.*no_such_module_anywhere"),
        (ONE.replace("(-1 / a,)", "(-1 / a, a)"), "mine.py: ValueError: family 'mine': 2 natural parameters"),
        ("raise SystemExit(3)\n", "mine.py: SystemExit: 3"),
    ],
)
def test_any_other_file_is_refused_by_name(written, text, message):
    try:
        with pytest.raises(ValueError, match=message):
            load_family(written(text))
    except SystemExit as escaped:
        pytest.fail(f"{escaped!r} escaped")


def test_a_missing_file_and_a_folder_are_no_family_files(tmp_path):
    for path in (tmp_path / "absent.py", tmp_path):
        with pytest.raises(FileNotFoundError, match=path.name):
            load_family(path)


def test_an_unknown_shipped_family_is_refused_with_the_names():
    with pytest.raises(ValueError, match=r"'gausian'.*gaussian, .*von_mises"):
        families.load("gausian")
