"""Filtering, sorting and counting library images in the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

from engine.data.content_store import UncertaintyMap, write_map
from engine.data.manifest import read_manifest, write_manifest
from engine.data.records import CINE_USE, USE
from engine.progress import never_cancelled
from engine.workspace import Workspace
from reviewapp.study.model import (
    ImageFilter,
    ImageOrder,
    ImageRow,
    Reader,
    SessionInfo,
    Study,
)
from reviewapp.study.store import StudyStore

pytestmark = pytest.mark.both_databases


def map_images(store: StudyStore, rows: list[ImageRow], kind: str = "aleatoric") -> None:
    """Constant maps of 1, 2, 3 … for these images, measured."""
    for level, row in enumerate(rows, start=1):
        values = np.full((row.height, row.width), level, np.float32)
        write_map(store.workspace, row.key, UncertaintyMap(values, kind, "grey levels", "run"))
    store.sync_map_means()


def test_ids_and_pages_by_id_are_the_images_in_their_order(store: StudyStore) -> None:
    everything = ImageFilter()
    ids = store.image_ids(everything, ImageOrder()).record_ids
    rows = store.images()
    assert ids == [row.record_id for row in rows]
    assert store.images_by_id(ids[10:20][::-1]) == rows[10:20][::-1]
    assert store.images_by_id(["gone", ids[3]]) == [rows[3]]


@pytest.mark.parametrize("by", ["record_id", "class_label", "checkpoint_step"])
@pytest.mark.parametrize("descending", [False, True])
def test_images_are_sorted_and_blank_values_come_last(
    store: StudyStore, by: str, descending: bool
) -> None:
    rows = store.images(ImageFilter(), order=ImageOrder(by, descending))
    values = [getattr(row, by) for row in rows]
    known = [value for value in values if value is not None]
    assert known == sorted(known, reverse=descending)
    assert values[len(known) :] == [None] * (len(values) - len(known))
    ids = store.image_ids(ImageFilter(), ImageOrder(by, descending)).record_ids
    assert ids == [row.record_id for row in rows]


@pytest.mark.parametrize(
    ("image_filter", "fits"),
    [
        (ImageFilter(checkpoint_step=500), lambda row: row.checkpoint_step == 500),
        (ImageFilter(id_contains="REAL-00"), lambda row: "real-00" in row.record_id),
        (ImageFilter(id_contains="100%_"), lambda row: False),
        (ImageFilter(run_id="dcgan-a", dataset="acdc"), lambda row: row.run_id == "dcgan-a"),
    ],
)
def test_filters_find_what_fits(
    store: StudyStore, image_filter: ImageFilter, fits: Callable[[ImageRow], bool]
) -> None:
    of_dataset = [r for r in store.images() if image_filter.dataset in (None, r.dataset)]
    expected = [row for row in of_dataset if fits(row)]
    assert store.images(image_filter) == expected
    assert store.count_images(image_filter) == len(expected)


def test_an_image_is_found_by_the_start_of_its_key(store: StudyStore) -> None:
    row = store.images()[5]
    assert row in store.images(ImageFilter(id_contains=row.key[:12]))


def test_groups_add_up_to_every_count(store: StudyStore) -> None:
    groups = store.facet_groups(ImageFilter())
    rows = store.images()
    for facet in ("dataset", "source", "variant", "class_label", "run_id", "checkpoint_step"):
        counted: Counter[str | int | None] = Counter()
        for group in groups:
            counted[group.values[facet]] += group.count
        assert counted == Counter(getattr(row, facet) for row in rows)


def test_frames_of_a_cine_are_neither_found_nor_counted(
    store: StudyStore, library: Workspace
) -> None:
    path = library.manifest_path("acdc")
    first, *rest = read_manifest(path)
    write_manifest(path, [first.model_copy(update={"attributes": {USE: CINE_USE}}), *rest])
    store.sync_library()
    assert store.count_images() == 95
    assert sum(group.count for group in store.facet_groups(ImageFilter())) == 95
    assert store.count_images(ImageFilter(cine_frames=True)) == 96


def test_images_are_sorted_by_the_mean_of_their_map(store: StudyStore) -> None:
    mapped = store.images(ImageFilter(source="generated"))[:3]
    map_images(store, mapped)
    order = ImageOrder("uncertainty", descending=True, map_kind="aleatoric")
    ids = store.image_ids(ImageFilter(), order)
    assert ids.record_ids[:3] == [row.record_id for row in mapped[::-1]]
    assert ids.values is not None
    assert ids.values[:4] == [3, 2, 1, None]
    assert store.images(ImageFilter(map_kind="aleatoric"), order=order) == mapped[::-1]
    assert store.count_images(ImageFilter(map_kind="")) == 93
    assert store.map_kind_counts(ImageFilter()) == {"aleatoric": 3, "": 93}
    assert store.map_kind_counts(ImageFilter(source="real")) == {}


def test_maps_are_measured_once_again_when_changed_and_forgotten_when_gone(
    store: StudyStore,
) -> None:
    rows = store.images()[:2]
    map_images(store, rows)
    assert store.sync_map_means() == 0
    map_images(store, rows[::-1])
    order = ImageOrder("uncertainty", map_kind="aleatoric")
    assert store.image_ids(ImageFilter(map_kind="aleatoric"), order).values == [1, 2]
    store.workspace.map_path(rows[0].key, "aleatoric").unlink()
    assert store.sync_map_means(lambda *_: None, never_cancelled) == 1
    assert store.count_images(ImageFilter(map_kind="aleatoric")) == 1


def test_a_damaged_map_is_passed_over(store: StudyStore) -> None:
    rows = store.images()[:2]
    map_images(store, rows)
    store.workspace.map_path(rows[0].key, "aleatoric").write_bytes(b"no array")
    store.sync_map_means()
    assert store.images(ImageFilter(map_kind="aleatoric")) == [rows[1]]


def test_ratings_count_only_once_their_study_is_unblinded(
    store: StudyStore,
    study: Study,
    reader: Reader,
    rate_all: Callable[..., SessionInfo],
    passphrase: str,
) -> None:
    info = rate_all(study, reader.reader_id, lambda trial: trial.trial_index % 6 + 1)
    answered = {
        trial.image_id: trial.trial_index % 6 + 1
        for trial in store.trials(info.session_id)
        if not trial.is_training and not trial.is_repeat
    }
    order = ImageOrder("confidence", descending=True)
    assert store.rated_as_counts(ImageFilter()) == {}
    assert store.count_images(ImageFilter(rated_as="real")) == 0
    assert set(store.image_ids(ImageFilter(), order).values or ()) == {None}
    store.unblind(study.study_id, passphrase)
    truths = store.truth(study.study_id)
    expected = {truths[image_id].record_id: value for image_id, value in answered.items()}
    ids = store.image_ids(ImageFilter(), order)
    assert ids.values is not None
    found = zip(ids.record_ids, ids.values, strict=True)
    assert {record_id: value for record_id, value in found if value is not None} == expected
    said_real = {record_id for record_id, confidence in expected.items() if confidence >= 4}
    rated_real = store.images(ImageFilter(rated_as="real"))
    assert {row.record_id for row in rated_real} == said_real
    assert store.rated_as_counts(ImageFilter()) == {
        "real": len(said_real),
        "generated": len(expected) - len(said_real),
        "unrated": 96 - len(expected),
    }
