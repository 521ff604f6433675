"""Time and memory of an audit against members, parameters and checkpoints, each in a process of its own."""

import json
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import save_file

CASES = (
    (16, 10**4, 4), (64, 10**4, 4), (256, 10**4, 4), (64, 10**5, 4), (64, 3 * 10**5, 4), (64, 3 * 10**5, 12), (64, 10**6, 4),
)  # fmt: skip
PROGRAM = '''
import json, sys, time
from numerics.audit import audit

def peak():
    """Of this process, in GiB; that of getrusage begins with what its parent held."""
    return int(next(l for l in open("/proc/self/status") if l.startswith("VmHWM")).split()[1]) / 2**20

start = time.perf_counter()
found = audit(sys.argv[1], learning_rate=0.01, memory_limit=12)
print(json.dumps([time.perf_counter() - start, peak(), found.squared_distance.lower]))
'''


@pytest.mark.parametrize(("members", "size", "checkpoints"), CASES)
def test_audit(audits, tmp_path, members, size, checkpoints):
    """Float32 parameters in safetensors; every checkpoint contracts and shifts the last."""
    start = np.random.default_rng(0).standard_normal((members, size), dtype=np.float32)
    shrunk = {
        f"checkpoint/{100 * k}": start * np.float32(1 - 0.05 * k) + np.float32(0.01 * k) for k in range(checkpoints)
    }
    save_file(shrunk, tmp_path / "ensemble.safetensors")
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "ensemble.safetensors")],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, peak, bound = json.loads(run.stdout)
    audits.append((members, size, checkpoints, seconds, start.nbytes / 2**30, peak))
    last = 0.05 * (checkpoints - 1)
    assert 0.85 < bound / (size * (last**2 + (0.2 * last) ** 2)) < 1.0
