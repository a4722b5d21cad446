"""The images that misled the readers most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reviewapp.study.analysis.reading_table import ReadingTable
from reviewapp.study.model import Truth

GALLERY_SIZE = 12


@dataclass(frozen=True, slots=True)
class GalleryImage:
    """An image, how many rated it and how many were wrong.

    ``key`` names the library's image, ``presented_key`` the one that was shown. ``mean_confidence``
    runs from 1 (definitely generated) to 6 (definitely real); None where no degree was asked for.
    """

    image_id: str
    key: str
    presented_key: str
    dataset: str
    class_label: str
    variant: str
    run_id: str
    checkpoint_step: int | None
    n_ratings: int
    n_wrong: int
    mean_confidence: float | None


@dataclass(frozen=True, slots=True)
class Gallery:
    """Worst first; images that nobody was wrong about are not in it."""

    convincing_fakes: tuple[GalleryImage, ...]
    suspected_reals: tuple[GalleryImage, ...]


def gallery(table: ReadingTable) -> Gallery:
    """Generated images most often taken for real, and real ones most often called generated.

    Ties go by the mean confidence, then by the image's id. Of pairs both lists show the same
    trials: the generated image, and the real one that was chosen as generated.
    """
    images = _images(table)
    fakes = [image for image, generated in images if generated]
    reals = [image for image, generated in images if not generated]
    return Gallery(_worst(fakes, sign=-1), _worst(reals, sign=1))


def _images(table: ReadingTable) -> list[tuple[GalleryImage, bool]]:
    import numpy as np

    images = []
    for column, case in enumerate(table.cases):
        correct, confidence = table.correct[:, column], table.confidence[:, column]
        n, right = int(np.isfinite(correct).sum()), int(np.nansum(correct))
        graded = np.isfinite(confidence)
        mean = float(confidence[graded].mean()) if graded.any() else None
        shown = [(case.truth, case.presented_key)]
        if case.partner is not None:
            shown.append((case.partner, case.partner_presented_key))
        images += [
            (_image(truth, key, n, n - right, mean), truth.source == "generated")
            for truth, key in shown
        ]
    return images


def _image(
    truth: Truth, presented_key: str, n_ratings: int, n_wrong: int, mean: float | None
) -> GalleryImage:
    return GalleryImage(
        truth.image_id,
        truth.key,
        presented_key,
        truth.dataset,
        truth.class_label,
        truth.variant,
        truth.run_id,
        truth.checkpoint_step,
        n_ratings,
        n_wrong,
        mean,
    )


def _worst(images: Sequence[GalleryImage], sign: int) -> tuple[GalleryImage, ...]:
    """``sign`` −1 puts a high mean confidence (*real*) first, +1 a low one."""

    def rank(image: GalleryImage) -> tuple[float, float, str]:
        return (
            -image.n_wrong / image.n_ratings,
            sign * (image.mean_confidence or 0.0),
            image.image_id,
        )

    return tuple(sorted((i for i in images if i.n_wrong), key=rank)[:GALLERY_SIZE])
