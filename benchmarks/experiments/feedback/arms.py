"""What is compared: ways to train the child, and readers who go wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.experiments.feedback.feedback_round import Arm
from benchmarks.experiments.feedback.hidden_rules import HiddenRule
from benchmarks.experiments.feedback.simulated_specialist import (
    GuessingReader,
    Reader,
    SimulatedSpecialist,
)
from engine.degradation.config import GuardConfig

#: the reward's weight λ and the pull's μ, chosen on seeds 100 and 101
CRITIC = {"critic_weight": 3.0, "pull_weight": 0.02}
#: a reward so heavy, and without a pull, that G forgets what the images are of
GREEDY = {"critic_weight": 100.0, "pull_weight": 0.0}
GUARD = GuardConfig(every=50, max_cost=None, images=64)


@dataclass(frozen=True, slots=True)
class Comparison:
    """An arm with ``labels`` ratings (0 for none) of ``readers``, made for a rule."""

    arm: Arm
    labels: int
    readers: Callable[[HiddenRule], Sequence[Reader]]

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


def one_guessing(rule: HiddenRule) -> list[Reader]:  # noqa: ARG001 - whatever the rule
    """A reader whose answers mean nothing."""
    return [GuessingReader("guessing")]


PLAIN = Arm("no feedback")
REWEIGHTING = Arm("reweighting", ("reweighting",))
CRITIC_ALONE = Arm("critic", ("critic",), CRITIC)
REGION = Arm("region", ("region",))
BOTH = Arm("critic and reweighting", ("reweighting", "critic"), CRITIC)
TOGETHER = Arm("all together", ("reweighting", "critic", "region"), CRITIC)
GREEDY_CRITIC = Arm("greedy critic", ("critic",), GREEDY, times=2, guard=GUARD)


def comparisons(labels: Sequence[int]) -> list[Comparison]:
    """All arms for each number of labels, after the plain one, then the failure modes."""
    found = [Comparison(PLAIN, 0, two_specialists)]
    for n in labels:
        found += [
            Comparison(arm, n, two_specialists)
            for arm in (CRITIC_ALONE, REWEIGHTING, BOTH, REGION, TOGETHER)
        ]
    return found


def failure_modes(n: int, many: int) -> list[Comparison]:
    """A guessing reader, a biased one (``n`` labels each), and a reward that is too heavy."""
    biased = Arm("critic, a reader biased", CRITIC_ALONE.methods, CRITIC)
    guessing = Arm("critic, a reader guessing", CRITIC_ALONE.methods, CRITIC)
    return [
        Comparison(biased, n, one_biased),
        Comparison(guessing, n, one_guessing),
        Comparison(GREEDY_CRITIC, many, two_specialists),
    ]
