"""Plain words for what the engine names: states, times, losses."""

from __future__ import annotations

import html
import math

from engine.training.events import RunState

STATE_WORDS: dict[RunState, str] = {
    "queued": "Waiting its turn",
    "running": "Training",
    "paused": "Paused",
    "interrupted": "Interrupted",
    "finished": "Finished",
    "cancelled": "Cancelled",
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


#: the same, where there is room for a symbol only
_LOSS_SYMBOLS = {
    "discriminator": "D",
    "generator": "G",
    "fidelity": "L1",
    "likelihood": "−log p",
    "adversarial": "adv",
}


def loss_symbol(name: str) -> str:
    """A loss in a table: its symbol, for unknown losses their name."""
    return _LOSS_SYMBOLS.get(name, name.replace("_", " "))


def loss_title(name: str) -> str:
    """What a curve's legend says, as HTML; of an unknown loss its name without underscores.

    A table from elsewhere may have any name: no tag in it is obeyed.
    """
    known = _LOSS_TITLES.get(name)
    return html.escape(name.replace("_", " ").capitalize()) if known is None else known


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


def memory_text(mib: float) -> str:
    """Memory in MiB below 1 GiB, else in GiB."""
    return f"{mib:.0f} MiB" if mib < 1024 else f"{mib / 1024:.1f} GiB"


def counted(n: int, singular: str, plural: str | None = None) -> str:
    """``n`` with the noun in its right form."""
    return f"{n:,} {singular if n == 1 else plural or singular + 's'}"
