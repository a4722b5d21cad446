"""Put the grids of `real_images.py` side by side: one labelled picture for each data set.

    python benchmarks/gallery.py OUT docs/gallery

Shows variants that draw from a latent alone: what upgan and higan restore is derived from real
images, which do not belong into the project. The first eight samples of each, their uncertainty
below.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from engine.gans.registry import variant_class

_LABEL_WIDTH = 190
_MARGIN = 6


def gallery(out: Path, dataset: str) -> Image.Image:
    """One row for each variant that was trained on ``dataset``, in alphabetical order."""
    with (out / "figures.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["dataset"] == dataset]
    shown = sorted(
        (row for row in rows if not variant_class(row["variant"]).needs_inputs),
        key=lambda row: row["variant"],
    )
    grids = [Image.open(out / f"{dataset}-{row['variant']}.png") for row in shown]
    width, height = grids[0].width, grids[0].height // 2
    page = Image.new("RGB", (_LABEL_WIDTH + width, len(grids) * (height + _MARGIN)), "white")
    pen = ImageDraw.Draw(page)
    large, small = ImageFont.load_default(15), ImageFont.load_default(11)
    for number, (row, grid) in enumerate(zip(shown, grids, strict=True)):
        top = number * (height + _MARGIN)
        page.paste(grid.crop((0, 0, width, height)), (_LABEL_WIDTH, top))
        pen.text((8, top + 8), row["variant"], fill="black", font=large)
        pen.text((8, top + 30), "GENERATED, not real", fill="black", font=small)
        detail = f"{int(row['steps']):,} steps of {row['batch']}, {row['cpu_s']} s CPU"
        pen.text((8, top + 46), detail, fill="black", font=small)
        pen.text((8, top + height // 2 + 8), row["map"].split(",")[0], fill="black", font=small)
    return page


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("target", type=Path)
    options = parser.parse_args()
    options.target.mkdir(parents=True, exist_ok=True)
    for dataset in ("acdc", "idrid"):
        gallery(options.out, dataset).save(options.target / f"{dataset}.png", optimize=True)


if __name__ == "__main__":
    main()
