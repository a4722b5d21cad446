"""The viewer under real wheel, mouse and key events, on a drawn patient with a cine."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.data.content_store import UncertaintyMap, read_image, write_image, write_map
from engine.data.importing import ImportOptions, import_dataset
from engine.data.manifest import write_manifest
from engine.data.phantom import write_acdc_phantom
from engine.data.records import ImageRecord
from engine.workspace import Workspace
from reviewapp.browse.image_loader import Preview
from reviewapp.browse.image_preview import ImagePreview
from reviewapp.browse.viewer import Viewer
from reviewapp.context import AppContext
from reviewapp.study.model import ImageRow

N_FRAMES = 6
UNIT = "grey levels (0–255)"


@pytest.fixture(scope="module")
def beating(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drawn patient with masks and a cine."""
    root = tmp_path_factory.mktemp("beating")
    write_acdc_phantom(root, patients=1, seed=1)
    (folder,) = (root / "training").iterdir()
    frame = nib.load(next(folder.glob("*_frame01.nii.gz")))
    voxels = np.asarray(frame.dataobj)
    film = np.stack([voxels // (1 + number) for number in range(N_FRAMES)], axis=3)
    nib.save(nib.Nifti1Image(film, frame.affine), folder / f"{folder.name}_4d.nii.gz")
    return root


@pytest.fixture
def viewer(qtbot: QtBot, context: AppContext, beating: Path) -> Viewer:
    import_dataset("acdc", beating, context.workspace, options=ImportOptions(size=64, cine=True))
    context.store.sync_library()
    viewer = Viewer(context.workspace, context.store.images)
    qtbot.addWidget(viewer, before_close_func=lambda viewer: viewer.close_viewer())
    viewer.resize(620, 800)
    viewer.show()
    qtbot.waitExposed(viewer)
    return viewer


def show(qtbot: QtBot, viewer: Viewer, row: ImageRow) -> None:
    viewer.show_image(row)
    qtbot.waitUntil(lambda: viewer.front_pane.row == row)


def slice_row(context: AppContext, number: int) -> ImageRow:
    return next(
        row
        for row in context.store.images()
        if row.attributes["slice"] == str(number) and row.attributes["frame"] == "ED"
    )


def turn_wheel(viewer: Viewer, notches: int, modifier: Qt.KeyboardModifier) -> None:
    canvas = viewer.front_pane.canvas
    at = QPointF(canvas.rect().center())
    event = QWheelEvent(
        at,
        canvas.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        modifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def shown_slice(viewer: Viewer) -> str:
    row = viewer.front_pane.row
    assert row is not None
    return row.attributes["slice"]


def test_wheel_and_page_keys_go_through_the_slices(
    qtbot: QtBot, context: AppContext, viewer: Viewer
) -> None:
    show(qtbot, viewer, slice_row(context, 2))
    canvas = viewer.front_pane.canvas
    assert viewer.stack.bar.isVisible()
    turn_wheel(viewer, -1, Qt.KeyboardModifier.NoModifier)
    qtbot.waitUntil(lambda: shown_slice(viewer) == "3")
    assert canvas.view.magnification == 1
    turn_wheel(viewer, 2, Qt.KeyboardModifier.ControlModifier)
    assert canvas.view.magnification == pytest.approx(1.25**2)
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_PageUp)
    qtbot.waitUntil(lambda: shown_slice(viewer) == "2")
    # The place looked at stays from slice to slice, and the first one is the end.
    assert canvas.view.magnification == pytest.approx(1.25**2)
    for _ in range(3):
        qtbot.keyClick(canvas, Qt.Key.Key_PageUp)
    qtbot.waitUntil(lambda: shown_slice(viewer) == "1")
    viewer.stack.bar.slices.setValue(4)
    qtbot.waitUntil(lambda: shown_slice(viewer) == "5")


def test_the_film_shows_every_frame_in_order_and_stops_where_it_is(
    qtbot: QtBot, context: AppContext, viewer: Viewer
) -> None:
    show(qtbot, viewer, slice_row(context, 2))
    shown: list[int] = []
    viewer.stack.player.frame.connect(lambda position, _: shown.append(position))
    viewer.stack.bar.rate_box.setValue(60)
    qtbot.mouseClick(viewer.stack.bar.play_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(shown) > 2 * N_FRAMES)
    qtbot.mouseClick(viewer.stack.bar.play_button, Qt.MouseButton.LeftButton)
    assert not viewer.stack.player.playing
    assert shown == [number % N_FRAMES for number in range(len(shown))]
    last = viewer.stack.stack.frames[shown[-1]]
    qtbot.waitUntil(lambda: viewer.front_pane.row == last)
    pixels = viewer.front_pane.canvas.pixels
    np.testing.assert_array_equal(pixels, read_image(context.workspace, last.key))
    viewer.stack.step_frame(1)
    following = viewer.stack.stack.frames[(shown[-1] + 1) % N_FRAMES]
    qtbot.waitUntil(lambda: viewer.front_pane.row == following)


def test_a_missing_frame_is_told_and_stops_the_film(
    qtbot: QtBot, context: AppContext, viewer: Viewer
) -> None:
    show(qtbot, viewer, slice_row(context, 2))
    context.workspace.image_path(viewer.stack.stack.frames[3].key).unlink()
    with qtbot.waitSignal(viewer.failed) as told:
        viewer.stack.toggle_film()
    assert "cannot be read" in told.args[0]
    assert not viewer.stack.bar.play_button.isChecked()


def test_a_ruler_is_dragged_and_moved_by_keys(
    qtbot: QtBot, context: AppContext, viewer: Viewer
) -> None:
    row = slice_row(context, 2)
    show(qtbot, viewer, row)
    canvas = viewer.front_pane.canvas
    qtbot.mouseClick(viewer.tools.ruler_button, Qt.MouseButton.LeftButton)
    assert canvas.ruler is not None
    start, end = (canvas.view_position(QPointF(*point)).toPoint() for point in ((8, 8), (40, 32)))
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(canvas, end)
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=end)
    assert canvas.ruler.length_px == pytest.approx(40, abs=0.5)
    assert row.spacing_mm == 1.5
    before = canvas.ruler
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    qtbot.keyClick(canvas, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.ruler.x2 == pytest.approx(before.x2 + 1)
    assert canvas.ruler.y1 == pytest.approx(before.y1 + 1)
    assert canvas.view.magnification == 1
    qtbot.mouseClick(viewer.tools.ruler_button, Qt.MouseButton.LeftButton)
    assert canvas.ruler is None


def test_contours_of_the_ground_truth_come_with_their_legend(
    qtbot: QtBot, context: AppContext, viewer: Viewer
) -> None:
    show(qtbot, viewer, slice_row(context, 3))
    canvas = viewer.front_pane.canvas
    assert canvas.contours == ()
    qtbot.mouseClick(viewer.tools.outline_button, Qt.MouseButton.LeftButton)
    assert len(canvas.contours) == 3
    assert [contour.name for contour in canvas.contours] == [
        "Right ventricle",
        "Myocardium",
        "Left ventricle",
    ]
    # The legend's first square is drawn in the first contour's colour.
    corner = canvas.grab().toImage().copy(0, 0, 60, 40)
    found = {corner.pixelColor(x, y).name() for x in range(60) for y in range(40)}
    assert canvas.contours[0].colour in found
    # The myocardium's outer contour is around the left ventricle's.
    _, muscle, left = (contour.pieces for contour in canvas.contours)
    assert muscle[:, 0].min() < left[:, 0].min() and muscle[:, 2].max() > left[:, 2].max()
    frame = viewer.stack.stack.frames[0]
    show(qtbot, viewer, frame)
    assert canvas.contours == ()
    assert not viewer.tools.outline_button.isEnabled()


def test_the_probe_names_value_and_unit(qtbot: QtBot, context: AppContext, viewer: Viewer) -> None:
    row = slice_row(context, 3)
    write_map(
        context.workspace,
        row.key,
        UncertaintyMap(np.full((64, 64), 7.5, np.float32), "aleatoric", UNIT, "upgan-1"),
    )
    show(qtbot, viewer, row)
    viewer.uncertainty.toggle.click()
    canvas = viewer.front_pane.canvas
    qtbot.mouseMove(canvas, canvas.view_position(QPointF(20.5, 30.5)).toPoint())
    qtbot.waitUntil(lambda: viewer.front_pane.probe_text.startswith("x 20, y 30:"))
    assert "grey 0." in viewer.front_pane.probe_text
    assert "in the file" in viewer.front_pane.probe_text
    assert viewer.front_pane.probe_text.endswith(f"aleatoric 7.5 {UNIT}")


def test_a_map_is_shown_over_beside_and_as_outline(
    qtbot: QtBot, context: AppContext, viewer: Viewer
) -> None:
    row = slice_row(context, 3)
    values = np.tile(np.arange(64, dtype=np.float32), (64, 1))
    write_map(context.workspace, row.key, UncertaintyMap(values, "aleatoric", UNIT, "upgan-1"))
    show(qtbot, viewer, row)
    pane, controls = viewer.front_pane, viewer.uncertainty
    controls.toggle.click()
    assert pane.canvas.has_overlay and controls.opacity.isVisible()
    controls.next_mode()
    assert pane.map_canvas.isVisible() and not pane.canvas.has_overlay
    assert controls.bar.isVisible() and UNIT in controls.bar.accessibleName()
    pane.canvas.zoom_by(2)
    assert pane.map_canvas.view == pane.canvas.view
    pane.map_canvas.fit()
    assert pane.canvas.view.magnification == 1
    controls.next_mode()
    assert not pane.map_canvas.isVisible()
    (contour,) = pane.canvas.contours
    # The highest tenth of the columns.
    assert (contour.pieces[:, 0].min(), contour.pieces[:, 2].max()) == (57, 64)
    controls.top.setValue(50)
    assert pane.canvas.contours[0].pieces[:, 0].min() == 32
    assert "Top 50 %" in controls.outline_words.text() and UNIT in controls.outline_words.text()
    controls.toggle.click()
    assert pane.canvas.contours == ()


def test_histograms_follow_the_image_and_the_map(
    qtbot: QtBot, context: AppContext, viewer: Viewer
) -> None:
    show(qtbot, viewer, slice_row(context, 3))
    pane = viewer.front_pane
    qtbot.mouseClick(viewer.tools.histogram_button, Qt.MouseButton.LeftButton)
    assert pane.histogram.isVisible() and not pane.map_histogram.isVisible()
    assert pane.histogram.histogram.counts.sum() == 64 * 64
    assert pane.histogram.grab().toImage() != QImage()


def test_the_view_is_copied_and_saved_with_what_is_drawn_on_it(
    qtbot: QtBot, context: AppContext, viewer: Viewer, tmp_path: Path
) -> None:
    show(qtbot, viewer, slice_row(context, 3))
    said: list[str] = []
    viewer.told.connect(said.append)
    viewer.save_view(tmp_path / "view")
    saved = QImage(str(tmp_path / "view.png"))
    canvas = viewer.front_pane.canvas
    assert saved.width() == canvas.width() and saved.height() > canvas.height()
    # The scale bar is white, on the canvas's dark ground beside the image.
    corner = saved.copy(saved.width() - 40, canvas.height() - 30, 40, 30)
    levels = [corner.pixelColor(x, y).red() for x in range(40) for y in range(30)]
    assert max(levels) > 200
    viewer.copy_view()
    assert QGuiApplication.clipboard().image().size() == saved.size()
    assert len(said) == 2 and "view.png" in said[0]
    with qtbot.waitSignal(viewer.failed):
        viewer.save_view(tmp_path / "nowhere" / "view.png")


def test_edges_and_spacing_are_only_drawn_where_they_are_known(
    qtbot: QtBot, context: AppContext, viewer: Viewer
) -> None:
    show(qtbot, viewer, slice_row(context, 3))
    canvas = viewer.front_pane.canvas
    known = canvas.grab().toImage()
    canvas.set_geometry(None, None)
    assert canvas.grab().toImage() != known
    canvas.set_geometry(("R", "L", "A", "P"), 1.5)
    assert canvas.grab().toImage() == known


def add_photograph(workspace: Workspace) -> ImageRecord:
    y, x = np.mgrid[0:1200, 0:1500]
    pixels = np.stack([x % 256, y % 256, (x + y) % 256], axis=2).astype(np.uint8)
    return ImageRecord(
        record_id="large/1",
        key=write_image(workspace, pixels),
        dataset="large",
        source="real",
        width=1500,
        height=1200,
        channels=3,
        bit_depth=8,
    )


def test_a_large_image_is_previewed_from_the_second_time_on(
    qtbot: QtBot, context: AppContext, viewer: Viewer
) -> None:
    write_manifest(context.workspace.manifest_path("large"), [add_photograph(context.workspace)])
    context.store.sync_library()
    (row,) = context.store.images_by_id(["large/1"])
    loader = viewer.front_pane._loader
    previews: list[Preview] = []
    loader.previewed.connect(previews.append)
    show(qtbot, viewer, row)
    assert previews == []
    other = slice_row(context, 2)
    show(qtbot, viewer, other)
    show(qtbot, viewer, row)
    (preview,) = previews
    canvas = viewer.front_pane.canvas
    assert max(preview.prepared.pixels.shape) <= max(canvas.width(), canvas.height())
    # The full picture has taken the preview's place.
    assert canvas.pixels.shape == (1200, 1500, 3)
    assert not ImagePreview.wanted(other)


def test_the_contours_of_a_real_heart_lie_on_it(
    qtbot: QtBot, context: AppContext, real_data: Path
) -> None:
    import_dataset("acdc", real_data / "acdc" / "training" / "patient001", context.workspace)
    context.store.sync_library()
    viewer = Viewer(context.workspace, context.store.images)
    qtbot.addWidget(viewer, before_close_func=lambda viewer: viewer.close_viewer())
    show(qtbot, viewer, slice_row(context, 5))
    image = viewer.front_pane.image
    assert image is not None and image.mask is not None
    # Blood is bright and muscle dark, so labels that are turned or shifted would mix both.
    muscle, left = (np.median(image.pixels[image.mask == label]) for label in (2, 3))
    assert left > 2 * muscle
    viewer.tools.outline_button.click()
    assert len(viewer.front_pane.canvas.contours) == 3
    assert len(viewer.stack.stack.slices) == 10
    assert [row.attributes["frame"] for row in viewer.stack.stack.frames] == ["ED", "ES"]
