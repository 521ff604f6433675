"""Steps of derivations: true ones are recorded, false ones raise, and both kinds of output are well-formed."""

import re
from xml.etree import ElementTree

import pytest
import sympy as sp

from derivations import bessel, gaussian, von_mises
from derivations.derivation import Derivation, StepFailed
from derivations.fields import Field

x, y = sp.symbols("x y")
p, q = sp.symbols("p q", positive=True)
mu = sp.Symbol("mu", real=True)
MATRIX = sp.Matrix([[x, 1], [0, y]])


def derivation():
    return Derivation("A title")


def the_only_step(of):
    (step,) = of.steps
    return step


TRUE_STEPS = {
    "equal": lambda d: d.equal((x + y) ** 2, x**2 + 2 * x * y + y**2, "r"),
    "equal to a number": lambda d: d.equal(sp.cos(x) ** 2 + sp.sin(x) ** 2, 1, "r"),
    "text with a value": lambda d: d.equal("S", 2 * x, "r", value=x + x),
    "matrices": lambda d: d.equal(MATRIX * MATRIX, MATRIX**2, "r"),
    "arrays": lambda d: d.equal(sp.Array([[[x]]]), sp.Array([[[x * y / y]]]), "r"),
    "nested lists": lambda d: d.equal("S", [[x, y], [0, 1]], "r", value=[[x, y], [x - x, 1]]),
    "rank zero": lambda d: d.equal(sp.Array(x), x, "r"),
    "scalar broadcast": lambda d: d.equal(MATRIX - MATRIX, 0, "r"),
    "differs": lambda d: d.differs(x**2, x, "r"),
    "differs in one entry": lambda d: d.differs(MATRIX, MATRIX + sp.diag(0, 1), "r"),
    "differs from a number": lambda d: d.differs(sp.sqrt(2), sp.Rational(141421356, 10**8), "r"),
    "differs though equal at a point": lambda d: d.differs((p - sp.Rational(7, 10)) * p, 0, "r"),
    "differs, undefined function": lambda d: d.differs(sp.Function("f")(x), x, "r"),
    "list and row": lambda d: d.equal(sp.Matrix([[x, y]]), [x, y], "r"),
    "list and column": lambda d: d.equal("S", sp.Matrix([x, y]), "r", value=(x, y)),
    "array and column": lambda d: d.equal(sp.Array([x, y]), sp.Matrix([x, y]), "r"),
    "array and matrix": lambda d: d.equal(sp.Array(MATRIX.tolist()), MATRIX, "r"),
    "single entry and number": lambda d: d.equal(sp.Matrix([[x]]), x, "r"),
    "positive": lambda d: d.positive("S", (p + q) / (p**2 + 1), "r"),
    "positive numbers below": lambda d: d.positive("S", p / (sp.sqrt(5) - 2), "r"),
    "positive constant": lambda d: d.positive("S", sp.sqrt(5) - 2, "r"),
    "positive after a substitution": lambda d: d.positive("1-B", 1 - x, "r", {x: p / (1 + p)}),
    "positive though negative above and below": lambda d: d.positive("S", -1 / (-p - 1), "r"),
    "holds": lambda d: d.holds("1 < 2", True, "r", "arithmetic"),
    "holds by a function": lambda d: d.holds("1 < 2", lambda: 1 < 2, "r", "arithmetic"),  # noqa: PLR0133
    "given": lambda d: d.given("x", x, "r"),
    "stated": lambda d: d.stated("x", "r"),
}

FALSE_STEPS = {
    "equal": (lambda d: d.equal((x + y) ** 2, x**2 + y**2, "r"), r"differ by 2\*x\*y"),
    "one matrix entry": (lambda d: d.equal(MATRIX, MATRIX + sp.diag(0, x), "r"), "entry 3: the sides differ by -x"),
    "one entry of an array": (lambda d: d.equal(sp.Array([x, y, 1]), sp.Array([x, 2 * y, 1]), "r"), "entry 1"),
    "broadcast": (lambda d: d.equal([0, 0, x], 0, "r"), "entry 2: the sides differ by x"),
    "value in place of text": (lambda d: d.equal("x", x, "r", value=y), r"differ by -x \+ y"),
    "more entries on the right": (lambda d: d.equal(x, [x, x], "r"), "shapes differ: one expression against 2"),
    "other length": (lambda d: d.equal([x, x, x], [x, x], "r"), "shapes differ: 3 against 2"),
    "differs": (lambda d: d.differs((x - 1) * (x + 1), x**2 - 1, "r"), "the sides are equal"),
    "differs, matrices": (lambda d: d.differs(MATRIX, MATRIX, "r"), "the sides are equal"),
    "positive": (lambda d: d.positive("S", p - q, "r"), "coefficient <= 0"),
    "positive denominator": (lambda d: d.positive("S", 1 / (p - 1), "r"), "coefficient <= 0"),
    "zero is not positive": (lambda d: d.positive("S", p - p, "r"), "coefficient <= 0"),
    "positive only in part": (lambda d: d.positive("S", p**2 - p + 1, "r"), "is not shown"),
    "irrational coefficient": (lambda d: d.positive("S", p * (sp.sqrt(2) - 2), "r"), "is not shown"),
    "substitution forgotten": (lambda d: d.positive("S", 1 - p, "r"), "is not shown"),
    "holds": (lambda d: d.holds("2 < 1", False, "r", "arithmetic"), r"2 < 1 fails \(arithmetic\)"),
    "holds by a function": (lambda d: d.holds("2 < 1", lambda: False, "r", "counting"), "counting"),
}  # fmt: skip

# Statements that are false, undefined or say nothing, in ways that a lenient check lets through.
UNSOUND_STEPS = {
    "sign of a real symbol": lambda d: d.positive(mu, mu, "r"),
    "sign of a negative symbol": lambda d: d.positive("S", sp.Symbol("m", negative=True), "r"),
    "differs, half argument": lambda d: d.differs(sp.cosh(x), 1 + 2 * sp.sinh(x / 2) ** 2, "r"),
    "differs, roots of factors": lambda d: d.differs(sp.sqrt(p**2 - 1), sp.sqrt(p - 1) * sp.sqrt(p + 1), "r"),
    "differs, undefined": lambda d: d.differs(sp.nan, 0, "r"),
    "nothing is compared": lambda d: d.equal([], 0, "r"),
    "row and square": lambda d: d.equal(sp.Matrix([[1, 2, 3, 4]]), sp.Matrix([[1, 2], [3, 4]]), "r"),
    "transposed shape": lambda d: d.equal(sp.ones(2, 3), sp.ones(3, 2), "r"),
    "array broadcast": lambda d: d.equal(sp.ones(2, 2), sp.Matrix([[1]]), "r"),
    "row and column": lambda d: d.equal(sp.ones(1, 3), sp.ones(3, 1), "r"),
    "scalar on the left": lambda d: d.equal(1, sp.ones(2, 2), "r"),
    "ragged list": lambda d: d.equal([x, [x, x]], [x, [x, x]], "r"),
    "nothing differs": lambda d: d.differs([], 0, "r"),
    "differs, relation unknown to the field": lambda d: d.differs(sp.gamma(x + 1), x * sp.gamma(x), "r"),
    "differs, constants": lambda d: d.differs(sp.atan(sp.Rational(1, 2)) + sp.atan(sp.Rational(1, 3)), sp.pi / 4, "r"),
    "differs, one function of equal arguments": lambda d: d.differs(
        sp.Function("f")(x * (x + 1)), sp.Function("f")(x**2 + x), "r"
    ),
    "differs, no numerical value": lambda d: d.differs(bessel.LogBesselI0(p), bessel.LogBesselI0(q), "r"),
    "sign of a cosine": lambda d: d.positive("S", 2 + sp.cos(p), "r"),
    "root of a real symbol": lambda d: d.positive("S", 1 + sp.sqrt(mu), "r"),
    "sign of a symbolic power": lambda d: d.positive("S", 1 + mu**p, "r"),
}


@pytest.mark.parametrize("step", TRUE_STEPS.values(), ids=TRUE_STEPS)
def test_a_true_step_is_recorded_with_its_reason(step):
    written = derivation()
    step(written)
    assert the_only_step(written).reason == "r"
    assert the_only_step(written).method


@pytest.mark.parametrize(("step", "message"), FALSE_STEPS.values(), ids=FALSE_STEPS)
def test_a_false_step_raises_and_says_what_is_wrong(step, message):
    written = derivation()
    with pytest.raises(StepFailed, match=message):
        step(written)
    assert written.steps == ()


@pytest.mark.parametrize("step", UNSOUND_STEPS.values(), ids=UNSOUND_STEPS)
def test_an_unsound_step_raises(step):
    with pytest.raises((StepFailed, ValueError)):
        step(derivation())


@pytest.mark.parametrize("expression", [1 + sp.sqrt(p), p + sp.exp(mu), p * sp.sqrt(p + q)], ids=str)
def test_positive_copes_with_roots_and_exponentials(expression):
    derivation().positive("S", expression, "r")


@pytest.mark.parametrize("symbol", [mu, sp.Symbol("m", negative=True), sp.Symbol("n", nonnegative=True), x], ids=str)
def test_a_symbol_that_may_not_be_positive_is_named(symbol):
    with pytest.raises(StepFailed, match=f"{symbol} is not known to be positive"):
        derivation().positive("S", p + symbol, "r")


def test_a_difference_is_witnessed_by_a_point_of_the_domain():
    written = derivation()
    m = sp.Symbol("m", negative=True)
    written.differs(m, p, "r")
    assert the_only_step(written).method == "the difference is not 0 at m = -7/10, p = 13/10"
    n = sp.Symbol("n", integer=True)
    written.differs(sp.sin(sp.pi * n / 2), 1, "r")
    assert written.steps[1].method.startswith("the difference is not 0 at n = ")
    with pytest.raises(StepFailed, match="not shown"):
        written.differs(sp.sin(sp.pi * n) + sp.gamma(n + 1), n * sp.gamma(n), "r")


def test_computed_states_the_result_of_a_computation():
    written = derivation()
    written.computed("R", x**2, "by definition")
    (step,) = written.steps
    assert (step.statement, step.reason, step.method) == ("R = x^{2}", "by definition", "computed exactly")


def test_a_failed_step_names_the_derivation():
    with pytest.raises(StepFailed, match="A title"):
        derivation().equal(x, y, "r")


def test_differing_shapes_name_the_derivation():
    with pytest.raises(StepFailed, match="A title"):
        derivation().equal([x], [x, y], "r")


def test_a_failed_step_is_an_assertion_so_that_a_falsifier_can_die_of_it():
    assert issubclass(StepFailed, AssertionError)


@pytest.mark.parametrize("statement", ["x < y", x < y], ids=["text", "relation"])
def test_an_undecided_statement_is_no_success(statement):
    with pytest.raises((TypeError, StepFailed)):
        derivation().holds("x < y", sp.S(statement) if isinstance(statement, str) else statement, "r", "m")


def test_the_field_of_a_derivation_decides():
    circle = Field(lambda e: e.subs(y**2, 1 - x**2))
    Derivation("circle", circle).equal(x**2 + y**2, 1, "r")
    with pytest.raises(StepFailed):
        Derivation("plane").equal(x**2 + y**2, 1, "r")


def test_methods_tell_checked_steps_from_given_ones():
    written = derivation()
    written.given("A", x, "definition")
    written.stated("B", "in words")
    written.equal(x + x, 2 * x, "sum")
    assert [step.method for step in written][:2] == ["given", "argument"]
    assert written.steps[2].method not in ("given", "argument")


def test_include_appends_the_steps_of_a_lemma_in_order():
    lemma, written = Derivation("lemma"), derivation()
    lemma.equal(x + x, 2 * x, "first")
    lemma.equal(x - x, 0, "second")
    written.given("A", 1, "before")
    written.include(lemma)
    written.given("B", 1, "after")
    assert [step.reason for step in written] == ["before", "first", "second", "after"]
    assert len(lemma.steps) == 2


def test_steps_cannot_be_added_from_outside():
    with pytest.raises(AttributeError):
        derivation().steps.append("anything")


SHIPPED = {
    "metric": gaussian.metric_from_density,
    "curvature": gaussian.curvature,
    "alpha": gaussian.alpha_curvature,
    "Riccati": von_mises.riccati_equation,
    "Clairaut": von_mises.clairaut,
}


@pytest.mark.parametrize("shipped", SHIPPED.values(), ids=SHIPPED)
def test_mathml_of_each_statement_is_xml(shipped):
    for step in shipped():
        root = ElementTree.fromstring(step.mathml)
        assert root.tag.endswith("math")
        assert root.get("display") == "block"
        assert "\\" not in "".join(root.itertext()), step.statement


@pytest.mark.parametrize("shipped", SHIPPED.values(), ids=SHIPPED)
def test_the_list_of_steps_is_xml(shipped):
    written = shipped()
    items = list(ElementTree.fromstring(written.mathml()))
    assert [item.tag for item in items] == ["li"] * len(written.steps)
    assert [item.find("span").text for item in items] == [step.reason for step in written]


@pytest.mark.parametrize("reason", ["as A < B & C > 0", "so K<0 here", "<b>"])
def test_reasons_are_escaped_in_html(reason):
    written = derivation()
    written.stated("x", reason)
    assert ElementTree.fromstring(written.mathml()).find("li/span").text == reason


def test_latex_has_one_line_per_step():
    text = gaussian.curvature().latex()
    assert text.startswith("\\begin{align*}\n")
    assert text.endswith("\n\\end{align*}")
    assert text.count(" \\\\\n") == len(gaussian.curvature().steps) - 1
    assert text.count("{") == text.count("}")


@pytest.mark.parametrize("reason", ["R_1212 / det g", "z^(n+1)", "50 % & more", "#"])
def test_reasons_are_escaped_in_latex(reason):
    written = derivation()
    written.stated("x", reason)
    assert rf"\text{{{reason}}}" not in written.latex()
    assert re.search(r"(?<!\\)[_^%&#$~]", written.latex().partition(r"\text")[2].partition("\n")[0]) is None


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        ("already latex", "already latex"),
        (sp.log(x), r"\ln{\left(x \right)}"),
        (sp.Array([[x, 1], [0, y]]), sp.latex(MATRIX)),
        (sp.Integer(1), "1"),
    ],
    ids=str,
)
def test_statements_show_what_they_are_given(shown, text):
    written = derivation()
    written.given(shown, "y", "r")
    assert the_only_step(written).statement == f"{text} = y"
