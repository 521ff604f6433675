"""The common part of the peers that run in a process of their own; imports nothing of this project.

A peer is a script with a function that takes the name and the sizes of a family to ``{name: function of batches}``. Points
come from one .npz file, in the peer's coordinates; values and seconds per point go to another.
"""

import json
import sys
import time

import numpy as np


def serve(functions):
    """Compute and time what the file named first on the command line asks for; write to the second."""
    source, target = sys.argv[1:]
    with np.load(source) as file:
        data = dict(file)
    found = {}
    for number, task in enumerate(json.loads(str(data["tasks"]))):
        function = functions(task["name"], task["sizes"]).get(task["function"])
        if function is None:
            continue
        arguments = [data[f"{number}/{i}"] for i in range(task["arguments"])]
        found[f"{number}/value"] = np.asarray(function(*(a[: task["values"]] for a in arguments)))
        if task["budget"]:
            found[f"{number}/seconds"] = seconds_per_point(function, arguments, task["budget"])
    np.savez(target, **found)


def seconds_per_point(function, arguments, budget):
    """The median of three runs, on as many points as take about ``budget`` seconds or as there are."""
    size, number = 2, len(arguments[0])
    while True:
        batch = [a[:size] for a in arguments]
        function(*batch)  # what is done once per shape, such as a compilation, is not counted
        times = [_seconds(function, batch)]
        if times[0] > budget / 8 or size == number:
            break
        size = min(8 * size, number)
    times += [_seconds(function, batch) for _ in range(2)] if times[0] < 2 * budget else []
    return float(np.median(times)) / size


def _seconds(function, arguments):
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start
