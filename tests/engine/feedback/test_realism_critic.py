from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.errors import Cancelled, FeedbackError
from engine.feedback.critic_files import load_critic, save_critic
from engine.feedback.gentle_augmentation import gently_altered
from engine.feedback.rated_images import RatedImages
from engine.feedback.realism_critic import fit_critic, fold_of_groups
from engine.training.draws import BatchDraws


class Probe(nn.Module):
    """Starts as a poor judge: half by contrast, half by chance."""

    def __init__(self) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.tensor([0.3, 0.3]))
        self.chance = nn.Parameter(torch.randn(16 * 16))

    def forward(self, images: Tensor) -> Tensor:
        contrast = 10 * images.std(dim=(1, 2, 3))
        noise = 2 * torch.tanh(images.flatten(1) @ self.chance)
        return self.weights[0] * contrast + self.weights[1] * noise


def make_probe() -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(3)
        return Probe()


def rated(n: int = 160, *, seed: int = 0, readers: int = 2, noise: float = 0.2) -> RatedImages:
    """Readers believe images whose stripes are strong; brightness says nothing."""
    rng = np.random.default_rng(seed)
    strength = rng.uniform(0, 1, n)
    stripes = np.sin(np.arange(16) * np.pi / 2)[None, None, None, :] * strength[:, None, None, None]
    images = 0.6 * np.broadcast_to(stripes, (n, 1, 16, 16)) + 0.1 * rng.normal(size=(n, 1, 16, 16))
    opinion = 3.5 + 6 * (strength - 0.5) + noise * rng.normal(size=n)
    who = rng.integers(readers, size=n)
    confidences = np.clip(np.round(opinion + np.array([0, 1.0])[who % 2]), 1, 6).astype(np.int64)
    return RatedImages(
        images=torch.from_numpy(images).float(),
        rows=torch.arange(n),
        confidences=torch.from_numpy(confidences),
        readers=torch.from_numpy(who),
        reader_ids=tuple(f"R{k}" for k in range(readers)),
        groups=np.arange(n),
        generated=np.ones(n, dtype=bool),
    )


def test_it_learns_what_readers_go_by_and_how_sure_it_may_be() -> None:
    critic, report = fit_critic(make_probe, rated(), seed=1, steps=120)
    assert report.evidence.auc_low > 0.75
    assert report.evidence.brier < report.evidence.brier_without
    assert report.n_ratings == 160 and report.n_readers == 2
    assert report.reader_bias["R1"] > report.reader_bias["R0"]
    unseen = rated(100, seed=9)
    scores = critic.scores(unseen.images)
    believed = unseen.confidences.numpy() >= 4
    assert scores[believed].mean() > scores[~believed].mean() + 1
    assert abs(1 / (1 + np.exp(-scores)) - believed).mean() < 0.4


def test_random_answers_are_refused() -> None:
    data = rated()
    shuffled = data.confidences[
        torch.randperm(len(data), generator=torch.Generator().manual_seed(0))
    ]
    nonsense = RatedImages(
        data.images, data.rows, shuffled, data.readers, data.reader_ids, data.groups, data.generated
    )
    with pytest.raises(FeedbackError, match="chance could give too"):
        fit_critic(make_probe, nonsense, seed=1, steps=40)


@pytest.mark.parametrize(
    ("n", "constant", "words"), [(40, None, "at least 60"), (160, 6, "15 recognised")]
)
def test_too_little_evidence_is_refused_before_any_training(
    n: int, constant: int | None, words: str
) -> None:
    data = rated(n)
    if constant is not None:
        data.confidences.fill_(constant)

    def must_not_be_asked() -> nn.Module:
        raise AssertionError("nothing must be trained")

    with pytest.raises(FeedbackError, match=words):
        fit_critic(must_not_be_asked, data, seed=1)


def test_a_critic_is_read_back_bit_by_bit_and_an_altered_one_refused(tmp_path: Path) -> None:
    data = rated(80)
    critic, report = fit_critic(make_probe, data, seed=1, steps=60)
    save_critic(tmp_path, critic, report)
    again, same = load_critic(tmp_path, make_probe)
    assert same == report
    assert torch.equal(critic(data.images), again(data.images))
    weights = tmp_path / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-4] + b"abcd")
    with pytest.raises(FeedbackError, match="altered"):
        load_critic(tmp_path, make_probe)


def test_the_same_seed_gives_the_same_critic() -> None:
    data = rated(80)
    scores = [fit_critic(make_probe, data, seed=s, steps=30)[0](data.images) for s in (1, 1, 2)]
    assert torch.equal(scores[0], scores[1])
    assert not torch.equal(scores[0], scores[2])


def test_no_group_is_split_among_folds() -> None:
    groups = np.random.default_rng(0).integers(23, size=200)
    folds = fold_of_groups(groups, 4, seed=0)
    assert set(folds) == {0, 1, 2, 3}
    for group in range(23):
        assert len(set(folds[groups == group])) <= 1
    sizes = np.bincount(folds)
    assert sizes.max() - sizes.min() <= np.bincount(groups).max()


def test_gradients_reach_images_and_nothing_of_the_critic() -> None:
    critic, _ = fit_critic(make_probe, rated(80), seed=1, steps=30)
    images = rated(4).images.requires_grad_(True)
    critic(images).sum().backward()
    assert images.grad is not None and images.grad.abs().sum() > 0
    assert all(parameter.grad is None for parameter in critic.parameters())


def test_it_can_be_cancelled() -> None:
    with pytest.raises(Cancelled):
        fit_critic(make_probe, rated(), seed=1, cancelled=lambda: True)


def test_alterations_are_small_differentiable_and_by_row() -> None:
    images = torch.rand(6, 3, 20, 20, requires_grad=True)
    altered = gently_altered(images, BatchDraws(1, "a", 0, 6, 6, "cpu"))
    assert altered.shape == images.shape
    assert (altered.mean(dim=(1, 2, 3)) - images.mean(dim=(1, 2, 3))).abs().max() < 0.3
    part = gently_altered(images[2:4], BatchDraws(1, "a", 2, 2, 6, "cpu"))
    assert torch.allclose(altered[2:4], part)
    altered.sum().backward()
    assert images.grad is not None and (images.grad != 0).any(dim=1).float().mean() > 0.7
