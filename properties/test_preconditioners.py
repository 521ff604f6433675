"""The exponents of optimisers on a small network: the archived measurements, one of them made again."""

from properties import archive
from properties.checks import agree, archived, decided, fact, table
from properties.claims import claim
from properties.experiments import preconditioners
from properties.experiments.intervals import of_mean, written

_DAMPED, _HARDLY = (f"{damping:g}" for damping in preconditioners.DAMPINGS)


@claim(
    "alpha-of-optimisers",
    evidence="simulated",
    expected={"gradient descent": 0.0, "RMSProp": 0.5, "Adam": 0.5},
    diagonal=f"natural gradient, diagonal, damping {_HARDLY}",
    falsifiers={
        "RMSProp at alpha 1": {"expected": {"RMSProp": 1.0}},
        "natural gradient with the damping of the weight decay": {
            "diagonal": f"natural gradient, diagonal, damping {_DAMPED}"
        },
        "the whole Fisher matrix": {"diagonal": f"natural gradient, damping {_HARDLY}"},
    },
)
def test_exponents_of_optimisers(expected, diagonal):
    """Ten networks of 337 parameters, 512 samples of the noise of batches of 16."""
    content = archive.read(preconditioners.NAME)
    found = {name: [one["alpha"] for one in these] for name, these in content["optimisers"].items()}
    rows = [
        [name, content["optimisers"][name][0]["directions"], written(values), f"{min(values):.3f} to {max(values):.3f}"]
        for name, values in found.items()
    ]
    table(
        "Alpha of optimisers, means over ten seeds with intervals of 95 %",
        ["optimiser", "directions", "alpha", "range"],
        rows,
    )
    shares = [one["noise_share"] for one in content["optimisers"]["RMSProp"]]
    fact("share of noise in the mean squared gradient of a batch", written(shares))
    again = preconditioners.measured(0)
    archived(content["made"], "all optimisers with the first seed.")
    for name, values in found.items():
        # Most directions of the whole matrix have the damping for their eigenvalue: rounding turns these among themselves.
        is_degenerate = name.startswith("natural gradient, damping")
        agree(again[name]["alpha"], values[0], tolerance=3e-3 if is_degenerate else 1e-6, scale=1.0)
    for name, alpha in expected.items():
        mean, half = of_mean(found[name])
        decided(
            abs(mean - alpha) <= 0.02 + half,
            f"the exponent of {name} is {mean:.4f} ± {half:.4f}, {alpha} to within 0.02",
        )
    mean, half = of_mean(found[diagonal])
    decided(mean - half > 0.9, f"that of the natural gradient, {diagonal}, is {mean:.4f} ± {half:.4f}, above 0.9")
