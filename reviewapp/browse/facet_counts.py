"""How many images each choice of the filter column would show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from reviewapp.browse.image_words import class_title, dataset_title, source_title, variant_title
from reviewapp.study.model import ImageFilter
from reviewapp.study.store import StudyStore

Facet = Literal["source", "dataset", "variant", "class_label"]
FACETS: tuple[Facet, ...] = ("source", "dataset", "variant", "class_label")
FACET_TITLES: dict[Facet, str] = {
    "source": "Real or generated",
    "dataset": "Data set",
    "variant": "Generator",
    "class_label": "Class",
}


@dataclass(frozen=True, slots=True)
class FacetChoice:
    """One line of a facet: ``value`` None shows all."""

    value: str | None
    title: str
    count: int


def chosen_value(image_filter: ImageFilter, facet: Facet) -> str | None:
    """What the filter has for a facet; None for all."""
    value: str | None = getattr(image_filter, facet)
    return value


def with_choice(image_filter: ImageFilter, facet: Facet, value: str | None) -> ImageFilter:
    """The filter with another choice for one facet.

    Choices that contradict it are let go: real images have no generator, and a class belongs to
    its data set.
    """
    choice: dict[str, Any] = {facet: value}
    changed = replace(image_filter, **choice)
    if facet == "source" and value == "real":
        changed = replace(changed, variant=None)
    if facet == "variant" and value is not None:
        changed = replace(changed, source=None)
    if facet == "dataset":
        changed = replace(changed, class_label=None, variant=None)
    return changed


def facet_choices(store: StudyStore, image_filter: ImageFilter) -> dict[Facet, list[FacetChoice]]:
    """The lines of every facet, counted under the other facets' choices.

    Lines without an image are left out, but never the chosen one.
    """
    values = store.facets()
    titles: dict[Facet, Callable[[str], str]] = {
        "source": source_title,
        "dataset": dataset_title,
        "variant": variant_title,
        "class_label": lambda label: class_title(label, image_filter.dataset),
    }
    choices: dict[Facet, list[FacetChoice]] = {}
    for facet in FACETS:
        chosen = chosen_value(image_filter, facet)
        found = [
            FacetChoice(None, "All", store.count_images(with_choice(image_filter, facet, None)))
        ]
        for value in values[facet]:
            count = store.count_images(with_choice(image_filter, facet, value))
            if count or value == chosen:
                found.append(FacetChoice(value, titles[facet](value), count))
        choices[facet] = found
    return choices
