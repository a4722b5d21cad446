"""How often does cross-validation let a critic of guesses act, and how often one of sound ratings?

    python -m benchmarks.experiments.feedback.evidence_level OUT [--rule "closed ring"]
                              [--seeds 0 1 2 3 4] [--draws 20] [--labels 200] [--judge]

For each seed a parent is trained on phantoms, and its images are rated ``--draws`` times, each time
by other dice, by a reader who guesses and by two sound specialists. A critic is cross-validated on
each table as the program does it, nothing is trained further. OUT/RULE/evidence.jsonl keeps the
out-of-fold scores, so that another rule can be tried on them; the share of critics that may act is
printed. ``--judge`` takes the held-out quarter instead of the training ratings.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from benchmarks.experiments.feedback.arms import one_guessing, two_specialists
from benchmarks.experiments.feedback.feedback_round import Laboratory, Sizes
from benchmarks.experiments.feedback.hidden_rules import RULES
from benchmarks.experiments.feedback.simulated_specialist import rate
from engine.feedback.evidence import Evidence, weigh_evidence
from engine.feedback.ordinal import FIRST_REAL
from engine.feedback.rated_images import load_rated_images
from engine.feedback.realism_critic import FOLDS, STEPS, cross_validated, fold_of_groups

READERS = {"guessing": one_guessing, "sound": two_specialists}
Row = dict[str, Any]


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--rule", choices=list(RULES), default="closed ring")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(5)))
    parser.add_argument("--draws", type=int, default=20)
    parser.add_argument("--labels", type=int, default=200)
    parser.add_argument("--readers", nargs="+", choices=list(READERS), default=list(READERS))
    parser.add_argument("--critic-steps", type=int, default=STEPS)
    parser.add_argument("--judge", action="store_true")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args(arguments)
    sizes = Sizes(real=64, parent_steps=20, encoder_steps=10) if options.quick else Sizes()
    rule = RULES[options.rule]
    folder = options.out / rule.name.replace(" ", "-")
    results = folder / "evidence.jsonl"
    for seed in options.seeds:
        laboratory = Laboratory(folder / f"seed-{seed}", rule, seed, sizes)
        for kind in options.readers:
            for draw in range(options.draws):
                row = {"seed": seed, "reader": kind, "draw": draw, "labels": options.labels}
                row |= {"judge": options.judge, "critic_steps": options.critic_steps}
                with results.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(row | _scores(laboratory, row)) + "\n")
    rows = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
    print(admission_table(rows))
    return 0


def _scores(laboratory: Laboratory, row: Row) -> Row:
    """Out-of-fold scores and answers for the generated images of one rated table."""
    readers = READERS[row["reader"]](laboratory.rule)
    records = laboratory.rated_records(row["labels"])
    dice = 1000 * laboratory.seed + row["draw"] + 1
    ratings = rate(laboratory.workspace, records, readers, dice)
    chosen = [rating for rating in ratings if rating.held_out == row["judge"]]
    rated = load_rated_images(laboratory.workspace, chosen, laboratory.sizes.size, 1)
    scores = cross_validated(laboratory.judge_maker(), rated, seed=dice, steps=row["critic_steps"])
    drawn = rated.generated
    taken = rated.confidences.numpy()[drawn] >= FIRST_REAL
    folds = fold_of_groups(rated.groups, FOLDS, dice)[drawn]
    return {
        "scores": scores[drawn].round(4).tolist(),
        "taken": taken.astype(int).tolist(),
        "confidences": rated.confidences.numpy()[drawn].tolist(),
        "readers": rated.readers.numpy()[drawn].tolist(),
        "folds": folds.tolist(),
    }


def admission_table(rows: Sequence[Row]) -> str:
    """For each kind of reader and number of labels: tables, mean AUC, the share that may act."""
    lines = [
        "| Reader | Labels | Ratings of generated images | Tables | Mean AUC | May act (95 %) |",
        "|" + " --- |" * 6,
    ]
    for key in dict.fromkeys((r["reader"], r["labels"], r["judge"]) for r in rows):
        mine = [r for r in rows if (r["reader"], r["labels"], r["judge"]) == key]
        found = [_weighed(row) for row in mine]
        n, k = len(found), sum(evidence.auc_low > 0.5 for evidence in found)
        interval = stats.binomtest(k, n).proportion_ci(method="wilson")
        sizes = np.mean([evidence.n_ratings for evidence in found])
        aucs = np.mean([evidence.auc for evidence in found])
        labels = f"{key[1]:,}" + (", held out" if key[2] else "")
        share = f"{k} of {n}: {100 * k / n:.1f} %"
        share += f" ({100 * interval.low:.1f} to {100 * interval.high:.1f})"
        lines.append(f"| {key[0]} | {labels} | {sizes:.0f} | {n} | {aucs:.3f} | {share} |")
    return "\n".join(lines) + "\n"


def _weighed(row: Row) -> Evidence:
    taken = np.array(row["taken"], dtype=bool)
    groups = np.arange(len(taken))
    return weigh_evidence(np.array(row["scores"]), taken, groups, np.array(row["folds"]))


if __name__ == "__main__":
    raise SystemExit(main())
