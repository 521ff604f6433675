"""The experiments that the summary of Okanohara 2026 proposes, as measured here.

Each module says its recipe at the top, measures with ``run`` and is run as a command, which writes the archive that its claim
rests on: ``python -m properties.experiments.gaussian_toy``.
"""
