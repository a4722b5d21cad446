from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data import folder, importing
from engine.data.cache import training_arrays
from engine.data.content_store import read_image, to_float, write_image
from engine.data.folder import import_folder, name_from
from engine.data.importing import ImportOptions, ImportReport, Skipped, import_dataset
from engine.data.manifest import read_manifest
from engine.errors import ConfigError, DataError, StorageError
from engine.workspace import Workspace


def records(workspace: Workspace, name: str = "mine"):
    return {record.record_id: record for record in read_manifest(workspace.manifest_path(name))}


def reasons(report: ImportReport) -> dict[str, str]:
    return {item.path: item.reason for item in report.skipped}


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """One picture of each kind, all 32 x 32."""
    folder = tmp_path / "source"
    (folder / "sub").mkdir(parents=True)
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 256, (32, 32, 3)).astype(np.uint8)
    Image.fromarray(rgb).save(folder / "a.png")
    Image.fromarray(rgb[..., 0]).save(folder / "b.tif")
    Image.fromarray(rgb[..., 0].astype(np.uint16) * 257).save(folder / "sub" / "c.png")
    Image.fromarray(rgb).save(folder / "sub" / "d.jpg")
    np.save(folder / "e.npy", rng.uniform(-1, 1, (1, 32, 32)).astype(np.float32))
    return folder


def test_every_format_keeps_its_depth(source: Path, workspace: Workspace) -> None:
    report = import_folder(source, workspace, name="mine", size=32)
    assert (report.dataset, report.imported, report.skipped) == ("mine", 5, [])
    found = {
        name: (record.channels, record.bit_depth, record.origin)
        for name, record in records(workspace).items()
    }
    assert found == {
        "mine/a.png": (3, 8, "a.png"),
        "mine/b.tif": (1, 8, "b.tif"),
        "mine/e.npy": (1, 16, "e.npy"),
        "mine/sub/c.png": (1, 16, "sub/c.png"),
        "mine/sub/d.jpg": (3, 8, "sub/d.jpg"),
    }
    with Image.open(source / "a.png") as original:
        np.testing.assert_array_equal(
            read_image(workspace, records(workspace)["mine/a.png"].key), np.asarray(original)
        )
    assert import_folder(source, workspace, name="mine", size=32).unchanged == 5


def test_generated_images_carry_their_generator(source: Path, workspace: Workspace) -> None:
    import_folder(source, workspace, name="stylegan", source_kind="generated", size=32)
    for record in records(workspace, "stylegan").values():
        assert (record.source, record.variant) == ("generated", "external:stylegan")
    import_folder(source, workspace, name="mine", size=32)
    for record in records(workspace).values():
        assert (record.source, record.variant) == ("real", "")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([-1.0, 0.0, 1.0], [-1, 0, 1]),
        ([-0.5, 0.0, 0.25], [-0.5, 0, 0.25]),
        ([0.0, 0.5, 1.0], [-1, 0, 1]),
        ([0.0, 0.1, 0.25], [-1, -0.8, -0.5]),
        ([-1000.0, 0.0, 1000.0], [-1, 0, 1]),
    ],
)
def test_floats_are_taken_at_their_word_or_scaled(tmp_path, workspace, values, expected) -> None:
    array = np.repeat(np.array(values, np.float64), 12)[:, None].repeat(36, axis=1)
    (tmp_path / "source").mkdir()
    np.save(tmp_path / "source" / "a.npy", array)
    import_folder(tmp_path / "source", workspace, name="mine", size=36)
    image = to_float(read_image(workspace, records(workspace)["mine/a.npy"].key))
    np.testing.assert_allclose(image[0, [3, 18, 33], 5], expected, atol=1e-3)


def test_oblong_pictures_are_fitted_whole(tmp_path, workspace) -> None:
    (tmp_path / "source").mkdir()
    Image.new("L", (80, 40), 200).save(tmp_path / "source" / "a.png")
    import_folder(tmp_path / "source", workspace, name="mine", size=40)
    pixels = read_image(workspace, records(workspace)["mine/a.png"].key)
    assert pixels.shape == (40, 40)
    assert pixels[10:30].min() == 200
    assert pixels[:10].max() == pixels[30:].max() == 0


def test_each_plane_of_a_volume_is_a_picture(tmp_path, write_volume, workspace) -> None:
    voxels = np.random.default_rng(0).integers(0, 500, (32, 32, 3)).astype(np.int16)
    write_volume(tmp_path / "source" / "scan.nii.gz", voxels, spacing=(1.0, 2.0, 8.0))
    report = import_folder(tmp_path / "source", workspace, name="mine", size=64)
    assert report.imported == 3
    found = records(workspace)
    assert list(found) == [f"mine/scan.nii.gz/{number:02d}" for number in (1, 2, 3)]
    record = found["mine/scan.nii.gz/02"]
    assert record.spacing_mm == 1.0
    # Pixels are twice as high as wide: 32 x 64 mm.
    pixels = read_image(workspace, record.key)
    assert pixels[:, :16].max() == pixels[:, 48:].max() == 0
    assert pixels[:, 16:48].max() > 0


def test_classes_come_by_path_or_by_a_name_that_is_unique(source: Path, workspace) -> None:
    table = source.parent / "classes.csv"
    table.write_text(
        "\ufefffile,class\na.png,healthy\nsub\\c.png,ill\nd.jpg,ill\nmissing.png,ill\n",
        encoding="utf-8",
    )
    report = import_folder(source, workspace, name="mine", size=32, classes_csv=table)
    found = {name: record.class_label for name, record in records(workspace).items()}
    assert found == {
        "mine/a.png": "healthy",
        "mine/b.tif": "",
        "mine/e.npy": "",
        "mine/sub/c.png": "ill",
        "mine/sub/d.jpg": "ill",
    }
    assert any("missing.png" in note for note in report.notes)
    assert any("2 files have no class" in note for note in report.notes)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "columns"),
        (b"name,label\na.png,x\n", "columns"),
        (b"file,class\na.png,x\na.png,y\n", "two classes"),
        (b"file,sequence\na.png,x\n", "columns"),
        (b"file,sequence,frame\na.png,x,1\na.png,x,2\n", "two places"),
        (b"file,sequence,frame\na.png,x,1\nb.tif,x,1\n", "frame 1 of 'x' to b.tif and to a.png"),
        (b"file,sequence,frame\na.png,x,first\n", "row 2: the frame 'first'"),
        (b"file,sequence,frame\na.png,,1\n", "row 2: give the sequence a name"),
        (b"\xff\xfe\x00\x00", "cannot be read"),
    ],
)
def test_tables_that_cannot_be_used_are_refused(source, workspace, content, reason) -> None:
    table = source.parent / "classes.csv"
    table.write_bytes(content)
    with pytest.raises(DataError, match=reason):
        import_folder(source, workspace, name="mine", classes_csv=table)


class _Trap:
    """Leaves a file behind when somebody unpickles it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return (Path.touch, (self.path,))


def test_broken_neighbours_are_named_and_the_rest_is_kept(source: Path, workspace) -> None:
    trap = source.parent / "sprung"
    np.save(source / "pickle.npy", np.array([_Trap(trap)], dtype=object), allow_pickle=True)
    (source / "bare-pickle.npy").write_bytes(pickle.dumps(_Trap(trap)))
    (source / "empty.npy").write_bytes(b"")
    np.save(source / "nan.npy", np.full((16, 16), np.nan))
    np.save(source / "stack.npy", np.zeros((5, 16, 16, 3), np.uint8))
    np.save(source / "flat.npy", np.full((16, 16), 7.0))
    np.save(source / "words.npy", np.array([["a", "b"]] * 16))
    np.save(source / "dot.npy", np.zeros((1, 1)))
    whole = source / "e.npy"
    (source / "short.npy").write_bytes(whole.read_bytes()[:-64])
    lying = whole.read_bytes().replace(b"(1, 32, 32)", b"(1, 99, 99)")
    (source / "lying.npy").write_bytes(lying)
    (source / "text.nii.gz").write_text("no volume")
    (source / "text.png").write_text("no picture")
    report = import_folder(source, workspace, name="mine", size=32)
    expected = {
        "pickle.npy": "not a readable",
        "bare-pickle.npy": "not a readable",
        "empty.npy": "empty",
        "nan.npy": "not finite",
        "stack.npy": "shape",
        "flat.npy": "shows nothing",
        "words.npy": "no real numbers",
        "dot.npy": "too small",
        "short.npy": "not a readable",
        "lying.npy": "not a readable",
        "text.nii.gz": "not gzip-compressed",
        "text.png": "not a PNG",
    }
    found = reasons(report)
    assert found.keys() == expected.keys()
    for path, reason in expected.items():
        assert reason in found[path], path
    assert report.imported == 5
    assert not trap.exists()


def test_a_full_disk_ends_the_import_and_keeps_what_was_stored(
    source: Path, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored: list[str] = []

    def write(workspace: Workspace, pixels: np.ndarray) -> str:
        if len(stored) == 2:
            raise StorageError("Cannot write: No space left on device.")
        stored.append(write_image(workspace, pixels))
        return stored[-1]

    monkeypatch.setattr(folder, "write_image", write)
    monkeypatch.setattr(importing, "_WORKERS", 1)
    with pytest.raises(StorageError, match="No space"):
        import_folder(source, workspace, name="mine", size=32)
    assert len(records(workspace)) == 2


def test_names_that_cannot_be_are_refused(source: Path, workspace: Workspace) -> None:
    for name in ("", "../up", "acdc", "IDRiD", "a b", "x" * 99):
        with pytest.raises(ConfigError):
            import_folder(source, workspace, name=name)


def test_a_name_is_made_of_the_folder(tmp_path: Path) -> None:
    assert name_from(tmp_path / "My images (2)") == "My-images-2"
    assert name_from(tmp_path / "acdc") == "acdc-folder"
    assert name_from(tmp_path / "…") == "folder"


def test_paths_too_long_for_an_id_are_reported(source: Path, workspace: Workspace) -> None:
    deep = source.joinpath(*["d" * 60] * 5)
    try:
        deep.mkdir(parents=True)
        (deep / "a.png").write_bytes((source / "a.png").read_bytes())
    except OSError:
        pytest.skip("this system has no such long paths")
    report = import_folder(source, workspace, name="mine", size=32)
    assert report.imported == 5
    assert "too long" in next(iter(reasons(report).values()))


def test_the_front_door_leads_to_each_importer(
    source: Path, workspace: Workspace, write_patient, write_photograph, tmp_path: Path
) -> None:
    write_patient(tmp_path / "hearts", "patient001")
    write_photograph(tmp_path / "eyes" / "IDRiD_01.jpg")
    options = ImportOptions(size=32, name="mine", source_kind="generated")
    for kind, start in (
        ("acdc", tmp_path / "hearts"),
        ("idrid", tmp_path / "eyes"),
        ("folder", source),
    ):
        report = import_dataset(kind, start, workspace, options=options)
        assert report.imported == report.images_total > 0
        name = "mine" if kind == "folder" else kind
        assert {record.width for record in records(workspace, name).values()} == {32}
    assert import_dataset("folder", source, workspace).dataset == "source"


def test_a_summary_groups_files_by_reason() -> None:
    skipped = [Skipped(f"file{number}.png", "the file is empty") for number in range(8)]
    report = ImportReport("mine", 3, 2, 5, [*skipped, Skipped("x.png", "other")], True, ["A note."])
    lines = report.summary().splitlines()
    assert lines[0] == "mine: 3 imported, 2 unchanged, 9 skipped (5 images in all)."
    assert "Stopped" in lines[1] and lines[2] == "A note."
    assert lines.count("Skipped: the file is empty") == 1
    assert "  … and 3 more" in lines
    assert lines[-2:] == ["Skipped: other", "  x.png"]


def places(workspace: Workspace, name: str = "mine") -> dict[str, tuple[str, str]]:
    return {
        key: (record.attributes["sequence"], record.attributes["frame"])
        for key, record in records(workspace, name).items()
        if record.attributes
    }


def test_planes_of_a_4d_volume_are_sequences_on_one_scale(
    tmp_path, write_volume, workspace
) -> None:
    first = np.random.default_rng(0).integers(0, 500, (32, 32, 2)).astype(np.int16)
    write_volume(tmp_path / "source" / "beat.nii.gz", np.stack([first, first // 4], axis=3))
    import_folder(tmp_path / "source", workspace, name="mine", size=32)
    assert places(workspace) == {
        f"mine/beat.nii.gz/{plane}/t00{frame}": (f"beat.nii.gz/{plane}", f"{frame}")
        for plane in ("01", "02")
        for frame in (1, 2)
    }
    bright, dim = (
        to_float(read_image(workspace, records(workspace)[f"mine/beat.nii.gz/01/t00{n}"].key)) + 1
        for n in (1, 2)
    )
    assert dim.mean() / bright.mean() == pytest.approx(0.25, abs=0.02)
    # Here the frames are all the images that there are.
    assert len(training_arrays(workspace, "mine", 32)) == 4


def test_numbered_names_are_frames_and_mr_weightings_are_not(tmp_path, workspace) -> None:
    source = tmp_path / "source"
    (source / "b").mkdir(parents=True)
    for number, name in enumerate(
        ("a_t000.png", "a_t010.png", "a_t002.png", "b/a_t000.png", "brain_t1.png", "brain_t2.png")
    ):
        Image.new("L", (32, 32), 10 * number).save(source / name)
    import_folder(source, workspace, name="mine", size=32)
    assert places(workspace) == {
        "mine/a_t000.png": ("a.png", "0"),
        "mine/a_t002.png": ("a.png", "2"),
        "mine/a_t010.png": ("a.png", "10"),
        "mine/b/a_t000.png": ("b/a.png", "0"),
    }


def test_a_table_tells_sequences_whatever_the_names_are(source: Path, workspace) -> None:
    table = source.parent / "table.csv"
    table.write_text("file,sequence,frame\nb.tif,beat,2\nsub/c.png,beat,1\na.png,,\n")
    report = import_folder(source, workspace, name="mine", size=32, classes_csv=table)
    assert places(workspace) == {"mine/b.tif": ("beat", "2"), "mine/sub/c.png": ("beat", "1")}
    assert report.notes == []


def test_generated_images_join_the_data_set_they_are_compared_with(
    source: Path, workspace: Workspace
) -> None:
    import_folder(source, workspace, name="hearts", size=32)
    real = records(workspace, "hearts")
    import_folder(
        source,
        workspace,
        name="theirs",
        source_kind="generated",
        compared_with="hearts",
        size=32,
    )
    found = records(workspace, "theirs")
    assert {record.dataset for record in found.values()} == {"hearts"}
    assert {record.variant for record in found.values()} == {"external:theirs"}
    assert records(workspace, "hearts") == real
    for kind, compared_with in (("generated", "heart"), ("generated", "../x"), ("real", "hearts")):
        with pytest.raises(ConfigError):
            import_folder(
                source, workspace, name="x", source_kind=kind, compared_with=compared_with
            )
