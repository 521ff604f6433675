"""The wheel alone, away from the checkout: it holds all it needs, and nothing of the tests."""

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]

SCRIPT = """
import derivations, numerics, properties, reports, thermogeometry as tg
import jax.numpy as jnp

for package in (derivations, numerics, properties, reports, tg):
    assert package.__file__.startswith({site!r}), package.__file__
assert {{"gaussian", "von_mises", "dirichlet"}} <= set(tg.families())
theta = jnp.array([0.3, 5.0])
assert abs(float(tg.geometry("multivariate_normal", dimension=1).scalar_curvature(jnp.array([0.3, 5.0]))) + 1) < 1e-6
assert abs(float(tg.geometry("von_mises").scalar_curvature(theta)) + 1.0198) < 1e-3
assert abs(float(tg.geometry("gaussian").scalar_curvature(theta)) + 1) < 1e-6
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """A fresh environment with the wheel in it; third-party packages come from this one, the checkout does not."""
    folder = tmp_path_factory.mktemp("environment")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target", str(site), str(wheel)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    # Folders named in a .pth file are searched, but the .pth files inside them (the editable install) are not read.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder, site


def run(installed, *arguments, folder):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [str(installed[0] / "bin" / "python"), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_the_wheel_holds_the_floors_and_no_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names if ".dist-info" not in name}
    assert tops == {"derivations", "numerics", "properties", "reports", "thermogeometry.py"}
    assert any(name.endswith("ledger/caraffa-2026.toml") for name in names)
    assert any(name.startswith("reports/templates/") for name in names)
    assert any(name.startswith("reports/static/") for name in names)


def test_the_public_names_work(installed, tmp_path):
    result = run(installed, "-c", SCRIPT.format(site=str(installed[1])), folder=tmp_path)
    assert result.returncode == 0, result.stderr


def test_a_claim_is_verified_from_the_wheel(installed, tmp_path):
    result = run(installed, "-m", "thermogeometry", "verify", "gaussian-hyperbolic", folder=tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "proved" in result.stdout.lower()
