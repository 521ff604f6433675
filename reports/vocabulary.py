"""What the words of the report mean: verdicts, rungs of evidence and the methods of derivation steps, in plain English."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A word of the report.

    Attributes:
        word: as shown.
        meaning: one sentence for somebody who meets it for the first time.
        more: what to know before relying on it.
    """

    word: str
    meaning: str
    more: str = ""


VERDICTS = {
    "proved": Term(
        "Proved", "True as stated. The evidence below leaves no room for an exception under its assumptions."
    ),
    "corrected": Term("Corrected", "Not true as stated; true with the correction that stands beside it."),
    "refuted": Term("Refuted", "False as stated. An explicit counterexample is below, and what is true instead."),
    "supported": Term("Supported", "Nothing found against it in many numerical trials. This is evidence, not a proof."),
    "inconclusive": Term("Inconclusive", "The checks do not decide it, or did not finish. Never read this as a pass."),
}

RUNGS = {
    "exact": Term(
        "Exact",
        "Computer algebra reduced every checked step to zero in a canonical form: no rounding, no sampling.",
        "The reduction happens in a field of polynomials or rational functions, where zero has one form only.",
    ),
    "probabilistic": Term(
        "Probabilistic",
        "An identity of polynomials was tested at random points of a large prime field (Schwartz–Zippel).",
        "A false identity would pass with the small probability that is stated beside it.",
    ),
    "enclosed": Term(
        "Enclosed",
        "Ball arithmetic bounded the true value, rounding included, over the whole stated region.",
        "Every number carries a rigorous radius, so a sign decided this way is decided for every point of the region.",
    ),
    "property": Term(
        "Property",
        "Examples were drawn at random, and both sides were compared at each, in floating point or in balls.",
        "It covers the points that were drawn, to within the stated tolerance; it cannot exclude an exception elsewhere.",
    ),
    "simulated": Term(
        "Simulated",
        "A statistical test on simulated data, with a stated false-alarm rate and power.",
        "It can err in both directions, at the stated rates.",
    ),
    "counterexample": Term(
        "Counterexample",
        "Explicit numbers for which the statement is false.",
        "One is enough to refute a statement that claims to hold always.",
    ),
}


def method(name: str) -> str:
    """How a derivation step was checked: ``given`` and ``argument`` were not, everything else was checked exactly."""
    return name if name in ("given", "argument") else "checked"


METHODS = {
    "given": Term("Given", "A definition, a hypothesis or a cited result: stated, not checked here."),
    "argument": Term("Argument", "Follows from the steps before it by an argument in words, which no program checked."),
    "checked": Term("Checked", "Checked exactly by computer algebra when the step was written down."),
}
