"""Slices and frames that belong with an image."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from engine.data.acdc import import_acdc
from engine.data.phantom import write_acdc_phantom
from engine.workspace import Workspace
from reviewapp.study.image_stack import relatives, stack_of
from reviewapp.study.model import ImageRow
from reviewapp.study.store import StudyStore

N_FRAMES = 4


@pytest.fixture
def store(tmp_path: Path, workspace: Workspace) -> StudyStore:
    """Two drawn patients, the first with a cine."""
    write_acdc_phantom(tmp_path / "acdc", patients=2, seed=1)
    folder = sorted((tmp_path / "acdc" / "training").iterdir())[0]
    frame = nib.load(next(folder.glob("*_frame01.nii.gz")))
    voxels = np.asarray(frame.dataobj)
    film = np.stack([voxels // (1 + number) for number in range(N_FRAMES)], axis=3)
    nib.save(nib.Nifti1Image(film, frame.affine), folder / f"{folder.name}_4d.nii.gz")
    import_acdc(tmp_path / "acdc", workspace, size=32, spacing_mm=6, cine=True)
    store = StudyStore.open(workspace)
    store.sync_library()
    return store


def stack(store: StudyStore, image: ImageRow):
    wanted = relatives(image)
    assert wanted is not None
    return stack_of(image, store.images(wanted))


def image(store: StudyStore, record_id: str) -> ImageRow:
    (found,) = store.images_by_id([record_id])
    return found


def test_an_end_diastolic_slice_has_its_volume_and_the_cine_of_its_slice(store: StudyStore) -> None:
    patient = store.images()[0].patient
    found = stack(store, image(store, f"acdc/{patient}/ed/03"))
    numbers = [int(row.attributes["slice"]) for row in found.slices]
    assert numbers == sorted(numbers) == list(range(1, len(numbers) + 1))
    assert {row.attributes["frame"] for row in found.slices} == {"ED"}
    assert [row.record_id for row in found.frames] == [
        f"acdc/{patient}/cine/03/t{number:03d}" for number in range(1, N_FRAMES + 1)
    ]
    assert found.slice_of(image(store, f"acdc/{patient}/ed/03")) == 2
    assert found.frame_of(image(store, f"acdc/{patient}/ed/03")) is None


def test_a_frame_has_the_slices_of_its_moment(store: StudyStore) -> None:
    patient = store.images()[0].patient
    frame = image(store, f"acdc/{patient}/cine/02/t003")
    found = stack(store, frame)
    assert {row.attributes["frame"] for row in found.slices} == {"3"}
    assert (found.slice_of(frame), found.frame_of(frame)) == (1, 2)


def test_without_a_cine_both_phases_are_the_frames(store: StudyStore) -> None:
    patient = store.images()[-1].patient
    systole = image(store, f"acdc/{patient}/es/02")
    found = stack(store, systole)
    assert [row.attributes["frame"] for row in found.frames] == ["ED", "ES"]
    assert found.frame_of(systole) == 1


def test_an_image_without_patient_or_sequence_stands_alone(store: StudyStore) -> None:
    row = store.images()[0]
    fields = {name: getattr(row, name) for name in ImageRow.__dataclass_fields__}
    assert relatives(ImageRow(**(fields | {"patient": "", "attributes": {}}))) is None
