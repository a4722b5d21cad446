"""Sweeps: validated before they start, resumed after a kill, summed up by budget."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.cli import main
from engine.errors import Cancelled, ConfigError
from engine.evaluation.encoder import load_or_train_encoder
from engine.evaluation.evaluation_record import Evaluation, EvaluationConfig, MetricRecord
from engine.evaluation.sweep import CellResult, run_sweep, spreads, sweep_folder
from engine.evaluation.sweep_config import SweepConfig
from engine.training.runs import create_run, read_status, run_folder, write_status
from engine.workspace import Workspace
from tests.engine.conftest import fill_library

FIELDS: dict[str, object] = {
    "name": "small",
    "variants": ["dcgan"],
    "dataset": "acdc",
    "preset": "tiny",
    "fractions": [0.5, 1.0],
    "draws": 2,
    "seed": 4,
    "settings": {"steps": 12, "batch_size": 4, "threads": 1, "checkpoint_every": 3, "nz": 4,
                 "ngf": 4, "ndf": 4, "log_every": 1},
    "ranges": {
        "lr": {"kind": "log-uniform", "low": 1e-4, "high": 1e-3},
        "beta1": {"kind": "uniform", "low": 0.0, "high": 0.9},
        "dropout_d": {"kind": "choice", "values": [0.0, 0.3]},
    },
    "evaluation": {"n": 24},
}  # fmt: skip


def sweep(**changes: object) -> SweepConfig:
    return SweepConfig.model_validate(FIELDS | changes)


def library(folder: Path) -> Workspace:
    workspace = Workspace.create(folder)
    fill_library(workspace, n=24)
    load_or_train_encoder(workspace, "acdc", 32, steps=2)
    return workspace


def test_draws_are_seeded_and_the_same_for_all_fractions() -> None:
    cells = sweep(draws=40).cells()
    assert len({cell.run_id for cell in cells}) == len(cells) == 80
    by_draw = {cell.draw: cell.parameters for cell in cells}
    assert all(by_draw[cell.draw] == cell.parameters for cell in cells)
    rates = np.array([by_draw[draw]["lr"] for draw in range(40)], dtype=float)
    assert ((rates >= 1e-4) & (rates <= 1e-3)).all()
    # Evenly in the logarithm: about half lie below the geometric mean.
    assert 10 < (rates < 10**-3.5).sum() < 30
    assert {by_draw[draw]["dropout_d"] for draw in range(40)} == {0.0, 0.3}
    assert cells == sweep(draws=40).cells()
    assert sweep(seed=5).cells()[0].parameters != cells[0].parameters
    assert cells[0].config.options["lr"] == cells[0].parameters["lr"]
    assert cells[0].config.steps == 12


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"fractions": [0.0]}, "fractions"),
        ({"fractions": [0.5, 0.5]}, "once"),
        ({"ranges": {"lr": {"kind": "log-uniform", "low": 0, "high": 1}}}, "above 0"),
        ({"ranges": {"lr": {"kind": "normal", "low": 0, "high": 1}}}, "kind"),
        ({"ranges": {"seed": {"kind": "choice", "values": [1]}}}, "cannot be set"),
        ({"name": "../out"}, "name"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_file_is_refused_with_its_field(
    tmp_path: Path, changes: dict[str, object], word: str
) -> None:
    path = tmp_path / "sweep.json"
    path.write_text(json.dumps(FIELDS | changes), encoding="utf-8")
    with pytest.raises(ConfigError, match=word):
        SweepConfig.read(path)


def test_options_that_no_variant_has_are_refused_before_any_run(tmp_path: Path) -> None:
    workspace = library(tmp_path / "library")
    wrong = sweep(ranges={"gamma": {"kind": "choice", "values": [1]}})
    with pytest.raises(ConfigError, match="gamma"):
        run_sweep(workspace, wrong)
    assert not list(workspace.runs.iterdir())


def test_toml_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sweep.toml"
    path.write_text(
        'name = "a"\nvariants = ["dcgan"]\ndataset = "acdc"\npreset = 64\n'
        '[ranges.lr]\nkind = "log-uniform"\nlow = 1e-5\nhigh = 1e-3\n',
        encoding="utf-8",
    )
    config = SweepConfig.read(path)
    assert (config.preset, config.draws, config.fractions) == (64, 5, (0.1, 0.25, 0.5, 1.0))
    path.write_text("name = ", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"sweep\.toml"):
        SweepConfig.read(path)


def test_a_killed_sweep_goes_on_to_the_same_tables(tmp_path: Path) -> None:
    killed, whole = library(tmp_path / "killed"), library(tmp_path / "whole")
    path = tmp_path / "sweep.json"
    path.write_text(json.dumps(FIELDS), encoding="utf-8")
    command = [sys.executable, "-m", "engine.cli", "sweep", str(path), "-w", str(killed.root)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    for line in child.stdout:
        if line.startswith("2 of 4"):
            break
    child.kill()
    child.wait()
    child.stdout.close()
    assert len(list(killed.runs.glob("*/evaluations/*.json"))) == 1
    assert main(["sweep", str(path), "-w", str(killed.root)]) == 0
    run_sweep(whole, sweep())
    for table in ("cells.csv", "summary.csv"):
        first = (sweep_folder(killed, "small") / table).read_bytes()
        assert first == (sweep_folder(whole, "small") / table).read_bytes()
    with (sweep_folder(whole, "small") / "cells.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len({row["run_id"] for row in rows}) == 4
    assert {row["train_fraction"] for row in rows} == {"0.5", "1.0"}
    plot = (sweep_folder(whole, "small") / "frechet_distance.svg").read_text(encoding="utf-8")
    assert plot.startswith("<?xml")
    with pytest.raises(ConfigError, match="other settings"):
        run_sweep(whole, sweep(seed=9))


def test_a_cancelled_sweep_keeps_its_place(tmp_path: Path) -> None:
    workspace = library(tmp_path / "library")
    told: list[str] = []

    def tell(done: int, total: int, item: str) -> None:
        told.append(item)

    first = sweep().cells()[0].run_id
    with pytest.raises(Cancelled):
        run_sweep(
            workspace, sweep(), progress=tell, cancelled=lambda: any("step" in t for t in told)
        )
    status = read_status(run_folder(workspace, first))
    assert (status.state, status.step > 0) == ("interrupted", True)


def test_a_run_that_failed_is_a_result_and_the_others_go_on(tmp_path: Path) -> None:
    workspace = library(tmp_path / "library")
    config = sweep(draws=1)
    first, second = config.cells()
    create_run(workspace, first.config, first.run_id)
    write_status(run_folder(workspace, first.run_id), "failed", message="Losses are no numbers.")
    failed, done = run_sweep(workspace, config)
    assert failed.evaluation is None
    assert failed.failure == "Losses are no numbers."
    assert done.cell == second
    assert done.evaluation is not None
    table = (sweep_folder(workspace, "small") / "cells.csv").read_text(encoding="utf-8")
    assert "Losses are no numbers." in table


def test_median_and_quartiles_are_over_draws() -> None:
    cells = sweep(draws=5, fractions=[1.0]).cells()
    results = [
        CellResult(cell, _evaluation(value))
        for cell, value in zip(cells, (5, 1, 2, 9, 3), strict=True)
    ]
    (found,) = spreads([*results, CellResult(cells[0], None, "failed")])
    assert (found.n, found.median, found.lower_quartile, found.upper_quartile) == (5, 3, 2, 5)
    assert (found.lowest, found.highest) == (1, 9)


def _evaluation(value: float) -> Evaluation:
    metric = MetricRecord(name="frechet_distance", label="FD (e)", value=value)
    return Evaluation(
        run_id="r", step=1, weights_sha256="0" * 64, variant="dcgan", dataset="acdc", size=32,
        extractor="e", config=EvaluationConfig(), n_real=3, protocol="",
        metrics={metric.name: metric},
    )  # fmt: skip
