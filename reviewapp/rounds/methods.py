"""The ways in which ratings can act on training, in words, and what a generator can use of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.training.config import FeedbackMethod


@dataclass(frozen=True, slots=True)
class WeightWords:
    """One number of `engine.training.config.FeedbackConfig` and what it weighs."""

    field: str
    label: str
    explanation: str


@dataclass(frozen=True, slots=True)
class MethodWords:
    """A way of feedback as the page names it."""

    method: FeedbackMethod
    title: str
    explanation: str
    weights: tuple[WeightWords, ...]


METHODS: tuple[MethodWords, ...] = (
    MethodWords(
        "reweighting",
        "Reweighting",
        "The discriminator sees recognised images as generated, and real ones that readers "
        "doubted more often.",
        (
            WeightWords(
                "negative_weight",
                "Recognised images",
                "How much each counts beside a new image of the generator",
            ),
            WeightWords(
                "real_weight",
                "Doubted real images",
                "How many times more often, at most, each is shown",
            ),
        ),
    ),
    MethodWords(
        "critic",
        "Realism critic",
        "A model of what readers take for real rewards the generator; a pull keeps it near its "
        "parent.",
        (
            WeightWords("critic_weight", "Reward", "Of what the critic takes for real"),
            WeightWords("pull_weight", "Pull to the parent", "Under the same starting points"),
        ),
    ),
    MethodWords(
        "region",
        "Marked regions",
        "What readers marked counts more where the discriminator judges parts of an image.",
        (WeightWords("region_weight", "Marked regions", "Beside the rest of the image"),),
    ),
    MethodWords(
        "class_labels",
        "Class labels",
        "Classes that specialists gave to images on the Browse page become labelled examples.",
        (WeightWords("class_weight", "Class labels", "Beside those of the data set"),),
    ),
)


@dataclass(frozen=True, slots=True)
class Strength:
    """A weight in words: a factor on the usual numbers."""

    title: str
    factor: float


STRENGTHS = (Strength("Gentle", 0.5), Strength("Normal", 1.0), Strength("Strong", 2.0))
NORMAL = 1


@dataclass(frozen=True, slots=True)
class OfferedWeight:
    """A number with its usual value and its largest one."""

    words: WeightWords
    usual: float
    largest: float


@dataclass(frozen=True, slots=True)
class MethodOffer:
    """A way of feedback for one generator; ``refusal`` says why it cannot be used, else ""."""

    words: MethodWords
    refusal: str
    weights: tuple[OfferedWeight, ...]


def method_offers(variant_name: str) -> tuple[MethodOffer, ...]:
    """All ways, and which of them a variant can use; imports torch.

    Raises `engine.errors.ConfigError` for an unknown variant.
    """
    from engine.gans.registry import variant_class

    variant = variant_class(variant_name)
    offers = []
    for words in METHODS:
        refusal = ""
        if words.method not in variant.accepts_feedback:
            reason = variant.feedback_refusals.get(words.method, "it was not built for it")
            refusal = f"{variant.title} cannot use it: {reason}."
        offers.append(MethodOffer(words, refusal, _offered_weights(words)))
    return tuple(offers)


def _offered_weights(words: MethodWords) -> tuple[OfferedWeight, ...]:
    from engine.training.config import FeedbackConfig

    offered = []
    for weight in words.weights:
        field = FeedbackConfig.model_fields.get(weight.field)
        if field is not None:
            bounds = [item.le for item in field.metadata if hasattr(item, "le")]
            offered.append(
                OfferedWeight(weight, float(field.default), float(bounds[0]) if bounds else 100.0)
            )
    return tuple(offered)
