from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.data.acdc import import_acdc
from engine.data.cache import training_arrays
from engine.data.phantom import write_acdc_phantom
from engine.errors import Cancelled, EvaluationError
from engine.evaluation.encoder import (
    encoder_folder,
    load_encoder,
    load_or_train_encoder,
    vicreg_loss,
)
from engine.evaluation.features import extract
from engine.evaluation.frechet import frechet_distance
from engine.workspace import Workspace


@pytest.fixture(scope="module")
def hearts(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("hearts")
    write_acdc_phantom(folder / "acdc", patients=3, seed=1)
    workspace = Workspace.create(folder / "workspace")
    import_acdc(folder / "acdc", workspace)
    return workspace


def test_it_is_trained_once_and_read_back_the_same(hearts: Workspace) -> None:
    told: list[int] = []
    made = load_or_train_encoder(
        hearts, "acdc", 32, steps=3, progress=lambda done, *_: told.append(done)
    )
    assert told == [0, 1, 2, 3]
    read = load_or_train_encoder(hearts, "acdc", 32)
    images = torch.rand(4, 1, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
    assert made.name == read.name == "acdc-encoder"
    assert torch.equal(made.features(images), read.features(images))
    assert made.features(images).shape == (4, made.dim)
    again = Workspace.create(hearts.root.parent / "again")
    import_acdc(hearts.root.parent / "acdc", again)
    assert torch.equal(
        load_or_train_encoder(again, "acdc", 32, steps=3).features(images), made.features(images)
    )


def test_features_of_a_row_depend_on_that_row_alone(hearts: Workspace) -> None:
    encoder = load_or_train_encoder(hearts, "acdc", 32, steps=3)
    images = torch.randn(5, 1, 32, 32).clamp(-1, 1)
    together = encoder.features(images)
    alone = torch.cat([encoder.features(image[None]) for image in images])
    assert torch.allclose(together, alone, atol=1e-5)


def test_any_size_and_channels_are_taken_and_gradients_reach_the_images(hearts: Workspace) -> None:
    encoder = load_or_train_encoder(hearts, "acdc", 32, steps=3)
    images = torch.rand(2, 3, 50, 50, requires_grad=True)
    encoder.features(images).sum().backward()
    assert images.grad is not None and images.grad.abs().sum() > 0


def test_training_makes_it_see_what_is_wrong_with_images(hearts: Workspace) -> None:
    encoder = load_or_train_encoder(hearts, "acdc", 64, steps=30)
    data = training_arrays(hearts, "acdc", 64)
    images = torch.from_numpy(data.batch(np.arange(len(data))))
    first, second = images[0::2], images[1::2]
    shifted = second.clone()
    shifted[:, :, :, 32:] = torch.roll(second, 5, dims=2)[:, :, :, 32:]

    def distance(which: torch.Tensor) -> float:
        real = extract(encoder, lambda rows: first[rows], len(first))
        other = extract(encoder, lambda rows: which[rows], len(which))
        return frechet_distance(real, other, encoder.name).value

    same = distance(second)
    assert distance(shifted) > 1.5 * same
    assert distance(torch.nn.functional.avg_pool2d(second, 3, 1, 1)) > 1.2 * same
    assert distance(second[:1].expand_as(second) + 0.01 * torch.randn_like(second)) > 5 * same


def test_an_altered_encoder_is_refused(hearts: Workspace, tmp_path: Path) -> None:
    load_or_train_encoder(hearts, "acdc", 32, steps=3)
    folder = encoder_folder(hearts, "acdc", 32)
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in folder.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    weights = copy / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"abcd")
    with pytest.raises(EvaluationError, match="altered"):
        load_encoder(copy)
    (copy / "encoder.json").write_text("{}", encoding="utf-8")
    with pytest.raises(EvaluationError, match="Delete the folder"):
        load_encoder(copy)


def test_a_cancelled_training_keeps_nothing(hearts: Workspace) -> None:
    with pytest.raises(Cancelled):
        load_or_train_encoder(hearts, "acdc", 16, cancelled=lambda: True)
    assert not encoder_folder(hearts, "acdc", 16).exists()


def test_the_loss_falls_where_views_agree_and_spread() -> None:
    rng = torch.Generator().manual_seed(0)
    spread = torch.randn(64, 8, generator=rng) * 1.5
    other = torch.randn(64, 8, generator=rng) * 1.5
    assert vicreg_loss(spread, spread) < vicreg_loss(spread, other)
    # Collapse: all views alike cost the whole of the variance term.
    collapsed = torch.ones(64, 8)
    assert float(vicreg_loss(collapsed, collapsed)) == pytest.approx(25 * 0.99, rel=1e-3)


def test_features_that_are_no_numbers_are_refused() -> None:
    class Broken:
        name = "broken"
        dim = 2
        device = torch.device("cpu")

        def features(self, images: torch.Tensor) -> torch.Tensor:
            found = images.mean(dim=(2, 3)).repeat(1, 2)
            found[-1] = float("nan")
            return found

    with pytest.raises(EvaluationError, match=r"2 of 4 images .* number 1"):
        extract(Broken(), lambda rows: torch.ones(rows.stop - rows.start, 1, 4, 4), 4, block=2)
