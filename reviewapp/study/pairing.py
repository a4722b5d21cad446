"""Makes the pairs of a two-alternative study: a real and a generated image of one data set."""

from __future__ import annotations

import random
from collections.abc import Sequence

from reviewapp.study.model import ImageRow


def pair_images(images: Sequence[ImageRow], rng: random.Random) -> list[tuple[ImageRow, ImageRow]]:
    """All ``images`` as (real, generated) pairs of one data set, of one class as far as can be.

    Every data set has as many real as generated ones. Pairs of one class are made first, so that
    the reader compares pictures of the same disease; what is left over is paired by chance.
    """
    pairs: list[tuple[ImageRow, ImageRow]] = []
    for dataset in sorted({image.dataset for image in images}):
        own = [image for image in images if image.dataset == dataset]
        real = rng.sample([i for i in own if i.source == "real"], len(own) // 2)
        generated = rng.sample([i for i in own if i.source == "generated"], len(own) // 2)
        unpaired = []
        for image in real:
            mate = next((g for g in generated if g.class_label == image.class_label), None)
            if mate is None:
                unpaired.append(image)
            else:
                generated.remove(mate)
                pairs.append((image, mate))
        pairs += zip(unpaired, generated, strict=True)
    return rng.sample(pairs, len(pairs))
