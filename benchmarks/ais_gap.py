"""How tight AIS is: its BDMC gap on simulated images, and its error where the truth is known.

Run: ``python benchmarks/ais_gap.py [--intermediates 500] [--images 20]``.

Printed: the error against the exact likelihood of a linear-Gaussian generator (16 pixels, 3
latents), and for it and a small fixed network (2 layers with tanh, 4 latents) the mean gap between
both bounds, its standard error, and how many HMC transitions were accepted. Lower is better; a gap
of 1 nat means that no likelihood is off by more on average.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
import torch

from engine.evaluation.ais import ais_log_likelihood
from engine.evaluation.annealed_chains import AisConfig
from engine.evaluation.bdmc import bdmc, simulated
from engine.evaluation.gaussian_observation import Decoder
from tests.engine.evaluation.toy_decoders import LinearDecoder, SmallNetwork

SIGMA = 0.1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--intermediates", type=int, default=500)
    parser.add_argument("--images", type=int, default=20)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    config = AisConfig(intermediates=arguments.intermediates)
    labels = torch.full((arguments.images,), -1)
    double = torch.zeros(1, dtype=torch.float64)
    linear = LinearDecoder()
    _, images = simulated(linear, labels, double, SIGMA, 0, 0)
    found = ais_log_likelihood(linear, images, labels, sigma=SIGMA, config=config)
    error = found.log_likelihoods - linear.exact(images, SIGMA)
    print(
        f"{config.intermediates} intermediate distributions, {config.chains} chains, "
        f"{config.leapfrog_steps} leapfrog steps, {arguments.images} images, σ {SIGMA}"
    )
    print(
        f"linear-Gaussian: mean error {error.mean():+.3f} nats, largest "
        f"{np.abs(error).max():.3f}, accepted {found.accepted} of {found.proposed} "
        f"({found.acceptance_rate:.0%})"
    )
    gap("linear-Gaussian", linear, labels, double, config)
    gap("small network", SmallNetwork(), labels, double, config)


def gap(
    name: str, decoder: Decoder, labels: torch.Tensor, like: torch.Tensor, config: AisConfig
) -> None:
    began = time.perf_counter()
    found = bdmc(decoder, labels, like, sigma=SIGMA, config=config)
    print(
        f"{name}: BDMC gap {found.gap:.3f} ± {found.standard_error:.3f} nats, accepted "
        f"{found.accepted} of {found.proposed} ({found.acceptance_rate:.0%}), "
        f"{time.perf_counter() - began:.0f} s"
    )


if __name__ == "__main__":
    main()
