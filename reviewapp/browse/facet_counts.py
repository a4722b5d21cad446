"""How many images each choice of the filter column would show."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from reviewapp.browse.image_words import (
    class_title,
    dataset_title,
    map_title,
    rated_title,
    source_title,
    split_title,
    variant_title,
)
from reviewapp.study.model import FacetGroup, ImageFilter
from reviewapp.study.store import StudyStore

Value = str | int
Facet = Literal[
    "source",
    "dataset",
    "split",
    "class_label",
    "variant",
    "run_id",
    "checkpoint_step",
    "map_kind",
    "rated_as",
]
#: counted together in one short query
QUICK_FACETS: tuple[Facet, ...] = (
    "source",
    "dataset",
    "split",
    "class_label",
    "variant",
    "run_id",
    "checkpoint_step",
)
#: counted by joins that take longer in a large library
SLOW_FACETS: tuple[Facet, ...] = ("map_kind", "rated_as")
FACETS = (*QUICK_FACETS, *SLOW_FACETS)
FACET_TITLES: dict[Facet, str] = {
    "source": "Real or generated",
    "dataset": "Data set",
    "split": "Part",
    "class_label": "Class",
    "variant": "Generator",
    "run_id": "Training run",
    "checkpoint_step": "Training step",
    "map_kind": "Uncertainty map",
    "rated_as": "Readers called it",
}
#: what a choice of these says nothing of, so that they are counted by themselves
_BASE_FIELDS = ("id_contains", "patient", "map_kind", "rated_as", "cine_frames")
#: facets that only generated images have
_OF_GENERATED: tuple[Facet, ...] = ("variant", "run_id", "checkpoint_step")


@dataclass(frozen=True, slots=True)
class FacetChoice:
    """One line of a facet: ``value`` None shows all."""

    value: Value | None
    title: str
    count: int


def chosen_value(image_filter: ImageFilter, facet: Facet) -> Value | None:
    """What the filter has for a facet; None for all."""
    value: Value | None = getattr(image_filter, facet)
    return value


def with_choice(image_filter: ImageFilter, facet: Facet, value: Value | None) -> ImageFilter:
    """The filter with another choice for one facet.

    Choices that contradict it are let go: real images have no generator, generated ones are in no
    part of the data set, a class belongs to its data set, and a run to its generator.
    """
    choice: dict[str, Any] = {facet: value}
    dropped: tuple[Facet, ...] = ()
    if facet == "source":
        dropped = _OF_GENERATED if value == "real" else ("split",)
    elif facet in _OF_GENERATED:
        below = _OF_GENERATED[_OF_GENERATED.index(facet) + 1 :]
        dropped = below if value is None else (*below, "source", "split")
    elif facet == "split" and value is not None:
        dropped = ("source", *_OF_GENERATED)
    elif facet == "dataset":
        dropped = ("class_label", *_OF_GENERATED)
    emptied: dict[str, Any] = dict.fromkeys(dropped)
    return replace(image_filter, **emptied, **choice)


class FacetCounts:
    """The lists of every facet; a library is counted once until `forget`."""

    def __init__(self, store: StudyStore) -> None:
        self._store = store
        self._groups: dict[ImageFilter, list[FacetGroup]] = {}
        self._tallies: dict[tuple[ImageFilter, Facet], Counter[Value | None]] = {}

    def forget(self) -> None:
        """The library has changed."""
        self._groups.clear()
        self._tallies.clear()

    def values(self, facet: Facet) -> list[Value]:
        """The different non-blank values in the whole library, sorted."""
        found = {group.values[facet] for group in self._groups_of(ImageFilter())}
        return sorted((value for value in found if value not in (None, "")), key=_sort_key)

    def choices(self, image_filter: ImageFilter) -> dict[Facet, list[FacetChoice]]:
        """The lists of the quick facets, each counted under the other facets' choices.

        Lines without an image are left out, but never the chosen one.
        """
        choices: dict[Facet, list[FacetChoice]] = {}
        for facet in QUICK_FACETS:
            chosen = chosen_value(image_filter, facet)
            title = _title_of(facet, image_filter)
            everything = with_choice(image_filter, facet, None)
            found = [FacetChoice(None, "All", sum(self._tally(everything, facet).values()))]
            for value in self.values(facet):
                count = self._tally(with_choice(image_filter, facet, value), facet)[value]
                if count or value == chosen:
                    found.append(FacetChoice(value, title(value), count))
            choices[facet] = found
        return choices

    def _tally(self, image_filter: ImageFilter, facet: Facet) -> Counter[Value | None]:
        """How many images have each value of ``facet`` under the filter's other choices."""
        relaxed: ImageFilter = replace(image_filter, **{facet: None})  # type: ignore[arg-type]
        if (relaxed, facet) not in self._tallies:
            wanted = {
                name: value
                for name in QUICK_FACETS
                if (value := chosen_value(relaxed, name)) is not None
            }
            tally: Counter[Value | None] = Counter()
            for group in self._groups_of(relaxed):
                if all(group.values[name] == value for name, value in wanted.items()):
                    tally[group.values[facet]] += group.count
            self._tallies[relaxed, facet] = tally
        return self._tallies[relaxed, facet]

    def _groups_of(self, image_filter: ImageFilter) -> list[FacetGroup]:
        kept: dict[str, Any] = {name: getattr(image_filter, name) for name in _BASE_FIELDS}
        base = ImageFilter(**kept)
        if base not in self._groups:
            self._groups[base] = self._store.facet_groups(base)
        return self._groups[base]


def slow_choices(store: StudyStore, image_filter: ImageFilter) -> dict[Facet, list[FacetChoice]]:
    """The lists of the slow facets; for a background thread."""
    counted: dict[Facet, Callable[[ImageFilter], dict[str, int]]] = {
        "map_kind": store.map_kind_counts,
        "rated_as": store.rated_as_counts,
    }
    choices: dict[Facet, list[FacetChoice]] = {}
    for facet, count in counted.items():
        chosen = chosen_value(image_filter, facet)
        others = with_choice(image_filter, facet, None)
        counts = count(others)
        if not counts and chosen is None:
            choices[facet] = []
            continue
        if chosen is not None:
            counts.setdefault(str(chosen), 0)
        title = _title_of(facet, image_filter)
        # Those without a map or a rating come last.
        values = sorted(counts, key=lambda value: (value in ("", "unrated"), value))
        choices[facet] = [
            FacetChoice(None, "All", store.count_images(others)),
            *(FacetChoice(value, title(value), counts[value]) for value in values),
        ]
    return choices


def facet_choices(store: StudyStore, image_filter: ImageFilter) -> dict[Facet, list[FacetChoice]]:
    """The lists of the quick facets, counted anew."""
    return FacetCounts(store).choices(image_filter)


def _title_of(facet: Facet, image_filter: ImageFilter) -> Callable[[Any], str]:
    titles: dict[Facet, Callable[[Any], str]] = {
        "source": source_title,
        "dataset": dataset_title,
        "split": split_title,
        "class_label": lambda label: class_title(label, image_filter.dataset),
        "variant": variant_title,
        "run_id": str,
        "checkpoint_step": lambda step: f"{step:,}",
        "map_kind": lambda kind: map_title(kind).partition(" – ")[0] if kind else "No map",
        "rated_as": rated_title,
    }
    return titles[facet]


def _sort_key(value: Value) -> tuple[int, str]:
    return (value, "") if isinstance(value, int) else (0, value)
