"""How often the interval of the coefficient of traffic holds the true value.

    python benchmarks/ctm_interval.py [--sets 300]

Accounts are drawn from three invented populations (geometric, log-normal, Pareto with tail 1.8) in
two sizes; the true value is the mean coefficient of 1,500 such collections. Printed are the
coverage of the nominal 95 % interval, and that of plain quantiles of the same draws. No budget.
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np

from tamis.analyses.spread.flow_figures import Classes, interval, resampled

DRAWS, LEVEL = 500, 0.95


def collection(rng: np.random.Generator, kind: str, size: int) -> Classes:
    """So many accounts of one population, a fifth of which mostly repost."""
    if kind == "geometric":
        posts: Any = rng.geometric(0.4, size)
    elif kind == "log-normal":
        posts = np.ceil(np.exp(rng.normal(0.3, 1.2, size))).astype(int)
    else:
        posts = np.ceil(rng.pareto(1.8, size) + 1e-9).astype(int).clip(1, 2000)
    reposts = rng.binomial(posts, np.where(rng.random(size) < 0.2, 0.9, 0.4))
    found, counts = np.unique(np.stack([posts, reposts], 1), axis=0, return_counts=True)
    return Classes.of(found[:, 0], found[:, 1], counts)


def main() -> None:
    """Print one line for each population and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sets", type=int, default=300)
    wanted = parser.parse_args().sets
    rng = np.random.default_rng(5)
    for kind in ("geometric", "log-normal", "Pareto"):
        for size in (600, 8_000):
            sets = [collection(rng, kind, size) for _ in range(max(1_500, wanted))]
            true = np.mean([one.figures()["ctm"] for one in sets])
            held = plain = 0
            for one in sets[:wanted]:
                low, high, _ = interval(one, DRAWS, LEVEL, rng)
                held += low <= true <= high
                edges = np.quantile(resampled(one, DRAWS, rng), [0.025, 0.975])
                plain += edges[0] <= true <= edges[1]
            print(
                f"{kind:10} {size:6,} accounts, C {true:6.2f}: held {held / wanted:.3f}, "
                f"plain quantiles {plain / wanted:.3f}"
            )


if __name__ == "__main__":
    main()
