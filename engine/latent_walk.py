"""Walks through a generator's latent space, and the same latents through a run's checkpoints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.data.content_store import Pixels, from_float
from engine.errors import ConfigError
from engine.gans.batch import SampleRequest
from engine.gans.latent_variant import LatentVariant
from engine.gans.registry import variant_class
from engine.gans.variant import evaluating
from engine.progress import (
    CancelCheck,
    ProgressReport,
    ignore_progress,
    never_cancelled,
    raise_if_cancelled,
)
from engine.trained_variant import newest_checkpoint, sampling_variant
from engine.training.checkpoint import Checkpoint, list_checkpoints
from engine.training.draws import drawn_classes
from engine.training.runs import run_folder
from engine.workspace import Workspace

#: images drawn between two looks at the caller's wish to cancel
_CHUNK = 8


@dataclass(frozen=True, slots=True)
class LatentPoint:
    """The latent of sample ``index`` of the series ``seed``, as `Variant.sample` draws it."""

    seed: int
    index: int = 0


@dataclass(frozen=True, slots=True)
class WalkFrame:
    """One image of a walk: ``fraction`` of the way from point ``leg`` to the next one."""

    leg: int
    fraction: float
    pixels: Pixels


@dataclass(frozen=True, slots=True)
class CheckpointStrip:
    """The images of the same latents at each step: ``images[step][point]``."""

    steps: tuple[int, ...]
    images: tuple[tuple[Pixels, ...], ...]


def spherical(first: Tensor, second: Tensor, fraction: float) -> Tensor:
    """Between two latents (D,) along the great circle: slerp of White 2016, section 2.1.

    "Sampling Generative Networks", arXiv 1609.04468. On a straight line the middle would be shorter
    than what a Gaussian prior gives. Opposite or parallel latents are joined by the line.
    """
    cosine = torch.dot(first / first.norm(), second / second.norm()).clamp(-1, 1)
    angle = torch.arccos(cosine)
    sine = torch.sin(angle)
    if float(sine) < 1e-4:
        return torch.lerp(first, second, fraction)
    return (
        torch.sin((1 - fraction) * angle) / sine * first
        + torch.sin(fraction * angle) / sine * second
    )


def why_no_walk(variant: str) -> str:
    """Why there is no latent to walk through; "" where there is one. For a variant's id."""
    if issubclass(variant_class(variant), LatentVariant):
        return ""
    return (
        f"A network of the kind “{variant}” restores images that it is given and has no latent to "
        "walk through. Choose a run whose generator draws images from nothing."
    )


def draw_walk(
    workspace: Workspace,
    run_id: str,
    points: Sequence[LatentPoint],
    frames: int,
    *,
    checkpoint_step: int | None = None,
    class_name: str | None = None,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> list[WalkFrame]:
    """Images on the way from each point to the next, ``frames`` a leg, and the last point's.

    All are of one class, where the run knows classes: ``class_name``, or that of the first point's
    sample. Raises `ConfigError` for fewer than two points, a run without latents or an unknown
    class, the engine's other errors, and `Cancelled`.
    """
    if len(points) < 2 or frames < 1:
        raise ConfigError("A walk goes from one seed to another: give at least two.")
    variant = _latent_variant(newest_checkpoint(workspace, run_id, checkpoint_step))
    label = _label(variant, class_name, points[0])
    ends = [_latent(variant, point) for point in points]
    places = [(leg, k / frames) for leg in range(len(points) - 1) for k in range(frames)]
    places.append((len(points) - 2, 1.0))
    drawn: list[WalkFrame] = []
    for start in range(0, len(places), _CHUNK):
        raise_if_cancelled(cancelled)
        progress(start, len(places), run_id)
        part = places[start : start + _CHUNK]
        z = torch.stack([spherical(ends[leg], ends[leg + 1], t) for leg, t in part])
        images = _generate(variant, z, label)
        drawn += [WalkFrame(leg, t, image) for (leg, t), image in zip(part, images, strict=True)]
    progress(len(places), len(places), run_id)
    return drawn


def draw_across_checkpoints(
    workspace: Workspace,
    run_id: str,
    points: Sequence[LatentPoint],
    *,
    class_name: str | None = None,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> CheckpointStrip:
    """The images of the same latents at every checkpoint that the run has kept, oldest first.

    Raises what `draw_walk` raises, and `CheckpointError` for a run without checkpoints.
    """
    checkpoints = list_checkpoints(run_folder(workspace, run_id).checkpoints)
    if not points:
        raise ConfigError("Give at least one seed to follow through the checkpoints.")
    if not checkpoints:
        newest_checkpoint(workspace, run_id)
    rows = []
    for number, checkpoint in enumerate(checkpoints):
        raise_if_cancelled(cancelled)
        progress(number, len(checkpoints), f"step {checkpoint.state.step}")
        variant = _latent_variant(checkpoint)
        label = _label(variant, class_name, points[0])
        z = torch.stack([_latent(variant, point) for point in points])
        rows.append(tuple(_generate(variant, z, label)))
    progress(len(checkpoints), len(checkpoints), run_id)
    return CheckpointStrip(tuple(c.state.step for c in checkpoints), tuple(rows))


def _latent_variant(checkpoint: Checkpoint) -> LatentVariant:
    refusal = why_no_walk(checkpoint.state.variant)
    variant = None if refusal else sampling_variant(checkpoint)
    if not isinstance(variant, LatentVariant):
        raise ConfigError(refusal)
    return variant


def _latent(variant: LatentVariant, point: LatentPoint) -> Tensor:
    request = SampleRequest(point.seed, point.index, torch.tensor([-1]))
    return request.draws("latent").normal(variant.latent_size)[0]


def _label(variant: LatentVariant, class_name: str | None, first: LatentPoint) -> int:
    names = variant.spec.class_names
    if class_name is None:
        return int(drawn_classes(first.seed, first.index, 1, len(names))[0])
    if class_name not in names:
        known = ", ".join(names) or "none"
        raise ConfigError(f"The run knows no class '{class_name}'; it knows {known}.")
    return names.index(class_name)


@torch.no_grad()
def _generate(variant: LatentVariant, z: Tensor, label: int) -> list[Pixels]:
    labels = torch.full((len(z),), label, dtype=torch.int64)
    with evaluating(variant.networks()[name] for name in variant.sampling_networks()):
        images = variant.generate(z.to(variant.device), labels.to(variant.device))
    depth = variant.spec.bit_depth
    return [from_float(image.float().cpu().numpy(), depth) for image in images]
