from __future__ import annotations

import pytest

from engine.data.manifest import read_manifest, write_manifest
from engine.errors import DataError
from engine.workspace import Workspace
from reviewapp.study.errors import StoreError
from reviewapp.study.model import ImageFilter
from reviewapp.study.store import StudyStore

pytestmark = pytest.mark.both_databases


def test_every_record_of_every_manifest_is_found_with_all_its_fields(
    store: StudyStore, library: Workspace
) -> None:
    assert store.count_images() == 96
    record = read_manifest(library.run_path("dcgan-a") / "generated.jsonl")[3]
    (row,) = [i for i in store.images() if i.record_id == record.record_id]
    for name, value in record.model_dump().items():
        assert getattr(row, name) == value


def test_an_unchanged_library_is_not_read_again(store: StudyStore) -> None:
    assert store.sync_library() == 0


def test_changed_new_and_removed_manifests_are_followed(
    store: StudyStore, library: Workspace
) -> None:
    path = library.manifest_path("acdc")
    records = read_manifest(path)
    write_manifest(path, [records[0].model_copy(update={"split": "test"}), *records[1:10]])
    (library.run_path("lapgan-b") / "generated.jsonl").unlink()
    moved = [r.model_copy(update={"record_id": f"new/{r.record_id}"}) for r in records[:2]]
    write_manifest(library.manifest_path("copy"), moved)
    assert store.sync_library() == 3
    assert store.count_images(ImageFilter(dataset="acdc", source="real")) == 12
    assert store.count_images(ImageFilter(split="test")) == 1
    assert store.facets()["run_id"] == ["dcgan-a"]


def test_a_damaged_manifest_is_named_and_the_others_are_taken_in(library: Workspace) -> None:
    library.manifest_path("acdc").write_text('{"record_id": 3}\n', encoding="utf-8")
    store = StudyStore.open(library)
    with pytest.raises(DataError, match=r"acdc\.jsonl.*line 1"):
        store.sync_library()
    assert store.count_images() == 72
    store.close()


def test_a_record_id_of_two_manifests_is_refused(store: StudyStore, library: Workspace) -> None:
    write_manifest(library.manifest_path("twin"), read_manifest(library.manifest_path("idrid"))[:1])
    with pytest.raises(StoreError, match=r"twin\.jsonl"):
        store.sync_library()
    assert store.count_images() == 96


@pytest.mark.parametrize(
    ("image_filter", "count"),
    [
        (ImageFilter(), 96),
        (ImageFilter(dataset="idrid"), 48),
        (ImageFilter(source="generated"), 48),
        (ImageFilter(source="generated", variant="lapgan", dataset="acdc"), 12),
        (ImageFilter(class_label=""), 24),
        (ImageFilter(class_label="NOR", source="real", dataset="idrid"), 12),
        (ImageFilter(run_id="dcgan-a"), 24),
        (ImageFilter(patient="patient003"), 4),
        (ImageFilter(dataset="nothing"), 0),
    ],
)
def test_filters(store: StudyStore, image_filter: ImageFilter, count: int) -> None:
    assert store.count_images(image_filter) == count
    assert len(store.images(image_filter)) == count


def test_pages_together_are_the_whole_in_order(store: StudyStore) -> None:
    whole = store.images()
    pages = [store.images(ImageFilter(), offset, 10) for offset in range(0, 100, 10)]
    assert [image for page in pages for image in page] == whole
    assert len({image.record_id for image in whole}) == 96
    assert store.images(ImageFilter(), 96, 10) == []


def test_facets_are_the_values_to_filter_by(store: StudyStore) -> None:
    assert store.facets() == {
        "dataset": ["acdc", "idrid"],
        "source": ["generated", "real"],
        "variant": ["dcgan", "lapgan"],
        "class_label": ["DCM", "NOR"],
        "run_id": ["dcgan-a", "lapgan-b"],
        "split": [],
    }
