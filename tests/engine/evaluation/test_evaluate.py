"""The protocol: every metric of a checkpoint, kept, resumed, refused with reasons."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from engine.cli import main
from engine.errors import Cancelled, CheckpointError
from engine.evaluation import evaluate as protocol
from engine.evaluation.evaluate import evaluate
from engine.evaluation.evaluation_record import (
    Evaluation,
    EvaluationConfig,
    evaluation_path,
    evaluations_csv,
    list_evaluations,
    nearest_picture_path,
    read_evaluation,
)
from engine.evaluation.frechet import frechet_distance
from engine.trained_variant import newest_checkpoint, sampling_variant
from engine.workspace import Workspace

NAMES = (
    "frechet_distance", "kernel_distance", "precision", "recall", "density", "coverage",
    "diversity", "spectrum_distance", "parzen", "memorisation", "memorisation_pixels",
)  # fmt: skip
SMALL = EvaluationConfig(n=24)


class BrightnessExtractor:
    """Means of the image's quarters: features that a test can compute itself."""

    name = "brightness"
    dim = 4
    device = torch.device("cpu")

    def features(self, images: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.adaptive_avg_pool2d(images.mean(dim=1), 2).flatten(1)


def test_all_metrics_are_kept_with_what_they_are(evaluated_library: Workspace) -> None:
    found = evaluate(evaluated_library, "drawn", config=SMALL, extractor=BrightnessExtractor())
    assert tuple(found.metrics) == NAMES
    assert found.refused == {}
    assert found.complete
    metric = found.metrics.get("frechet_distance")
    assert metric is not None
    assert metric.label == "FD (brightness)"
    assert (found.n_real, found.step, found.extractor) == (24, 2, "brightness")
    kept = read_evaluation(evaluation_path(evaluated_library, "drawn", 2))
    assert kept == found
    with Image.open(nearest_picture_path(evaluated_library, "drawn", 2)) as picture:
        assert picture.size == (2 * 32 + 4, 32)


def test_the_images_are_the_generators_own(evaluated_library: Workspace) -> None:
    extractor = BrightnessExtractor()
    found = evaluate(evaluated_library, "drawn", config=SMALL, extractor=extractor)
    variant = sampling_variant(newest_checkpoint(evaluated_library, "drawn"))
    from engine.data.cache import training_arrays

    drawn = extractor.features(variant.sample(24, 0, maps=False).images).numpy()
    real = training_arrays(evaluated_library, "acdc", 32).batch(np.arange(24))
    wanted = frechet_distance(extractor.features(torch.from_numpy(real)).numpy(), drawn, "x")
    metric = found.metrics.get("frechet_distance")
    assert metric is not None
    assert metric.value == pytest.approx(wanted.value, rel=1e-4)


def test_an_evaluation_that_was_stopped_goes_on_without_computing_again(
    evaluated_library: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = EvaluationConfig(n=24, seed=3)
    extractor = BrightnessExtractor()
    told: list[str] = []

    def tell(done: int, total: int, item: str) -> None:
        told.append(item)

    with pytest.raises(Cancelled):
        evaluate(
            evaluated_library, "drawn", config=config, extractor=extractor,
            progress=tell, cancelled=lambda: "spectrum" in told,
        )  # fmt: skip
    path = evaluation_path(evaluated_library, "drawn", 2)
    half = read_evaluation(path)
    assert half is not None
    assert not half.complete
    assert "spectrum_distance" in half.metrics
    assert "parzen" not in half.metrics
    told.clear()
    whole = evaluate(evaluated_library, "drawn", config=config, extractor=extractor, progress=tell)
    assert whole.complete
    assert "frechet" not in told
    assert whole.metrics["frechet_distance"] == half.metrics["frechet_distance"]
    told.clear()
    assert (
        evaluate(evaluated_library, "drawn", config=config, extractor=extractor, progress=tell)
        == whole
    )
    assert "drawing images" not in told


def test_restored_images_are_evaluated_as_such(evaluated_library: Workspace) -> None:
    config = EvaluationConfig(n=12, ais_images=1)
    found = evaluate(evaluated_library, "restored", config=config, extractor=BrightnessExtractor())
    assert "restored" in found.protocol
    assert "not comparable with generators" in found.protocol
    assert found.restores
    assert "restores real images" in found.refused["memorisation"]
    assert "no log-likelihood" in found.refused["likelihood"]
    assert found.metrics.get("frechet_distance") is not None
    assert "20" in found.refused["parzen"]


def test_the_likelihood_says_how_it_was_found(evaluated_library: Workspace) -> None:
    config = EvaluationConfig(n=8, ais_images=3, ais_intermediates=4, ais_chains=2)
    found = evaluate(evaluated_library, "drawn", config=config, extractor=BrightnessExtractor())
    ais, gap = found.metrics.get("ais"), found.metrics.get("bdmc_gap")
    assert ais is not None
    assert gap is not None
    assert "HMC transitions accepted" in ais.note
    assert "3 training images" in ais.note
    assert "chosen on 8 other images" in ais.note
    assert ais.low is not None
    assert ais.low < ais.value


def test_a_checkpoint_that_is_not_there_is_named(evaluated_library: Workspace) -> None:
    with pytest.raises(CheckpointError, match="step 77"):
        evaluate(evaluated_library, "drawn", step=77, config=SMALL)


def test_the_command_prints_and_the_table_holds_everything(
    evaluated_library: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    protocol.load_or_train_encoder(evaluated_library, "acdc", 32, steps=2)
    table = tmp_path / "all.csv"
    command = ["evaluate", "drawn", "-w", str(evaluated_library.root), "--n", "24"]
    assert main([*command, "--csv", str(table)]) == 0
    said = capsys.readouterr().out
    assert "FD (acdc-encoder)" in said
    assert "24 images drawn without post-processing" in said
    rows = list(csv.DictReader(io.StringIO(table.read_text(encoding="utf-8"))))
    own = {row["metric"]: row for row in rows if row["run_id"] == "drawn"}
    assert set(NAMES) <= set(own)
    assert own["frechet_distance"]["label"] == "FD (acdc-encoder)"
    assert float(own["precision"]["value"]) >= 0
    assert main(["evaluate", "-w", str(evaluated_library.root)]) == 1
    assert main([*command[:-1], "3"]) == 1
    assert "n:" in capsys.readouterr().err


def test_the_command_takes_inception_weights_and_opens_no_unknown_pickle(
    evaluated_library: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    weights = tmp_path / "own.pth"
    weights.write_bytes(b"pickle")
    command = ["evaluate", "drawn", "-w", str(evaluated_library.root), "--n", "12"]
    assert main([*command, "--inception", str(weights)]) == 1
    assert "was not opened" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([*command, "--inception", str(weights), "--download-inception"])
    assert "not allowed with" in capsys.readouterr().err


def test_a_damaged_file_is_passed_over(evaluated_library: Workspace) -> None:
    evaluate(evaluated_library, "drawn", config=SMALL, extractor=BrightnessExtractor())
    path = evaluation_path(evaluated_library, "drawn", 2)
    path.with_name("step-00000009.json").write_text("{", encoding="utf-8")
    assert [e.step for e in list_evaluations(evaluated_library) if e.run_id == "drawn"] == [2]


def test_a_refused_metric_stands_in_the_table_with_its_reason() -> None:
    evaluation = Evaluation(
        run_id="r", step=1, weights_sha256="0" * 64, variant="dcgan", dataset="acdc", size=32,
        extractor="e", config=SMALL, n_real=3, protocol="", refused={"prdc": "too few"},
    )  # fmt: skip
    (row,) = csv.DictReader(io.StringIO(evaluations_csv([evaluation]).decode()))
    assert (row["metric"], row["value"], row["note"]) == ("prdc", "", "too few")
