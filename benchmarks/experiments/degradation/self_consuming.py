"""What becomes of generators that are trained on generated images, generation after generation?

    python -m benchmarks.experiments.degradation.self_consuming OUT [--seeds 0 1 2] [--quick]

A small dcgan is trained on phantoms (closed rings, 32 px). Each later generation is a new dcgan,
trained from scratch on images of the one before, as many as there were phantoms (the fully
synthetic loop of Alemohammad et al. 2023, "Self-consuming generative models go MAD"):

- *not curated*: whatever the generator draws;
- *curated*: what a simulated specialist, who knows the hidden rule that rings are closed, takes
  for real, chosen from up to eight times as many; where too few are, the best of the rest too;
- *fresh real data*: half of what the generator draws, half newly drawn phantoms.

Measured against 500 phantoms that nothing was trained on: Fréchet distance in the features of the
encoder that is trained on the first phantoms, precision and recall, and the share of images that
keep the rule. OUT/results.jsonl gets a line for each generation; what stands there is not computed
again.
"""

from __future__ import annotations

import argparse
import json
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.experiments.degradation.phantom_library import fill, markdown, rings, train
from benchmarks.experiments.feedback.hidden_rules import RULES
from engine.evaluation.encoder import DatasetEncoder, load_or_train_encoder
from engine.evaluation.features import extract
from engine.evaluation.frechet import frechet_distance
from engine.evaluation.prdc import prdc
from engine.trained_variant import newest_checkpoint, sampling_variant
from engine.training.randomness import derived_seed
from engine.workspace import Workspace

ARMS = ("not curated", "curated", "fresh real data")
_RULE = RULES["closed ring"]
_MOST_TRIES = 8
_ENCODED = "rings"

Row = dict[str, Any]
Pictures = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sizes:
    """Phantoms to begin with, steps of each generation, images measured, generations."""

    phantoms: int = 400
    steps: int = 200
    measured: int = 500
    generations: int = 5
    encoder_steps: int = 200


QUICK = Sizes(phantoms=64, steps=10, measured=60, generations=2, encoder_steps=2)


class Loop:
    """The generations of one seed."""

    def __init__(self, workspace: Workspace, seed: int, sizes: Sizes) -> None:
        self._workspace = workspace
        self._seed = seed
        self._sizes = sizes
        self._unseen = rings(sizes.measured, derived_seed(seed, "unseen"))
        self._encoder = _encoder(workspace, sizes)
        self._unseen_features = _features(self._encoder, self._unseen)

    def first(self) -> tuple[str, Row]:
        """The generator that is trained on phantoms."""
        return self._generation("real", 0, rings(self._sizes.phantoms, self._seed))

    def next(self, arm: str, generation: int, parent: str) -> tuple[str, Row]:
        """A generator that is trained on what ``parent`` draws."""
        n = self._sizes.phantoms
        pictures = self._curated(parent, n) if arm == "curated" else self._drawn(parent, 0, n)
        if arm == "fresh real data":
            fresh = rings(n // 2, derived_seed(self._seed, "fresh", generation))
            pictures = np.concatenate([pictures[: n - n // 2], fresh])
        return self._generation(arm, generation, pictures)

    def _generation(self, arm: str, generation: int, pictures: Pictures) -> tuple[str, Row]:
        name = f"s{self._seed}-{arm.replace(' ', '-')}-{generation}"
        fill(self._workspace, name, {"train": pictures})
        seed = derived_seed(self._seed, arm, generation)
        train(self._workspace, name, name, seed=seed, steps=self._sizes.steps, guard=None)
        drawn = self._drawn(name, 10**6, self._sizes.measured)
        features = _features(self._encoder, drawn)
        precision, recall, *_ = prdc(self._unseen_features, features, "")
        row = {
            "seed": self._seed,
            "arm": arm,
            "generation": generation,
            "distance": frechet_distance(self._unseen_features, features, "").value,
            "precision": precision.value,
            "recall": recall.value,
            "kept": float(_kept(drawn).mean()),
            "trained_on": len(pictures),
        }
        return name, row

    def _drawn(self, run_id: str, first: int, n: int) -> Pictures:
        variant = sampling_variant(newest_checkpoint(self._workspace, run_id))
        images: Pictures = variant.sample(n, self._seed, first=first, maps=False).images.numpy()
        return images

    def _curated(self, run_id: str, n: int) -> Pictures:
        """What the specialist takes for real; where that is too little, the best of the rest."""
        drawn = self._drawn(run_id, 0, n)
        for number in range(1, _MOST_TRIES):
            if _kept(drawn).sum() >= n:
                break
            drawn = np.concatenate([drawn, self._drawn(run_id, number * n, n)])
        kept = _kept(drawn)
        if kept.sum() >= n:
            return drawn[kept][:n]
        return drawn[np.argsort(-_scores(drawn), kind="stable")[:n]]


def run_seed(out: Path, seed: int, sizes: Sizes) -> None:
    """Train and measure what is not in ``results.jsonl`` yet, a line each."""
    results = out / "results.jsonl"
    done = {(row["seed"], row["arm"], row["generation"]) for row in read_rows(results)}
    wanted = {(seed, arm, g) for arm in ARMS for g in range(1, sizes.generations + 1)}
    if wanted <= done:
        return
    loop = Loop(Workspace.create(out / "workspace"), seed, sizes)

    def keep(name: str, row: Row) -> str:
        if (row["seed"], row["arm"], row["generation"]) not in done:
            with results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            print(row, flush=True)
        return name

    start = keep(*loop.first())
    for arm in ARMS:
        parent = start
        for generation in range(1, sizes.generations + 1):
            parent = keep(*loop.next(arm, generation, parent))


def read_rows(path: Path) -> list[Row]:
    """The lines of ``results.jsonl``; none where there is no such file."""
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def table(rows: list[Row]) -> str:
    """Mean (lowest to highest seed) of the distance, and the rest, by arm and generation."""
    generations = sorted({row["generation"] for row in rows})

    def cell(arm: str, generation: int, name: str) -> str:
        wanted = "real" if generation == 0 else arm
        values = [r[name] for r in rows if (r["arm"], r["generation"]) == (wanted, generation)]
        if not values:
            return ""
        mean, low, high = statistics.mean(values), min(values), max(values)
        return f"{mean:.2f} ({low:.2f} to {high:.2f})"

    head = ["", *(f"generation {generation}" for generation in generations)]
    return markdown(
        head,
        [
            [f"{title}, {arm}", *(cell(arm, generation, name) for generation in generations)]
            for title, name in (
                (f"FD ({_ENCODED}-encoder)", "distance"),
                ("recall", "recall"),
                ("rule kept", "kept"),
            )
            for arm in ARMS
        ],
    )


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--quick", action="store_true", help="seconds; its figures say nothing")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    for seed in options.seeds:
        run_seed(options.out, seed, QUICK if options.quick else Sizes())
    shown = table(read_rows(options.out / "results.jsonl"))
    (options.out / "table.md").write_text(shown, encoding="utf-8")
    print(shown)
    return 0


def _encoder(workspace: Workspace, sizes: Sizes) -> DatasetEncoder:
    if not workspace.manifest_path(_ENCODED).is_file():
        fill(workspace, _ENCODED, {"train": rings(sizes.phantoms, 10**6)})
    return load_or_train_encoder(workspace, _ENCODED, 32, steps=sizes.encoder_steps)


def _features(encoder: DatasetEncoder, pictures: Pictures) -> NDArray[np.float32]:
    return extract(encoder, lambda rows: torch.from_numpy(pictures[rows]), len(pictures))


def _scores(pictures: Pictures) -> NDArray[np.float64]:
    return _RULE.scores((pictures[:, 0] + 1) / 2)


def _kept(pictures: Pictures) -> NDArray[np.bool_]:
    return _scores(pictures) >= _RULE.limit


if __name__ == "__main__":
    raise SystemExit(main())
