"""The machinery that earns verdicts: a worthless check makes the run fail with a message that says what to do."""

import json
from fnmatch import fnmatch

import pytest

pytestmark = pytest.mark.slow

GOOD = """
@claim("pythagoras", evidence="property", given={"a": st.floats(1, 2)}, power=2, falsifiers={"cubes": {"power": 3}})
def test_right_triangle(a, power):
    '''Three, four, five.'''
    agree((3 * a) ** power + (4 * a) ** power, (5 * a) ** power, tolerance=1e-14)
"""


def evidence_of(pytester, name="evidence.json"):
    return json.loads((pytester.path / "build" / name).read_text())


def test_a_good_check_earns_its_verdict(verify, pytester):
    result = verify(GOOD)
    result.assert_outcomes(passed=2)
    evidence = evidence_of(pytester)
    (entry,) = evidence["claims"]
    (check,) = entry["checks"]
    assert evidence["complete"]
    assert entry["earned"] == "supported"
    assert entry["problems"] == []
    assert check["examples"] == check["checks"] == 25
    assert 0 <= check["worst"] <= 1
    assert check["residual"] == check["worst"] * check["tolerance"]
    assert check["document"] == "Three, four, five."
    assert [f["name"] for f in check["falsifiers"]] == ["cubes"]
    assert "residual" in check["falsifiers"][0]["killed_by"]


def test_what_is_out_of_scope_is_in_the_evidence(verify, pytester):
    verify(GOOD, more="[[out_of_scope]]\nstatement = 'A point has no part.'\nreason = 'A definition.'")
    (source,) = evidence_of(pytester)["sources"]
    assert source["out_of_scope"] == [{"statement": "A point has no part.", "reason": "A definition."}]


def test_workers_merge_their_evidence(verify_elsewhere, pytester):
    verify_elsewhere(GOOD, "-n", "2").assert_outcomes(passed=2)
    assert evidence_of(pytester)["complete"]


def test_a_partial_run_writes_elsewhere_and_enforces_nothing(verify, pytester):
    result = verify(GOOD, "-k", "true")
    assert result.ret == 0
    assert not (pytester.path / "build" / "evidence.json").exists()
    assert not evidence_of(pytester, "evidence-partial.json")["complete"]


def test_one_claim_can_be_selected(verify, pytester):
    result = verify(GOOD + "\ndef test_other(): assert False\n", "--claim", "pythagoras")
    result.assert_outcomes(passed=2, deselected=1)
    assert not (pytester.path / "build" / "evidence.json").exists()


def test_an_unknown_claim_cannot_be_selected(verify):
    result = verify(GOOD, "--claim", "thales")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines("*unknown claim thales; there are pythagoras*")


BROKEN = {
    "unknown id": (
        GOOD.replace('"pythagoras"', '"thales"'),
        "*unknown claim 'thales': add it to a file in properties/ledger, or correct the id*",
    ),
    "rung that the claim does not list": (
        GOOD.replace('"property"', '"exact"'),
        "*does not list 'exact' as evidence (property): add it to its ledger entry*",
    ),
    "check without falsifiers": (
        GOOD.replace('{"cubes": {"power": 3}}', "{}"),
        "*a check that cannot fail is no check; give it a falsifier*",
    ),
    "falsifier of an unknown parameter": (
        GOOD.replace('{"power": 3}', '{"pwer": 3}'),
        "*falsifier 'cubes' changes unknown parameters*pwer*",
    ),
    "surviving falsifier": (
        GOOD.replace('{"power": 3}', '{"power": 2.0}'),
        "*the falsifier 'cubes' survived 25 examples: sharpen the check*",
    ),
    "falsifier that dies of a typo": (
        GOOD.replace('{"power": 3}', '{"power": "3"}'),
        "*TypeError*",
    ),
    "falsifier that dies of a NaN": (GOOD.replace('{"power": 3}', '{"power": math.nan}'), "*residual is NaN*"),
    "NaN residual of the true statement": (GOOD.replace("power=2", "power=math.nan"), "*residual is NaN*"),
    "vacuous check": (GOOD.partition("    agree")[0] + "    dict(a=a, power=power)", "*the check compared nothing*"),
    "empty comparison": (
        GOOD.replace("agree((3 * a) ** power + (4 * a) ** power, (5 * a) ** power,", "agree([], [],"),
        "*the check compared nothing*",
    ),
    "tolerance of zero": (GOOD.replace("1e-14", "0.0"), "*tolerance 0.0 is not positive*"),
    "false statement": (GOOD.replace("power=2", "power=1"), "*residual*tolerance*"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_worthless_check_fails_the_run(verify, pytester, name):
    checks, message = BROKEN[name]
    result = verify(checks)
    assert result.ret != 0
    result.stdout.fnmatch_lines([message])
    path = pytester.path / "build" / "evidence.json"
    if path.exists():
        evidence = evidence_of(pytester)
        assert not evidence["complete"]
        assert evidence["claims"][0]["problems"]


def test_a_claim_without_its_evidence_fails_a_full_run(verify):
    result = verify(GOOD, evidence=["property", "exact"], verdict="proved")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines("*pythagoras: no passing check shows the evidence exact: add a @claim('pythagoras'*")


def test_a_verdict_that_its_evidence_contradicts_is_refused(verify):
    result = verify(GOOD, evidence=["property", "counterexample"])
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*its evidence can earn 'refuted', never 'supported'; change one of them*"])


def test_an_inconclusive_check_is_never_a_pass(verify, pytester):
    checks = GOOD.replace("    agree(", "    if power == 2: raise Inconclusive('too few triangles')\n    agree(")
    result = verify(checks)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(["*the ledger says 'supported', the checks earn 'inconclusive'*"])
    assert not evidence_of(pytester)["complete"]


def test_a_claim_may_be_meant_to_be_inconclusive(verify, pytester):
    checks = GOOD.replace("tolerance=1e-14)", "tolerance=1e-14)\n    raise Inconclusive('too few triangles')")
    assert verify(checks, verdict="inconclusive").ret == 0
    evidence = evidence_of(pytester)
    assert evidence["complete"]
    assert evidence["claims"][0]["earned"] == "inconclusive"


def test_a_false_step_of_a_derivation_kills_a_falsifier(verify, pytester):
    checks = """
import sympy as sp
x = sp.Symbol("x")

@claim("pythagoras", evidence="exact", right=x**2 - 1, falsifiers={"sign": {"right": x**2 + 1}})
def test_product(right):
    derivation = Derivation("a product")
    derivation.equal((x - 1) * (x + 1), right, "expanded")
    derived(derivation)
"""
    verify(checks, evidence=["exact"], verdict="proved").assert_outcomes(passed=2)
    (check,) = evidence_of(pytester)["claims"][0]["checks"]
    assert check["derivations"][0]["title"] == "a product"
    assert len(check["derivations"][0]["steps"]) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"verdict": "true"}, "*unknown verdict 'true'*"),
        ({"evidence": ["hearsay"]}, "*unknown evidence*hearsay*"),
        ({"evidence": []}, "*name the evidence that its verdict rests on*"),
        ({"verdict": "refuted", "evidence": ["counterexample"]}, "*a refuted claim says in 'instead' what is true*"),
        ({"more": 'uses = ["thales"]'}, "*uses unknown claims*thales*"),
        ({"more": 'colour = "red"'}, "*unknown keys*colour*"),
    ],
)
def test_a_ledger_that_contradicts_itself_is_refused(verify, change, message):
    result = verify(GOOD, **change)
    assert result.ret != 0
    assert any(fnmatch(line, message) for line in (*result.outlines, *result.errlines))
