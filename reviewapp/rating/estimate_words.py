"""What a study costs a reader and what it will be able to show, in words; no widgets."""

from __future__ import annotations

from reviewapp.study.precision_estimate import Expected, PrecisionEstimate
from reviewapp.study.protocol import Protocol

Fact = tuple[str, str, str]


def estimate_facts(protocol: Protocol, estimate: PrecisionEstimate) -> list[Fact]:
    """Title, figure and remark of each fact, in the order in which they are shown."""
    shortest, longest = estimate.minutes_range
    facts: list[Fact] = [
        (
            "Each reader",
            f"about {_minutes(estimate.minutes)}",
            f"{max(1, round(shortest))} to {_minutes(longest)}; {_answers(protocol)}",
        ),
        ("Accuracy", _interval(estimate.accuracy), _readers(estimate.n_readers)),
    ]
    if estimate.auc is not None:
        facts.append(
            ("Area under the curve (AUC)", _interval(estimate.auc), _readers(estimate.n_readers))
        )
    return facts


def assumptions_text(estimate: PrecisionEstimate) -> str:
    """What the figures rest on, as one paragraph."""
    return " ".join(estimate.assumptions)


def _answers(protocol: Protocol) -> str:
    thing = "pairs" if protocol.is_paired else "images"
    parts = [f"{protocol.n_cases} {thing}"]
    if protocol.n_repeats:
        parts.append(f"{protocol.n_repeats} of them twice")
    if protocol.training_trials:
        parts.append(f"{protocol.training_trials} for practice")
    blocks = f"{protocol.n_blocks} block{'' if protocol.n_blocks == 1 else 's'}"
    return f"{protocol.n_trials} answers in {blocks}: {', '.join(parts)}"


def _interval(expected: Expected) -> str:
    half = expected.width / 2
    return (
        f"± {half:.2f}   ({expected.lower:.2f} to {expected.upper:.2f} around {expected.value:.2f})"
    )


def _readers(n_readers: int) -> str:
    readers = "1 reader" if n_readers == 1 else f"{n_readers} readers"
    return f"expected 95 % interval with {readers}"


def _minutes(minutes: float) -> str:
    whole = max(1, round(minutes))
    return f"{whole} minute{'' if whole == 1 else 's'}"
