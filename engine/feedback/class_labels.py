"""Classes that specialists gave: to real images, which train under them, and to generated ones.

Salimans et al. 2016, section 5: a semi-supervised discriminator needs few labels, so that each
more counts. A specialist's class takes the place of the data set's own.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.data.cache import TrainingArrays
from engine.errors import FeedbackError
from engine.feedback.snapshot import FeedbackLabel, Snapshot


def named_classes(
    snapshot: Snapshot, class_names: tuple[str, ...]
) -> dict[str, tuple[FeedbackLabel, int]]:
    """The class of each image that specialists named, with one of its labels, by record id.

    Classes index ``class_names``, those that the generator knows. Where specialists differ the
    more frequent class counts, and none where two are equally frequent. Images whose ratings are
    held out are left out. Raises `FeedbackError` when nothing is left.
    """
    if not class_names:
        raise FeedbackError(
            "The data set has no classes, so that no class given by specialists can be used. "
            "Import it with its classes, and train a parent run on it first."
        )
    held_out = {rating.record_id for rating in snapshot.held_out}
    given: defaultdict[str, list[FeedbackLabel]] = defaultdict(list)
    for label in snapshot.labels:
        if label.class_name in class_names and label.record_id not in held_out:
            given[label.record_id].append(label)
    named = {}
    for record_id, labels in given.items():
        counts = Counter(label.class_name for label in labels).most_common(2)
        if len(counts) == 1 or counts[0][1] > counts[1][1]:
            named[record_id] = (labels[0], class_names.index(counts[0][0]))
    if not named:
        known = ", ".join(class_names)
        raise FeedbackError(
            f"None of the {len(snapshot.labels)} classes given by specialists can be used. The "
            f"generator knows {known}: give images one of these on the Browse page."
        )
    return named


def with_named_classes(data: TrainingArrays, named: Mapping[str, int]) -> NDArray[np.int64]:
    """The labels of the training data, int64 (N,), specialists' classes in place of its own."""
    labels = data.labels.copy()
    for row, record_id in enumerate(data.record_ids):
        labels[row] = named.get(record_id, labels[row])
    return labels
