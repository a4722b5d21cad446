"""``medgan-engine evaluate``: the metrics of a trained run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.atomic_file import write_bytes
from engine.errors import ConfigError
from engine.evaluation.evaluation_record import (
    Evaluation,
    EvaluationConfig,
    evaluation_path,
    evaluations_csv,
    list_evaluations,
)
from engine.training.config import explained
from engine.workspace import Workspace

if TYPE_CHECKING:
    from engine.evaluation.features import FeatureExtractor


def add_parser(subparsers: Any) -> None:
    """Add ``evaluate``."""
    parser = subparsers.add_parser(
        "evaluate", help="compare a run's images with its data set's, metric by metric"
    )
    parser.add_argument("run_id", metavar="RUN", nargs="?")
    parser.add_argument("--workspace", "-w", type=Path, required=True, metavar="W")
    parser.add_argument("--step", type=int, help="checkpoint (default: the newest)")
    parser.add_argument("-n", "--n", type=int, default=2000, help="images drawn (default 2000)")
    parser.add_argument("--seed", type=int, default=0)
    features = parser.add_mutually_exclusive_group()
    features.add_argument(
        "--encoder",
        type=Path,
        metavar="FOLDER",
        help="another encoder than the data set's own (a folder below encoders/)",
    )
    features.add_argument(
        "--inception",
        type=Path,
        metavar="FILE",
        help="Inception-v3 weights, for FID and KID (the published .pth file, or safetensors)",
    )
    features.add_argument(
        "--download-inception",
        action="store_true",
        help="the same; the published file (91 MiB) is fetched once and kept below encoders/",
    )
    parser.add_argument(
        "--ais", type=int, default=0, metavar="N", help="AIS log-likelihood of N real images too"
    )
    parser.add_argument("--sigma", type=float, help="noise of the AIS model (default: chosen)")
    parser.add_argument("--csv", type=Path, help="write the evaluations of all runs to this file")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Evaluate and print the metrics; what is finished already is not computed again."""
    from pydantic import ValidationError

    workspace = Workspace.create(arguments.workspace)
    if not (arguments.run_id or arguments.csv):
        raise ConfigError("Say which RUN to evaluate, or where to write the --csv of all runs.")
    if arguments.run_id:
        from engine.evaluation.evaluate import evaluate

        try:
            config = EvaluationConfig(
                n=arguments.n, seed=arguments.seed, ais_images=arguments.ais, sigma=arguments.sigma
            )
        except ValidationError as error:
            raise ConfigError(f"The evaluation cannot be done so: {explained(error)}.") from error
        found = evaluate(
            workspace,
            arguments.run_id,
            step=arguments.step,
            config=config,
            extractor=_extractor(workspace, arguments),
            progress=_print_progress,
        )
        _print(found)
        print(f"kept in {evaluation_path(workspace, found.run_id, found.step)}")
    if arguments.csv:
        write_bytes(arguments.csv, evaluations_csv(list_evaluations(workspace)))
        print(f"all evaluations are in {arguments.csv}")
    return 0


def _extractor(workspace: Workspace, arguments: argparse.Namespace) -> FeatureExtractor | None:
    """What the options name; None for the data set's own encoder."""
    from engine.evaluation.encoder import load_encoder
    from engine.evaluation.inception_weights import (
        download_inception,
        load_inception,
        weights_path,
    )

    if arguments.encoder:
        return load_encoder(arguments.encoder)
    if arguments.download_inception:
        return load_inception(download_inception(weights_path(workspace), progress=_print_progress))
    return load_inception(arguments.inception) if arguments.inception else None


def _print_progress(done: int, total: int, item: str) -> None:
    if sys.stderr.isatty() and item:
        count = f" {done} of {total}" if total else ""
        print(f"\r\033[K{item}{count}", end="" if done < total else "\n", file=sys.stderr)


def _print(found: Evaluation) -> None:
    print(f"{found.run_id}, step {found.step}: {found.protocol}")
    for metric in found.metrics.values():
        better = f" ({metric.better} is better)" if metric.better else ""
        print(f"  {metric.label}: {metric.value:.6g}{better}")
        if metric.note:
            print(f"    {metric.note}")
    for group, reason in found.refused.items():
        print(f"  {group}: not computed. {reason}")
