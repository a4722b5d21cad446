"""What is compared: ways to train the child, and readers who go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from benchmarks.experiments.feedback.feedback_round import Arm
from benchmarks.experiments.feedback.hidden_rules import HiddenRule
from benchmarks.experiments.feedback.phantoms import Picture
from benchmarks.experiments.feedback.simulated_specialist import (
    GuessingReader,
    Reader,
    SimulatedSpecialist,
)
from engine.degradation.config import GuardConfig
from engine.training.config import FeedbackMethod

#: the reward's weight λ and the pull's μ, chosen on seeds 100 and 101
CRITIC = {"critic_weight": 3.0, "pull_weight": 0.02}
#: a reward so heavy, and without a pull, that G forgets what the images are of
GREEDY = {"critic_weight": 100.0, "pull_weight": 0.0}
GUARD = GuardConfig(every=50, max_cost=None, images=64)


@dataclass(frozen=True, slots=True)
class Comparison:
    """An arm with ``labels`` ratings (0 for none) of ``readers``, made for a rule.

    Where there are ``judges``, they rate what is held out instead of the readers.
    """

    arm: Arm
    labels: int
    readers: Callable[[HiddenRule], Sequence[Reader]]
    judges: Callable[[HiddenRule], Sequence[Reader]] | None = None

    @property
    def name(self) -> str:
        """For instance ``critic, 200 labels``."""
        return f"{self.arm.name}, {self.labels:,} labels" if self.labels else self.arm.name


def two_specialists(rule: HiddenRule) -> list[Reader]:
    """One a little lenient, one a little strict; a tenth of their answers is wrong."""
    return [
        SimulatedSpecialist("lenient", rule, leniency=0.5),
        SimulatedSpecialist("strict", rule, leniency=-0.5),
    ]


def one_biased(rule: HiddenRule) -> list[Reader]:
    """One sound reader, one who says "real" two steps too readily, and to bright images."""
    return [
        SimulatedSpecialist("sound", rule),
        SimulatedSpecialist("biased", rule, leniency=2.0, love_of_light=1.0),
    ]


def one_fond_of_light(rule: HiddenRule) -> list[Reader]:
    """A reader who calls bright images real and does not look for the rule at all."""
    light = replace(rule, name="light", score=_brightness, place=_nowhere, limit=0.21, unit=0.02)
    return [SimulatedSpecialist("fond of light", light)]


def _brightness(picture: Picture) -> float:
    return float(picture.mean())


def _nowhere(picture: Picture) -> None:  # noqa: ARG001 - light has no place
    return None


def one_guessing(rule: HiddenRule) -> list[Reader]:  # noqa: ARG001 - whatever the rule
    """A reader whose answers mean nothing."""
    return [GuessingReader("guessing")]


PLAIN = Arm("no feedback")
REWEIGHTING = Arm("reweighting", ("reweighting",))
CRITIC_ALONE = Arm("critic", ("critic",), CRITIC)
#: for a discriminator that judges parts of an image
REGION = Arm("region", ("region",))
#: for phantoms with classes
CLASS_LABELS = Arm("class labels", ("class_labels",))
BOTH = Arm("critic and reweighting", ("reweighting", "critic"), CRITIC)
GREEDY_CRITIC = Arm("greedy critic", ("critic",), GREEDY, times=2, guard=GUARD)
HACKED = Arm("greedy critic of a reader fond of light", ("critic",), GREEDY, guard=GUARD)


def comparisons(labels: Sequence[int], usable: Iterable[FeedbackMethod]) -> list[Comparison]:
    """For each number of labels, after plain training: each usable way alone, then all together."""
    found = [Comparison(PLAIN, 0, two_specialists)]
    methods = tuple(usable)
    arms = [a for a in (CRITIC_ALONE, REWEIGHTING, REGION, CLASS_LABELS) if a.methods[0] in methods]
    arms.append(BOTH if set(methods) == set(BOTH.methods) else Arm("all ways", methods, CRITIC))
    for n in labels:
        found += [Comparison(arm, n, two_specialists) for arm in arms]
    return found


def failure_modes(n: int, many: int) -> list[Comparison]:
    """A guessing reader, a biased one (``n`` labels each), and rewards that are too heavy.

    In the last one the reader whose ratings teach and those who judge look at different things.
    """
    biased = Arm("critic, a reader biased", CRITIC_ALONE.methods, CRITIC)
    guessing = Arm("critic, a reader guessing", CRITIC_ALONE.methods, CRITIC)
    return [
        Comparison(biased, n, one_biased),
        Comparison(guessing, n, one_guessing),
        Comparison(GREEDY_CRITIC, many, two_specialists),
        Comparison(HACKED, many, one_fond_of_light, two_specialists),
    ]
