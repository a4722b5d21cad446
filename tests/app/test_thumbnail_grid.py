"""The gallery's grid, pages and thumbnails: many images at the cost of those in sight."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import (
    QAbstractListModel,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QSize,
    Qt,
)
from PySide6.QtWidgets import QStyledItemDelegate
from pytestqt.qtbot import QtBot

from engine.data.content_store import write_image
from engine.workspace import Workspace
from reviewapp.browse.image_list_model import PAGE, ROW_ROLE, SEEN_ROLE, ImageListModel
from reviewapp.browse.scroll_pace import ScrollPace
from reviewapp.browse.thumbnail_cache import ThumbnailCache
from reviewapp.browse.thumbnail_grid import ThumbnailGrid
from reviewapp.browse.thumbnails import STORED_PX, ThumbnailLoader
from reviewapp.context import AppContext
from reviewapp.study.model import ImageFilter, ImageOrder

from .conftest import add_images

CELL = QSize(100, 50)


class Numbers(QAbstractListModel):
    """A long list that notes which rows were looked at."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.count = count
        self.seen: set[int] = set()

    def rowCount(self, parent: object = QModelIndex()) -> int:
        return self.count

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        self.seen.add(index.row())
        return str(index.row()) if role == Qt.ItemDataRole.DisplayRole else None


@pytest.fixture
def grid(qtbot: QtBot) -> ThumbnailGrid:
    grid = ThumbnailGrid(CELL)
    numbers = Numbers(100_000)
    numbers.setParent(grid)
    grid.setModel(numbers)
    grid.setItemDelegate(QStyledItemDelegate(grid))
    grid.resize(430, 300)
    qtbot.addWidget(grid)
    grid.show()
    qtbot.waitExposed(grid)
    return grid


def test_only_cells_in_sight_are_asked_for(qtbot: QtBot, grid: ThumbnailGrid) -> None:
    assert grid.columns == 4
    grid.scrollTo(grid.model().index(50_000, 0))
    grid.model().seen.clear()
    grid.viewport().repaint()
    assert 50_000 in grid.model().seen
    assert len(grid.model().seen) <= 4 * 8


def test_every_cell_is_found_where_it_is_drawn(grid: ThumbnailGrid) -> None:
    for number in (0, 3, 4, 99_999):
        index = grid.model().index(number, 0)
        grid.scrollTo(index)
        assert grid.viewport().rect().contains(grid.visualRect(index))
        assert grid.indexAt(grid.visualRect(index).center()) == index
    assert not grid.indexAt(QPoint(-1, 10)).isValid()
    assert grid.verticalScrollBar().value() == grid.verticalScrollBar().maximum()


@pytest.mark.parametrize(
    ("key", "row"),
    [
        (Qt.Key.Key_Right, 11),
        (Qt.Key.Key_Left, 9),
        (Qt.Key.Key_Down, 14),
        (Qt.Key.Key_Up, 6),
        (Qt.Key.Key_Home, 0),
        (Qt.Key.Key_End, 99_999),
    ],
)
def test_keys_move_from_cell_to_cell(
    qtbot: QtBot, grid: ThumbnailGrid, key: Qt.Key, row: int
) -> None:
    grid.setCurrentIndex(grid.model().index(10, 0))
    qtbot.keyClick(grid, key)
    assert grid.currentIndex().row() == row
    assert grid.viewport().rect().intersects(grid.visualRect(grid.currentIndex()))


def test_the_last_row_has_nothing_below_it(qtbot: QtBot, grid: ThumbnailGrid) -> None:
    grid.setCurrentIndex(grid.model().index(99_998, 0))
    qtbot.keyClick(grid, Qt.Key.Key_Down)
    assert grid.currentIndex().row() == 99_998


def test_ctrl_and_shift_select_several(qtbot: QtBot, grid: ThumbnailGrid) -> None:
    def click(number: int, modifier: Qt.KeyboardModifier) -> None:
        place = grid.visualRect(grid.model().index(number, 0)).center()
        qtbot.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, modifier, place)

    click(1, Qt.KeyboardModifier.NoModifier)
    click(6, Qt.KeyboardModifier.ControlModifier)
    assert {i.row() for i in grid.selectedIndexes()} == {1, 6}
    click(1, Qt.KeyboardModifier.NoModifier)
    click(3, Qt.KeyboardModifier.ShiftModifier)
    assert {i.row() for i in grid.selectedIndexes()} == {1, 2, 3}


def test_a_narrower_grid_keeps_what_is_in_sight(grid: ThumbnailGrid) -> None:
    grid.scrollTo(grid.model().index(40_000, 0), ThumbnailGrid.ScrollHint.PositionAtTop)
    grid.resize(230, 300)
    assert grid.columns == 2
    first = grid.indexAt(QPoint(10, 1)).row()
    assert first == 40_000


def test_a_selection_has_its_region(grid: ThumbnailGrid) -> None:
    index = grid.model().index(2, 0)
    grid.selectionModel().select(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    region = grid.visualRegionForSelection(grid.selectionModel().selection())
    assert region.contains(grid.visualRect(index).center())


# Pages and pace --------------------------------------------------------------------------------


@pytest.fixture
def model(qtbot: QtBot, context: AppContext) -> Iterator[ImageListModel]:
    add_images(context.workspace, 150, 120)
    context.store.sync_library()
    thumbnails = ThumbnailLoader(context.workspace)
    model = ImageListModel(context.store, thumbnails)
    yield model
    model.close()
    thumbnails.close()


def test_pages_come_in_the_background_and_are_the_stores_order(
    qtbot: QtBot, model: ImageListModel, context: AppContext
) -> None:
    assert model.rowCount() == 270
    row = PAGE + 5
    qtbot.waitUntil(lambda: model.index(row).data(SEEN_ROLE) is not None)
    expected = context.store.images()
    assert model.index(row).data(SEEN_ROLE) == expected[row]
    assert model.index(269).data(ROW_ROLE) == expected[269]
    assert [model.row_of(image.record_id) for image in expected[::50]] == list(range(0, 270, 50))
    assert model.row_of("gone") is None


def test_nothing_is_read_while_images_rush_by(qtbot: QtBot, model: ImageListModel) -> None:
    model.hold(True)
    assert model.index(10).data(SEEN_ROLE) is None
    qtbot.wait(50)
    assert model.index(10).data(SEEN_ROLE) is None
    with qtbot.waitSignal(model.dataChanged):
        model.hold(False)
    qtbot.waitUntil(lambda: model.index(10).data(SEEN_ROLE) is not None)


def test_another_order_is_shown(qtbot: QtBot, model: ImageListModel, context: AppContext) -> None:
    order = ImageOrder("record_id", descending=True)
    model.set_filter(ImageFilter(source="real"), order)
    expected = context.store.images(ImageFilter(source="real"), order=order)
    assert [model.image(row) for row in range(150)] == expected
    assert model.image(150) is None


def test_a_fast_movement_begins_and_ends(qtbot: QtBot) -> None:
    pace = ScrollPace()
    pace.note(0, 500, 10.0)
    pace.note(50, 500, 10.05)
    assert not pace.fast
    pace.note(1000, 500, 10.1)
    assert pace.fast
    with qtbot.waitSignal(pace.fast_changed):
        pass
    assert not pace.fast
    pace.note(90_000, 500, 20.0)
    assert not pace.fast, "a jump after a rest"


# Thumbnails ------------------------------------------------------------------------------------


def one_image(workspace: Workspace, side: int = 300) -> str:
    return write_image(workspace, np.full((side, side), 40_000, np.uint16))


def load(qtbot: QtBot, loader: ThumbnailLoader, key: str) -> object:
    with qtbot.waitSignal(loader.loaded):
        assert loader.thumbnail(key) is None
    return loader.thumbnail(key)


def test_a_thumbnail_is_made_once(qtbot: QtBot, workspace: Workspace) -> None:
    key = one_image(workspace)
    first = ThumbnailLoader(workspace, side_px=100)
    picture = load(qtbot, first, key)
    assert picture.width() == 100
    assert abs(picture.pixelColor(50, 50).red() - 40_000 / 257) <= 2
    assert first.kept_bytes == 100 * 100 * 4
    first.close()
    workspace.image_path(key).unlink()
    second = ThumbnailLoader(workspace)
    assert load(qtbot, second, key).width() == STORED_PX
    second.close()


def test_pictures_asked_for_ahead_are_at_hand(qtbot: QtBot, workspace: Workspace) -> None:
    keys = [one_image(workspace, side) for side in (32, 33, 34)]
    loader = ThumbnailLoader(workspace)
    loader.prepare(keys)
    qtbot.waitUntil(lambda: all(loader.thumbnail(key, ask=False) is not None for key in keys))
    loader.close()


def test_a_damaged_cache_is_made_anew(tmp_path: Path) -> None:
    (tmp_path / "thumbnails.sqlite").write_bytes(b"this is no database" * 100)
    cache = ThumbnailCache(tmp_path)
    assert cache.read("a") is None
    cache.write("a", b"picture")
    assert cache.read("a") == b"picture"
    cache.close()
    assert ThumbnailCache(tmp_path).read("a") == b"picture"


def test_without_a_place_for_it_nothing_is_kept(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    cache = ThumbnailCache(tmp_path / "file")
    cache.write("a", b"picture")
    assert cache.read("a") is None
