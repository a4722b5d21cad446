"""Plain words for what the engine names: states, times, losses."""

from __future__ import annotations

import math

from engine.training.events import RunState

STATE_WORDS: dict[RunState, str] = {
    "queued": "Waiting for its turn",
    "running": "Training",
    "paused": "Paused",
    "interrupted": "Interrupted – can be resumed",
    "finished": "Finished",
    "cancelled": "Cancelled – can be resumed",
    "failed": "Failed",
}

#: a loss by its name in the engine: plain words, then the symbol of the papers, as HTML
_LOSS_TITLES = {
    "discriminator": "Discriminator (L<sub>D</sub>)",
    "generator": "Generator (L<sub>G</sub>)",
    "fidelity": "Difference from the original (L<sub>1</sub>)",
    "likelihood": "Misjudged uncertainty (−log p)",
    "adversarial": "Realism (L<sub>adv</sub>)",
}


def loss_title(name: str) -> str:
    """What a curve's legend says, for unknown losses their name without underscores."""
    return _LOSS_TITLES.get(name, name.replace("_", " ").capitalize())


def duration_text(seconds: float) -> str:
    """A remaining time as a person says it; "" when it is not known."""
    if not math.isfinite(seconds) or seconds < 0:
        return ""
    if seconds < 60:
        return f"{math.ceil(seconds)} s"
    minutes = math.ceil(seconds / 60)
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02d} min"
    return f"{hours // 24} days"


def speed_text(images_per_s: float) -> str:
    """Images per second with as many digits as mean something."""
    if images_per_s < 10:
        return f"{images_per_s:.1f}"
    return f"{images_per_s:,.0f}"


def counted(n: int, singular: str, plural: str | None = None) -> str:
    """``n`` with the noun in its right form."""
    return f"{n:,} {singular if n == 1 else plural or singular + 's'}"
