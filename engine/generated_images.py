"""How drawn and refined images get into the library: PNG, maps, and a record of their run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from engine.data.content_store import UncertaintyMap, from_float, write_image, write_map
from engine.data.manifest import merge_records, read_manifest, write_manifest
from engine.data.records import ImageRecord
from engine.gans.variant import Samples
from engine.training.checkpoint import Checkpoint
from engine.training.runs import run_folder
from engine.workspace import Workspace

#: attribute of a restored image: the record id of the real one that was degraded
RESTORED_FROM = "restored from"


@dataclass(frozen=True, slots=True)
class ImageOrigin:
    """What a generated image's record says of where it came from."""

    record_id: str
    run_id: str
    #: the run that made its maps
    maps_run: str
    dataset: str
    class_label: str
    seed: int
    sample_index: int | None = None
    attributes: dict[str, str] = field(default_factory=dict)


def store_generated(
    workspace: Workspace, sample: Samples, checkpoint: Checkpoint, origin: ImageOrigin
) -> ImageRecord:
    """Write one sample, N = 1, and its maps; returns its record, which is in no manifest yet."""
    state = checkpoint.state
    image = sample.images[0].cpu().numpy()
    key = write_image(workspace, from_float(image, state.spec.bit_depth))
    for uncertainty in sample.maps:
        values = uncertainty.values[0].cpu().numpy()
        write_map(
            workspace,
            key,
            UncertaintyMap(values, uncertainty.kind, uncertainty.unit, origin.maps_run),
        )
    return ImageRecord(
        record_id=origin.record_id,
        key=key,
        dataset=origin.dataset,
        source="generated",
        class_label=origin.class_label,
        width=image.shape[-1],
        height=image.shape[-2],
        channels=state.spec.channels,
        bit_depth=state.spec.bit_depth,
        variant=state.variant,
        run_id=origin.run_id,
        checkpoint_step=state.step,
        seed=origin.seed,
        sample_index=origin.sample_index,
        attributes=origin.attributes,
    )


def add_generated(workspace: Workspace, run_id: str, records: Sequence[ImageRecord]) -> None:
    """Put records into the run's manifest; those that are there already change nothing."""
    if records:
        manifest = run_folder(workspace, run_id).generated
        write_manifest(manifest, merge_records(read_manifest(manifest), records).records)
