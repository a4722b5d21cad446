from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.errors import EvaluationError
from engine.evaluation.inception import InceptionFeatures, InceptionNetwork, resize

#: what torch-fidelity 0.4.0 makes of `images(1, size, 3)` with `random_tensors`, by size: mean, SD
#: and the first four of the features
TORCH_FIDELITY = {
    32: (4.837008, 6.854585, 13.396193, 3.991059, 0.0, 0.661515),
    400: (6.390539, 9.067952, 17.925867, 5.127893, 0.0, 1.335871),
}


def random_tensors(network: nn.Module) -> dict[str, Tensor]:
    """Weights of a network with statistics that keep activations in range.

    By a generator whose numbers NumPy has promised not to change.
    """
    rng = np.random.RandomState(0)
    tensors = {}
    for name, tensor in sorted(network.state_dict().items()):
        shape = tuple(tensor.shape)
        if tensor.ndim == 4:
            numbers = np.sqrt(2 / tensor[0].numel()) * rng.standard_normal(shape)
        elif name.endswith("num_batches_tracked"):
            continue
        elif name.endswith(("running_mean", "bias")):
            numbers = 0.1 * rng.standard_normal(shape)
        else:
            numbers = 0.5 + rng.uniform(size=shape)
        tensors[name] = torch.from_numpy(numbers.astype(np.float32))
    return tensors


@pytest.fixture(scope="module")
def tensors() -> dict[str, Tensor]:
    return random_tensors(InceptionNetwork())


@pytest.fixture(scope="module")
def inception(tensors: dict[str, Tensor]) -> InceptionFeatures:
    return InceptionFeatures(tensors, "Inception-v3 with weights 01234567")


def images(n: int, size: int, channels: int) -> Tensor:
    levels = np.random.RandomState(1).randint(0, 256, (n, channels, size, size))
    return torch.from_numpy(levels).float() / 127.5 - 1


@pytest.mark.parametrize("size", TORCH_FIDELITY)
def test_features_are_those_that_torch_fidelity_was_seen_to_give(
    size: int, inception: InceptionFeatures
) -> None:
    found = inception.features(images(1, size, 3))[0]
    summary = [float(found.mean()), float(found.std()), *found[:4].tolist()]
    assert summary == pytest.approx(TORCH_FIDELITY[size], rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("size", TORCH_FIDELITY)
def test_features_are_those_of_torch_fidelity_where_it_is_installed(
    size: int, inception: InceptionFeatures, tensors: dict[str, Tensor], tmp_path: Path
) -> None:
    module = pytest.importorskip("torch_fidelity.feature_extractor_inceptionv3")
    classifier = {"fc.weight": torch.zeros(1008, 2048), "fc.bias": torch.zeros(1008)}
    torch.save(tensors | classifier, tmp_path / "weights.pth")
    reference = module.FeatureExtractorInceptionV3(
        "inception", ["2048"], feature_extractor_weights_path=str(tmp_path / "weights.pth")
    )
    shown = images(2, size, 3)
    (expected,) = reference(((shown + 1) * 127.5).round().to(torch.uint8))
    assert torch.allclose(
        inception.features(shown), expected, rtol=1e-4, atol=1e-5 * float(expected.abs().max())
    )


@pytest.mark.parametrize(("size", "target"), [(2, 4), (3, 8), (5, 3)])
def test_resizing_is_that_of_tensorflow_1(size: int, target: int) -> None:
    """Its formula written out: position i · n / N, the two pixels around it, the last repeated."""
    picture = np.random.default_rng(0).normal(size=(size, size))

    def at(row: float, column: float) -> float:
        y, x = int(row), int(column)
        below, right = min(y + 1, size - 1), min(x + 1, size - 1)
        dy, dx = row - y, column - x
        return float(
            (1 - dy) * ((1 - dx) * picture[y, x] + dx * picture[y, right])
            + dy * ((1 - dx) * picture[below, x] + dx * picture[below, right])
        )

    expected = [[at(i * size / target, j * size / target) for j in range(target)]
                for i in range(target)]  # fmt: skip
    found = resize(torch.from_numpy(picture)[None, None].float(), target)
    assert found[0, 0].numpy() == pytest.approx(np.array(expected), abs=1e-5)


def test_it_has_the_published_parameters() -> None:
    # The paper's network without classifiers: 21.8 million parameters in 94 convolutions.
    network = InceptionNetwork()
    convolutions = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    assert len(convolutions) == 94
    assert sum(p.numel() for p in network.parameters()) == 21_785_568


def test_grey_images_are_shown_as_grey_colour_images_and_gradients_reach_them(
    inception: InceptionFeatures,
) -> None:
    grey = images(1, 20, 1).requires_grad_()
    found = inception.features(grey)
    assert found.shape == (1, inception.dim) and found.dtype == torch.float32
    assert torch.equal(found, inception.features(grey.expand(-1, 3, -1, -1)))
    found.sum().backward()
    assert grey.grad is not None and grey.grad.abs().sum() > 0
    assert not any(p.requires_grad for p in inception.network.parameters())


def test_each_row_stands_for_itself(inception: InceptionFeatures) -> None:
    shown = images(3, 16, 1)
    alone = torch.cat([inception.features(one[None]) for one in shown])
    assert torch.allclose(inception.features(shown), alone, rtol=1e-3, atol=1e-3)


def test_what_8_bit_files_do_not_hold_changes_nothing(inception: InceptionFeatures) -> None:
    levels = torch.arange(256.0).view(1, 1, 16, 16)
    exact = levels / 127.5 - 1
    assert torch.equal(inception.fitted(exact + 0.3 / 127.5), inception.fitted(exact))
    for grey, scaled in ((5.0, 127 / 128), (-5.0, -1.0)):
        assert torch.allclose(
            inception.fitted(torch.full((1, 1, 4, 4), grey)), torch.tensor(scaled)
        )


def test_other_networks_are_refused_with_the_tensor_that_does_not_fit(
    tensors: dict[str, Tensor],
) -> None:
    missing = {k: v for k, v in tensors.items() if k != "Mixed_7c.branch_pool.conv.weight"}
    with pytest.raises(EvaluationError, match=r"Mixed_7c\.branch_pool\.conv\.weight"):
        InceptionFeatures(missing, "x")
    wrong = tensors | {"Conv2d_1a_3x3.conv.weight": torch.zeros(32, 1, 3, 3)}
    with pytest.raises(EvaluationError, match=r"Conv2d_1a_3x3\.conv\.weight"):
        InceptionFeatures(wrong, "x")
