"""Identities tested at random points of a prime field, with the probability of an error on record."""

from collections.abc import Sequence
from functools import partial

from derivations import curvature_identities as identities
from derivations.prime_field import MERSENNE_61, trial
from derivations.tensor_identities import HESSIAN, jet
from properties.checks import decided, fact


def at_random_jets(
    kind: str,
    dimensions: Sequence[int],
    left: str,
    right: str,
    definitions: Sequence[str] = (),
    seed: int | None = None,
) -> None:
    """Claim ``left = right`` for all metrics of a kind, in index notation, tested at one random jet per dimension.

    Args:
        kind: of metric, see :mod:`derivations.tensor_identities`.
        dimensions: in which to test.
        left: one side.
        right: the other.
        definitions: of further tensors.
        seed: of the random jet, to reproduce one on record; a fresh one if None.
    """
    shared = (*identities.DEFINITIONS, *(identities.HESSIAN_DEFINITIONS if kind == HESSIAN else ()), *definitions)
    for dimension in dimensions:
        shown = trial(
            partial(jet, kind, dimension),
            shared,
            left,
            right,
            prime=MERSENNE_61,
            seeds=() if seed is None else (seed,),
        )
        (drawn,) = shown.seeds
        name = f"{left} = {right}, dimension {dimension}"
        decided(shown.holds, f"{name}, modulo 2^61 - 1, seed {drawn}")
        about = f"seed {drawn}; degree at most {shown.degree}, so a false identity passes with probability"
        fact(name, f"{about} at most {shown.error:.2g}")
