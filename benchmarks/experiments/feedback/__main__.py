"""Do specialists' ratings make a better generator? Simulated readers whose hidden rule is known.

    python -m benchmarks.experiments.feedback OUT [--rule "closed ring"] [--variant dcgan]
                              [--seeds 0 1 2 3 4] [--labels 200 1000] [--quick]

For each seed: phantoms are drawn, a parent is trained on them, simulated specialists rate its
images, and children are trained from it, one for each arm and number of labels, all for as many
steps as the one without feedback. Measured is the share of fresh images that keep the hidden rule,
and precision and recall against fresh phantoms. OUT/RULE-VARIANT/results.jsonl gets a line for each
child; what stands there is not computed again. The table, with 95 % t intervals of the paired
differences from plain training, is printed and written to OUT/RULE-VARIANT/table.md.

``--quick`` is a trial of the machinery in seconds: its figures say nothing. ``--size 64`` (or 128)
draws larger phantoms, for which wider networks and more steps (``--parent-steps``,
``--child-steps``, ``--ngf``) are needed, and a GPU.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from benchmarks.experiments.feedback.arms import Comparison, comparisons, failure_modes
from benchmarks.experiments.feedback.feedback_round import SMALL_NETWORKS, Laboratory, Sizes
from benchmarks.experiments.feedback.hidden_rules import RULES, HiddenRule
from benchmarks.experiments.feedback.results_table import results_table
from engine.errors import ConfigError, FeedbackError
from engine.gans.registry import variant_class
from engine.training.events import DegradationWarning, Event
from engine.training.runs import run_folder

QUICK = Sizes(real=64, parent_steps=20, child_steps=10, fresh=60, encoder_steps=10)

Row = dict[str, Any]


def main(arguments: list[str] | None = None) -> int:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--rule", choices=list(RULES), default="closed ring")
    parser.add_argument("--variant", choices=list(SMALL_NETWORKS), default="dcgan")
    parser.add_argument("--seeds", type=int, nargs="+", default=list(range(5)))
    parser.add_argument("--labels", type=int, nargs="+", default=[200, 1000])
    parser.add_argument("--arms", nargs="+", help="only those whose names begin so")
    parser.add_argument("--no-failure-modes", action="store_true")
    parser.add_argument("--size", type=int, default=32)
    parser.add_argument("--parent-steps", type=int, default=Sizes().parent_steps)
    parser.add_argument("--child-steps", type=int, default=Sizes().child_steps)
    parser.add_argument("--ngf", type=int, help="channels beside the image, G and D")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args(arguments)
    sizes = _sizes(options)
    rule = RULES[options.rule]
    usable = sorted(variant_class(options.variant).accepts_feedback)
    if not rule.class_names:
        usable.remove("class_labels")
    wanted = comparisons(options.labels, usable)
    if not options.no_failure_modes:
        wanted += failure_modes(min(options.labels), max(options.labels))
    if options.arms:
        wanted = [c for c in wanted if c.name.startswith(tuple(options.arms))]
    folder = options.out / f"{rule.name} {options.variant}".replace(" ", "-")
    for seed in options.seeds:
        run_seed(folder, rule, seed, sizes, wanted)
    table = results_table(read_rows(folder / "results.jsonl"))
    (folder / "table.md").write_text(table, encoding="utf-8")
    print(table)
    return 0


def run_seed(
    folder: Path, rule: HiddenRule, seed: int, sizes: Sizes, wanted: Iterable[Comparison]
) -> None:
    """Train and measure what is not in ``results.jsonl`` yet, a line each."""
    results = folder / "results.jsonl"
    done = {(row["seed"], row["arm"]) for row in read_rows(results)}
    missing = [c for c in wanted if (seed, c.name) not in done]
    if not missing and (seed, "parent") in done:
        return
    laboratory = Laboratory(folder / f"seed-{seed}", rule, seed, sizes)
    if (seed, "parent") not in done:
        row = {"seed": seed, "arm": "parent", **asdict(laboratory.measured(laboratory.parent))}
        _append(results, row)
    for comparison in missing:
        _append(results, {"seed": seed, "arm": comparison.name, **_row(laboratory, comparison)})


def read_rows(path: Path) -> list[Row]:
    """The lines of ``results.jsonl``; none where there is no such file."""
    if not path.is_file():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _row(laboratory: Laboratory, comparison: Comparison) -> Row:
    run_id = f"{comparison.name}-{time.time_ns()}".replace(" ", "-").replace(",", "")
    ratings, labels = [], []
    events: list[Event] = []
    if comparison.labels:
        readers = comparison.readers(laboratory.rule)
        ratings = laboratory.ratings(comparison.labels, readers)
        if comparison.judges is not None:
            judged = laboratory.ratings(comparison.labels, comparison.judges(laboratory.rule))
            ratings = [r for r in ratings if not r.held_out] + [r for r in judged if r.held_out]
        labels = laboratory.labels(comparison.labels)
    try:
        seconds = laboratory.child(comparison.arm, ratings, run_id, events.append, labels)
    except (ConfigError, FeedbackError) as error:
        if not comparison.labels:
            raise
        return {"refused": str(error)}
    scores = run_folder(laboratory.workspace, run_id).root / "feedback.json"
    told = json.loads(scores.read_text(encoding="utf-8")) if scores.is_file() else None
    warnings = [[e.name, e.step, e.value] for e in events if isinstance(e, DegradationWarning)]
    measured = asdict(laboratory.measured(run_id))
    return {**measured, "seconds": seconds, "warnings": warnings, "feedback": told}


def _append(path: Path, row: Row) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    shown = {k: round(v, 3) if isinstance(v, float) else v for k, v in row.items()}
    shown.pop("feedback", None)
    print(shown, flush=True)


def _sizes(options: argparse.Namespace) -> Sizes:
    networks = dict(SMALL_NETWORKS[options.variant])
    if options.ngf:
        networks |= {"ngf": options.ngf, "ndf": options.ngf}
    if options.quick:
        return replace(QUICK, variant=options.variant, options=networks)
    return replace(
        Sizes(),
        size=options.size,
        parent_steps=options.parent_steps,
        child_steps=options.child_steps,
        variant=options.variant,
        options=networks,
    )


if __name__ == "__main__":
    raise SystemExit(main())
