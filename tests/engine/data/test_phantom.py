from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from engine.data.acdc import GROUPS, import_acdc, read_info
from engine.data.idrid import import_idrid
from engine.data.manifest import read_manifest
from engine.data.phantom import write_acdc_phantom, write_idrid_phantom
from engine.data.phantom_anatomy import draw_anatomy
from engine.data.phantom_fundus import draw_fundus, draw_fundus_square
from engine.data.phantom_heart import (
    LV_LABEL,
    MYOCARDIUM_LABEL,
    RV_LABEL,
    draw_heart,
    draw_heart_slice,
)
from engine.errors import Cancelled, ConfigError
from engine.workspace import Workspace


def mean_areas(group: str, phase: str, hearts: int = 6) -> dict[int, float]:
    """Mean area of each label over some hearts, mid-ventricular, in square millimetres."""
    areas = {RV_LABEL: 0.0, MYOCARDIUM_LABEL: 0.0, LV_LABEL: 0.0}
    for seed in range(hearts):
        rng = np.random.default_rng(seed)
        anatomy = draw_anatomy(rng, group)
        _, mask = draw_heart_slice(
            rng, (96, 96), anatomy=anatomy, level=0.4, phase=phase, spacing_mm=2.0
        )
        for label in areas:
            areas[label] += 4.0 * np.count_nonzero(mask == label) / hearts
    return areas


def test_patients_are_read_by_the_importer(tmp_path: Path, workspace: Workspace) -> None:
    write_acdc_phantom(tmp_path / "acdc", patients=5, seed=3)
    report = import_acdc(tmp_path / "acdc", workspace)
    assert (report.skipped, report.cancelled) == ([], False)
    found = read_manifest(workspace.manifest_path("acdc"))
    assert {record.class_label for record in found} == set(GROUPS)
    assert {record.attributes["phantom"] for record in found} == {"yes"}
    assert {record.attributes["frame"] for record in found} == {"ED", "ES"}
    # Beyond the published numbers: no phantom takes a patient's place.
    assert min(int(record.patient.removeprefix("patient")) for record in found) > 150


def test_patients_have_the_real_files(tmp_path: Path) -> None:
    write_acdc_phantom(tmp_path, patients=1)
    (folder,) = (tmp_path / "training").iterdir()
    info = read_info(folder / "Info.cfg")
    assert info.keys() >= {"ed", "es", "group", "height", "nbframe", "weight"}
    for key in ("ed", "es"):
        stem = f"{folder.name}_frame{int(info[key]):02d}"
        image = nib.load(folder / f"{stem}.nii.gz")
        mask = nib.load(folder / f"{stem}_gt.nii.gz")
        assert image.get_data_dtype() == np.int16
        assert image.shape == mask.shape
        assert 6 <= image.shape[2] <= 8
        assert set(np.unique(np.asarray(mask.dataobj))) == {0, 1, 2, 3}
        assert 1.3 < image.header.get_zooms()[0] < 1.7


def test_photographs_are_read_by_the_importer(tmp_path: Path, workspace: Workspace) -> None:
    write_idrid_phantom(tmp_path / "idrid", images=5, size_px=(300, 200))
    report = import_idrid(tmp_path / "idrid", workspace, size=64)
    assert (report.imported, report.skipped, report.notes) == (5, [], [])
    found = read_manifest(workspace.manifest_path("idrid"))
    assert sorted(record.class_label for record in found) == list("01234")
    assert {record.split for record in found} == {"train"}
    assert all(record.attributes["phantom"] == "yes" for record in found)
    assert min(int(record.record_id[-3:]) for record in found) > 413


def test_the_same_seed_gives_the_same_files(tmp_path: Path) -> None:
    contents = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_acdc_phantom(tmp_path / name, patients=1, seed=seed)
        write_idrid_phantom(tmp_path / name, images=1, seed=seed, size_px=(150, 100))
        contents.append(
            {
                path.relative_to(tmp_path / name).name: path.read_bytes()
                for path in (tmp_path / name).rglob("*")
                if path.is_file()
            }
        )
    assert contents[0] == contents[1]
    assert contents[0] != contents[2]


def test_hearts_contract() -> None:
    for group in GROUPS:
        diastole, systole = mean_areas(group, "ED"), mean_areas(group, "ES")
        assert systole[LV_LABEL] < 0.95 * diastole[LV_LABEL]
    normal = mean_areas("NOR", "ES")[LV_LABEL] / mean_areas("NOR", "ED")[LV_LABEL]
    dilated = mean_areas("DCM", "ES")[LV_LABEL] / mean_areas("DCM", "ED")[LV_LABEL]
    assert normal < 0.6 < dilated


def test_groups_differ_as_their_diseases_do() -> None:
    areas = {group: mean_areas(group, "ED") for group in GROUPS}
    normal = areas["NOR"]
    assert areas["DCM"][LV_LABEL] > 1.5 * normal[LV_LABEL]
    assert areas["HCM"][MYOCARDIUM_LABEL] > 1.5 * normal[MYOCARDIUM_LABEL]
    assert areas["RV"][RV_LABEL] > 1.5 * normal[RV_LABEL]
    assert areas["MINF"][MYOCARDIUM_LABEL] / areas["MINF"][LV_LABEL] < (
        normal[MYOCARDIUM_LABEL] / normal[LV_LABEL]
    )


def test_blood_is_bright_muscle_dark_and_the_apex_small() -> None:
    rng = np.random.default_rng(0)
    anatomy = draw_anatomy(rng, "NOR")
    sizes = []
    for level in (0.1, 0.5, 0.95):
        picture, mask = draw_heart_slice(
            rng, (128, 128), anatomy=anatomy, level=level, phase="ED", spacing_mm=1.5
        )
        blood, muscle = picture[mask == LV_LABEL], picture[mask == MYOCARDIUM_LABEL]
        assert np.median(blood) > 2 * np.median(muscle)
        sizes.append(blood.size)
    assert sizes[0] > sizes[1] > 3 * sizes[2]


def test_drawings_for_training_have_the_networks_range() -> None:
    heart = draw_heart(np.random.default_rng(0), 64, "HCM")
    assert (heart.shape, heart.dtype) == ((1, 64, 64), np.float32)
    assert (heart.min(), heart.max()) == (-1, 1)
    eye = draw_fundus_square(np.random.default_rng(0), 64, 2)
    assert (eye.shape, eye.dtype) == ((64, 64, 3), np.uint8)


def test_photographs_look_like_photographs() -> None:
    picture = draw_fundus(np.random.default_rng(4), (429, 285), 0)
    assert picture.shape == (285, 429, 3)
    assert picture[:5, :5].max() == 0
    inside = picture[60:225, 100:330].reshape(-1, 3).mean(axis=0)
    assert inside[0] > 1.3 * inside[1] > 1.3 * inside[2]


def test_worse_grades_show_more_lesions() -> None:
    def changed(grade: int) -> int:
        healthy = draw_fundus(np.random.default_rng(9), (429, 285), 0).astype(int)
        ill = draw_fundus(np.random.default_rng(9), (429, 285), grade).astype(int)
        return np.count_nonzero(np.abs(ill - healthy).max(axis=2) > 40)

    none, mild, moderate, severe = (changed(grade) for grade in (0, 1, 2, 3))
    assert none == 0 < mild < moderate < severe


def test_a_comment_says_that_a_photograph_is_drawn(tmp_path: Path) -> None:
    write_idrid_phantom(tmp_path, images=1, size_px=(150, 100))
    (path,) = tmp_path.rglob("*.jpg")
    with Image.open(path) as image:
        assert b"phantom" in image.info["comment"]


def test_drawing_can_be_cancelled_and_is_bounded(tmp_path: Path) -> None:
    for write in (write_acdc_phantom, write_idrid_phantom):
        with pytest.raises(Cancelled):
            write(tmp_path, 3, cancelled=lambda: True)
        for count in (0, 10_000):
            with pytest.raises(ConfigError):
                write(tmp_path, count)
