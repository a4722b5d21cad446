"""Updates: parts of a batch give the whole batch's gradients; lack of memory halves it."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.optim import SGD

from engine.errors import TrainingError
from engine.gans.batch import Batch, ExtraImages, SampleRequest
from engine.out_of_memory import is_out_of_memory
from engine.training.draws import drawn_classes
from engine.training.updates import Drawn, Updates


def batch_of(n: int, negatives: int = 0) -> Batch:
    images = torch.arange(float(n * 4)).view(n, 1, 2, 2) / 10
    some = ExtraImages(images[:negatives], torch.full((negatives,), -1), torch.ones(negatives))
    return Batch(images, torch.full((n,), -1), some if negatives else None, seed=5)


def updated(parts: int, n: int = 7) -> tuple[Tensor, dict[str, Tensor]]:
    network = nn.Linear(4, 1)
    with torch.no_grad():
        network.weight.fill_(0.1)
        network.bias.zero_()
    updates = Updates()
    updates.parts = parts

    def loss(part: Batch) -> dict[str, Tensor]:
        noise = part.draws("noise").normal(4)
        value = (network(part.images.flatten(1) + noise) ** 2).mean()
        return {"loss": value, "mean": part.images.mean()}

    terms = updates.minimise(SGD(network.parameters(), lr=0.1), batch_of(n), loss)
    return network.weight.detach().clone(), terms


@given(st.integers(1, 7))
def test_any_division_gives_the_update_and_the_means_of_the_whole_batch(parts: int) -> None:
    weight, terms = updated(1)
    divided, means = updated(parts)
    torch.testing.assert_close(divided, weight)
    torch.testing.assert_close(means, terms)


def test_only_the_optimisers_own_parameters_get_gradients() -> None:
    first, second = nn.Linear(4, 4), nn.Linear(4, 1)
    batch = batch_of(3)
    loss = Updates().minimise(
        SGD(second.parameters(), lr=0.1),
        batch,
        lambda part: second(first(part.images.flatten(1))).mean(),
    )
    assert loss.shape == ()
    assert first.weight.grad is None
    assert second.weight.grad is not None


def short_of_memory(largest: int, error: type[RuntimeError]) -> tuple[Updates, list[int], Tensor]:
    network, seen = nn.Linear(4, 1), []
    updates = Updates()

    def loss(part: Batch) -> Tensor:
        seen.append(len(part))
        if len(part) > largest:
            raise error("CUDA out of memory. Tried to allocate 2.00 GiB")
        return network(part.images.flatten(1)).mean()

    value = updates.minimise(SGD(network.parameters(), lr=0.1), batch_of(8), loss)
    return updates, seen, value


@pytest.mark.parametrize("error", [torch.OutOfMemoryError, RuntimeError])
def test_lack_of_memory_halves_the_batch_until_it_fits(error: type[RuntimeError]) -> None:
    updates, seen, _ = short_of_memory(2, error)
    assert updates.parts == 4
    assert seen == [8, 4, 2, 2, 2, 2]


def test_when_no_single_image_fits_the_message_says_what_to_do() -> None:
    with pytest.raises(TrainingError, match="smaller image size"):
        short_of_memory(0, torch.OutOfMemoryError)


def test_torchs_own_refusal_on_the_cpu_is_known_for_lack_of_memory() -> None:
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**50)
    assert is_out_of_memory(caught.value)
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))


def test_other_errors_are_not_taken_for_lack_of_memory() -> None:
    network = nn.Linear(4, 1)
    with pytest.raises(RuntimeError, match="shapes"):
        Updates().minimise(
            SGD(network.parameters(), lr=0.1),
            batch_of(2),
            lambda part: network(part.images[..., :1]),
        )


def test_a_whole_batch_is_drawn_once_and_parts_again_for_g() -> None:
    calls: list[int] = []

    def draw(part: Batch) -> Tensor:
        calls.append(len(part))
        return part.images

    whole = batch_of(4)
    drawn = Drawn(draw)
    assert drawn.for_discriminator(whole) is drawn.for_generator(whole)
    assert calls == [4]
    for part in whole.parts(2):
        drawn.for_discriminator(part)
        drawn.for_generator(part)
    assert calls == [4, 2, 2, 2, 2]


@given(st.integers(1, 9), st.integers(1, 9))
def test_parts_cover_the_batch_once_with_its_random_numbers(n: int, parts: int) -> None:
    whole = batch_of(n, negatives=n)
    found = whole.parts(min(parts, n))
    torch.testing.assert_close(torch.cat([part.images for part in found]), whole.images)
    for draw in ("normal", "uniform"):
        numbers = torch.cat([getattr(part.draws("z"), draw)(3) for part in found])
        torch.testing.assert_close(numbers, getattr(whole.draws("z"), draw)(3), rtol=0, atol=0)
    kept = [part.negatives.images for part in found if part.negatives is not None]
    assert sorted(torch.cat(kept).flatten().tolist()) == whole.images.flatten().tolist()


@given(st.integers(2, 12), st.integers(1, 3))
def test_halves_of_all_processes_have_the_random_numbers_of_half_a_batch(
    n: int, world_size: int
) -> None:
    bounds = [n * rank // world_size for rank in range(world_size + 1)]
    shares = [
        Batch(torch.zeros(end - first, 1), torch.zeros(end - first), first=first, total=n)
        for first, end in pairwise(bounds)
        if end // 2 > first // 2
    ]
    halves = [share.half() for share in shares]
    assert sum(len(half) for half in halves) == n // 2 == halves[0].total
    numbers = torch.cat([half.draws("z").normal(2) for half in halves])
    whole = Batch(torch.zeros(n // 2, 1), torch.zeros(n // 2))
    assert torch.equal(numbers, whole.draws("z").normal(2))
    assert [len(half.images) for half in halves] == [len(half) for half in halves]


def test_images_are_read_when_asked_for_and_one_at_a_time_where_wanted() -> None:
    asked: list[tuple[int, int]] = []

    def load(rows: slice) -> Tensor:
        asked.append((rows.start, rows.stop))
        return torch.zeros(rows.stop - rows.start, 1, 8, 8)

    batch = Batch(load, torch.full((3,), -1))
    assert asked == []
    assert batch.each(lambda image: image[:, :2, :2]).shape == (3, 1, 2, 2)
    assert asked == [(0, 1), (1, 2), (2, 3)]
    assert batch.parts(3)[1].images.shape == (1, 1, 8, 8)
    assert asked[-1] == (1, 2)


@given(st.integers(0, 5), st.integers(1, 5))
def test_samples_numbers_depend_on_seed_and_index_alone(first: int, n: int) -> None:
    whole = SampleRequest(3, 0, torch.full((10,), -1)).draws("z", 2).normal(4)
    part = SampleRequest(3, first, torch.full((n,), -1)).draws("z", 2).normal(4)
    assert torch.equal(part, whole[2 * first : 2 * (first + n)])
    assert torch.equal(drawn_classes(3, first, n, 4), drawn_classes(3, 0, 10, 4)[first : first + n])
