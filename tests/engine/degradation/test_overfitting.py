"""D's judgement of unseen real images, on scores whose ratio is known."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from engine.degradation.overfitting import judged, listening, overfitting

TRAINING = torch.tensor([3.0, 3.0, 3.0, 3.0])
DRAWN = torch.tensor([-1.0, -1.0, -1.0, -1.0])


@pytest.mark.parametrize(
    ("unseen", "ratio", "accuracy"),
    [(TRAINING, 0.0, 1.0), (torch.full((4,), 1.0), 0.5, 1.0), (DRAWN, 1.0, 0.0)],
    ids=["like training images", "half way", "like drawn images"],
)
def test_the_ratio_is_karras_r_v(unseen: torch.Tensor, ratio: float, accuracy: float) -> None:
    found = overfitting(TRAINING, unseen, DRAWN)
    assert found.ratio == pytest.approx(ratio)
    assert found.accuracy_unseen == accuracy
    assert found.accuracy_training == 1


def test_where_d_tells_nothing_apart_there_is_no_ratio() -> None:
    assert math.isnan(overfitting(DRAWN, DRAWN, DRAWN).ratio)


def test_outputs_that_do_not_follow_the_real_images_are_those_of_drawn_ones() -> None:
    found = judged([TRAINING, DRAWN], [TRAINING - 2, DRAWN], lambda scores: scores)
    assert found is not None
    assert found.ratio == pytest.approx(0.5)


def test_a_d_whose_every_output_follows_the_real_images_says_nothing() -> None:
    assert judged([TRAINING, DRAWN], [TRAINING - 2, DRAWN - 1], lambda scores: scores) is None


def test_listening_hears_every_call_and_stops_after_the_block() -> None:
    network = nn.Linear(2, 1)
    with listening(network) as heard:
        first = network(torch.ones(3, 2))
        network(torch.zeros(1, 2))
    network(torch.ones(5, 2))
    assert [len(each) for each in heard] == [3, 1]
    assert torch.equal(heard[0], first)
    assert not heard[0].requires_grad
