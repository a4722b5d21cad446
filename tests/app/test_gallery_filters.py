"""The gallery's filters, order and panels, under real clicks and keys."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from engine.data.content_store import UncertaintyMap, write_map
from engine.data.manifest import read_manifest, write_manifest
from reviewapp.browse.browse_panels import panels_in
from reviewapp.browse.facet_counts import FacetCounts, with_choice
from reviewapp.browse.page import BrowsePage
from reviewapp.context import AppContext
from reviewapp.study.model import ImageFilter
from reviewapp.widgets.action_bar import ActionBar

from .conftest import add_images


@pytest.fixture
def page(qtbot: QtBot, context: AppContext) -> BrowsePage:
    """Twelve real images and nine generated ones at two steps, three of them with a map."""
    add_images(context.workspace, 12, 9)
    path = context.workspace.run_path("run-1") / "generated.jsonl"
    records = [
        record.model_copy(update={"checkpoint_step": 100 if number < 4 else 200})
        for number, record in enumerate(read_manifest(path))
    ]
    write_manifest(path, records)
    for level, record in enumerate(records[:3]):
        values = np.full((32, 32), level + 1, np.float32)
        write_map(context.workspace, record.key, UncertaintyMap(values, "aleatoric", "u", "r"))
    context.store.sync_library()
    page = BrowsePage(context)
    qtbot.addWidget(page, before_close_func=lambda page: page.close_page())
    page.resize(1300, 800)
    page.show()
    qtbot.waitExposed(page)
    page.activate()
    return page


def ids(page: BrowsePage) -> list[str]:
    return [page.model.image(row).record_id for row in range(page.model.rowCount())]


def test_a_step_is_chosen_under_its_run(page: BrowsePage) -> None:
    page.filters.choose("source", "real")
    page.filters.choose("checkpoint_step", 200)
    assert page.filters.image_filter == ImageFilter(checkpoint_step=200)
    assert page.model.rowCount() == 5
    page.filters.choose("run_id", "run-1")
    assert page.filters.image_filter == ImageFilter(run_id="run-1")
    assert page.model.rowCount() == 9


@pytest.mark.parametrize(
    ("facet", "value", "after"),
    [
        ("split", "train", ImageFilter(dataset="acdc", split="train")),
        ("source", "real", ImageFilter(dataset="acdc", source="real")),
        ("variant", "dcgan", ImageFilter(dataset="acdc", variant="dcgan")),
        ("dataset", None, ImageFilter()),
        ("map_kind", "total", ImageFilter("acdc", "generated", map_kind="total", run_id="r")),
    ],
)
def test_choices_that_contradict_are_let_go(
    facet: str, value: str | None, after: ImageFilter
) -> None:
    before = ImageFilter(dataset="acdc", source="generated", run_id="r")
    changed = with_choice(before, facet, value)
    if facet == "dataset":
        after = ImageFilter(source="generated")
    assert changed == after


def test_every_count_is_what_the_choice_then_shows(page: BrowsePage) -> None:
    counts = FacetCounts(page.context.store)
    for image_filter in (ImageFilter(), ImageFilter(source="generated", checkpoint_step=100)):
        for facet, choices in counts.choices(image_filter).items():
            for choice in choices:
                wanted = with_choice(image_filter, facet, choice.value)
                assert page.context.store.count_images(wanted) == choice.count


def test_images_are_searched_by_id(qtbot: QtBot, page: BrowsePage) -> None:
    page.activateWindow()
    qtbot.keyClick(page.grid, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.focusWidget() is page.filters.search
    qtbot.keyClicks(page.filters.search, "REAL/00")
    qtbot.waitUntil(lambda: page.model.rowCount() == 10)
    qtbot.mouseClick(page.filters.clear_button, Qt.MouseButton.LeftButton)
    assert page.model.rowCount() == 21
    assert page.filters.search.text() == ""
    assert not page.filters.clear_button.isVisible()


def test_images_are_sorted_by_their_maps_once_these_are_measured(
    qtbot: QtBot, page: BrowsePage
) -> None:
    maps = page.filters.lists["map_kind"]
    qtbot.waitUntil(maps.isVisible)
    assert [maps.topLevelItem(i).text(0) for i in range(3)] == ["All", "Aleatoric", "No map"]
    assert [maps.topLevelItem(i).text(1) for i in range(3)] == ["21", "3", "18"]
    page.gallery.sorting.choose("uncertainty", descending=True, map_kind="aleatoric")
    assert ids(page)[:3] == [f"generated/{n:03d}" for n in (2, 1, 0)]
    first = page.model.index(0)
    qtbot.waitUntil(lambda: first.data(Qt.ItemDataRole.DisplayRole) == "mean 3")
    page.filters.choose("map_kind", "aleatoric")
    assert page.model.rowCount() == 3


def test_ratings_are_offered_only_once_a_study_is_unblinded(page: BrowsePage) -> None:
    box = page.gallery.sorting.box
    titles = [box.itemText(i) for i in range(box.count())]
    assert titles[:4] == ["Library order", "Id", "Class", "Training step"]
    assert not any("real" in title for title in titles)
    assert not page.filters.lists["rated_as"].isVisible()


def test_the_order_is_turned_round(qtbot: QtBot, page: BrowsePage) -> None:
    page.gallery.sorting.choose("record_id", descending=False)
    before = ids(page)
    qtbot.mouseClick(page.gallery.sorting.direction, Qt.MouseButton.LeftButton)
    assert ids(page) == before[::-1]


def test_clicks_with_ctrl_compare_up_to_four(qtbot: QtBot, page: BrowsePage) -> None:
    page.filters.choose("source", "generated")
    for number in range(5):
        modifier = Qt.KeyboardModifier.ControlModifier if number else Qt.KeyboardModifier.NoModifier
        place = page.grid.visualRect(page.model.index(number)).center()
        qtbot.mouseClick(page.grid.viewport(), Qt.MouseButton.LeftButton, modifier, place)
        shown = min(4, number + 1)
        qtbot.waitUntil(lambda n=shown: sum(p.isVisible() for p in page.viewer.panes) == n)
    qtbot.waitUntil(lambda: all(pane.image is not None for pane in page.viewer.panes))
    assert [p.image.row.record_id for p in page.viewer.panes] == ids(page)[:4]
    first, *others = (pane.canvas for pane in page.viewer.panes)
    first.zoom_by(2.0)
    first.set_window(100, 50)
    assert all(other.view == first.view for other in others)
    assert all(other.window_width == 50 for other in others)
    place = page.grid.visualRect(page.model.index(1)).center()
    qtbot.mouseClick(page.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert sum(pane.isVisible() for pane in page.viewer.panes) == 1


@pytest.mark.parametrize(
    ("width", "filters", "viewing", "shown"),
    [
        (1280, None, False, ("filters", "gallery", "viewer")),
        (1280, False, True, ("gallery", "viewer")),
        (800, None, False, ("gallery", "viewer")),
        (800, True, False, ("filters", "gallery")),
        (470, None, False, ("gallery",)),
        (470, None, True, ("viewer",)),
        (470, True, True, ("filters",)),
    ],
)
def test_as_many_panels_are_shown_as_fit(
    width: int, filters: bool | None, viewing: bool, shown: tuple[str, ...]
) -> None:
    assert panels_in(width, filters=filters, viewing=viewing) == shown


def test_a_narrow_page_shows_one_panel_at_a_time(qtbot: QtBot, page: BrowsePage) -> None:
    page.resize(470, 360)
    qtbot.waitUntil(lambda: page.width() == 470)
    assert page.grid.isVisible()
    assert not page.viewer.isVisible()
    page.activateWindow()
    page.grid.setFocus()
    qtbot.keyClick(page.grid, Qt.Key.Key_Return)
    assert page.viewer.isVisible()
    qtbot.keyClick(page.viewer.front_pane.canvas, Qt.Key.Key_Escape)
    assert page.grid.isVisible()
    qtbot.mouseClick(page.filter_button, Qt.MouseButton.LeftButton)
    assert page.filters.isVisible()
    assert not page.grid.isVisible()


def test_buttons_drop_their_words_before_they_are_cut_off(qtbot: QtBot) -> None:
    bar = ActionBar()
    qtbot.addWidget(bar)
    button = bar.add("download", "Import images…", "Add a data set")
    bar.add("images", "Compare", "Side by side")
    bar.resize(600, 48)
    bar.show()
    assert button.text().strip() == "Import images…"
    bar.resize(130, 48)
    assert button.text() == ""
    assert button.accessibleName() == "Import images…"
    bar.resize(600, 48)
    assert button.text().strip() == "Import images…"
