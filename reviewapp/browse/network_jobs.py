"""Drawing images and mapping uncertainty with trained networks; for background threads."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from engine.data.records import ImageRecord
from engine.errors import DataError
from engine.progress import CancelCheck, ProgressReport
from engine.workspace import Workspace
from reviewapp.browse.image_words import dataset_title
from reviewapp.study.model import ImageFilter, ImageRow
from reviewapp.study.store import StudyStore

if TYPE_CHECKING:
    from engine.nearest_real import Space
    from engine.training.runs import RunSummary

#: the variants whose runs can map the uncertainty of any image, and refine it
MAPPING_VARIANTS = ("upgan", "higan")


@dataclass(frozen=True, slots=True)
class GenerateRequest:
    """``n`` images of a run; ``maps_run`` maps their uncertainty where it is given."""

    run_id: str
    n: int
    seed: int
    maps_run: str | None = None


@dataclass(frozen=True, slots=True)
class FoundNeighbours:
    """The training images nearest to ``image``, nearest first, with a sentence on how near."""

    image: ImageRow
    neighbours: tuple[ImageRow, ...]
    words: str


@dataclass(frozen=True, slots=True)
class MapRequest:
    """Which images to map with a run: one, or all that fit the filter.

    With ``refine`` the run's restoration of each joins the library as a generated image.
    """

    run_id: str
    dataset: str
    image: ImageRow | None
    image_filter: ImageFilter
    refine: bool = False

    def images(self, store: StudyStore) -> list[ImageRow]:
        """The images meant, those of other data sets than the run's left out."""
        if self.image is not None:
            return [self.image] if self.image.dataset == self.dataset else []
        within = within_dataset(self.image_filter, self.dataset)
        return [] if within is None else store.images(within)


def within_dataset(image_filter: ImageFilter, dataset: str) -> ImageFilter | None:
    """The filter narrowed to a data set; None where it excludes that data set."""
    if image_filter.dataset not in (None, dataset):
        return None
    return replace(image_filter, dataset=dataset)


def drawing_runs(runs: list[RunSummary]) -> list[RunSummary]:
    """Runs that have learnt something, newest first."""
    return [run for run in runs if run.step > 0]


def mapping_runs(runs: list[RunSummary], dataset: str | None = None) -> list[RunSummary]:
    """Runs that can map uncertainty (of a data set's images)."""
    return [
        run
        for run in drawing_runs(runs)
        if run.config.variant in MAPPING_VARIANTS and dataset in (None, run.config.dataset)
    ]


def run_title(run: RunSummary) -> str:
    """A run as a person recognises it."""
    config = run.config
    return (
        f"{config.variant} · {dataset_title(config.dataset)} · {config.size} px · "
        f"step {run.step:,} · {run.run_id}"
    )


def generate(
    workspace: Workspace,
    store: StudyStore,
    request: GenerateRequest,
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> int:
    """Draw the images and take them into the library; returns how many.

    Raises the engine's errors and `Cancelled`.
    """
    from engine.generation import generate_batch

    records = generate_batch(
        workspace,
        request.run_id,
        request.n,
        request.seed,
        uncertainty_run=request.maps_run,
        progress=progress,
        cancelled=cancelled,
    )
    store.sync_library()
    store.sync_map_means()
    return len(records)


def map_uncertainty(
    workspace: Workspace,
    store: StudyStore,
    request: MapRequest,
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> int:
    """Write maps of the images meant, and refine them where asked to; returns of how many.

    Raises `DataError` when no image is meant, the engine's other errors, and `Cancelled`.
    """
    from engine.restoration import map_images, refine_images

    images = request.images(store)
    if not images:
        raise DataError(
            f"The network was trained on {dataset_title(request.dataset)}, and none of the chosen "
            "images is of that data set. Choose other images or another network."
        )
    records = [ImageRecord.model_validate(asdict(image)) for image in images]
    n_mapped = map_images(
        workspace, request.run_id, records, seed=0, progress=progress, cancelled=cancelled
    )
    if request.refine:
        try:
            refine_images(
                workspace, request.run_id, records, seed=0, progress=progress, cancelled=cancelled
            )
        finally:
            store.sync_library()
    store.sync_map_means()
    return n_mapped


def find_neighbours(
    workspace: Workspace,
    store: StudyStore,
    image: ImageRow,
    space: Space,
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> FoundNeighbours:
    """The three training images nearest to an image; raises the engine's errors, `Cancelled`."""
    from engine.nearest_real import nearest_real

    found = nearest_real(
        workspace, image.dataset, image.key, 3, space=space, progress=progress, cancelled=cancelled
    )
    rows = store.images_by_id([neighbour.record_id for neighbour in found])
    distances = ", ".join(f"{neighbour.distance:.3g}" for neighbour in found)
    measure = (
        "grey levels (0–255, root mean square difference of pixels)"
        if space == "pixels"
        else f"(distance between features of the {found[0].space})"
    )
    words = f"Nearest training images, from left to right and down: {distances} {measure}."
    return FoundNeighbours(image, tuple(rows), words)
