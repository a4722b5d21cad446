"""The degradation guard in a specialist's words: its values, its warnings and what to do."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.degradation.config import WarningName


@dataclass(frozen=True, slots=True)
class ValueGroup:
    """Values that are drawn together; ``explanation`` says how to read them.

    ``tells_ratings`` where they would tell the result of a study that is still blinded.
    """

    title: str
    names: tuple[str, ...]
    explanation: str
    tells_ratings: bool = False


GROUPS: tuple[ValueGroup, ...] = (
    ValueGroup(
        "Variety of the images",
        ("diversity", "precision", "recall"),
        "Diversity and precision near 1 are good; recall tells how much of the real variety is "
        "reached. A lasting fall means that the images become alike.",
    ),
    ValueGroup(
        "Distance to real images",
        ("frechet_distance",),
        "Smaller is better. It compares only checkpoints of runs on the same data set.",
    ),
    ValueGroup(
        "Copies of training images",
        ("neighbour_ratio", "memorisation"),
        "The distance ratio is near 1 for new images and near 0 for copies.",
    ),
    ValueGroup(
        "Judgement of unseen images",
        ("accuracy_training", "accuracy_unseen", "overfit_ratio"),
        "Whether the discriminator, the network that judges, knows its training images by heart: "
        "then it takes real images that it has not seen for generated ones.",
    ),
    ValueGroup(
        "Curvature of the losses",
        ("eigenvalue_d", "eigenvalue_g"),
        "How strongly the losses still bend. When the discriminator's falls towards 0, the "
        "generator learns nothing more from it.",
    ),
    ValueGroup(
        "Gradients of the losses",
        ("gradient_d", "gradient_g"),
        "How strongly the networks still change.",
    ),
    ValueGroup(
        "Critic and judge",
        ("critic_score", "judge_score"),
        "In a feedback round: how real the critic, and the judge that never trains, find the "
        "images. They should rise together.",
        tells_ratings=True,
    ),
)

_TITLES = {
    "diversity": "diversity (real images: 1)",
    "precision": "precision",
    "recall": "recall",
    "memorisation": "chance of being nearer than unseen",
    "neighbour_ratio": "distance ratio (1: no copies)",
    "accuracy_training": "training images accepted",
    "accuracy_unseen": "unseen images accepted",
    "overfit_ratio": "known by heart (0 to 1)",
    "eigenvalue_d": "discriminator",
    "eigenvalue_g": "generator",
    "gradient_d": "discriminator",
    "gradient_g": "generator",
    "critic_score": "critic",
    "judge_score": "judge",
}


@dataclass(frozen=True, slots=True)
class WarningWords:
    """What a warning is called, what it means and what to do."""

    title: str
    meaning: str
    advice: str


WARNING_WORDS: dict[WarningName, WarningWords] = {
    "vanishing curvature": WarningWords(
        "The generator has stopped learning",
        "The discriminator tells all images apart, so that the generator gets no hint from it.",
        "Stop this run. Start another with a lower learning rate or a smaller discriminator.",
    ),
    "collapse": WarningWords(
        "The images become alike",
        "The generator draws only a few kinds of image.",
        "Look at the samples. If they are alike, stop the run and start another with a lower "
        "learning rate.",
    ),
    "memorisation": WarningWords(
        "The generator copies training images",
        "Its images are much nearer to training images than real images are to each other.",
        "Do not share these images: they may show patients. Train with more images, or for "
        "fewer steps.",
    ),
    "discriminator overfit": WarningWords(
        "The discriminator knows its images by heart",
        "It takes real images that it has not seen for generated ones.",
        "Train with more images, for fewer steps, or with r3gan, which varies its images.",
    ),
    "reward hacking": WarningWords(
        "The generator pleases the critic, not the readers",
        "The critic that rewards it finds its images better and better, the judge that learnt "
        "from other ratings finds them worse.",
        "Use an earlier checkpoint, or give the critic less weight in the next round.",
    ),
}


def value_title(name: str, dataset: str) -> str:
    """What the legend calls a value; a distance names the encoder that it is taken with."""
    if name == "frechet_distance":
        return f"FD ({dataset}-encoder)"
    return _TITLES[name]


def cost_text(cost: float, every: int) -> str:
    """How often the guard looks and which share of the training time it takes."""
    if math.isnan(cost):
        return f"The guard looks every {every:,} steps, or less often to stay cheap."
    return f"The guard has taken {100 * cost:.1f} % of the training time."
