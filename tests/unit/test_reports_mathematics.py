"""Formulas on the page and in the terminal, and the graph of the claims."""

import xml.etree.ElementTree

import pytest

from reports.formulas import symbol
from reports.graph import arrows, draw, layers
from reports.mathematics import line, mathml, paragraph, prose

NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"


def tree(latex):
    return xml.etree.ElementTree.fromstring(mathml(latex))


def brackets(latex):
    return [e.get("stretchy") for e in tree(latex).iter(f"{NAMESPACE}mo") if e.get("fence")]


@pytest.mark.parametrize("latex", [r"\text{<script>alert(1)</script>}", "a < b & c", r"\text{</math><img src=x>}"])
def test_formulas_are_escaped(latex):
    assert [e.tag.removeprefix(NAMESPACE) for e in tree(latex).iter() if "script" in e.tag or "img" in e.tag] == []


@pytest.mark.parametrize("latex", [r"\href{javascript:alert(1)}{x}", r"\class{a}{x}", r"\style{color:red}{x}"])
def test_formulas_carry_no_links_or_styles(latex):
    assert not {name for e in tree(latex).iter() for name in e.attrib} & {"href", "class", "style", "id"}


@pytest.mark.parametrize("latex", [r"\frac", "x^", r"\begin{matrix}a", "<{"])
def test_what_cannot_be_converted_is_shown_as_it_is(latex):
    assert mathml(latex).startswith("<code>")
    assert "<{" not in mathml(latex)


def test_brackets_stretch_around_what_is_tall_only():
    assert brackets(r"\left[\begin{matrix}\frac{1}{2}\\3\end{matrix}\right]") == ["true", "true"]
    assert brackets(r"\left(s - t\right)") == ["false", "false"]


def test_a_sign_after_a_relation_is_no_difference():
    assert [e.get("form") for e in tree(r"K = -\tfrac12").iter(f"{NAMESPACE}mo")] == [None, "prefix"]
    for difference in ("a - b", "f(x) - b", r"|x| - b", r"\left(a\right) - b"):
        assert [e.get("form") for e in tree(difference).iter(f"{NAMESPACE}mo")][-1] is None


@pytest.mark.parametrize(
    ("latex", "spaces"),
    [(r"a \ln{\left(2\right)}", 1), (r"a \operatorname{erf}{\left(b\right)} c", 1), (r"\ln b", 1), (r"a + \ln(b)", 0)],
)
def test_space_around_names_of_functions(latex, spaces):
    assert len(list(tree(latex).iter(f"{NAMESPACE}mspace"))) == spaces


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"K = - \frac{1}{2}", "K = −1/2"),
        (r"ds^2 = (d\mu^2 + 2\,d\sigma^2)/\sigma^2", "ds² = (dμ² + 2 dσ²)/σ²"),
        (r"\frac{\mu^{2}}{2 \sigma^{2}}", "μ²/(2σ²)"),
        (r"A' = 1 - A/\kappa - A^2", "A′ = 1 − A/κ − A²"),
        (r"\left[\begin{matrix}1 & 0\\0 & \sqrt{2}\end{matrix}\right]", "[1, 0; 0, √2]"),
        (r"I_0\left(\kappa\right)", "I₀(κ)"),
    ],
)
def test_one_line_of_text(latex, text):
    assert line(latex) == text


def test_text_around_formulas():
    html = paragraph("a < b ($K < 0$), then $x$. It costs 5$ each")
    assert html.startswith('a &lt; b <span class="keep">(<math')
    assert html.count("<math") == 2
    assert html.endswith("It costs 5$ each")
    assert paragraph("no formula & no tag: <b>") == "no formula &amp; no tag: &lt;b&gt;"
    assert prose("``a < b`` holds") == "<code>a &lt; b</code> holds"


def claims(**uses):
    return {name: {"id": name, "title": name, "earned": "proved", "uses": list(used)} for name, used in uses.items()}


def test_the_graph_has_a_layer_per_step_and_no_arrow_twice():
    found = claims(c="ab", b="a", a="", d="x")
    assert layers(found) == [sorted(layers(found)[0]), ["b"], ["c"]]
    assert set(layers(found)[0]) == {"a", "d"}
    assert arrows(found) == {"c": ["b"], "b": ["a"], "a": [], "d": []}
    assert draw(found).count("marker-end") == 2
    assert draw(claims(one="")).count('<a href="claims/one.html"') == 1
    assert draw({}).startswith("<svg")


def test_a_long_chain_of_claims_is_laid_out():
    chain = {f"c{i}": {"id": f"c{i}", "title": "", "earned": "proved", "uses": [f"c{i - 1}"]} for i in range(3000)}
    assert len(layers(chain)) == 3000


@pytest.mark.parametrize(
    ("name", "latex"),
    [
        ("mu", r"\mu"),
        ("alpha_1", r"\alpha_{1}"),
        ("coupling_0_1", r"\text{coupling}_{0,1}"),
        ("degrees_of_freedom", r"\text{degrees of freedom}"),
    ],
)
def test_names_of_coordinates(name, latex):
    assert symbol(name) == latex
