"""The README is true: its Python runs, and its family is one."""

import re
from pathlib import Path

import pytest

from derivations.family import load_family

BLOCKS = re.findall(
    r"```python\n(.*?)```", (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8"), re.DOTALL
)


@pytest.mark.slow
def test_the_example_runs_and_says_what_it_computes():
    usage = BLOCKS[0]
    names = {}
    for line in usage.strip().splitlines():
        value = re.match(r"(\S.*[\w)])  # (-?\d[\d.]*)", line)
        if value is None:
            exec(line, names)
        else:
            assert float(eval(value[1], names)) == pytest.approx(
                float(value[2]), abs=10 ** -len(value[2].partition(".")[2])
            )
    assert names["f"](names["theta"][0], names["thetas"][:, 1]).shape == (2, 2)


@pytest.mark.slow
def test_the_training_run_can_be_audited():
    (block,) = (block for block in BLOCKS if "tg.audit(" in block)
    names = {}
    exec("import jax, jax.numpy as jnp\nimport thermogeometry as tg\n" + block, names)
    assert names["found"].verdict == "consistent"
    assert not names["found"].warnings


def test_the_family_is_hyperbolic(tmp_path):
    (block,) = (block for block in BLOCKS if block.startswith("# my_family.py"))
    (tmp_path / "my_family.py").write_text(block)
    family = load_family(tmp_path / "my_family.py")
    assert family.name == "log_normal"
    assert family.geometry.scalar_curvature == -1
