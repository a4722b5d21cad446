"""The canvas under real mouse, wheel, key and paint events."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from reviewapp.widgets.image_canvas import ImageCanvas
from reviewapp.widgets.view_transform import FITTED


@pytest.fixture
def canvas(qtbot: QtBot) -> ImageCanvas:
    canvas = ImageCanvas()
    qtbot.addWidget(canvas)
    canvas.resize(400, 400)
    canvas.show()
    qtbot.waitExposed(canvas)
    return canvas


def ramp() -> np.ndarray:
    """A 100 x 100 image whose level is its column."""
    return np.tile(np.arange(100, dtype=np.uint8), (100, 1))


def shown_level(canvas: ImageCanvas, x: int, y: int) -> int:
    return canvas.grab().toImage().pixelColor(x, y).red()


def drag(canvas: ImageCanvas, qtbot: QtBot, button: Qt.MouseButton, way: QPoint) -> None:
    start = QPoint(200, 200)
    qtbot.mousePress(canvas, button, pos=start)
    qtbot.mouseMove(canvas, start + way)
    qtbot.mouseRelease(canvas, button, pos=start + way)


def turn_wheel(canvas: ImageCanvas, at: QPointF, notches: int) -> None:
    event = QWheelEvent(
        at,
        canvas.mapToGlobal(at),
        QPoint(),
        QPoint(0, 120 * notches),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def test_the_first_paint_of_each_image_is_told_once_with_its_time(
    qtbot: QtBot, canvas: ImageCanvas
) -> None:
    moments: list[int] = []
    canvas.painted.connect(moments.append)
    before = time.perf_counter_ns()
    canvas.set_image(ramp())
    qtbot.waitUntil(lambda: len(moments) == 1)
    canvas.zoom_by(2)
    canvas.grab()
    assert len(moments) == 1
    assert before < moments[0] < time.perf_counter_ns()
    canvas.set_image(ramp())
    qtbot.waitUntil(lambda: len(moments) == 2)
    canvas.set_image(None)
    canvas.grab()
    assert len(moments) == 2


def test_pixels_reach_the_screen_where_they_belong(canvas: ImageCanvas) -> None:
    canvas.set_image(ramp())
    # 4 screen pixels per image pixel: column 50 lies at 200 to 203.
    assert [shown_level(canvas, x, 100) for x in (10, 202, 390)] == [2, 50, 97]


def test_the_wheel_zooms_about_the_cursor(canvas: ImageCanvas) -> None:
    canvas.set_image(ramp())
    cursor = QPointF(100, 300)
    before = canvas.image_position(cursor)
    turn_wheel(canvas, cursor, 3)
    assert canvas.zoom == pytest.approx(4 * 1.25**3)
    after = canvas.image_position(cursor)
    assert (after.x(), after.y()) == pytest.approx((before.x(), before.y()))


def test_the_wheel_does_nothing_where_zoom_is_not_allowed(canvas: ImageCanvas) -> None:
    canvas.set_image(ramp())
    canvas.zoom_enabled = False
    turn_wheel(canvas, QPointF(100, 300), 3)
    assert canvas.zoom == 4


@pytest.mark.parametrize("button", [Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton])
def test_dragging_pans_the_image_with_the_mouse(
    qtbot: QtBot, canvas: ImageCanvas, button: Qt.MouseButton
) -> None:
    canvas.set_image(ramp())
    canvas.zoom_by(2)
    grabbed = canvas.image_position(QPointF(200, 200))
    drag(canvas, qtbot, button, QPoint(40, -24))
    there = canvas.image_position(QPointF(240, 176))
    assert (there.x(), there.y()) == pytest.approx((grabbed.x(), grabbed.y()))


def test_the_right_button_drags_window_and_level(qtbot: QtBot, canvas: ImageCanvas) -> None:
    canvas.set_image(ramp())
    with qtbot.waitSignal(canvas.window_changed) as changed:
        drag(canvas, qtbot, Qt.MouseButton.RightButton, QPoint(-100, -60))
    assert changed.args == [canvas.window_center, canvas.window_width] == [97.5, 205.0]
    assert canvas.view == FITTED


def test_the_left_button_may_drag_the_window_instead(qtbot: QtBot, canvas: ImageCanvas) -> None:
    canvas.left_drag = "window"
    canvas.set_image(ramp())
    drag(canvas, qtbot, Qt.MouseButton.LeftButton, QPoint(-100, 0))
    assert canvas.window_width == 205


def test_no_button_changes_a_window_that_is_not_allowed(qtbot: QtBot, canvas: ImageCanvas) -> None:
    canvas.window_enabled = False
    canvas.set_image(ramp())
    drag(canvas, qtbot, Qt.MouseButton.RightButton, QPoint(-100, -60))
    assert canvas.window_width == 255


def test_the_window_changes_what_is_shown(canvas: ImageCanvas) -> None:
    canvas.set_image(ramp())
    canvas.set_window(50, 20)
    assert [shown_level(canvas, x, 100) for x in (10, 202, 390)] == [0, 128, 255]


def test_keys_zoom_fit_and_pan(qtbot: QtBot, canvas: ImageCanvas) -> None:
    canvas.set_image(ramp())
    canvas.setFocus()
    qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    qtbot.keyClick(canvas, Qt.Key.Key_Plus)
    qtbot.keyClick(canvas, Qt.Key.Key_Minus)
    assert canvas.zoom == pytest.approx(5)
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.view.center_x == pytest.approx(0.5 + 40 / 500)
    qtbot.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.view == FITTED


def test_a_double_click_fits_the_image(qtbot: QtBot, canvas: ImageCanvas) -> None:
    canvas.set_image(ramp())
    canvas.zoom_by(3)
    qtbot.mouseDClick(canvas, Qt.MouseButton.LeftButton)
    assert canvas.view == FITTED


def test_the_value_under_the_cursor_is_told(qtbot: QtBot, canvas: ImageCanvas) -> None:
    canvas.set_image(ramp().astype(np.uint16) * 600)
    with qtbot.waitSignal(canvas.probed) as probed:
        qtbot.mouseMove(canvas, QPoint(202, 42))
    assert probed.args == [50, 10, 30000]


def test_a_new_image_starts_anew_unless_asked(canvas: ImageCanvas) -> None:
    canvas.set_image(ramp())
    canvas.zoom_by(2)
    canvas.set_window(50, 20)
    canvas.set_overlay(np.zeros((100, 100), np.float32))
    canvas.set_image(ramp(), keep_view=True)
    assert (canvas.zoom, canvas.window_width, canvas.has_overlay) == (8, 20, False)
    canvas.set_image(ramp())
    assert (canvas.zoom, canvas.window_width) == (4, 255)


def test_a_full_overlay_hides_the_image_and_a_removed_one_shows_it(canvas: ImageCanvas) -> None:
    canvas.set_image(ramp())
    canvas.set_overlay(np.ones((10, 10), np.float32), 0, 1, colour_map="grey", opacity=1)
    assert shown_level(canvas, 10, 100) == 255
    canvas.set_overlay(None)
    assert shown_level(canvas, 10, 100) == 2


def test_a_large_image_is_averaged_when_it_shrinks(canvas: ImageCanvas) -> None:
    stripes = np.zeros((1600, 1600), np.uint8)
    stripes[:, ::2] = 200
    canvas.set_image(stripes)
    assert shown_level(canvas, 150, 150) == pytest.approx(100, abs=2)


def test_colour_images_are_shown_in_colour(canvas: ImageCanvas) -> None:
    canvas.set_image(np.full((50, 50, 3), (200, 100, 30), np.uint8))
    colour = canvas.grab().toImage().pixelColor(200, 200)
    assert (colour.red(), colour.green(), colour.blue()) == (200, 100, 30)


def test_arrays_that_are_no_image_are_refused(canvas: ImageCanvas) -> None:
    with pytest.raises(ValueError, match="Cannot show"):
        canvas.set_image(np.zeros((4, 4), np.float32))


def test_a_large_photograph_is_windowed_like_its_pixels(qtbot: QtBot, canvas: ImageCanvas) -> None:
    y, x = np.mgrid[0:1600, 0:1600]
    pixels = np.stack([x * 255 // 1599, y * 255 // 1599, np.full_like(x, 90)], axis=2)
    canvas.set_image(pixels.astype(np.uint8))
    plain = canvas.grab().toImage().pixelColor(100, 300)
    assert (plain.red(), plain.green()) == (pytest.approx(64, abs=2), pytest.approx(191, abs=2))
    canvas.set_window(128, 128)
    windowed = canvas.grab().toImage().pixelColor(100, 300)
    assert windowed.red() == pytest.approx(0, abs=4)
    assert windowed.green() == pytest.approx(253, abs=4)
    assert windowed.blue() == pytest.approx((90 - 64) * 255 / 128, abs=2)
    # Another window, then another image: nothing is kept that belongs to the one before.
    canvas.set_window(64, 128)
    assert canvas.grab().toImage().pixelColor(100, 300).blue() == pytest.approx(179, abs=2)
    canvas.set_image(np.zeros((1600, 1600, 3), np.uint8), keep_view=True)
    assert canvas.grab().toImage().pixelColor(100, 300).blue() == 0
