from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from reviewapp.study.errors import ProtocolError
from reviewapp.study.model import ImageRow
from reviewapp.study.protocol import Protocol
from reviewapp.study.selection import select_images
from reviewapp.study.store import StudyStore


@pytest.fixture
def images(store: StudyStore) -> list[ImageRow]:
    return store.images()


def test_images_are_even_over_data_sets_sources_classes_runs_and_patients(
    images: list[ImageRow], protocol: Protocol
) -> None:
    wanted = protocol.model_copy(update={"datasets": (), "n_real": 16, "n_generated": 16})
    selection = select_images(images, wanted, seed=1)
    scored = selection.scored
    assert Counter((i.dataset, i.source) for i in scored) == dict.fromkeys(
        [("acdc", "real"), ("acdc", "generated"), ("idrid", "real"), ("idrid", "generated")], 8
    )
    generated = [i for i in scored if i.source == "generated"]
    assert Counter((i.dataset, i.run_id) for i in generated) == dict.fromkeys(
        [(d, r) for d in ("acdc", "idrid") for r in ("dcgan-a", "lapgan-b")], 4
    )
    acdc = [i for i in scored if i.dataset == "acdc"]
    assert set(Counter((i.source, i.class_label) for i in acdc).values()) == {4}
    patients = Counter(i.patient for i in acdc if i.source == "real")
    assert set(patients.values()) == {1}


def test_training_images_are_others_and_of_both_kinds(
    images: list[ImageRow], protocol: Protocol
) -> None:
    selection = select_images(images, protocol, seed=1)
    assert Counter(i.source for i in selection.training) == {"real": 2, "generated": 2}
    keys = [image.key for image in selection.everything]
    assert len(set(keys)) == len(keys) == 12


def test_a_seed_chooses_the_same_again_and_another_seed_others(
    images: list[ImageRow], protocol: Protocol
) -> None:
    assert select_images(images, protocol, 1) == select_images(images, protocol, 1)
    assert select_images(images, protocol, 1) != select_images(images, protocol, 2)


def test_runs_and_variants_restrict_generated_images_only(
    images: list[ImageRow], protocol: Protocol
) -> None:
    for restriction in ({"runs": ("dcgan-a",)}, {"variants": ("dcgan",)}):
        selection = select_images(images, protocol.model_copy(update=restriction), 1)
        assert Counter(i.run_id for i in selection.scored) == {"": 4, "dcgan-a": 4}


def test_steps_restrict_generated_images_to_those_of_a_checkpoint(
    images: list[ImageRow], protocol: Protocol
) -> None:
    late = [
        replace(image, checkpoint_step=2000 if number % 2 else 1000)
        if image.source == "generated"
        else image
        for number, image in enumerate(images)
    ]
    selection = select_images(late, protocol.model_copy(update={"steps": (2000,)}), 1)
    steps = Counter(i.checkpoint_step for i in selection.scored if i.source == "generated")
    assert list(steps) == [2000]


def test_a_generator_from_elsewhere_is_chosen_by_its_variant(
    images: list[ImageRow], protocol: Protocol
) -> None:
    theirs = [
        replace(image, run_id="", variant="external:theirs") if image.run_id == "dcgan-a" else image
        for image in images
    ]
    for restriction in ({"runs": ("external:theirs",)}, {"variants": ("external:theirs",)}):
        selection = select_images(theirs, protocol.model_copy(update=restriction), 1)
        assert Counter(i.variant for i in selection.scored) == {"": 4, "external:theirs": 4}
    both = select_images(theirs, protocol, 1)
    assert Counter(i.variant for i in both.scored) == {"": 4, "external:theirs": 2, "lapgan": 2}


def test_single_images_come_from_different_sequences(
    images: list[ImageRow], protocol: Protocol
) -> None:
    drawn = [image for image in images if image.dataset == "acdc" and image.source == "generated"]
    place = {image.record_id: number for number, image in enumerate(drawn)}
    framed = [
        replace(image, attributes={"sequence": f"s{place[image.record_id] // 6}", "frame": "1"})
        if image.record_id in place
        else image
        for image in images
    ]
    for seed in range(5):
        scored = select_images(framed, protocol, seed).scored
        assert len({i.attributes["sequence"] for i in scored if i.source == "generated"}) == 4


def test_too_few_images_are_counted_for_the_coordinator(
    images: list[ImageRow], protocol: Protocol
) -> None:
    with pytest.raises(ProtocolError, match=r"32 different real images of 'acdc'.*has 24.*Import"):
        select_images(images, protocol.model_copy(update={"n_real": 30}), 1)
    with pytest.raises(ProtocolError, match=r"generated images of 'acdc'.*has 12.*Generate more"):
        restricted = protocol.model_copy(update={"n_generated": 11, "runs": ("dcgan-a",)})
        select_images(images, restricted, 1)
    with pytest.raises(ProtocolError, match="No data set has both"):
        real = [i for i in images if i.source == "real"]
        select_images(real, protocol.model_copy(update={"datasets": ()}), 1)


def test_a_generated_copy_of_a_real_image_is_not_shown_beside_it(
    images: list[ImageRow], protocol: Protocol
) -> None:
    real = [i for i in images if i.dataset == "acdc" and i.source == "real"][:4]
    copies = [
        replace(i, record_id=f"copy/{i.record_id}", source="generated", run_id="copier")
        for i in real
    ]
    few = protocol.model_copy(update={"training_trials": 0})
    with pytest.raises(ProtocolError, match="has 0"):
        select_images(real + copies, few, 1)


def test_classes_are_told_only_where_both_sources_have_the_same(
    images: list[ImageRow], protocol: Protocol
) -> None:
    both = protocol.model_copy(update={"datasets": (), "n_real": 8, "n_generated": 8})
    assert select_images(images, both, 1).tellable_classes() == {"acdc"}
    one_sided = [
        replace(i, class_label="HCM") if i.source == "real" and i.patient > "patient001" else i
        for i in images
    ]
    assert select_images(one_sided, both, 1).tellable_classes() == frozenset()
