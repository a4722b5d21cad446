from __future__ import annotations

import gzip
import struct
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.intensity import rescale_intensity
from engine.data.volume import read_cine, read_volume, resample_labels, resample_plane
from engine.errors import DataError

#: byte offsets of fields in a little-endian NIfTI-1 header
_DIM, _DATATYPE, _PIXDIM, _VOX_OFFSET, _MAGIC = 40, 70, 76, 108, 344


@pytest.fixture
def voxels() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 1000, (24, 20, 4)).astype(np.int16)


def altered(path: Path, offset: int, content: bytes) -> Path:
    """A copy of a ``.nii`` with some bytes of its header replaced."""
    data = bytearray(path.read_bytes())
    data[offset : offset + len(content)] = content
    copy = path.with_name("altered.nii")
    copy.write_bytes(data)
    return copy


@pytest.mark.parametrize("flips", [(0,), (1,), (0, 1), (2,), (0, 1, 2)])
def test_a_flipped_file_gives_the_same_picture(tmp_path, write_volume, voxels, flips) -> None:
    affine = np.diag([-1.5, -1.5, 10.0, 1.0])
    plain = read_volume(write_volume(tmp_path / "plain.nii.gz", voxels, affine=affine))
    flipped_affine = affine.copy()
    for axis in flips:
        flipped_affine[:3, 3] += affine[:3, axis] * (voxels.shape[axis] - 1)
        flipped_affine[:3, axis] *= -1
    path = write_volume(tmp_path / "flipped.nii.gz", np.flip(voxels, flips), affine=flipped_affine)
    np.testing.assert_array_equal(read_volume(path).voxels, plain.voxels)


def test_swapped_axes_of_the_plane_give_the_same_picture(tmp_path, write_volume, voxels) -> None:
    affine = np.diag([-1.2, -1.6, 10.0, 1.0])
    plain = read_volume(write_volume(tmp_path / "plain.nii", voxels, affine=affine))
    swapped = affine[:, [1, 0, 2, 3]]
    path = write_volume(tmp_path / "swapped.nii", voxels.transpose(1, 0, 2), affine=swapped)
    other = read_volume(path)
    np.testing.assert_array_equal(other.voxels, plain.voxels)
    assert other.spacing_mm == pytest.approx((1.2, 1.6, 10.0))


def test_left_is_right_and_back_is_down(tmp_path, write_volume) -> None:
    # With an identity affine the file's axes run to the right, the front and the head.
    voxels = np.zeros((16, 16, 1), np.int16)
    voxels[15, 0, 0] = 100  # far right, far back of the patient
    plane = read_volume(write_volume(tmp_path / "a.nii", voxels, affine=np.eye(4))).voxels[:, :, 0]
    rows = plane.T
    assert rows[15, 0] == 100  # in the picture: bottom left


def test_planes_stay_planes_however_they_lie_in_the_body(tmp_path, write_volume, voxels) -> None:
    # A plane whose normal points to the left: no reordering may mix planes.
    affine = np.zeros((4, 4))
    affine[1, 0], affine[2, 1], affine[0, 2], affine[3, 3] = 1.5, -1.5, 8.0, 1.0
    volume = read_volume(write_volume(tmp_path / "sagittal.nii", voxels, affine=affine))
    assert volume.voxels.shape[2] == voxels.shape[2]
    first = np.sort(volume.voxels[:, :, -1].ravel())
    np.testing.assert_array_equal(first, np.sort(voxels[:, :, 0].ravel()))


def test_slope_and_intercept_are_applied(tmp_path, write_volume, voxels) -> None:
    path = write_volume(tmp_path / "a.nii", voxels)
    scaled = altered(path, 112, struct.pack("<ff", 2.0, 5.0))
    np.testing.assert_allclose(
        read_volume(scaled).voxels, read_volume(path).voxels * 2 + 5, rtol=1e-6
    )


@settings(max_examples=25, deadline=None)
@given(
    radius_mm=st.floats(20, 60),
    spacing=st.tuples(st.floats(0.7, 2.5), st.floats(0.7, 2.5)),
    target=st.floats(1.2, 2.5),
)
def test_a_disc_keeps_its_size_in_millimetres(radius_mm, spacing, target) -> None:
    columns, rows = (round(180 / side) for side in spacing)
    x, y = np.mgrid[0:columns, 0:rows].astype(np.float32)
    x = (x - (columns - 1) / 2) * spacing[0]
    y = (y - (rows - 1) / 2) * spacing[1]
    plane = np.where(np.hypot(x, y) < radius_mm, 1, -1).astype(np.float32)
    picture = resample_plane(plane, spacing, 128, target)
    radius_px = np.sqrt(np.count_nonzero(picture > 0) / np.pi)
    assert radius_px * target == pytest.approx(radius_mm, abs=0.6 * max(*spacing, target))


def test_a_plane_of_the_target_spacing_is_copied() -> None:
    plane = np.random.default_rng(1).uniform(-1, 1, (61, 80)).astype(np.float32)
    picture = resample_plane(plane, (1.5, 1.5), 48, 1.5)
    # rows: (80 - 48) / 2, columns: (61 - 48) / 2 rounded down
    np.testing.assert_allclose(picture, plane.T[16:64, 6:54], atol=1e-6)


def test_what_lies_outside_the_plane_is_black() -> None:
    picture = resample_plane(np.ones((20, 20), np.float32), (1.5, 1.5), 40, 1.5)
    assert picture[0, 0] == -1
    np.testing.assert_array_equal(picture[11:29, 11:29], 1)
    assert np.count_nonzero(picture > 0) == 400


def test_intensity_runs_between_the_percentiles() -> None:
    voxels = np.arange(100_001, dtype=np.float32).reshape(-1, 1, 1)
    scaled = rescale_intensity(voxels).ravel()
    assert (scaled.min(), scaled.max()) == (-1, 1)
    assert scaled[50_000] == pytest.approx(0, abs=1e-4)
    assert np.count_nonzero(scaled == -1) == pytest.approx(500, abs=2)
    assert np.count_nonzero(scaled == 1) == pytest.approx(500, abs=2)


def test_an_empty_volume_shows_nothing() -> None:
    with pytest.raises(DataError, match="shows nothing"):
        rescale_intensity(np.full((8, 8, 2), 3, np.float32))


def test_a_truncated_volume_is_refused(tmp_path, write_volume, voxels) -> None:
    path = write_volume(tmp_path / "a.nii.gz", voxels)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match="cut short"):
        read_volume(path)
    plain = write_volume(tmp_path / "b.nii", voxels)
    plain.write_bytes(plain.read_bytes()[:-100])
    with pytest.raises(DataError, match="cut short"):
        read_volume(plain)


def test_flipped_bits_in_a_compressed_volume_are_noticed(tmp_path, write_volume, voxels) -> None:
    path = write_volume(tmp_path / "a.nii.gz", voxels)
    data = bytearray(path.read_bytes())
    data[-6] ^= 0xFF  # in gzip's checksum
    path.write_bytes(data)
    with pytest.raises(DataError, match="damaged"):
        read_volume(path)


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.nii.gz", b"", "empty"),
        ("a.nii.gz", b"just some text, no volume at all\n" * 40, "not gzip-compressed"),
        ("a.nii", b"just some text, no volume at all\n" * 40, "not a NIfTI"),
        ("a.nii.gz", gzip.compress(b"text in a gzip" * 100), "not a NIfTI"),
        ("a.nii", gzip.compress(b"text in a gzip" * 100), "gzip-compressed"),
        ("a.nii.gz", gzip.compress(b"short"), "not a NIfTI"),
    ],
)
def test_what_is_no_volume_is_refused(tmp_path, name, content, reason) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DataError, match=reason):
        read_volume(path)


@pytest.mark.parametrize(
    ("offset", "content", "reason"),
    [
        (_DIM, struct.pack("<8h", 3, 24, 20, 40, 1, 1, 1, 1), "promises"),
        (_DIM, struct.pack("<8h", 3, 24, 20, 2, 1, 1, 1, 1), "holds more"),
        (_DIM, struct.pack("<8h", 3, 24, -20, 4, 1, 1, 1, 1), "damaged"),
        (_DIM, struct.pack("<8h", 3, 32767, 32767, 32767, 1, 1, 1, 1), "too large"),
        (_DIM, struct.pack("<8h", 5, 24, 20, 2, 1, 2, 1, 1), "5 dimensions"),
        (_DIM, struct.pack("<8h", 4, 24, 20, 2, 2, 1, 1, 1), "4 dimensions"),
        (_DIM, struct.pack("<8h", 99, 24, 20, 4, 1, 1, 1, 1), "damaged"),
        (_DIM, struct.pack("<8h", 3, 1, 1, 1920, 1, 1, 1, 1), "too small"),
        (_DATATYPE, struct.pack("<h", 32), "complex|cannot be shown"),
        (_DATATYPE, struct.pack("<h", 128), "cannot be shown"),
        (_DATATYPE, struct.pack("<h", 31000), "damaged"),
        (_VOX_OFFSET, struct.pack("<f", float("nan")), "data offset"),
        (_VOX_OFFSET, struct.pack("<f", 1e30), "data offset"),
        (_VOX_OFFSET, struct.pack("<f", 0.0), "data offset"),
        (_MAGIC, b"ni1\0", "pair"),
    ],
)
def test_lying_headers_are_refused(tmp_path, write_volume, voxels, offset, content, reason) -> None:
    path = write_volume(tmp_path / "a.nii", voxels)
    with pytest.raises(DataError, match=reason):
        read_volume(altered(path, offset, content))


@pytest.mark.parametrize(
    ("sides", "reason"),
    [
        ((4, 24, 20, 2, 3, 1, 1, 1), "promises"),
        ((4, 4096, 4096, 2, 30, 1, 1, 1), "too large"),
        ((4, 8, 8, 4096, 30, 1, 1, 1), "too many planes"),
        ((5, 24, 20, 2, 2, 2, 1, 1), "5 dimensions; 2 to 4"),
    ],
)
def test_lying_headers_of_a_cine_are_refused(tmp_path, write_volume, voxels, sides, reason) -> None:
    path = write_volume(tmp_path / "a.nii", voxels)
    with pytest.raises(DataError, match=reason):
        read_cine(altered(path, _DIM, struct.pack("<8h", *sides)))


def test_the_frames_of_a_cine_are_turned_as_volumes_are(tmp_path, write_volume, voxels) -> None:
    frames = np.stack([voxels, voxels // 2, voxels // 3], axis=3)
    affine = np.array([[0, 1.5, 0, 0], [-2, 0, 0, 0], [0, 0, -9.0, 0], [0, 0, 0, 1]])
    cine = read_cine(write_volume(tmp_path / "cine.nii.gz", frames, affine=affine))
    for index in range(3):
        path = write_volume(tmp_path / "frame.nii.gz", frames[..., index], affine=affine)
        volume = read_volume(path)
        np.testing.assert_array_equal(cine.voxels[..., index], volume.voxels)
        assert cine.spacing_mm == volume.spacing_mm
    single = read_cine(write_volume(tmp_path / "single.nii", voxels, affine=affine))
    assert single.voxels.shape == (*cine.voxels.shape[:3], 1)


def test_a_small_file_that_expands_without_end_is_not_expanded(tmp_path, write_volume) -> None:
    voxels = np.random.default_rng(0).integers(0, 99, (16, 16, 2)).astype(np.int16)
    volume = write_volume(tmp_path / "a.nii", voxels).read_bytes()
    bomb = tmp_path / "bomb.nii.gz"
    bomb.write_bytes(gzip.compress(volume + bytes(2**26), compresslevel=1))
    assert bomb.stat().st_size < 2**20
    with pytest.raises(DataError, match="holds more"):
        read_volume(bomb)


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_not_finite_are_refused(tmp_path, write_volume, value) -> None:
    voxels = np.zeros((16, 16, 2), np.float32)
    voxels[3, 4, 1] = value
    with pytest.raises(DataError, match="not finite"):
        read_volume(write_volume(tmp_path / "a.nii.gz", voxels))


@pytest.mark.parametrize("spacing", [0.0001, 5000.0])
def test_pixels_of_impossible_size_are_refused(tmp_path, write_volume, voxels, spacing) -> None:
    path = write_volume(tmp_path / "a.nii", voxels, spacing=(spacing, spacing, 10.0))
    with pytest.raises(DataError, match=r"affine|plausible"):
        read_volume(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path) -> None:
    for path in (tmp_path / "none.nii.gz", tmp_path):
        with pytest.raises(DataError):
            read_volume(path)


def test_nifti_2_and_a_single_trailing_dimension_are_read(tmp_path, voxels) -> None:
    path = tmp_path / "two.nii.gz"
    nib.save(nib.Nifti2Image(voxels[..., None], np.diag([-1.5, -1.5, 10.0, 1.0])), path)
    np.testing.assert_array_equal(read_volume(path).voxels, voxels)


@pytest.mark.parametrize(
    ("directions", "edges"),
    [
        ([[1, 0, 0], [0, 1, 0], [0, 0, 1]], ("R", "L", "A", "P")),
        ([[0, -1, 0], [1, 0, 0], [0, 0, 1]], ("R", "L", "A", "P")),
        ([[0, 0, 1], [1, 0, 0], [0, 1, 0]], ("A", "P", "H", "F")),
        # A short axis: the columns run to the left and the back, the rows to the feet.
        (
            [[-0.8, -0.4, 0.447], [-0.6, 0.533, -0.596], [0.0, -0.745, -0.667]],
            ("RA", "LP", "HPR", "FAL"),
        ),
    ],
)
def test_the_edges_are_named_by_the_affine(tmp_path, write_volume, directions, edges) -> None:
    affine = np.eye(4)
    affine[:3, :3] = np.asarray(directions) * 1.5
    volume = read_volume(
        write_volume(tmp_path / "a.nii", np.zeros((20, 16, 3), np.int16), affine=affine)
    )
    assert volume.edges == edges


def test_without_an_orientation_in_the_header_the_edges_are_unknown(tmp_path, write_volume) -> None:
    path = write_volume(tmp_path / "a.nii", np.zeros((20, 16, 3), np.int16))
    assert read_volume(path).edges == ("R", "L", "A", "P")
    # qform_code and sform_code
    assert read_volume(altered(path, 252, b"\0\0\0\0")).edges is None


def test_labels_are_resampled_as_their_picture_without_mixing() -> None:
    picture = np.full((40, 30), -1, np.float32)
    picture[10:30, 8:20] = 1
    labels = np.where(picture > 0, np.float32(3), np.float32(0))
    shown = resample_plane(picture, (1.25, 1.4), 48, 1.0)
    mask = resample_labels(labels, (1.25, 1.4), 48, 1.0)
    assert set(np.unique(mask)) == {0, 3}
    # The edge may differ by the half pixel that nearest neighbours cannot show.
    sure = np.abs(shown) > 0.9
    np.testing.assert_array_equal((mask > 0)[sure], (shown > 0)[sure])
    same = resample_labels(labels, (1.0, 1.0), 40, 1.0)
    np.testing.assert_array_equal(same[5:35], labels.T)


def test_an_affine_without_a_direction_for_an_axis_is_refused(tmp_path, write_volume) -> None:
    affine = np.diag([-1.5, -1.5, 8.0, 1.0])
    affine[2, 0] = -1.7e38
    path = write_volume(tmp_path / "a.nii", np.zeros((16, 16, 2), np.int16), affine=affine)
    with pytest.raises(DataError, match="no direction"):
        read_volume(path)
