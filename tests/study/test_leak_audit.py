"""Planted leaks are found, the fitting remedy removes them, and honest data do not warn."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter

from reviewapp.study.leak_audit import AuditedImage, LeakAudit, audit_images
from reviewapp.study.nuisance_features import FEATURES, measure
from reviewapp.study.presentation import Presentation, present
from reviewapp.study.presented_files import with_common_look
from reviewapp.study.protocol import Remedies
from reviewapp.study.statistics.estimate import Estimate, NotEstimable

NATIVE, SIZE, COUNT = 64, 128, 40
Grey = NDArray[np.uint8]
Plant = Callable[[Grey], Grey]


def pictures(count: int, seed: int) -> list[Grey]:
    """Clouds of natural spectrum in a dark frame, each with a brightness of its own."""
    rng = np.random.default_rng(seed)
    frequency = np.hypot(*np.meshgrid(np.fft.fftfreq(NATIVE), np.fft.fftfreq(NATIVE)))
    found = []
    for _ in range(count):
        spectrum = np.fft.fft2(rng.standard_normal((NATIVE, NATIVE)))
        spectrum /= np.maximum(frequency, 1 / NATIVE) ** rng.uniform(1.0, 1.3)
        cloud = np.fft.ifft2(spectrum).real
        cloud = (cloud - cloud.mean()) / cloud.std()
        levels = rng.normal(110, 8) + rng.uniform(30, 36) * cloud
        found.append(np.clip(levels, 0, 255).astype(np.uint8))
    return found


def border(picture: Grey) -> Grey:
    brighter = picture.astype(int)
    inner = brighter[2:-2, 2:-2].copy()
    brighter += 40
    brighter[2:-2, 2:-2] = inner
    return np.clip(brighter, 0, 255).astype(np.uint8)


def blur(picture: Grey) -> Grey:
    return gaussian_filter(picture.astype(float), 0.8).astype(np.uint8)


def jpeg(picture: Grey) -> Grey:
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="JPEG", quality=25)
    return np.array(Image.open(buffer))


def brighter(picture: Grey) -> Grey:
    return (255 * (picture / 255) ** 0.8).astype(np.uint8)


def coarser(picture: Grey) -> Grey:
    return np.clip(picture // 12 * 12 + 6, 0, 255).astype(np.uint8)


def audited(
    real: list[Grey], generated: list[Grey], remedies: Remedies, folder: str, size: int = SIZE
) -> LeakAudit:
    """The audit of images that went through the one rendering path."""
    native = round(NATIVE * (1 - 2 * remedies.crop_border))
    presentation = with_common_look(
        Presentation(native, size, "L", remedies), lambda: iter([*real, *generated])
    )
    images = []
    for source, pixels in (("real", real), ("generated", generated)):
        for number, picture in enumerate(pixels):
            png = present(picture, presentation)
            levels = np.asarray(Image.open(io.BytesIO(png)))
            path = Path(folder) / f"{number}-{source}.png"
            patient = f"p{number // 2}" if source == "real" else ""
            images.append(AuditedImage(path, source, "d", patient, measure(levels, native)))
    return audit_images(images, remedies)


LEAKS: list[tuple[Plant, set[str], Remedies]] = [
    (border, {"border_level", "border_contrast"}, Remedies(crop_border=0.06)),
    (blur, {"sharpness", "spectrum_slope", "file_size"}, Remedies(match_sharpness=True)),
    (jpeg, {"blockiness"}, Remedies(jpeg_quality=25)),
    (brighter, {"mean", "dark_tail", "bright_tail"}, Remedies(match_histogram=True)),
    (coarser, {"n_levels"}, Remedies(grey_levels=16)),
]


@pytest.mark.parametrize(
    ("plant", "telling", "remedies"), LEAKS, ids=["border", "blur", "jpeg", "brighter", "coarser"]
)
def test_a_planted_leak_is_found_and_its_remedy_removes_it(
    plant: Plant, telling: set[str], remedies: Remedies
) -> None:
    alike = pictures(2 * COUNT, 1)
    real, generated = alike[::2], [plant(picture) for picture in alike[1::2]]
    # Enlarging smears coarse grading by itself.
    size = NATIVE if plant is coarser else SIZE
    found = audited(real, generated, Remedies(), "before", size)
    assert found.warns
    best = found.features[0]
    assert best.tells
    assert best.auc > 0.75
    assert telling & {feature.name for feature in found.features[:3]}
    # The audit itself names the remedy for one of the features that it lists first.
    asked = {name for name, value in remedies.model_dump().items() if value}
    assert asked & {feature.remedy for feature in found.features[:3]}
    assert "Most telling" in found.sentence

    cured = audited(real, generated, remedies, "after", size)
    assert isinstance(found.auc, Estimate)
    assert isinstance(cured.auc, Estimate)
    assert not cured.warns, (found.auc, cured.auc, [(f.name, f.auc) for f in cured.features[:4]])
    assert cured.auc.value < found.auc.value - 0.15


def test_the_direction_and_the_example_images_fit() -> None:
    alike = pictures(2 * COUNT, 1)
    real, generated = alike[::2], [border(picture) for picture in alike[1::2]]
    (telling, *_) = [
        f for f in audited(real, generated, Remedies(), "x").features if f.name == "border_level"
    ]
    assert telling.generated_is == "higher"
    assert telling.description == "Generated images are brighter at the border."
    assert "generated" in telling.highest.name
    assert "real" in telling.lowest.name
    (swapped, *_) = [
        f for f in audited(generated, real, Remedies(), "x").features if f.name == "border_level"
    ]
    assert swapped.generated_is == "lower"
    assert swapped.auc == pytest.approx(telling.auc)


def test_honest_data_do_not_warn() -> None:
    """Twelve studies of one kind of picture only."""
    pool = pictures(120, 3)
    features = [
        measure(
            np.asarray(Image.open(io.BytesIO(present(p, Presentation(NATIVE, NATIVE, "L"))))), 64
        )
        for p in pool
    ]
    audits = []
    for seed in range(12):
        chosen = random.Random(seed).sample(range(len(pool)), 60)
        audits.append(
            audit_images(
                [
                    AuditedImage(
                        Path(f"{seed}-{index}"),
                        "real" if place < 30 else "generated",
                        "ab"[place % 2],
                        f"p{place // 2}" if place < 30 else "",
                        features[index],
                    )
                    for place, index in enumerate(chosen)
                ],
                Remedies(),
            )
        )
    assert [audit.warns for audit in audits] == [False] * 12
    values = [audit.auc.value for audit in audits if isinstance(audit.auc, Estimate)]
    assert 0.35 < float(np.mean(values)) < 0.58
    assert "do not tell real from generated well" in audits[0].sentence


def test_a_large_area_of_few_images_is_called_unsettled() -> None:
    few = Estimate(0.69, (0.40, 0.99), 12, "DeLong")
    audit = LeakAudit(few, 6, 6, (), Remedies())
    assert not audit.warns
    assert "not settled" in audit.sentence
    assert "0.69 (95 % interval 0.40 to 0.99)" in audit.sentence


def test_a_difference_between_data_sets_is_no_leak() -> None:
    # One data set is brighter than the other, but real and generated alike within each.
    rng = np.random.default_rng(0)
    images = [
        AuditedImage(
            Path(f"{dataset}{source}{number:02d}"),
            source,
            dataset,
            "",
            {f.name: float(rng.normal()) + (50 if dataset == "bright" else 0) for f in FEATURES},
        )
        for dataset, shares in (("bright", (24, 8)), ("dark", (8, 24)))
        for source, count in zip(("real", "generated"), shares, strict=True)
        for number in range(count)
    ]
    assert not audit_images(images, Remedies()).warns


def test_images_of_one_patient_stay_together() -> None:
    """Features that identify the patient, not the source, must not pass for a leak."""
    rng = np.random.default_rng(4)
    own = {f"p{p}": rng.normal(size=len(FEATURES)) * 3 for p in range(6)}
    images = []
    for number in range(30):
        patient = f"p{number % 6}"
        values = own[patient] + rng.normal(size=len(FEATURES)) * 0.05
        images.append(("real", patient, values))
        images.append(("generated", "", rng.normal(size=len(FEATURES)) * 3))
    grouped = [
        AuditedImage(
            Path(f"{n:03d}"), source, "d", patient,
            dict(zip([f.name for f in FEATURES], map(float, values), strict=True)),
        )
        for n, (source, patient, values) in enumerate(images)
    ]  # fmt: skip
    alone = [replace(image, patient="") for image in grouped]
    together, apart = audit_images(grouped, Remedies()).auc, audit_images(alone, Remedies()).auc
    assert isinstance(together, Estimate)
    assert isinstance(apart, Estimate)
    assert together.value < apart.value


def test_the_order_of_the_images_does_not_matter() -> None:
    rng = np.random.default_rng(5)
    images = [
        AuditedImage(
            Path(f"{n:03d}"), ("real", "generated")[n % 2], "d", "",
            {f.name: float(rng.normal(0.3 * (n % 2))) for f in FEATURES},
        )
        for n in range(40)
    ]  # fmt: skip
    assert audit_images(images, Remedies()) == audit_images(images[::-1], Remedies())


def test_too_few_images_and_separated_ones() -> None:
    def some(count: int) -> list[AuditedImage]:
        return [
            AuditedImage(
                Path(f"{source}{n}"), source, "d", "",
                {f.name: n + (100.0 if source == "generated" else 0.0) for f in FEATURES},
            )
            for source in ("real", "generated")
            for n in range(count)
        ]  # fmt: skip

    few = audit_images(some(4), Remedies())
    assert isinstance(few.auc, NotEstimable)
    assert not few.warns
    assert "at least 5" in few.sentence
    apart = audit_images(some(10), Remedies())
    assert isinstance(apart.auc, Estimate)
    assert apart.auc.value > 0.98
    perfect = replace(apart, auc=Estimate(1.0, None, 20, "no interval"))
    assert perfect.warns
    assert apart.warns


def test_features_are_finite_for_flat_and_colour_images() -> None:
    rng = np.random.default_rng(6)
    for levels in (
        np.zeros((64, 64), np.uint8),
        np.full((64, 64, 3), 255, np.uint8),
        rng.integers(0, 256, (128, 128, 3)).astype(np.uint8),
    ):
        found = measure(levels, 48)
        assert set(found) == {feature.name for feature in FEATURES}
        assert all(np.isfinite(value) for value in found.values())
    red = np.zeros((64, 64, 3), np.uint8)
    red[..., 0] = 200
    assert measure(red, 64)["colour_red"] == pytest.approx(200 / 255, abs=1e-3)
